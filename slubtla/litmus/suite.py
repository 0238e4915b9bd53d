"""Many tests on several memory models: the main job of ``slubtla litmus``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from slubtla._version import __version__
from slubtla.data import data_dir
from slubtla.errors import ExitCode, UsageError
from slubtla.litmus.outcome import Outcome, judge_states
from slubtla.litmus.reader import read_litmus
from slubtla.litmus.rendering import make_programs
from slubtla.litmus.running import run_programs
from slubtla.litmus.syntax import Litmus
from slubtla.settings import Settings
from slubtla.vocabulary import MEMORY_MODELS

SCHEMA_VERSION = 1


@dataclass(frozen=True, slots=True)
class Conformance:
    """The outcomes of several tests on several memory models.

    Attributes:
        tests: the tests, in order.
        memories: the memory models, in order.
        outcomes: for each test, one outcome for each model.
        distinct: memory model → states that TLC has searched.
        seconds: memory model → wall time of TLC.
    """

    tests: tuple[Litmus, ...]
    memories: tuple[str, ...]
    outcomes: tuple[tuple[Outcome, ...], ...]
    distinct: dict[str, int]
    seconds: dict[str, float]

    @property
    def surprises(self) -> tuple[Outcome, ...]:
        """The outcomes that are not as expected."""
        return tuple(o for row in self.outcomes for o in row if not o.as_expected)

    @property
    def exit_code(self) -> ExitCode:
        """What a command that ran this exits with."""
        return ExitCode.NOT_AS_EXPECTED if self.surprises else ExitCode.AS_EXPECTED

    def to_json(self) -> dict[str, Any]:
        """Return what ``slubtla litmus --json`` prints."""
        return {
            "schema_version": SCHEMA_VERSION,
            "slubtla": __version__,
            "as_expected": not self.surprises,
            "runs": [
                {"memory": m, "distinct": self.distinct[m], "seconds": round(self.seconds[m], 3)}
                for m in self.memories
            ],
            "outcomes": [outcome.to_json() for row in self.outcomes for outcome in row],
        }


def shipped_files(specs: Path | None = None) -> tuple[Path, ...]:
    """Return the files of our own set, in order of name."""
    files = (specs or data_dir("specs")).glob("litmus/*.litmus")
    return tuple(sorted(files, key=lambda file: file.stem))


def run_litmus(
    tests: Sequence[Litmus | Path],
    memories: Sequence[str] = tuple(MEMORY_MODELS),
    *,
    settings: Settings | None = None,
) -> Conformance:
    """Run tests on memory models: one run of TLC for each model.

    Args:
        tests: litmus tests, or files that hold one.
        memories: names of memory models.
        settings: how to run.

    Raises:
        LitmusError: a file that is not read, or a test that never ends.
        LitmusUndecidedError: TLC was stopped.
        LitmusRunError: TLC failed.
        ToolchainError: no Java or no jar.
    """
    if not tests:
        raise UsageError("no litmus test is given", next_step="name a file")
    for memory in memories:
        MEMORY_MODELS[memory]
    memories = tuple(dict.fromkeys(memories))
    read = tuple(test if isinstance(test, Litmus) else read_litmus(test) for test in tests)
    programs = make_programs(read)
    columns: list[list[Outcome]] = []
    distinct: dict[str, int] = {}
    seconds: dict[str, float] = {}
    for memory in memories:
        found = run_programs(programs, memory, settings)
        distinct[memory], seconds[memory] = found.distinct, found.seconds
        columns.append(
            [judge_states(t, memory, s) for t, s in zip(read, found.states, strict=True)]
        )
    rows = tuple(zip(*columns, strict=True))
    return Conformance(read, memories, rows, distinct, seconds)
