"""Reads a run of TLC into a :class:`~slubtla.tlc.report.TlcReport`, live or afterwards."""

import dataclasses
from collections.abc import Iterable
from typing import Final

from slubtla.tlc.codes import Code, Severity
from slubtla.tlc.coverage import CoverageBuilder
from slubtla.tlc.messages import Line, Message, MessageLexer
from slubtla.tlc.problems import ProblemBuilder
from slubtla.tlc.report import TlcReport
from slubtla.tlc.sany import SpecMessage, read_sany
from slubtla.tlc.stats import (
    CollisionProbability,
    Progress,
    RunInfo,
    Statistics,
    read_collision_probability,
    read_depth,
    read_initial_states,
    read_progress,
    read_run_info,
    read_statistics,
    read_version,
)

_PARSING_FAILED: Final = frozenset({Code.PARSING_FAILED, Code.PARSING_FAILED_WITH_TEXT})
_PROGRESS: Final = frozenset(
    {Code.PROGRESS, Code.PROGRESS_SIMULATION, Code.PROGRESS_DFS, Code.PROGRESS_DFS_LEVEL}
)
_COMPLETE = "complete state space"


class ReportReader:
    """Reads a run of TLC line by line.

    Args:
        output_limit: how many lines that are no messages to keep.
    """

    def __init__(self, *, output_limit: int = 10_000) -> None:
        self._lexer = MessageLexer()
        self._problems = ProblemBuilder()
        self._coverage = CoverageBuilder()
        self._run = RunInfo()
        self._started = False
        self._finished = False
        self._success = False
        self._collision = CollisionProbability()
        self._stats = Statistics()
        self._progress: list[Progress] = []
        self._initial_states: int | None = None
        self._graph_complete = False
        self._temporal_checked = False
        self._in_sany = False
        self._sany: list[str] = []
        self._output: list[str] = []
        self._output_limit = output_limit
        self._output_dropped = 0

    def feed(self, line: str) -> Progress | None:
        """Take the next line.

        Args:
            line: one line of standard output, with or without its newline.

        Returns:
            The progress report that this line completes, if it does.

        Raises:
            TlcOutputError: the output cannot be read.
        """
        progress = None
        for event in self._lexer.feed(line):
            if isinstance(event, Line):
                self._plain(event.text)
            elif event.code in _PROGRESS:
                progress = read_progress(event)
                self._progress.append(progress)
                self._problems.end_trace()
            else:
                self._problems.add(event)
                self._life(event)
                self._numbers(event)
                self._coverage.add(event)
        return progress

    def finish(self) -> TlcReport:
        """The report, when there are no more lines."""
        incomplete = self._lexer.finish()
        problems = self._problems
        problems.end_trace()
        return TlcReport(
            run=self._run,
            started=self._started,
            finished=self._finished,
            success=self._success,
            collision=self._collision,
            stats=self._stats,
            progress=tuple(self._progress),
            initial_states=self._initial_states,
            temporal_checked=self._temporal_checked,
            violations=tuple(problems.violations),
            errors=tuple(problems.errors),
            warnings=tuple(problems.warnings),
            spec_messages=self._spec_messages(),
            trace=problems.first_trace,
            coverage=self._coverage.latest,
            output=tuple(self._output),
            output_dropped=self._output_dropped,
            unknown=tuple(problems.unknown),
            incomplete=incomplete,
        )

    def _plain(self, text: str) -> None:
        if self._in_sany:
            self._sany.append(text)
        elif len(self._output) < self._output_limit:
            self._output.append(text)
        else:
            self._output_dropped += 1

    def _life(self, message: Message) -> None:
        match message.code:
            case Code.VERSION:
                version, revision = read_version(message)
                self._run = dataclasses.replace(self._run, version=version, revision=revision)
            case Code.MODE_MC | Code.MODE_MC_DFS | Code.MODE_SIMULATION:
                self._run = read_run_info(message, self._run)
            case Code.SANY_START:
                self._in_sany = True
            case Code.SANY_END:
                self._in_sany = False
            case Code.STARTING:
                self._started = True
            case Code.CHECKING_TEMPORAL:
                self._graph_complete = _COMPLETE in message.text
            case Code.CHECKED_TEMPORAL:
                self._temporal_checked |= self._graph_complete
            case Code.SUCCESS:
                self._success = "No error has been found" in message.text
            case Code.FINISHED:
                self._finished = True

    def _numbers(self, message: Message) -> None:
        match message.code:
            case Code.INIT_GENERATED | Code.INIT_GENERATED_DUPLICATES | Code.INIT_GENERATED_DFS:
                self._initial_states = read_initial_states(message)
            case Code.STATS | Code.STATS_DFS | Code.STATS_SIMULATION:
                self._stats = read_statistics(message, self._stats.depth)
            case Code.SEARCH_DEPTH:
                self._stats = dataclasses.replace(self._stats, depth=read_depth(message))
            case Code.SUCCESS:
                self._collision = read_collision_probability(message)

    def _spec_messages(self) -> tuple[SpecMessage, ...]:
        """SANY's messages; all that it said, if it failed in words that are not known."""
        found = read_sany(self._sany)
        failed = any(error.code in _PARSING_FAILED for error in self._problems.errors)
        if not failed or any(message.severity is Severity.ERROR for message in found):
            return found
        return (*found, SpecMessage(Severity.ERROR, "\n".join(self._sany).strip()))


def read_report(lines: Iterable[str]) -> TlcReport:
    """Read everything that TLC printed with ``-tool``.

    Args:
        lines: its standard output, e.g. an open text file.

    Returns:
        The report; ``report.cut`` says whether the output lacks its end.

    Raises:
        TlcOutputError: a part on which a verdict may rest cannot be read.
    """
    reader = ReportReader()
    for line in lines:
        reader.feed(line)
    return reader.finish()
