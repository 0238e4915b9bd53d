"""The plots of numbers, by their artists and data."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from matplotlib.axes import Axes
from views.tools import Verified, good, leak, run

from slubtla.barriers.campaigns.cost import Cost, Costs, Span
from slubtla.barriers.campaigns.matrix import Cell, Matrix
from slubtla.barriers.model import make_model
from slubtla.barriers.show.plots.cost import cost_bars
from slubtla.barriers.show.plots.coverage import coverage_bars
from slubtla.barriers.show.plots.growth import growth_lines, growths
from slubtla.barriers.show.plots.matrix import verdict_matrix
from slubtla.barriers.show.plots.progress import progress_reports, search_progress
from slubtla.barriers.show.plots.style import new_axes
from slubtla.barriers.table import SIGNS
from slubtla.errors import UsageError
from slubtla.tlc.run.result import ActionCount, Result, Stats
from slubtla.tlc.run.verdict import Verdict, VerdictKind


@pytest.fixture
def proven(verified: Verified) -> Result:
    return good(verified)


def xs(line: Any) -> list[float]:
    return list(line.get_xdata())


def ys(line: Any) -> list[float]:
    return list(line.get_ydata())


def bars(ax: Any) -> list[Any]:
    return list(ax.patches)


def texts(ax: Axes) -> list[str]:
    return [text.get_text() for text in ax.texts]


def sized(result: Result, states: int, **bounds: Any) -> Result:
    """A finished search of another size."""
    model = make_model(strategy="none", **bounds)
    return result.model_copy(
        update={"parameters": model.model_dump(mode="json"), "stats": Stats(distinct=states)}
    )


def matrix_of(proven: Result, violated: Result) -> Matrix:
    results = {"sc": proven, "x86": violated, "s390": proven}
    return Matrix(
        cells=tuple(
            Cell(strategy=strategy, column=column, result=result)
            for strategy in ("none", "smp_mb")
            for column, result in results.items()
        )
    )


def test_a_matrix_has_a_cell_for_each_verdict(proven: Result, verified: Verified) -> None:
    ax = verdict_matrix(matrix_of(proven, leak(verified)))
    cells = {patch.get_gid(): patch for patch in ax.patches if patch.get_gid()}
    assert len(cells) == 6
    colours = {gid: patch.get_facecolor() for gid, patch in cells.items()}
    assert len({colours[f"none/{column}"] for column in ("sc", "x86", "s390")}) == 3
    assert colours["none/x86"] == colours["smp_mb/x86"]
    words = texts(ax)
    assert words.count("✗ VIOLATED") == 2
    assert words.count("✓ PROVEN") == 4
    assert f"NoLeak {leak(verified).stats.distinct:,}" in words
    assert [label.get_text() for label in ax.get_yticklabels()] == ["none", "smp_mb"]
    assert ax.get_ylim()[0] > ax.get_ylim()[1]
    assert "proves nothing" in ax.get_xlabel().replace("\n", " ")
    assert any(patch.get_hatch() for patch in ax.patches)


def test_each_kind_of_verdict_has_a_sign_of_its_own() -> None:
    assert SIGNS.keys() == set(VerdictKind)
    assert len(set(SIGNS.values())) == len(VerdictKind)


def test_costs_are_bars_with_their_numbers_beside_them(proven: Result) -> None:
    def cost(strategy: str, barrier: int, flush: tuple[int, int], grace: int) -> Cost:
        return Cost(
            kernel="v4.0",
            strategy=strategy,
            cpus=2,
            caches=2,
            barrier_ipis=Span(least=barrier, most=barrier),
            flush_ipis=Span(least=flush[0], most=flush[1]),
            grace_periods=Span(least=grace, most=grace),
            result=proven,
        )

    costs = Costs(
        costs=(
            cost("none", 0, (0, 0), 0),
            cost("kick_all_cpus_sync", 2, (0, 1), 0),
            cost("synchronize_sched", 0, (0, 0), 3),
        )
    )
    ax = cost_bars(costs)
    widths = {bar.get_gid(): bar.get_width() for bar in bars(ax)}
    assert widths["barrier_ipis v4.0 kick_all_cpus_sync 2 2"] == 2
    assert widths["flush_ipis v4.0 kick_all_cpus_sync 2 2"] == 1
    assert [text.strip() for text in texts(ax)] == ["0", "2 to 3", "0, and 3 grace periods"]
    assert "IPIs" in ax.get_xlabel()
    assert ax.get_legend() is not None


def counted(result: Result) -> Result:
    return result.model_copy(
        update={
            "actions": (
                ActionCount(name="put", distinct=3, total=10),
                ActionCount(name="idle", distinct=0, total=0),
            )
        }
    )


def test_coverage_has_a_bar_for_each_action(proven: Result) -> None:
    result = counted(proven)
    ax = coverage_bars(result)
    assert {line.get_gid(): xs(line) for line in ax.lines} == {"total": [10, 0], "new": [3, 0]}
    assert [text.strip() for text in texts(ax)] == ["10", "never fired"]
    assert [label.get_text() for label in ax.get_yticklabels()] == ["put", "idle"]
    with pytest.raises(UsageError, match="not how often") as raised:
        coverage_bars(proven)
    assert raised.value.next_step.endswith(" --coverage")
    with pytest.raises(UsageError, match="nothing about its actions") as raised:
        coverage_bars(result.model_copy(update={"actions": ()}))
    assert raised.value.next_step.endswith(" --coverage")


def test_progress_is_what_tlc_reported(proven: Result, tmp_path: Path) -> None:
    text = (proven.run_dir or Path()).joinpath("tlc.out").read_text(encoding="utf-8")
    reports = progress_reports(proven)
    assert reports[0].seconds == reports[0].distinct == 0
    assert reports[-1].distinct == proven.stats.distinct
    assert reports[-1].queue == 0
    ax = search_progress(proven)
    states, queue = ax.lines
    assert xs(states) == [report.seconds for report in reports]
    assert ys(states) == [report.distinct for report in reports]
    assert ys(queue) == [report.queue for report in reports]
    assert states.get_linestyle() != queue.get_linestyle()
    assert len(search_progress(proven, proven).lines) == 4
    (tmp_path / "tlc.out").write_text(text.replace("Starting...", "Begun"), encoding="utf-8")
    with pytest.raises(UsageError, match="reported no progress"):
        progress_reports(proven.model_copy(update={"run_dir": tmp_path}))
    with pytest.raises(UsageError, match="not at hand"):
        progress_reports(proven.model_copy(update={"run_dir": tmp_path / "gone"}))
    with pytest.raises(UsageError, match="no run"):
        search_progress()


def test_growth_is_fitted(proven: Result) -> None:
    runs = [sized(proven, 100 * 4**slabs, slabs=slabs) for slabs in (2, 1, 3)]
    (growth,) = growths(runs)
    assert (growth.bound, growth.sizes) == ("slabs", (1, 2, 3))
    assert growth.states == (400, 1600, 6400)
    assert growth.factor == pytest.approx(4)
    assert growth.fitted(5) == pytest.approx(102400)
    ax = growth_lines(*runs)
    fit, points = ax.lines
    assert ys(points) == [400, 1600, 6400]
    assert ys(fit) == pytest.approx([400, 6400])
    assert ax.get_yscale() == "log"
    assert "4.0 for each" in str(points.get_label())


def test_growth_of_uneven_steps_is_the_least_squares_line(proven: Result) -> None:
    runs = [sized(proven, states, slabs=n) for n, states in ((1, 10), (2, 100), (3, 100))]
    (growth,) = growths(runs)
    assert growth.factor == pytest.approx(10**0.5)


def test_growth_needs_one_bound_and_finished_runs(proven: Result, verified: Verified) -> None:
    runs = [sized(proven, 10, slabs=1, cpus=2), sized(proven, 20, slabs=2, cpus=3)]
    with pytest.raises(UsageError, match="differ in cpus, slabs"):
        growths(runs)
    with pytest.raises(UsageError, match="only one size"):
        growths(runs, "cpus")
    with pytest.raises(UsageError, match="in no bound"):
        growths([runs[0], runs[0]])
    with pytest.raises(UsageError, match="not known"):
        growths([leak(verified)])
    more = [*runs, sized(proven, 30, slabs=2, cpus=2), sized(proven, 80, slabs=1, cpus=3)]
    assert [g.name for g in growths(more, "slabs")] == [
        "none on x86, cpus 2",
        "none on x86, cpus 3",
    ]


def test_every_plot_draws_into_axes_of_the_callers_own(proven: Result, verified: Verified) -> None:
    sizes = [sized(proven, 10, slabs=1), sized(proven, 20, slabs=2)]
    draws: tuple[Callable[[Axes], Axes], ...] = (
        lambda ax: verdict_matrix(matrix_of(proven, leak(verified)), ax),
        lambda ax: cost_bars(Costs(costs=()), ax),
        lambda ax: coverage_bars(counted(proven), ax),
        lambda ax: search_progress(proven, ax=ax),
        lambda ax: growth_lines(*sizes, ax=ax),
    )
    for draw in draws:
        ax = new_axes(5, 3)
        assert draw(ax) is ax


def test_unknown_verdicts_are_told_apart(proven: Result) -> None:
    odd = proven.model_copy(update={"verdict": Verdict(VerdictKind.BOUNDED, "time")})
    ax = verdict_matrix(matrix_of(proven, odd))
    assert "~ BOUNDED" in texts(ax)


def test_the_command(
    proven: Result, verified: Verified, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_counts = verified(strategy="smp_mb", memory="sc", slabs=1, tasks=1, coverage=True)
    source = tmp_path / "matrix.json"
    source.write_text(matrix_of(proven, leak(verified)).model_dump_json(), encoding="utf-8")
    for suffix, start in (("svg", b"<?xml"), ("png", b"\x89PNG"), ("pdf", b"%PDF")):
        out = tmp_path / f"matrix.{suffix}"
        ran = run("plot", "matrix", source, "-o", out, "--theme", "dark")
        assert ran.exit_code == 0, ran.output
        assert out.read_bytes().startswith(start)
    assert run("plot", "coverage", with_counts.run_dir).stdout.startswith("<?xml")
    monkeypatch.setattr("sys.stdin", io.StringIO("no json"))
    for words, message in (
        (["matrix", proven.run_dir], "cannot be read"),
        (["cost", source], "is not what this plot shows"),
        (["matrix", source, source], "2 sources"),
        (["matrix", source, "-o", "x.gif"], "none of gif"),
        (["coverage", proven.run_dir, "--bound", "cpus"], "means nothing"),
        (["growth", proven.run_dir, "--bound", "cups"], "--bound cups"),
        (["growth", proven.run_dir], "in no bound"),
    ):
        ran = run("plot", *words)
        assert ran.exit_code == 2, words
        assert message in " ".join(ran.output.split())
        assert "next:" in ran.output
