"""Reads a run of TLC into a :class:`~slubtla.tlc.output.report.TlcReport`, live or afterwards."""

import dataclasses
import io
import re
from collections.abc import Callable, Iterable, Iterator
from typing import Final

from slubtla.errors import TlcOutputError
from slubtla.tlc.output.codes import Code, Severity
from slubtla.tlc.output.coverage import Coverage, CoverageBuilder
from slubtla.tlc.output.marks import CUT, REACHED, read_fired, read_note
from slubtla.tlc.output.messages import Line, Message, MessageLexer
from slubtla.tlc.output.problems import ProblemBuilder
from slubtla.tlc.output.report import TlcReport
from slubtla.tlc.output.sany import SpecMessage, read_sany
from slubtla.tlc.output.stats import (
    CollisionProbability,
    Progress,
    RunInfo,
    Statistics,
    read_collision_probability,
    read_depth,
    read_initial_states,
    read_progress,
    read_recovered,
    read_run_info,
    read_server_version,
    read_statistics,
    read_version,
)

_PARSING_FAILED: Final = frozenset({Code.PARSING_FAILED, Code.PARSING_FAILED_WITH_TEXT})
_PROGRESS: Final = frozenset(
    {Code.PROGRESS, Code.PROGRESS_SIMULATION, Code.PROGRESS_DFS, Code.PROGRESS_DFS_LEVEL}
)
_COMPLETE = "complete state space"
_EXPRESSIONS: Final = re.compile(
    r"^(?:@!@!@STARTMSG (2221|2775):0 @!@!@\n[^\n@]*\n@!@!@ENDMSG \1 @!@!@\n)+", re.MULTILINE
)
_BLOCK: Final = 1 << 20
"""Characters of a file that are read at once."""
_MOST_FAULTS: Final = 20
_UNREADABLE: Final = (TlcOutputError, ValueError, LookupError, ArithmeticError, RecursionError)
"""What a reader of one message raises where its text is not what TLC prints."""


class ReportReader:
    """Reads a run of TLC line by line.

    It never fails: what cannot be read is passed over, and listed in
    :attr:`~slubtla.tlc.output.report.TlcReport.unreadable`.

    Args:
        output_limit: how many lines that are no messages to keep.
    """

    def __init__(self, *, output_limit: int = 10_000) -> None:
        self._lexer = MessageLexer(strict=False)
        self._faults: list[TlcOutputError] = []
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
        self._checkpoints = 0
        self._checkpoint_coverage: Coverage | None = None
        self._checkpoint_spoiled = False
        self._recovered: int | None = None
        self._graph_complete = False
        self._temporal_checked = False
        self._in_sany = False
        self._sany: list[str] = []
        self._joined = 0
        self._lost = 0
        self._fired: set[str] = set()
        self._noted: dict[str, set[str]] = {REACHED: set(), CUT: set()}
        self._output: list[str] = []
        self._output_limit = output_limit
        self._output_dropped = 0

    def feed(self, line: str) -> Progress | None:
        """Take the next line.

        Args:
            line: one line of standard output, with or without its newline.

        Returns:
            The progress report that this line completes, if it does.
        """
        known = len(self._progress)
        for event in self._lexer.feed(line):
            if isinstance(event, Line):
                self._plain(event.text)
            else:
                self._message(event)
        return self._progress[-1] if len(self._progress) > known else None

    def _message(self, message: Message) -> None:
        if message.code in _PROGRESS:
            self._read(self._take_progress, message)
            self._problems.end_trace()
            return
        for take in (
            self._problems.add,
            self._life,
            self._numbers,
            self._coverage.add,
            self._checkpoint,
        ):
            self._read(take, message)
        self._joined += message.code == Code.WORKER_REGISTERED
        self._lost += message.code == Code.WORKER_LOST

    def _read(self, take: Callable[[Message], None], message: Message) -> None:
        """Have one part take a message; note where it cannot be read."""
        try:
            take(message)
        except _UNREADABLE as error:
            if not isinstance(error, TlcOutputError):
                reason = f"expected another form of message {message.code}: {error}"
                error = TlcOutputError(reason, line_number=message.line_number, text=message.text)
            self._faults.append(error)

    def _take_progress(self, message: Message) -> None:
        self._progress.append(read_progress(message))

    def feed_block(self, text: str) -> None:
        """Take many lines at once; what nothing is kept of is passed over.

        That is the coverage of single expressions (2221, 2775), nearly all that a long run prints.

        Args:
            text: whole lines.
        """
        position = 0
        for run in _EXPRESSIONS.finditer(text):
            self._feed_lines(text[position : run.start()])
            position = run.start()
            if not self._lexer.inside:
                self._lexer.skip(text.count("\n", position, run.end()))
                position = run.end()
        self._feed_lines(text[position:])

    def _feed_lines(self, text: str) -> None:
        if text:
            for line in text.removesuffix("\n").split("\n"):
                self.feed(line)

    def finish(self) -> TlcReport:
        """The report, when there are no more lines."""
        incomplete = self._lexer.finish()
        if incomplete is not None:  # what it holds was said, whatever became of its end
            if "\n" in incomplete.text:
                self._read(self._problems.add_cut, incomplete)
            for message in incomplete.nested:
                if message.code != Code.ASSERT_FAILED:  # it is part of the other
                    self._message(message)
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
            checkpoints=self._checkpoints,
            checkpoint_coverage=self._checkpoint_coverage,
            checkpoint_spoiled=self._checkpoint_spoiled,
            recovered=self._recovered,
            joined=self._joined,
            lost=self._lost,
            fired=frozenset(self._fired),
            reached=frozenset(self._noted[REACHED]),
            excluding=frozenset(self._noted[CUT]),
            output=tuple(self._output),
            output_dropped=self._output_dropped,
            unknown=tuple(problems.unknown),
            incomplete=incomplete,
            unreadable=self._unreadable(),
        )

    def _unreadable(self) -> tuple[str, ...]:
        faults = sorted(
            (*self._lexer.faults, *self._faults), key=lambda fault: fault.line_number or 0
        )
        said = [fault.message for fault in faults[:_MOST_FAULTS]]
        more = len(faults) - len(said)
        return (*said, *([f"{more:,} more such places"] if more else []))

    def _plain(self, text: str) -> None:
        if self._in_sany:
            self._sany.append(text)
        elif (action := read_fired(text)) is not None:
            self._fired.add(action)
        elif (note := read_note(text)) is not None:
            self._noted[note[0]].add(note[1])
        elif (server := read_server_version(text)) is not None:
            version, revision = server
            self._run = dataclasses.replace(self._run, version=version, revision=revision)
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

    def _checkpoint(self, message: Message) -> None:
        match message.code:
            case Code.CHECKPOINT_START:
                self._checkpoints += 1
                self._checkpoint_spoiled = bool(self._problems.violations or self._problems.errors)
                self._checkpoint_coverage = None
            case Code.COVERAGE_END | Code.COVERAGE_END_OVERHEAD if self._checkpoints:
                self._checkpoint_coverage = self._checkpoint_coverage or self._coverage.latest
            case Code.RECOVERY_END:
                self._recovered = read_recovered(message)

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
        lines: its standard output; fastest from an open text file.

    Returns:
        The report; ``report.cut`` says whether the output lacks its end, ``report.unreadable`` what
        in it could not be read.
    """
    reader = ReportReader()
    if isinstance(lines, io.TextIOBase):
        for block in _blocks(lines):
            reader.feed_block(block)
    else:
        for line in lines:
            reader.feed(line)
    return reader.finish()


def _blocks(file: io.TextIOBase) -> Iterator[str]:
    """The text of a file in blocks of whole lines."""
    parts: list[str] = []
    while text := file.read(_BLOCK):
        end = text.rfind("\n") + 1
        if end:
            yield "".join([*parts, text[:end]])
            parts = []
        parts.append(text[end:])
    if rest := "".join(parts):
        yield rest
