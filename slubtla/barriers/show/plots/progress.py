"""Plot states and queue over the time of a search."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any, Final, NamedTuple

from matplotlib.axes import Axes

from slubtla.barriers.show.plots.style import LINES, MARKERS, new_axes, plain_numbers, styled
from slubtla.barriers.show.text import subject_with_bounds
from slubtla.barriers.trace.counterexample import subject_of
from slubtla.errors import UsageError
from slubtla.tlc.output import read_report
from slubtla.tlc.run.result import STDOUT, Result

_STARTING: Final = re.compile(r"Starting\.\.\. \((\d{4}-\d\d-\d\d \d\d:\d\d:\d\d)\)")
_FORMAT: Final = "%Y-%m-%d %H:%M:%S"


class ProgressReport(NamedTuple):
    """One progress report of TLC: seconds since it began to search, and states."""

    seconds: float
    distinct: int
    queue: int


def progress_reports(result: Result) -> tuple[ProgressReport, ...]:
    """Return TLC's progress reports of a run, and before them the empty beginning.

    TLC's clock has whole seconds; it reports after 3 s, then every minute, and at the end.

    Raises:
        UsageError: the run directory is gone, or TLC reported nothing.
    """
    place = result.run_dir
    if place is None or not (place / STDOUT).is_file():
        raise UsageError(
            f"{result.name}: its run directory is not at hand",
            next_step="name a run directory that holds tlc.out",
        )
    text = (place / STDOUT).read_text(encoding="utf-8", errors="replace")
    starting = _STARTING.search(text)
    progress = read_report(text.splitlines()).progress
    if starting is None or not progress:
        raise UsageError(
            f"{result.name}: TLC reported no progress",
            next_step="choose a run that took longer, or came to its end",
        )
    began = _time(starting[1])
    reports = [ProgressReport(0.0, 0, 0)]
    for one in progress:
        if one.at is not None and one.distinct is not None and one.queue is not None:
            seconds = (_time(one.at) - began).total_seconds()
            reports.append(ProgressReport(max(seconds, 0.0), one.distinct, one.queue))
    return tuple(reports)


def _time(text: str) -> dt.datetime:
    return dt.datetime.strptime(text, _FORMAT).replace(tzinfo=dt.UTC)  # only differences count


def search_progress(*results: Result, ax: Axes | None = None, theme: str = "light") -> Axes:
    """Draw the distinct states and the queue (a thin line) of searches over the seconds.

    Raises:
        UsageError: no run is named, a run directory is gone, or TLC reported nothing.
        UnknownNameError: there is no such theme.
    """
    if not results:
        raise UsageError("no run is named", next_step="name one or more run directories")
    reported = [progress_reports(result) for result in results]
    alone = len(results) == 1
    with styled(theme) as colours:
        ax = ax or new_axes(7.6, 4.0 if alone else 4.0 + 0.2 * len(results))
        for index, (result, reports) in enumerate(zip(results, reported, strict=True)):
            seconds, found, waiting = zip(*reports, strict=True)
            look: dict[str, Any] = {
                "color": colours.series[index % len(colours.series)],
                "marker": MARKERS[index % len(MARKERS)],
            }
            name = "distinct states" if alone else subject_with_bounds(result)
            ax.plot(seconds, found, linestyle=LINES[3], label=name, **look)
            look |= {"markerfacecolor": colours.paper, "markersize": 4, "linewidth": 1.2}
            last = index == len(results) - 1
            queue = "queue" if alone else "hollow: the queue" if last else None
            ax.plot(seconds, waiting, linestyle=LINES[1], label=queue, **look)
        plain_numbers(ax.yaxis)
        ax.set_ylim(bottom=0)
        ax.set_xlim(left=0)
        ax.set_xlabel("seconds; a point is a report of TLC: after 3 s, each minute, and at the end")
        ax.set_ylabel("states")
        title = f"{results[0].verdict}: {subject_of(results[0])}" if alone else "Searches over time"
        ax.set_title(title, size=10)
        if alone:
            ax.legend()
        else:
            ax.legend(loc="upper left", bbox_to_anchor=(0, -0.14), fontsize=7.5)
    return ax
