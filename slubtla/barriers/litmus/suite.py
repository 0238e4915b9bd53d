"""Run many litmus tests on several memory models: what ``slubtla litmus`` does.

Tests share runs of TLC, each of at most :data:`MOST_THREADS` threads. A run that fails is repeated
in two halves, down to the test that fails; so the others are judged.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from slubtla._version import __version__
from slubtla.barriers.data import data_dir
from slubtla.barriers.litmus.errors import LitmusError, LitmusRunError, LitmusUndecidedError
from slubtla.barriers.litmus.outcome import Outcome, judge_states
from slubtla.barriers.litmus.program import Program
from slubtla.barriers.litmus.reader import read_litmus
from slubtla.barriers.litmus.rendering import make_programs
from slubtla.barriers.litmus.running import FinalState, never_ends, run_programs
from slubtla.barriers.litmus.syntax import Litmus
from slubtla.barriers.machines import MEMORY_MODELS
from slubtla.errors import ExitCode, SlubtlaError, TlcOutputError, UsageError
from slubtla.tlc.run.settings import Settings

SCHEMA_VERSION = 1

MOST_THREADS: Final = 200
"""In one run of TLC. Each thread is a process; some 350 of them overflow Java's default stack."""

_HOPELESS: Final = 4
"""Runs of single tests that failed, and none that did not: then the fault is in no test."""

_WORST_LAST: Final = (ExitCode.INCONCLUSIVE, ExitCode.USAGE, ExitCode.CANNOT_RUN)


@dataclass(frozen=True, slots=True)
class Failure:
    """A test that was not judged.

    ``memory`` is the memory model; None where the test was not read.
    """

    file: str
    memory: str | None
    error: SlubtlaError

    def to_json(self) -> dict[str, Any]:
        """Return what ``slubtla litmus --json`` prints of it."""
        error = self.error
        line, column, reason = None, None, error.message
        if isinstance(error, LitmusError):
            line, column, reason = error.line or None, error.column or None, error.reason
        return {
            "file": self.file,
            "line": line,
            "column": column,
            "memory": self.memory,
            "reason": reason,
            "next_step": error.next_step,
            "exit_code": int(error.exit_code),
        }


@dataclass(frozen=True, slots=True)
class Conformance:
    """The outcomes of several tests on several memory models.

    Attributes:
        tests: the tests that were judged, on one model at least, in order.
        outcomes: for each test, one outcome for each model on which it was judged.
        distinct: memory model → states that TLC has searched; ``seconds``: its wall time.
    """

    tests: tuple[Litmus, ...]
    memories: tuple[str, ...]
    outcomes: tuple[tuple[Outcome, ...], ...]
    distinct: dict[str, int]
    seconds: dict[str, float]
    failures: tuple[Failure, ...] = ()

    @property
    def surprises(self) -> tuple[Outcome, ...]:
        """The outcomes that are not as expected."""
        return tuple(o for row in self.outcomes for o in row if not o.as_expected)

    @property
    def exit_code(self) -> ExitCode:
        """The exit code: that of a surprise, else of the worst failure."""
        if self.surprises:
            return ExitCode.NOT_AS_EXPECTED
        codes = (failure.error.exit_code for failure in self.failures)
        return max(codes, key=_WORST_LAST.index, default=ExitCode.AS_EXPECTED)

    def to_json(self) -> dict[str, Any]:
        """Return what ``slubtla litmus --json`` prints."""
        return {
            "schema_version": SCHEMA_VERSION,
            "slubtla": __version__,
            "as_expected": not self.surprises and not self.failures,
            "runs": [
                {"memory": m, "distinct": self.distinct[m], "seconds": round(self.seconds[m], 3)}
                for m in self.memories
            ],
            "outcomes": [outcome.to_json() for row in self.outcomes for outcome in row],
            "failures": [failure.to_json() for failure in self.failures],
        }


def shipped_files() -> tuple[Path, ...]:
    """Return the files of our own set, in order of name."""
    files = data_dir("specs").glob("litmus/*.litmus")
    return tuple(sorted(files, key=lambda file: file.stem))


def run_litmus(
    tests: Sequence[Litmus | Path],
    memories: Sequence[str] = tuple(MEMORY_MODELS),
    *,
    settings: Settings | None = None,
) -> Conformance:
    """Run tests on memory models, many in one run of TLC.

    Raises:
        LitmusError: the only test is not read, or never ends.
        LitmusUndecidedError: TLC was stopped at the only test.
        LitmusRunError: TLC failed at the only test.
        ToolchainError: no Java or no jar.
    """
    conformance = try_litmus(tests, memories, settings=settings)
    if len(tests) == 1 and conformance.failures:
        raise conformance.failures[0].error
    return conformance


def try_litmus(
    tests: Sequence[Litmus | Path],
    memories: Sequence[str] = tuple(MEMORY_MODELS),
    *,
    settings: Settings | None = None,
) -> Conformance:
    """Run tests as :func:`run_litmus` does, but raise nothing that is one test's own.

    Raises:
        UsageError: there is no test.
        UnknownNameError: there is no such memory model.
        ToolchainError: no Java or no jar.
    """
    if not tests:
        raise UsageError("no litmus test is given", next_step="name a file")
    for memory in memories:
        MEMORY_MODELS[memory]
    memories = tuple(dict.fromkeys(memories))
    failures: list[Failure] = []
    read = list(read_tests(tests, failures))
    rows: list[list[Outcome]] = [[] for _ in read]
    runs = {memory: _Runs(memory, settings or Settings()) for memory in memories}
    programs = make_programs(read)
    numbers = {id(program): number for number, program in enumerate(programs)}
    for memory, own in runs.items():
        for program, states in (found for chunk in _chunks(programs) for found in own.of(chunk)):
            test = program.litmus
            if isinstance(states, SlubtlaError):
                failures.append(Failure(test.file, memory, states))
            else:
                rows[numbers[id(program)]].append(judge_states(test, memory, states))
    judged = [(test, tuple(row)) for test, row in zip(read, rows, strict=True) if row]
    return Conformance(
        tests=tuple(test for test, _ in judged),
        memories=memories,
        outcomes=tuple(row for _, row in judged),
        distinct={memory: own.distinct for memory, own in runs.items()},
        seconds={memory: own.seconds for memory, own in runs.items()},
        failures=tuple(failures),
    )


def read_tests(tests: Iterable[Litmus | Path], failures: list[Failure]) -> Iterator[Litmus]:
    """Yield the tests that can be read; append a failure for each of the others."""
    for test in tests:
        if isinstance(test, Litmus):
            yield test
            continue
        try:
            yield read_litmus(test)
        except LitmusError as error:
            failures.append(Failure(str(test), None, error))


def _chunks(programs: Sequence[Program]) -> Iterator[list[Program]]:
    """Split tests into runs of about equal size; one with more threads runs alone."""
    threads = sum(len(program.threads) for program in programs)
    runs = -(-threads // MOST_THREADS)
    most = min(MOST_THREADS, -(-threads // max(runs, 1)) + 1)
    chunk: list[Program] = []
    size = 0
    for program in programs:
        if chunk and size + len(program.threads) > most:
            yield chunk
            chunk, size = [], 0
        chunk.append(program)
        size += len(program.threads)
    if chunk:
        yield chunk


class _Runs:
    """The runs of TLC for one memory model: states searched, and wall seconds, of all of them."""

    def __init__(self, memory: str, settings: Settings) -> None:
        self.distinct = 0
        self.seconds = 0.0
        self._memory = memory
        self._settings = settings
        self._judged = 0
        self._failed = 0

    def of(
        self, programs: Sequence[Program]
    ) -> Iterator[tuple[Program, frozenset[FinalState] | SlubtlaError]]:
        """Run tests together, where that fails in halves; yield final states, or why none."""
        try:
            found = run_programs(programs, self._memory, self._settings)
        except (LitmusRunError, LitmusUndecidedError, TlcOutputError) as error:
            if len(programs) == 1 or self._hopeless:
                self._failed += 1
                yield from ((program, error) for program in programs)
                return
            half = len(programs) // 2
            yield from self.of(programs[:half])
            yield from self.of(programs[half:])
            return
        self._judged += len(programs)
        self.distinct += found.distinct
        self.seconds += found.seconds
        for program, states in zip(programs, found.states, strict=True):
            yield program, states or never_ends(program.litmus)

    @property
    def _hopeless(self) -> bool:
        """Whether the tests are not at fault: cancelled, or the first several all failed."""
        cancel = self._settings.cancel
        cancelled = cancel is not None and cancel.is_set()
        return cancelled or (not self._judged and self._failed >= _HOPELESS)
