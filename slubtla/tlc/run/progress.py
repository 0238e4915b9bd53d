"""Progress of runs, in numbers: for a terminal, a notebook, or any front end."""

from __future__ import annotations

import enum
import statistics
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Protocol

from slubtla.errors import SlubtlaError
from slubtla.tlc.output import Progress
from slubtla.tlc.run.result import Result

FIRST_REPORT: Final = 3.0
"""Seconds that TLC searches before its first report; the next ones come each minute."""

LEAST_FINISHED: Final = 3
"""So many runs must be finished before anything is said of the time that the others may take."""


class Phase(enum.StrEnum):
    """What a run is at; the first report says that the search goes on."""

    PREPARING = "translating, starting TLC"
    SEARCHING = "searching"


@dataclass(frozen=True, slots=True)
class RunView:
    """Where one run stands.

    Attributes:
        age: seconds since TLC's last report; None before the first.
        per_second: states generated a second, between the last two reports, or since the search
            began; None where the count fell, as it does when one search follows another.
        queue_change: states that the queue has grown by since the report before.
        expected: distinct states that a finished search of the same model has found.
    """

    name: str
    phase: Phase
    seconds: float
    last: Progress | None = None
    age: float | None = None
    per_second: float | None = None
    queue_change: int | None = None
    expected: int | None = None

    @property
    def share(self) -> float | None:
        """How much of the expected states is found, 0 to 1; None where nothing can be said."""
        if self.last is None or self.last.distinct is None or not self.expected:
            return None
        share = self.last.distinct / self.expected
        return share if share <= 1 else None


@dataclass(frozen=True, slots=True)
class BoardView:
    """Where many runs stand.

    Attributes:
        running: those that go on, in the order in which they started.
        of: how many there are; None where that is not known.
        left: seconds that the others may take, an estimate; None where none can be made.
    """

    running: tuple[RunView, ...]
    done: int
    of: int | None
    seconds: float
    left: float | None


@dataclass(slots=True)
class _Run:
    name: str
    started: float
    expected: int | None
    reports: list[tuple[float, Progress]] = field(default_factory=list)


class Watch(Protocol):
    """Follows many runs, from any thread, by a key for each; see :class:`Board`."""

    def expect(self, of: int, weights: Mapping[str, float] | None = None) -> None:
        """Note how many runs there will be, and how long they may take."""
        ...

    def started(self, key: str, name: str) -> None:
        """Note that a run has started."""
        ...

    def heard(self, key: str, progress: Progress) -> None:
        """Note one of TLC's progress reports."""
        ...

    def finished(self, key: str, found: Result | SlubtlaError) -> None:
        """Note what a run has found."""
        ...


class Board:
    """A watch that says where the runs stand.

    Args:
        clock: seconds, from any beginning.
        on_finished: called with each run that is finished.
    """

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
        self._running: dict[str, _Run] = {}
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
            self._running[key] = _Run(name, self._clock(), expected)
            self._most_at_once = max(self._most_at_once, len(self._running))

    def heard(self, key: str, progress: Progress) -> None:
        """Note one of TLC's progress reports."""
        with self._lock:
            if (run := self._running.get(key)) is not None:
                run.reports.append((self._clock(), progress))

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
                running=tuple(_view(run, now) for run in self._running.values()),
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
        left = [
            max(0.0, max(least, start + pace * self._weights[key]) - self._spent(key, now))
            for key in to_come
        ]
        return max(sum(left) / self._most_at_once, *left)

    def _spent(self, key: str, now: float) -> float:
        return now - self._running[key].started if key in self._running else 0.0


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


def _view(run: _Run, now: float) -> RunView:
    if not run.reports:
        return RunView(run.name, Phase.PREPARING, now - run.started, expected=run.expected)
    at, last = run.reports[-1]
    return RunView(
        name=run.name,
        phase=Phase.SEARCHING,
        seconds=now - run.started,
        last=last,
        age=now - at,
        per_second=_per_second(run),
        queue_change=_queue_change(run),
        expected=run.expected,
    )


def _per_second(run: _Run) -> float | None:
    at, last = run.reports[-1]
    if len(run.reports) == 1:
        seconds = min(FIRST_REPORT, at - run.started)
        return last.generated / seconds if seconds > 0 else None
    before, earlier = run.reports[-2]
    generated = last.generated - earlier.generated
    return generated / (at - before) if at > before and generated >= 0 else None


def _queue_change(run: _Run) -> int | None:
    if len(run.reports) == 1:
        return None
    last, earlier = run.reports[-1][1].queue, run.reports[-2][1].queue
    return None if last is None or earlier is None else last - earlier
