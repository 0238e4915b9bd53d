"""Format the progress of runs as text."""

from __future__ import annotations

from collections.abc import Iterable

from slubtla.barriers.show.sweep import about_seconds
from slubtla.errors import SlubtlaError
from slubtla.tlc.run.progress import FIRST_REPORT, BoardView, RunView
from slubtla.tlc.run.result import Result


def clock_words(seconds: float) -> str:
    """Return a time as ``0:07``, ``12:30`` or ``1:02:03``."""
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def head_words(run: RunView) -> str:
    """Return what is checked, for how long, and what the run is at."""
    return f"{run.name}  {clock_words(run.seconds)}  {run.phase}"


def run_words(run: RunView) -> tuple[str, ...]:
    """Return the numbers of a run, a line each; those that TLC does not report are left out."""
    last = run.last
    if last is None:
        return (f"TLC reports {FIRST_REPORT:.0f} s after its search began, then each minute",)
    change = run.queue_change or 0
    trend = " and growing" if change > 0 else " and shrinking" if change < 0 else ""
    found = (
        _number("{:,} distinct states", last.distinct),
        _number("{:,} generated", last.generated),
        _number("about {:,.0f} a second", run.per_second),
    )
    more = (
        _number("{:,} on queue" + trend, last.queue),
        _number("depth {}", last.depth),
        f"reported {clock_words(run.age or 0)} ago",
    )
    estimate = f"about {{:.0%}} (estimate: a finished search found {run.expected or 0:,} states)"
    lines = (_join(found), _join(more), _number(estimate, run.share))
    return tuple(line for line in lines if line)


def short_words(run: RunView) -> str:
    """Return where one of many runs stands, in one line."""
    if run.last is None:
        return str(run.phase)
    states = run.last.generated if run.last.distinct is None else run.last.distinct
    return f"{states:,} states, {clock_words(run.age or 0)} ago"


def board_words(view: BoardView) -> str:
    """Return how many runs are finished, and what the others may take."""
    of = "" if view.of is None else f" of {view.of}"
    left = "" if view.left is None else f"about {about_seconds(view.left)} left (estimate)"
    return _join((f"{view.done}{of} runs done", clock_words(view.seconds), left))


def finished_words(name: str, outcome: str, seconds: float | None) -> str:
    """Return the words for a run that is finished: its verdict or error, and what it took."""
    took = "" if seconds is None else f", {seconds:.1f} s"
    return f"{name}: {outcome}{took}"


def found_words(name: str, found: Result | SlubtlaError) -> str:
    """Return the same of what a run has found."""
    if isinstance(found, SlubtlaError):
        return finished_words(name, found.message, None)
    if found.provenance.cached_at is not None:
        return finished_words(name, f"{found.verdict}, kept from before", None)
    return finished_words(name, str(found.verdict), found.provenance.wall_seconds)


def _number(words: str, number: float | None) -> str:
    return "" if number is None else words.format(number)


def _join(parts: Iterable[str]) -> str:
    return ", ".join(part for part in parts if part)
