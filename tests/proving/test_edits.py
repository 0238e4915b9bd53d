"""Mutants: what is broken must be there exactly once, and matter."""

from __future__ import annotations

from pathlib import Path

import pytest

from slubtla.barriers.suite.config import Edit
from slubtla.barriers.suite.edits import break_templates, must_fit
from slubtla.barriers.suite.plan import plan
from slubtla.barriers.suite.reading import read_config
from slubtla.errors import UsageError

from .tools import write

TEXT = "first:\n    smp_mb(Cpu(self));\n    x := 1;\nsecond:\n    smp_mb(Cpu(self));\n    x := 2;\n"
HEAD = 'title = "x"\n[model.m]\nstrategy = "none"\nexpect = "VIOLATED(NoLeak)"\n'


@pytest.fixture
def specs(tmp_path: Path) -> Path:
    """A directory with one template and what is no template."""
    folder = tmp_path / "specs"
    (folder / "slub").mkdir(parents=True)
    (folder / "slub" / "put.pcal.j2").write_text(TEXT, encoding="utf-8")
    (folder / "SB.litmus").write_text("C SB\n", encoding="utf-8")
    return folder


def complaint(specs: Path, tmp_path: Path, *edits: str) -> str:
    text = HEAD + "".join(f"[[model.m.edit]]\n{edit}\n" for edit in edits)
    config = read_config(write(tmp_path, text))
    with pytest.raises(UsageError) as caught:
        must_fit(specs, [(config, claim) for claim in config.claims])
    assert "exactly once" in caught.value.next_step
    return caught.value.message


def test_edits_are_made_on_a_copy_one_after_the_other(specs: Path, tmp_path: Path) -> None:
    template = "slub/put.pcal.j2"
    edits = (Edit(template, "x := 1;", "x := 3;"), Edit(template, "x := 3;\nsecond", "second"))
    break_templates(specs, edits, tmp_path / "copy")
    assert (tmp_path / "copy" / template).read_text() == TEXT.replace("x := 1;\n", "")
    assert (specs / template).read_text() == TEXT
    assert not (tmp_path / "copy" / "SB.litmus").exists()


def test_what_is_not_there_is_told_with_what_is_nearest(specs: Path, tmp_path: Path) -> None:
    told = complaint(
        specs,
        tmp_path,
        'template = "slub/put.pcal.j2"\nright = "    smp_mb(Cpu(self), 1);\\n    x := 1;"',
    )
    assert "models.toml:2: [model.m]: edit 1: `right` occurs 0 times in slub/put.pcal.j2" in told
    assert "line 2 is now '    smp_mb(Cpu(self));'" in told
    assert "right = '    smp_mb(Cpu(self), 1);\\n    x := 1;'" in told


def test_lines_that_are_there_in_another_order_are_told(specs: Path, tmp_path: Path) -> None:
    told = complaint(
        specs, tmp_path, 'template = "slub/put.pcal.j2"\nright = "    x := 1;\\n    x := 2;"'
    )
    assert "each of its lines is there, but not one below the other" in told


def test_what_has_moved_is_told_with_its_new_place(specs: Path, tmp_path: Path) -> None:
    (specs / "slub" / "free.pcal.j2").write_text("third:\n    y := 1;\n", encoding="utf-8")
    told = complaint(specs, tmp_path, 'template = "slub/put.pcal.j2"\nright = "    y := 1;"')
    assert told.endswith("right = '    y := 1;'\n  it stands in slub/free.pcal.j2")


def test_what_is_there_twice_is_told_with_its_lines(specs: Path, tmp_path: Path) -> None:
    told = complaint(specs, tmp_path, 'template = "slub/put.pcal.j2"\nright = "smp_mb(Cpu(self));"')
    assert "occurs 2 times in slub/put.pcal.j2, not once: at lines 2, 5" in told


def test_all_edits_that_do_not_fit_are_told_at_once(specs: Path, tmp_path: Path) -> None:
    told = complaint(
        specs,
        tmp_path,
        'template = "slub/put.pcal.j2"\nright = "nothing like it at all"',
        'template = "slub/pot.pcal.j2"\nright = "x"',
    )
    assert "edit 1: `right` occurs 0 times" in told
    assert "it has nothing like the line 'nothing like it at all'" in told
    assert "edit 2: unknown template 'slub/pot.pcal.j2'; did you mean 'slub/put.pcal.j2'?" in told


def test_a_mutant_that_changes_nothing_in_its_model_is_refused(tmp_path: Path) -> None:
    text = HEAD + (
        '[[model.m.edit]]\ntemplate = "slub/barriers/smp_mb.pcal.j2"\n'
        'right = "smp_mb(Cpu(self));"\nwrong = "skip;"\n'
    )
    with pytest.raises(UsageError, match="its edits change nothing: the model does not use"):
        plan([read_config(write(tmp_path, text))], tmp_path / "scratch")
