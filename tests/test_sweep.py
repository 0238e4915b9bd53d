"""A model in many sizes: what was found, and what the next size may cost."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from slubtla.barriers.campaigns.growth import fit_growth, start_of
from slubtla.barriers.campaigns.sizes import sizes_of, values_of
from slubtla.barriers.campaigns.sweep import Size, Sweep, growth_of, run_sweep
from slubtla.barriers.model import make_model
from slubtla.barriers.show.sweep import about_seconds, sweep_view
from slubtla.errors import ExitCode, UsageError
from slubtla.tlc.run.result import Result
from slubtla.tlc.run.settings import Settings
from slubtla.tlc.run.verdict import Verdict, VerdictKind
from slubtla.tlc.tools import Toolchain

MODEL: dict[str, Any] = {"strategy": "unconditional_flush", "memory": "sc", "tasks": 1}
SLUBTLA = [sys.executable, "-c", "from slubtla.cli import main; main()"]


@pytest.fixture(scope="module")
def settings(engine_at_hand: Toolchain, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    out_dir: Path = tmp_path_factory.mktemp("sweep")
    return Settings(toolchain=engine_at_hand, timeout=100, workers=1, out_dir=out_dir)


@pytest.fixture(scope="module")
def sweep(settings: Settings) -> Sweep:
    return run_sweep(settings=settings, cpus="1..2", slabs=range(1, 3), **MODEL)


def shown(sweep: Sweep, width: int = 100) -> str:
    console = Console(width=width, no_color=True, record=True, file=None, quiet=False)
    with console.capture() as captured:
        console.print(sweep_view(sweep))
    return captured.get()


def sized(result: Result, verdict: Verdict, states: int, seconds: float, **bounds: int) -> Size:
    """A size with other numbers than those of a real run."""
    model = make_model(**MODEL | bounds)
    update = {
        "parameters": model.model_dump(mode="json"),
        "verdict": verdict,
        "stats": result.stats.model_copy(update={"distinct": states}),
        "provenance": result.provenance.model_copy(update={"wall_seconds": seconds}),
    }
    return Size(bounds=bounds, result=result.model_copy(update=update))


PROVEN = Verdict(VerdictKind.PROVEN)
TIMEOUT = Verdict(VerdictKind.INCONCLUSIVE, "timeout")
LEAK = Verdict(VerdictKind.VIOLATED, "NoLeak")


# Which sizes


@pytest.mark.parametrize(
    ("given", "values"),
    [(3, (3,)), ("3", (3,)), ("1..4", (1, 2, 3, 4)), ("4,1", (1, 4)), (range(2, 4), (2, 3))],
)
def test_values(given: Any, values: tuple[int, ...]) -> None:
    assert values_of("cpus", given) == values


@pytest.mark.parametrize("given", ["", "two", "1..", "4..1", "1,,2", "-1", "1.5", (), "\u0662"])
def test_what_are_no_values(given: Any) -> None:
    with pytest.raises(UsageError, match="cpus = "):
        values_of("cpus", given)


def test_only_what_is_swept_differs() -> None:
    """Allocations change defaults: with some, there is one task, and a larger limit."""
    swept, models, left_out = sizes_of({"strategy": "none", "allocations": "0..1"})
    assert (swept, left_out) == (("allocations",), ())
    without, with_one = (model.model_dump() for model in models)
    assert with_one == make_model(strategy="none", allocations=1).model_dump()
    assert without | {"allocations": 1} == with_one


def test_a_bound_with_one_value_is_part_of_the_model() -> None:
    swept, models, _ = sizes_of({"strategy": "none", "cpus": "3", "slabs": "1,2"})
    assert swept == ("slabs",)
    assert {model.cpus for model in models} == {3}


def test_sizes_that_make_no_sense_are_left_out_unless_all_are() -> None:
    _, models, left_out = sizes_of({"strategy": "none", "cpus": "1..3"})
    assert [model.cpus for model in models] == [2, 3]
    assert [each.bounds for each in left_out] == [{"cpus": 1}]
    assert "greater than or equal to 2" in left_out[0].why
    with pytest.raises(UsageError, match="cpus = 0"):
        sizes_of({"strategy": "none", "cpus": "0..1"})


def test_many_sizes_are_asked_for_and_one_is_none() -> None:
    many = {"strategy": "none", "cpus": "2..9", "slabs": "1..9"}
    with pytest.raises(UsageError, match="72 sizes, more than 64") as told:
        sizes_of(many)
    assert "--most 72" in told.value.next_step
    assert len(sizes_of(many, most=72)[1]) == 72
    with pytest.raises(UsageError, match="holds more than 10,000 values"):
        sizes_of({"strategy": "none", "slabs": "1..99999999999"})
    with pytest.raises(UsageError, match="100,000,000 sizes, more than 64"):
        sizes_of({"strategy": "none", "slabs": "1..10000", "cpus": "1..10000"})
    with pytest.raises(UsageError, match="no bound has several values"):
        sizes_of({"strategy": "none", "cpus": 3})


# The fit


def test_one_factor_for_all_lines() -> None:
    fit = fit_growth([{1: 10, 2: 40}, {1: 100, 2: 900}, {5: 7}])
    assert fit is not None
    assert fit.factor == pytest.approx(6)  # the geometric mean of 4 and 9
    assert (fit.least, fit.most) == pytest.approx((4, 9))
    assert fit.steps == 2
    assert fit_growth([{1: 10}, {2: 20}]) is None
    assert fit_growth([]) is None


def test_uneven_steps_are_factors_of_one_more() -> None:
    fit = fit_growth([{1: 10, 3: 90, 4: 270}])
    assert fit is not None
    assert (fit.factor, fit.least, fit.most) == pytest.approx((3, 3, 3))
    assert start_of({1: 10, 3: 90, 4: 270}, fit.factor) == pytest.approx(10 / 3)


def test_an_unfinished_search_gives_no_size(sweep: Sweep) -> None:
    result = sweep.sizes[0].result
    sizes = [
        sized(result, PROVEN, 100, 2.0, slabs=1),
        sized(result, PROVEN, 400, 8.0, slabs=2),
        sized(result, TIMEOUT, 500, 50.0, slabs=3),
        sized(result, LEAK, 5, 1.0, slabs=4),
    ]
    assert [size.states for size in sizes] == [100, 400, None, None]
    (growth,) = growth_of(sizes, ("slabs",))
    assert growth.factor == pytest.approx(4)
    assert growth.steps == 1
    assert growth.next is not None
    assert growth.next.bounds == {"slabs": 3}
    assert growth.next.states == 1600
    assert growth.next.seconds == pytest.approx(32)
    assert growth_of(sizes[1:], ("slabs",)) == ()


def test_the_next_size_is_beyond_the_largest_and_makes_sense(sweep: Sweep) -> None:
    result = sweep.sizes[0].result
    sizes = [
        sized(result, PROVEN, 10 ** (cpus + slabs - 2), 1.0, cpus=cpus, slabs=slabs)
        for cpus in (2, 3)
        for slabs in (8, 9)
    ]
    cpus, slabs = growth_of(sizes, ("cpus", "slabs"))
    assert cpus.next is not None
    assert cpus.next.bounds == {"cpus": 4, "slabs": 9}
    assert (cpus.next.least, cpus.next.states, cpus.next.most) == (10**11, 10**11, 10**11)
    assert slabs.next is None, "a bound is at most 9"


# Real runs


def test_a_sweep_finds_what_single_runs_find(sweep: Sweep, settings: Settings) -> None:
    assert sweep.exit_code is ExitCode.AS_EXPECTED
    assert (sweep.name, sweep.swept) == ("unconditional_flush-x86-sc", ("cpus", "slabs"))
    assert [size.bounds for size in sweep.sizes] == [
        {"cpus": 2, "slabs": 1},
        {"cpus": 2, "slabs": 2},
    ]
    assert [each.bounds["cpus"] for each in sweep.left_out] == [1, 1]
    assert [str(size.result.verdict) for size in sweep.sizes] == ["PROVEN", "PROVEN"]
    small, large = (size.states for size in sweep.sizes)
    assert small is not None
    assert large is not None
    (growth,) = sweep.growth
    assert growth.bound == "slabs"
    assert growth.factor == pytest.approx(large / small)
    assert growth.next is not None
    assert growth.next.states == pytest.approx(large * large / small, abs=1)
    run_dir = sweep.sizes[1].result.run_dir
    assert run_dir is not None
    assert run_dir.parent == settings.out_dir
    assert run_dir.name == "unconditional_flush-x86-sc-cpus-2-slabs-2"


def test_a_sweep_is_json_and_comes_back(sweep: Sweep) -> None:
    assert Sweep.model_validate_json(sweep.model_dump_json()) == sweep


def test_a_sweep_is_a_data_frame(sweep: Sweep, monkeypatch: pytest.MonkeyPatch) -> None:
    frame = sweep.to_frame()
    assert list(frame.columns) == [
        *("cpus", "slabs", "whole", "verdict", "distinct", "generated", "depth"),
        *("seconds", "memory_bytes"),
    ]
    assert list(frame["distinct"]) == [size.states for size in sweep.sizes]
    assert list(frame["slabs"]) == [1, 2]
    assert frame["whole"].all()
    assert (frame["seconds"] > 0).all()
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(UsageError) as told:
        sweep.to_frame()
    assert "slubtla[notebook]" in told.value.next_step


def test_the_view_says_what_is_known_and_what_is_estimated(sweep: Sweep) -> None:
    text = shown(sweep)
    for size in sweep.sizes:
        assert f"{size.states:,}" in text
        assert f"{size.result.stats.generated:,}" in text
    assert "left out: cpus 1, slabs 1; cpus 1, slabs 2: cpus = 1" in text
    assert re.search(
        r"slabs\s+\S \d+\.\d .*cpus 2, slabs 3: about [\d,]+ states, about \d+ s", text
    )
    assert "is an estimate" in text


def test_the_view_puts_the_numbers_of_a_cut_search_in_brackets(sweep: Sweep) -> None:
    result = sweep.sizes[0].result
    cut = sized(result, TIMEOUT, 1234, 50.0, cpus=2, slabs=1)
    text = shown(sweep.model_copy(update={"sizes": (cut,), "growth": ()}))
    assert "INCONCLUSIVE(timeout)" in text
    assert "(1,234)" in text
    assert "there is no estimate" in text


@pytest.mark.parametrize("width", [80, 100])
def test_the_view_fits(sweep: Sweep, width: int) -> None:
    large = 123_456_789
    wide = [
        sized(size.result, TIMEOUT, large * size.bounds["slabs"], 12345.6, **size.bounds)
        for size in sweep.sizes
    ]
    whole = [
        sized(size.result, PROVEN, large * size.bounds["slabs"], 12345.6, **size.bounds)
        for size in sweep.sizes
    ]
    growth = growth_of(whole, sweep.swept)
    text = shown(sweep.model_copy(update={"sizes": (*whole, *wide), "growth": growth}), width)
    assert max(map(len, text.splitlines())) <= width
    assert "…" not in text
    assert "(246,913,578)" in text


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0.2, "1 s"), (119, "119 s"), (600, "10 min"), (9000, "2.5 h"), (864000, "10.0 days")],
)
def test_a_time_has_one_unit(seconds: float, words: str) -> None:
    assert about_seconds(seconds) == words


# The command


def command(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*SLUBTLA, "sweep", *arguments], capture_output=True, text=True, timeout=120, check=False
    )


def test_the_command_prints_json(engine_at_hand: Toolchain) -> None:
    assert engine_at_hand
    ran = command(
        *("--strategy", "none", "--memory", "sc", "--tasks", "1", "--cpus", "1,2"),
        *("--slabs", "1", "--property", "TypeOK", "--json"),
    )
    assert (ran.returncode, ran.stderr) == (0, "")
    found = json.loads(ran.stdout)
    assert [size["bounds"] for size in found["sizes"]] == [{"cpus": 2}]
    assert found["left_out"][0]["bounds"] == {"cpus": 1}


def test_a_size_that_takes_too_long_is_exit_4(engine_at_hand: Toolchain) -> None:
    assert engine_at_hand
    ran = command(
        *("--strategy", "smp_mb_paired", "--slabs", "4..5", "--no-symmetry"),
        *("--timeout", "0.5", "--workers", "1"),
    )
    assert ran.returncode == 4, ran.stdout + ran.stderr
    assert "INCONCLUSIVE(timeout)" in ran.stdout
    assert "there is no estimate" in ran.stdout


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--cpus", "2..3"], "no strategy is named"),
        (["--strategy", "none", "--cpus", "x"], "cpus = 'x' are no values"),
        (["--strategy", "none"], "no bound has several values"),
        (["--strategy", "none", "--cpus", "2..9", "--slabs", "1..9"], "72 sizes"),
        (["--strategy", "none", "--cpus", "2..3", "--dask", "nonsense://x"], "no address"),
    ],
)
def test_what_makes_no_sense_is_exit_2(arguments: list[str], words: str) -> None:
    ran = command(*arguments)
    assert (ran.returncode, ran.stdout) == (2, "")
    assert words in ran.stderr
