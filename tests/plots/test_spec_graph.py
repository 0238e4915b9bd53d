"""State graphs of specifications that slubtla knows nothing of."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from slubtla.barriers.show.plots.graph import state_graph
from slubtla.barriers.stategraph.graphs import END, make_spec_graph
from slubtla.cli.app import app
from slubtla.errors import UsageError
from slubtla.tlc.run.check import check_spec
from slubtla.tlc.run.result import Result
from slubtla.tlc.run.settings import Settings
from slubtla.tlc.text.cfg import read_cfg, without_checks
from slubtla.tlc.tools import Toolchain

SPEC = r"""---- MODULE Steps ----
EXTENDS Integers
CONSTANTS Most, Names
VARIABLE x
Init == x = 0
Up == x < Most /\ x' = x + 1
Jump == x = 0 /\ x' = 2
Next == Up \/ Jump
Spec == Init /\ [][Next]_x
Short == x < 6
NotFour == x # 4
====
"""
CFG = r"""\* a comment: INVARIANT Nothing
SPECIFICATION Spec
INVARIANT NotFour
CONSTANTS
  Most = 7
  Names = {"a -b", "INIT"}
CONSTRAINT Short
"""


@pytest.fixture(scope="module")
def run(engine_at_hand: Toolchain, tmp_path_factory: pytest.TempPathFactory) -> Result:
    """A run whose invariant falls in x = 4, and whose constraint keeps x below 7."""
    folder = tmp_path_factory.mktemp("graph")
    spec = folder / "Steps.tla"
    spec.write_text(SPEC, encoding="utf-8")
    cfg = folder / "Small.cfg"
    cfg.write_text(CFG, encoding="utf-8")
    settings = Settings(toolchain=engine_at_hand, out_dir=folder / "run", workers=1)
    result = check_spec(spec, cfg, settings=settings)
    assert str(result.verdict) == "VIOLATED(NotFour)"
    return result


def test_every_state_and_step_is_in_the_graph(run: Result, engine_at_hand: Toolchain) -> None:
    graph = make_spec_graph(run, settings=Settings(toolchain=engine_at_hand))
    values = {data["state"]["x"]: number for number, data in graph.nodes(data=True)}
    assert set(values) == set(range(6))  # x = 6 is outside of the constraint
    steps = {
        (graph.nodes[a]["state"]["x"], data["action"], graph.nodes[b]["state"]["x"])
        for a, b, data in graph.edges(data=True)
    }
    assert steps == {(n, "Up", n + 1) for n in range(5)} | {(0, "Jump", 2)}
    ends = [data["state"]["x"] for _, data in graph.nodes(data=True) if data["kind"] == END]
    assert ends == [4]
    ax = state_graph(graph)
    legend = ax.get_legend()
    assert legend is not None
    assert [text.get_text() for text in legend.get_texts()] == [
        "a state",
        "the counterexample ends here: NotFour falls",
    ]
    assert ax.get_title(loc="left").startswith("Steps: 6 states, ")


def test_the_guard_of_its_size(run: Result, engine_at_hand: Toolchain) -> None:
    settings = Settings(toolchain=engine_at_hand)
    assert len(make_spec_graph(run, settings=settings, most=7)) == 6
    with pytest.raises(UsageError, match="Steps has more than 4 states") as caught:
        make_spec_graph(run, settings=settings, most=4)
    assert "--most" in caught.value.next_step


def test_the_command_draws_the_run_of_any_specification(run: Result, tmp_path: Path) -> None:
    dot = tmp_path / "graph.dot"
    done = CliRunner().invoke(app, ["plot", "graph", str(run.run_dir), "-o", str(dot)])
    assert done.exit_code == 0, done.output
    text = dot.read_text(encoding="utf-8")
    assert text.count("->") == 6
    assert 'kind="end of the counterexample", falls="NotFour"' in text
    refused = CliRunner().invoke(app, ["plot", "graph", str(run.run_dir), "--no-pinned"])
    assert refused.exit_code == 2
    assert "mean nothing to Steps" in " ".join(refused.output.split())


def test_a_cfg_without_its_checks() -> None:
    kept = without_checks(f"{CFG}CHECK_DEADLOCK FALSE\nPROPERTY Ends\n")
    assert "INVARIANT" not in kept
    whole, rest = read_cfg(CFG), read_cfg(kept)
    assert rest.constants == whole.constants
    assert (rest.behaviour, rest.constraints) == (("Spec",), ("Short",))
    assert (rest.checked, rest.check_deadlock) == ((), True)
