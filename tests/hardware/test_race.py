"""The race itself, compiled and run on this machine; that a leak is *seen* is never asserted."""

from __future__ import annotations

import json
import os
import shlex
import shutil
from collections.abc import Sequence
from pathlib import Path

import pytest

from hardware.tools import need_race
from slubtla.errors import CannotRunError, ExitCode, UnknownNameError, UsageError
from slubtla.protocols.slub.hardware.build import SOURCES, compile_race
from slubtla.protocols.slub.hardware.reading import Listed, read_event
from slubtla.protocols.slub.hardware.results import HardwareResult, Standing
from slubtla.protocols.slub.hardware.run import Plan, RaceProgress, run_hardware
from slubtla.protocols.slub.hardware.variants import PUTS, SHRINKS
from slubtla.tlc.engine.process import run_program


@pytest.fixture(scope="module")
def raced() -> tuple[HardwareResult, Sequence[RaceProgress]]:
    """The whole table, in a few seconds."""
    need_race()
    heard: list[RaceProgress] = []
    plan = Plan(runs=20_000, seconds_per_cell=0.1, busy=24)
    return run_hardware(plan, on_progress=heard.append), heard


def test_nothing_forbidden_is_seen(raced: tuple[HardwareResult, Sequence[RaceProgress]]) -> None:
    result, _ = raced
    assert result.standing_at(Standing.FORBIDDEN_SEEN) == ()
    assert result.exit_code is ExitCode.AS_EXPECTED


def test_every_cell_is_there_and_adds_up(
    raced: tuple[HardwareResult, Sequence[RaceProgress]],
) -> None:
    result, heard = raced
    pairs = [(put, shrink) for put in PUTS[result.arch] for shrink in SHRINKS]
    assert [(cell.put, cell.shrink) for cell in result.cells] == pairs
    for cell in result.cells:
        if cell.counts is None:
            assert cell.not_run
        else:
            assert 0 < cell.counts.runs <= 20_000
            assert cell.seconds is not None
    run = [cell for cell in result.cells if cell.counts is not None]
    assert heard[-1].done == heard[-1].cells == len(run)
    assert {cost.shrink for cost in result.costs} == {cell.shrink for cell in run}
    assert all(cost.nanoseconds > 0 and cost.calls > 0 for cost in result.costs)
    assert {cell["runs"] for cell in json.loads(result.to_json())["cells"]} >= {
        cell.counts.runs for cell in run if cell.counts is not None
    }


def test_the_number_of_runs_is_exact_where_time_allows() -> None:
    need_race()
    plan = Plan(runs=1234, seconds_per_cell=60, puts=("store",), shrinks=("fence", "none"))
    result = run_hardware(plan)
    assert [cell.counts.runs for cell in result.cells if cell.counts] == [1234, 1234]
    assert [cell.shrink for cell in result.cells] == ["none", "fence"]


def test_the_program_lists_the_variants_of_the_table(tmp_path: Path) -> None:
    race = compile_race(need_race(), tmp_path)
    run = run_program([str(race), "list"], folder=tmp_path, name="list", timeout=30)
    listed = read_event(run.stdout)
    assert isinstance(listed, Listed)
    assert list(listed.puts) == list(PUTS[listed.arch])
    assert list(listed.shrinks) == list(SHRINKS)


@pytest.mark.parametrize("options", ["", "-DSLUBTLA_C11"], ids=["own", "c11"])
def test_what_other_machines_run_races_here_and_compiles_without_a_warning(options: str) -> None:
    command = [*need_race().command, *options.split(), "-Wall", "-Wextra", "-Werror"]
    environ = {"PATH": os.environ["PATH"], "CC": shlex.join(command)}
    plan = Plan(runs=3000, seconds_per_cell=0.2, shrinks=("none", "fence"))
    result = run_hardware(plan, environ=environ)
    assert (result.arch == "c11") is bool(options) or result.arch not in {"x86-64", "arm64"}
    assert result.exit_code is ExitCode.AS_EXPECTED
    assert all(cell.counts is not None or cell.not_run for cell in result.cells)


@pytest.mark.parametrize("argument", ["", "run"])
def test_the_program_names_its_usage(tmp_path: Path, argument: str) -> None:
    race = compile_race(need_race(), tmp_path)
    run = run_program([str(race), argument], folder=tmp_path, name="usage", timeout=30)
    assert run.returncode == 2
    assert "usage" in run.stderr


@pytest.mark.parametrize(
    "wrong",
    [
        {"runs": 0},
        {"seconds_per_cell": float("nan")},
        {"timeout": -1.0},
        {"timeout": float("inf")},
        {"busy": -1},
        {"busy": 10**6},
    ],
)
def test_numbers_that_make_no_sense_are_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(UsageError, match="--"):
        Plan(**wrong)  # type: ignore[arg-type]


def test_unknown_names_are_refused() -> None:
    need_race()
    with pytest.raises(UnknownNameError, match=r"did you mean 'fence'") as caught:
        run_hardware(Plan(shrinks=("fense",)))
    assert caught.value.exit_code is ExitCode.USAGE


def test_a_program_that_does_not_start_is_said(tmp_path: Path) -> None:
    shutil.copy(SOURCES[0], tmp_path / "race")
    with pytest.raises(CannotRunError, match="does not start") as caught:
        run_program([str(tmp_path / "race")], folder=tmp_path, name="race", timeout=5)
    assert "TMPDIR" in caught.value.next_step
