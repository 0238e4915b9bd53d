"""Run many litmus tests on one memory model in one run of TLC, and read the final states back.

Final states count only when TLC has searched every
execution, and a test without a final state (each of its executions is stuck, waiting for a lock or
a grace period that never comes) is an error, never "Never".
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from slubtla.barriers.litmus.errors import LitmusError, LitmusRunError, LitmusUndecidedError
from slubtla.barriers.litmus.program import Program
from slubtla.barriers.litmus.rendering import PROPERTIES, render_litmus
from slubtla.barriers.litmus.syntax import If, Litmus, Locking, Rcu, Statement, Variable
from slubtla.barriers.litmus.values import evaluate
from slubtla.errors import ExitCode
from slubtla.tlc.engine import JvmProfile, TlcOptions
from slubtla.tlc.output import parse_value
from slubtla.tlc.run.check import run_unrecorded
from slubtla.tlc.run.judge import Criteria
from slubtla.tlc.run.record import judge_run
from slubtla.tlc.run.rundir import run_directory
from slubtla.tlc.run.settings import Settings
from slubtla.tlc.run.spec import RunSpec
from slubtla.tlc.run.verdict import Verdict, VerdictKind

_MOST_LINES: Final = 5_000_000
_OPEN: Final = re.compile(r"<<|[\[({]")
_CLOSE: Final = re.compile(r">>|[\])}]")
_LARGE_TESTS: Final = 8
"""From how many tests on a JVM tuned for throughput is worth its slower start."""

FinalState = tuple[tuple[Variable, int], ...]
"""A final state: every register and every location with its value, sorted."""


@dataclass(frozen=True, slots=True)
class FinalStates:
    """What TLC found for several tests on one memory model.

    Attributes:
        states: for each test, in order, its distinct final states; none where every execution waits
            for ever: see :func:`never_ends`.
        distinct: states that TLC has searched, for all tests.
        seconds: wall time of TLC.
    """

    states: tuple[frozenset[FinalState], ...]
    distinct: int
    seconds: float


def run_programs(programs: Sequence[Program], memory: str, settings: Settings) -> FinalStates:
    """Find all final states of several tests on a memory model.

    Raises:
        LitmusUndecidedError: TLC was stopped before it had searched all executions.
        LitmusRunError: TLC failed, or its output cannot be taken for an answer.
    """
    rendered = render_litmus(programs, memory, specs=settings.specs)
    files = rendered.files
    spec, cfg, _ = map(Path, files)
    large = len(programs) >= _LARGE_TESTS
    litmus = RunSpec(
        name=f"litmus-{memory}",
        command="slubtla litmus",
        spec=spec,
        cfg=cfg,
        criteria=Criteria(properties=PROPERTIES),
        options=TlcOptions(
            profile=JvmProfile.LARGE if large else JvmProfile.SMALL,
            check_deadlock=False,  # a thread that waits for ever leaves no final state
            coverage_minutes=0,
        ),
        texts=files,
        instrument=False,
        most_output=_MOST_LINES,
    )
    out_dir = None if settings.out_dir is None else _free(settings.out_dir / memory)
    with run_directory(litmus.name, out_dir) as directory:
        run = run_unrecorded(litmus, settings, directory)
        directory.ended = out_dir is not None
        verdict = judge_run(run)
        if out_dir is not None:
            out_dir.parent.mkdir(parents=True, exist_ok=True)
            directory.commit()
    _require_proof(verdict, memory, complete=not run.report.output_dropped)
    return FinalStates(
        states=read_final_states(run.report.output, programs),
        distinct=run.report.stats.distinct or 0,
        seconds=run.exit.wall_seconds,
    )


def _free(out_dir: Path) -> Path:
    """``out_dir``; where a run of other tests is kept there already, the next of its kind."""
    number, free = 1, out_dir
    while free.exists():
        number += 1
        free = out_dir.with_name(f"{out_dir.name}-{number}")
    return free


def _require_proof(verdict: Verdict, memory: str, *, complete: bool) -> None:
    if not complete:
        raise LitmusRunError(
            f"{memory}: TLC printed more than {_MOST_LINES:,} lines",
            next_step="give fewer tests at once, or smaller ones",
        )
    if verdict.exit_code is ExitCode.INCONCLUSIVE:
        raise LitmusUndecidedError(
            f"{memory}: {verdict}: {verdict.because}; nothing is known of any test",
            next_step="give more time (--timeout) or memory (--heap), or fewer tests at once",
        )
    if verdict.kind is not VerdictKind.PROVEN:
        hint = "keep the run with --out and look at its tlc.out: the model is wrong"
        if "Overflow" in verdict.because:
            hint = "let the test compute smaller numbers: TLC's have 32 bits"
        raise LitmusRunError(f"{memory}: {verdict}: {verdict.because}", next_step=hint)


def read_final_states(
    output: Iterable[str], programs: Sequence[Program]
) -> tuple[frozenset[FinalState], ...]:
    """Read the final states out of what TLC printed.

    Raises:
        TlcOutputError: a line is no value.
        LitmusRunError: a line is no final state.
    """
    found: list[set[FinalState]] = [set() for _ in programs]
    for text in sorted(set(_records(output))):
        match parse_value(text):
            case ("final", int(number), reads, memory) if 1 <= number <= len(programs):
                program = programs[number - 1]
                seen = {str(name): value for name, value in _entries(reads, text)}
                cells = {_name(variable): value for variable, value in _entries(memory, text)}
                found[number - 1].add(_state(program, seen, cells))
            case _:
                raise _strange(f"what is no final state: {text}")
    return tuple(map(frozenset, found))


def _strange(what: str) -> LitmusRunError:
    return LitmusRunError(
        f"TLC printed {what}", next_step="report it: half-read output is never a verdict"
    )


def never_ends(litmus: Litmus) -> LitmusError:
    """Return the error of a test without a final state, with the line where it may wait."""
    return LitmusError(
        f"{litmus.name} never ends: each of its executions waits for ever for a lock or a grace "
        "period",
        file=litmus.file,
        line=_waiting_line(litmus),
        column=1,
        next_step="let every spin_lock have its spin_unlock, and wait for no grace period within a "
        "reader's section",
    )


def _waiting_line(litmus: Litmus) -> int:
    """Return the line of the first statement that waits for what its own thread holds.

    Where there is none, of the first that waits; 0 where nothing does.
    """
    first = 0
    for thread in litmus.threads:
        held: set[str] = set()
        for statement in _flat(thread.body):
            match statement:
                case (
                    Locking(kind="spin_lock", location=wanted)
                    | Rcu(kind="synchronize_rcu" as wanted)
                ):
                    if wanted in held:
                        return statement.line
                    first = first or statement.line
                    if isinstance(statement, Locking):
                        held.add(wanted)
                case Locking(location=location):
                    held.discard(location)
                case Rcu(kind="rcu_read_lock"):
                    held.add("synchronize_rcu")
                case Rcu():
                    held.discard("synchronize_rcu")
    return first


def _flat(body: Iterable[Statement]) -> Iterator[Statement]:
    for statement in body:
        yield statement
        if isinstance(statement, If):
            yield from _flat((*statement.then, *statement.otherwise))


def _records(output: Iterable[str]) -> Iterator[str]:
    """Join the lines of each value: TLC wraps those that are wider than 80 columns."""
    record: list[str] = []
    depth = 0
    for line in output:
        if line.strip():
            record.append(line.strip())
            depth += len(_OPEN.findall(line)) - len(_CLOSE.findall(line))
        if depth <= 0 and record:
            yield " ".join(record)
            record, depth = [], 0
    if record:
        yield " ".join(record)


def _entries(value: object, text: str) -> Iterable[tuple[object, int]]:
    if value == ():
        return ()
    if isinstance(value, Mapping) and all(type(v) is int for v in value.values()):
        return value.items()
    raise _strange(f"what is no final state: {text}")


def _name(location: object) -> str:
    match location:
        case (str(name),):
            return name
    raise _strange(f"a location {location!r}")


def _state(program: Program, seen: Mapping[str, int], memory: Mapping[str, int]) -> FinalState:
    registers = {variable: evaluate(value, seen) for variable, value in program.final.items()}
    locations = {Variable(-1, name): memory[name] for name, _ in program.litmus.initial}
    return tuple(sorted((registers | locations).items()))
