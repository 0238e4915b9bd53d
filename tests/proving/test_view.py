"""What stands on the screen, at the widths of real terminals."""

from __future__ import annotations

import io

import pytest
from rich.console import Console, RenderableType

from slubtla.barriers.show.proof import mutants_view, proof_view
from slubtla.barriers.suite.compare import Kind

from .test_reports import BAD, GOOD, difference, model, proof


def shown(view: RenderableType, width: int = 100) -> str:
    console = Console(file=io.StringIO(), width=width, highlight=False)
    console.print(view)
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


@pytest.mark.parametrize("width", [80, 100])
def test_nothing_is_cut(width: int) -> None:
    long = model("kick_all_cpus_sync-powerpc-long").model_copy(
        update={"expected": "VACUOUS(ShrinkReturns)", "found": "VIOLATED(ListIntegrity)"}
    )
    long = long.model_copy(update={"shares": "x.toml::other"})
    text = shown(proof_view(proof(long)), width)
    assert "…" not in text
    table = text[text.index("───") : text.index("1 model")].replace("─", "")
    words = ("kick_all_cpus_sync-powerpc-long", "VACUOUS(ShrinkReturns)", "VIOLATED(ListIntegrity)")
    assert sum(map(str.isalpha, table)) == sum(
        map(str.isalpha, "".join((*words, "found", "sharedrun")))
    )
    for part in ("14,856", "3.2", "shared run"):
        assert part in table


def test_each_difference_has_its_place_and_next_step() -> None:
    text = shown(proof_view(BAD))
    assert "configs/x.toml:12 wrong verdict\n  a < b" in text
    assert text.count("next: 100% sure: look, please") == 4
    assert "2 of 3 models not as expected, 1 file not as recorded (3 runs of TLC in 10 s)" in text
    assert "1 model, all as expected (1 run of TLC in 10 s)" in shown(proof_view(GOOD))


def test_texts_that_changed_in_many_models_are_told_once() -> None:
    changed = [model(f"m{number}", difference(Kind.SPEC)) for number in range(5)]
    text = shown(proof_view(proof(*changed, model("other", difference(Kind.COUNT)))))
    assert text.count("next: ") == 2
    assert "the texts of 5 models changed: m0, m1, m2, m3, m4" in text
    assert shown(proof_view(proof(*changed[:3]))).count("next: ") == 3


def test_mutants_are_told_by_what_fell_whatever_is_pinned() -> None:
    fell = model("fell", difference(Kind.SPEC)).model_copy(
        update={"mutant": True, "expected": "VIOLATED(NoLeak)", "found": "VIOLATED(NoLeak)"}
    )
    alive = model("alive", difference(Kind.SURVIVOR)).model_copy(
        update={"mutant": True, "expected": "VIOLATED(NoLeak)"}
    )
    same = model("same").model_copy(update={"mutant": True, "equivalent": "it is no different"})
    text = " ".join(shown(mutants_view(proof(fell, alive, same))).split())
    assert "✓ fell What it is | about NoLeak 14,856" in text
    assert "✗ alive What it is | about nothing 14,856" in text
    assert "same: it is no different." in text
    assert (
        "3 mutants: 1 fell with the property that they break; 1 equivalent; not as expected: "
        "alive; 1 not as recorded" in text
    )
