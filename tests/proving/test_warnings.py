"""What `slubtla check` warns of, `slubtla prove` shows, too: in red where it spoils a proof."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest
from rich.console import Console

from slubtla.barriers.show.proof import mutants_view, proof_view
from slubtla.barriers.suite.ci import junit_xml, summary, workflow_commands
from slubtla.barriers.suite.compare import Kind
from slubtla.barriers.suite.config import read_expectation
from slubtla.barriers.suite.prove import prove
from slubtla.tlc.run.verdict import SET_BOUNDS

from .test_command import Ran
from .test_reports import difference, model, proof
from .tools import COUNTER, COUNTER_CFG, write

FILE = """
title = "Bounded"

[model.counter]
spec = "Counter.tla"
expect = "PROVEN"
"""

WARNED = model("told").model_copy(update={"warnings": ("Nat is replaced",)})
SPOILED = model("doubted", difference(Kind.INCONCLUSIVE)).model_copy(
    update={"warnings": ("liveness under symmetry",), "spoiled": True}
)


def test_a_warning_that_spoils_is_red_and_another_yellow(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_COLOR")
    for view in (proof_view, mutants_view):
        console = Console(
            file=io.StringIO(), width=100, force_terminal=True, color_system="standard"
        )
        console.print(view(proof(WARNED, SPOILED)))
        assert isinstance(console.file, io.StringIO)
        text = console.file.getvalue()
        assert "\x1b[33mNat is replaced\x1b[0m" in text
        assert "\x1b[31mliveness under symmetry\x1b[0m" in text


def test_ci_is_told() -> None:
    told = proof(WARNED)
    here = {"GITHUB_ACTIONS": "true"}
    (command,) = workflow_commands(told, here)
    assert command.startswith("::warning file=configs/x.toml,line=12,title=slubtla%3A told%3A warn")
    assert command.endswith("::Nat is replaced")
    assert "- `configs/x.toml` **told**: *warning*: Nat is replaced" in summary(told)
    assert "warning: Nat is replaced" in junit_xml(told)


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    module = COUNTER.replace("====", "Cut == x < 2\nOther == Last\n====")
    (tmp_path / "Counter.tla").write_text(module, encoding="utf-8")
    (tmp_path / "Counter.cfg").write_text(f"{COUNTER_CFG}CONSTRAINT Cut\n", encoding="utf-8")
    return write(tmp_path, FILE)


@pytest.mark.usefixtures("engine_at_hand")
def test_a_bound_is_not_as_expected_unless_it_is(file: Path) -> None:
    ran = Ran("prove", file, "--record")
    assert ran.code == 1  # nothing is pinned, either
    assert "found BOUNDED(constraint): Cut of the cfg excluded states or steps" in ran.screen
    assert "warning the search is bounded by Cut of the cfg" in ran.screen
    file.write_text(FILE.replace("PROVEN", "BOUNDED(constraint)"), encoding="utf-8")
    assert Ran("prove", file, "--record").code == 0
    assert "distinct = 2" in file.read_text(encoding="utf-8")
    green = Ran("prove", file, "--json")
    (told,) = json.loads(green.out)["files"]
    assert green.code == 0
    assert told["models"][0]["warnings"] == ["the search is bounded by Cut of the cfg"]


@pytest.mark.usefixtures("engine_at_hand")
def test_what_is_replaced_is_told_of_a_green_model(file: Path) -> None:
    cfg = COUNTER_CFG.replace("CONSTANT", "CONSTANT Small <- Other\nCONSTANT")
    file.with_name("Counter.cfg").write_text(cfg, encoding="utf-8")
    (checked,) = prove([file]).models
    assert checked.found == "PROVEN"
    assert checked.warnings == (
        "Small is replaced by Other (CONSTANTS of the cfg): Small itself is not checked",
    )


def test_only_bounds_that_a_spec_sets_may_be_expected() -> None:
    for bound in SET_BOUNDS:
        assert str(read_expectation(f"BOUNDED({bound})")) == f"BOUNDED({bound})"
