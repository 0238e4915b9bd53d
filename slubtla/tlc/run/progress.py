"""Progress of runs, in numbers: for a terminal, a notebook, or any front end."""

from __future__ import annotations

import enum
import statistics
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from slubtla.errors import SlubtlaError
from slubtla.tlc.output import Progress
from slubtla.tlc.run.result import Result

FIRST_REPORT: Final = 3.0
"""Seconds that TLC searches before its first report; the next ones come each minute."""

LEAST_FINISHED: Final = 3
"""So many runs must be finished before anything is said of the time that the others may take."""


class Phase(enum.StrEnum):
    """What a run is at."""

    PREPARING = "translating, starting TLC"
    SEARCHING = "searching"


@dataclass(frozen=True, slots=True)
class RunView:
    """Where one run stands.

    Attributes:
        started: when it started, and ``now`` the moment of this view, by the clock of the board.
        expected: distinct states that a finished search of the same model has found.
    """

    name: str
    started: float
    now: float
    expected: int | None = None
    reports: tuple[tuple[float, Progress], ...] = ()

    @property
    def seconds(self) -> float:
        """Seconds since it started."""
        return self.now - self.started

    @property
    def phase(self) -> Phase:
        """The first report says that it searches."""
        return Phase.SEARCHING if self.reports else Phase.PREPARING

    @property
    def last(self) -> Progress | None:
        """TLC's last report; None before the first."""
        return self.reports[-1][1] if self.reports else None

    @property
    def age(self) -> float | None:
        """Seconds since that report."""
        return self.now - self.reports[-1][0] if self.reports else None

    @property
    def share(self) -> float | None:
        """How much of the expected states is found, 0 to 1; None where nothing can be said."""
        if self.last is None or self.last.distinct is None or not self.expected:
            return None
        share = self.last.distinct / self.expected
        return share if share <= 1 else None

    @property
    def per_second(self) -> float | None:
        """States generated a second, between the last two reports, or since the search began.

        None where the count fell, as it does when one search follows another.
        """
        if not self.reports:
            return None
        at, last = self.reports[-1]
        if len(self.reports) == 1:
            seconds = min(FIRST_REPORT, at - self.started)
            return last.generated / seconds if seconds > 0 else None
        before, earlier = self.reports[-2]
        generated = last.generated - earlier.generated
        return generated / (at - before) if at > before and generated >= 0 else None

    @property
    def queue_change(self) -> int | None:
        """States that the queue has grown by since the report before."""
        match [report.queue for _, report in self.reports[-2:]]:
            case [int(before), int(now)]:
                return now - before
        return None


@dataclass(frozen=True, slots=True)
class BoardView:
    """Where many runs stand.

    Attributes:
        running: those that go on, in the order in which they started.
        done: how many are finished, ``of`` how many; None where that is not known.
        left: seconds that the others may take, an estimate; None where none can be made.
    """

    running: tuple[RunView, ...]
    done: int
    of: int | None
    seconds: float
    left: float | None


class Board:
    """Follows many runs, from any thread, by a key for each, and says where they stand."""

    def __init__(
        self,
        clock: Callable[[], float] = time.monotonic,
        on_finished: Callable[[str, Result | SlubtlaError], None] | None = None,
    ) -> None:
        self._clock = clock
        self._on_finished = on_finished
        self._lock = threading.Lock()
        self._began = clock()
        self._weights: dict[str, float] = {}
        self._running: dict[str, RunView] = {}
        self._finished: dict[str, float | None] = {}
        self._of: int | None = None
        self._most_at_once = 1

    def expect(self, of: int, weights: Mapping[str, float] | None = None) -> None:
        """Note how many runs there will be; without weights nothing is estimated."""
        with self._lock:
            self._of = of
            self._weights = dict(weights or {})

    def started(self, key: str, name: str, *, expected: int | None = None) -> None:
        """Note that a run has started, and the distinct states that a finished search has."""
        with self._lock:
            now = self._clock()
            self._running[key] = RunView(name, now, now, expected)
            self._most_at_once = max(self._most_at_once, len(self._running))

    def heard(self, key: str, progress: Progress) -> None:
        """Note one of TLC's progress reports."""
        with self._lock:
            if (run := self._running.get(key)) is not None:
                reports = (*run.reports, (self._clock(), progress))
                self._running[key] = replace(run, reports=reports)

    def finished(self, key: str, found: Result | SlubtlaError) -> None:
        """Note what a run has found; a result that was kept from before took no time."""
        with self._lock:
            run = self._running.pop(key, None)
            kept = isinstance(found, Result) and found.provenance.cached_at is not None
            self._finished[key] = None if run is None or kept else self._clock() - run.started
        if self._on_finished is not None:
            self._on_finished(key, found)

    def view(self) -> BoardView:
        """Return where all runs stand at this moment."""
        with self._lock:
            now = self._clock()
            return BoardView(
                running=tuple(replace(run, now=now) for run in self._running.values()),
                done=len(self._finished),
                of=self._of,
                seconds=now - self._began,
                left=self._left(now),
            )

    def _left(self, now: float) -> float | None:
        """Fit seconds = start + pace * weight to the finished runs, and apply it to the others.

        None of them is expected to take less than the shortest so far.
        """
        took = [
            (self._weights[key], seconds)
            for key, seconds in self._finished.items()
            if seconds is not None and key in self._weights
        ]
        to_come = [key for key in self._weights if key not in self._finished]
        if len(took) < LEAST_FINISHED or not to_come:
            return None
        start, pace = _fit(took)
        least = min(seconds for _, seconds in took)
        spent = {key: now - run.started for key, run in self._running.items()}
        left = [
            max(0.0, max(least, start + pace * self._weights[key]) - spent.get(key, 0.0))
            for key in to_come
        ]
        return max(sum(left) / self._most_at_once, *left)


def _fit(took: Sequence[tuple[float, float]]) -> tuple[float, float]:
    """Least squares, with nothing below 0: seconds of a start, and seconds for each weight."""
    weights, seconds = zip(*took, strict=True)
    mean = statistics.fmean(seconds)
    if len(set(weights)) == 1:
        return mean, 0.0
    fit = statistics.linear_regression(weights, seconds)
    if fit.slope < 0:
        return mean, 0.0
    if fit.intercept < 0:
        return 0.0, statistics.linear_regression(weights, seconds, proportional=True).slope
    return fit.intercept, fit.slope
