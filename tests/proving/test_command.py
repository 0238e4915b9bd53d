"""``slubtla prove`` and ``slubtla mutate`` as a user or a script meets them."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from slubtla.cli.app import app

from .tools import COUNTERS, MODELS, write, write_counter

MUTANT = """
title = "Mutants"

[defaults]
slabs = 1

[model.fence]
about = "The fence is gone."
strategy = "smp_mb"
arch = "s390"
expect = "VIOLATED(NoLeak)"
[[model.fence.edit]]
template = "slub/barriers/smp_mb.pcal.j2"
right = "    smp_mb(Cpu(self));"
wrong = "    skip;"
"""


class Ran:
    """What a command said and how it ended."""

    def __init__(self, *arguments: str | Path) -> None:
        result = CliRunner().invoke(app, list(map(str, arguments)))
        self.code, self.out, self.err = result.exit_code, result.stdout, result.stderr
        self.screen = " ".join(self.out.split())
        self.complaint = " ".join(self.err.split())


@pytest.fixture
def counter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A spec of one's own; its file is named as in the directory where the user stands."""
    write_counter(tmp_path)
    monkeypatch.chdir(tmp_path)
    for variable in ("GITHUB_ACTIONS", "GITHUB_STEP_SUMMARY", "GITHUB_WORKSPACE"):
        monkeypatch.delenv(variable, raising=False)
    return Path("models.toml")


@pytest.mark.usefixtures("engine_at_hand")
def test_from_the_first_record_to_green(counter: Path) -> None:
    first = Ran("prove", counter)
    assert first.code == 1
    assert "nothing in this file is pinned yet" in first.screen
    assert f"slubtla prove {counter} --record" in first.screen
    record = Ran("prove", counter, "--record")
    assert (record.code, record.err) == (0, "")
    assert "recorded models.toml: jar, counter" in record.screen
    green = Ran("prove", counter, "--no-cache")
    assert (green.code, green.err) == (0, "")
    assert "1 model, all as expected (1 run of TLC in" in green.screen
    assert "\x1b" not in green.out
    again = Ran("prove", counter)
    assert (again.code, again.err) == (0, "")
    assert re.search(r"\(0 runs of TLC in \d+ s; 1 taken from the cache", again.screen)


@pytest.mark.usefixtures("engine_at_hand")
def test_a_missing_expectation_is_red_in_words(counter: Path) -> None:
    counter.write_text(COUNTERS.replace('expect = "PROVEN"\n', ""))
    ran = Ran("prove", counter, "--record")
    assert ran.code == 1
    assert "the model states no expectation, so no result could be wrong" in ran.screen
    assert "spec_sha256" not in counter.read_text()


@pytest.mark.usefixtures("engine_at_hand")
def test_reports(counter: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(tmp_path / "job.md"))
    ran = Ran("prove", counter, "--json", "--junit", "junit.xml", "--summary", "mine.md")
    told = json.loads(ran.out)
    assert (ran.code, told["schema_version"]) == (1, 1)
    (file,) = told["files"]
    assert file["models"][0]["found"] == "PROVEN"
    assert file["differences"][0]["kind"] == "unlisted"
    assert ran.err.startswith("::error file=models.toml,line=1,title=slubtla%3A unlisted::")
    assert '<testcase name="counter"' in (tmp_path / "junit.xml").read_text()
    assert (tmp_path / "job.md").read_text() == (tmp_path / "mine.md").read_text()


def test_what_makes_no_sense_is_exit_2(counter: Path) -> None:
    for arguments, words in {
        ("nowhere.toml",): "nowhere.toml: No such file or directory",
        ("argumint",): "unknown file of models 'argumint'; did you mean 'argument'?",
        (str(counter), "--only", "none"): "no model is named none",
        (str(counter), "--record", "--dry-run"): "nothing is recorded without a run",
    }.items():
        ran = Ran("prove", *arguments)
        assert (ran.code, ran.out) == (2, "")
        assert words in ran.complaint
        assert "next: " in ran.complaint


def test_no_java_is_exit_3(counter: Path, tmp_path: Path) -> None:
    ran = Ran("prove", counter, "--java", tmp_path / "java")
    assert ran.code == 3
    assert "next: " in ran.complaint


def test_a_dry_run_needs_no_java(counter: Path, tmp_path: Path) -> None:
    ran = Ran("prove", counter, "--dry-run", "--java", tmp_path / "java")
    assert (ran.code, ran.err) == (1, "")
    assert "(nothing was run)" in ran.screen


@pytest.mark.usefixtures("engine_at_hand")
def test_too_little_time_is_exit_4(counter: Path) -> None:
    assert Ran("prove", counter, "--record").code == 0
    ran = Ran("prove", counter, "--timeout", "0.01")
    assert ran.code == 4
    assert "found INCONCLUSIVE(timeout)" in ran.screen


@pytest.mark.usefixtures("engine_at_hand")
def test_mutants(tmp_path: Path) -> None:
    file = write(tmp_path, MUTANT)
    assert Ran("prove", file, "--record").code == 0
    ran = Ran("mutate", file)
    assert ran.code == 0, ran.out
    assert "fence The fence is gone. NoLeak" in ran.screen
    assert "1 mutant: 1 fell with the property that they break" in ran.screen
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace("VIOLATED(NoLeak)", "VACUOUS(ShrinkReturns)"))
    ran = Ran("mutate", file)
    assert ran.code == 1
    assert "not as expected: fence" in ran.screen


def test_a_file_without_mutants_is_exit_2(tmp_path: Path) -> None:
    ran = Ran("mutate", write(tmp_path, MODELS))
    assert ran.code == 2
    assert "no model of these files is a mutant" in ran.complaint


def test_a_right_that_is_not_there_is_exit_2(tmp_path: Path) -> None:
    ran = Ran("mutate", write(tmp_path, MUTANT.replace("smp_mb(Cpu(self));", "smp_mb(Cpu(me));")))
    assert (ran.code, ran.out) == (2, "")
    assert "[model.fence]: edit 1: `right` occurs 0 times in slub/barriers/smp_mb" in ran.complaint
    assert "is now ' smp_mb(Cpu(self));'" in ran.complaint
    assert "next: the template changed: mend `right`" in ran.complaint
