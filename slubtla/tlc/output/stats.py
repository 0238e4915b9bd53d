"""Read the numbers that TLC reports: states, depth, progress.

What TLC did not report is ``None``, never 0. Each ``read_…`` function raises
:class:`~slubtla.errors.TlcOutputError` where a number is missing that should be there.
"""

import dataclasses
import enum
import re
from dataclasses import dataclass

from slubtla.errors import TlcOutputError
from slubtla.tlc.output.codes import Code
from slubtla.tlc.output.messages import Message

_NUMBER = r"(-?\d[\d.,'\u00a0\u202f\u2019]*)"  # TLC groups digits as its JVM's locale does
_GENERATED = re.compile(rf"{_NUMBER} states? (?:generated|checked)")
_DISTINCT = re.compile(rf"{_NUMBER} distinct states? found")
_QUEUE = re.compile(rf"{_NUMBER} states? left on queue")
_SIMULATED = re.compile(rf"The number of states generated: {_NUMBER}")
_PROGRESS = re.compile(r"Progress\((-?[\d.,]+)\) at ([^:]*:\d\d:\d\d): ")
_LEVEL = re.compile(r"Starting level (\d+): ")
DEPTH = re.compile(rf"The depth of the complete state graph search is {_NUMBER}\.")
INITIAL = re.compile(
    rf"{_NUMBER} distinct state(?:s|\(s\))? generated|with {_NUMBER} of them distinct"
)
RECOVERED = re.compile(rf"Recovery completed\. {_NUMBER} states? examined")
_CALCULATED = re.compile(r"calculated \(optimistic\):\s+val = (\S+)")
_ACTUAL = re.compile(r"based on the actual fingerprints:\s+val = (\S+)")
_VERSION = re.compile(r"TLC2 (?:TLC Server )?(?:Version )?(.*?)(?: \(rev: (\w+)\))?")
_GROUPING = re.compile(r"[^\d-]")


class Mode(enum.Enum):
    """How TLC searched (messages 2187, 2271, 2188)."""

    BREADTH_FIRST = "breadth-first"
    DEPTH_FIRST = "depth-first"
    SIMULATION = "simulation"


_MODES = {
    Code.MODE_MC: Mode.BREADTH_FIRST,
    Code.MODE_MC_DFS: Mode.DEPTH_FIRST,
    Code.MODE_SIMULATION: Mode.SIMULATION,
}


@dataclass(frozen=True, slots=True)
class RunInfo:
    """How TLC ran, by its banner (messages 2262 and 2187, 2271 or 2188).

    Attributes:
        version: e.g. ``2.15 of Day Month 20??`` or ``2026.04.29.170100``.
        fingerprint: the index of the fingerprint polynomial (``-fp``).
        offheap_mb: the memory of the fingerprint set.
        banner: the whole text, with the operating system and the Java version.
    """

    version: str | None = None
    revision: str | None = None
    mode: Mode | None = None
    fingerprint: int | None = None
    seed: int | None = None
    workers: int | None = None
    heap_mb: int | None = None
    offheap_mb: int | None = None
    banner: str | None = None


@dataclass(frozen=True, slots=True)
class Statistics:
    """The final numbers (messages 2199, 2204 or 2210, and 2194).

    Attributes:
        generated: states computed, with repetition; ``distinct`` without.
        queue: states found whose successors were not computed; 0 when the search is finished.
        depth: states on the longest of the shortest ways from an initial state.
    """

    generated: int | None = None
    distinct: int | None = None
    queue: int | None = None
    depth: int | None = None


@dataclass(frozen=True, slots=True)
class Progress:
    """Where a run stood at one moment (messages 2200, 2205, 2206, 2209).

    Attributes:
        generated: states computed so far; ``distinct`` without repetition.
        at: the moment, as TLC wrote it.
    """

    generated: int
    distinct: int | None
    queue: int | None
    depth: int | None
    at: str | None


@dataclass(frozen=True, slots=True)
class CollisionProbability:
    """The probability of a fingerprint collision, so of an unexplored state (message 2193).

    Attributes:
        calculated: from the number of states; optimistic.
        actual: from the distances of the fingerprints; ``None`` where TLC gives none.
    """

    calculated: float | None = None
    actual: float | None = None


def read_version(text: str, run: RunInfo) -> RunInfo:
    """Add the version, of message 2262 or of the first line of the distributed mode."""
    match = _VERSION.fullmatch(text)
    version, revision = (match[1], match[2]) if match else (text, None)
    return dataclasses.replace(run, version=version, revision=revision)


def read_run_info(message: Message, run: RunInfo) -> RunInfo:
    """Add the banner, messages 2187, 2271 and 2188; a part that is worded otherwise is ``None``."""
    text = message.text

    def number(pattern: str) -> int | None:
        match = re.search(pattern, text)
        return int(match[1]) if match else None

    return dataclasses.replace(
        run,
        mode=_MODES[Code(message.code)],
        fingerprint=number(r"with fp (\d+)"),
        seed=number(r"seed (-?\d+)"),
        workers=number(r"with (\d+) workers?\b"),
        heap_mb=number(r"(\d+)MB heap"),
        offheap_mb=number(r"(\d+)MB offheap"),
        banner=text,
    )


def read_statistics(message: Message, depth: int | None) -> Statistics:
    """The final counts, messages 2199, 2204 and 2210."""
    if message.code == Code.STATS_SIMULATION:
        return Statistics(generated=required(_SIMULATED, message), depth=depth)
    distinct, queue = count(_DISTINCT, message), count(_QUEUE, message)
    return Statistics(required(_GENERATED, message), distinct, queue, depth)


def read_progress(message: Message) -> Progress:
    """One progress report, messages 2200, 2205, 2206 and 2209."""
    head = _PROGRESS.match(message.text)
    level = _LEVEL.match(message.text)
    depth = head[1] if head else level[1] if level else "-1"
    return Progress(
        generated=required(_GENERATED, message),
        distinct=count(_DISTINCT, message),
        queue=count(_QUEUE, message),
        depth=_count(depth) if message.code != Code.PROGRESS_SIMULATION else None,
        at=head[2] if head else None,
    )


def read_collision_probability(message: Message) -> CollisionProbability:
    """The estimates in message 2193."""
    values = [pattern.search(message.text) for pattern in (_CALCULATED, _ACTUAL)]
    try:
        return CollisionProbability(*(float(value[1]) if value else None for value in values))
    except ValueError as error:
        raise _unreadable("expected a probability", message) from error


def _count(text: str) -> int | None:
    """A number with its digits grouped in any way; TLC writes -1 for "does not apply"."""
    number = int(_GROUPING.sub("", text))
    return number if number >= 0 else None


def count(pattern: re.Pattern[str], message: Message) -> int | None:
    """The number of a pattern in a message; None where it is missing, or -1."""
    match = pattern.search(message.text)
    return _count(match[match.lastindex or 0]) if match else None


def required(pattern: re.Pattern[str], message: Message) -> int:
    """As :func:`count`, but raises TlcOutputError where there is none."""
    number = count(pattern, message)
    if number is None:
        raise _unreadable("expected a number of states", message)
    return number


def _unreadable(reason: str, message: Message) -> TlcOutputError:
    return TlcOutputError(reason, line_number=message.line_number, text=message.text)
