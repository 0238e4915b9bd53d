"""Read the output of a run of TLC into a report, while it runs or afterwards."""

import io
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from slubtla.errors import TlcOutputError
from slubtla.tlc.output.codes import Code, Severity
from slubtla.tlc.output.coverage import CoverageBuilder
from slubtla.tlc.output.messages import CUT, MARK, REACHED, Line, Message, MessageLexer, read_mark
from slubtla.tlc.output.problems import ProblemBuilder
from slubtla.tlc.output.report import TlcReport
from slubtla.tlc.output.sany import SpecMessage, read_sany
from slubtla.tlc.output.stats import (
    DEPTH,
    INITIAL,
    RECOVERED,
    Progress,
    count,
    read_collision_probability,
    read_progress,
    read_run_info,
    read_statistics,
    read_version,
    required,
)

_PARSING_FAILED: Final = frozenset({Code.PARSING_FAILED, Code.PARSING_FAILED_WITH_TEXT})
_PROGRESS: Final = frozenset(
    {Code.PROGRESS, Code.PROGRESS_SIMULATION, Code.PROGRESS_DFS, Code.PROGRESS_DFS_LEVEL}
)
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
        self._report = TlcReport()  # what is known so far, but for the collections below
        self._lexer = MessageLexer()
        self._faults: list[TlcOutputError] = []
        self._problems = ProblemBuilder()
        self._coverage = CoverageBuilder()
        self._progress: list[Progress] = []
        self._graph_complete = False
        self._in_sany = False
        self._sany: list[str] = []
        self._marks: dict[str, set[str]] = {MARK: set(), REACHED: set(), CUT: set()}
        self._output: list[str] = []
        self._output_limit = output_limit

    def feed(self, line: str) -> Progress | None:
        """Take the next line.

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

    def feed_block(self, text: str) -> None:
        """Take many whole lines at once; coverage of single expressions (2221, 2775) is skipped.

        That is nearly all that a long run prints, and nothing of it is kept.
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
        if incomplete is not None:  # what it holds was printed, whatever became of its end
            if "\n" in incomplete.text:
                self._read(self._problems.add_cut, incomplete)
            for message in incomplete.nested:
                if message.code != Code.ASSERT_FAILED:  # it is part of the other
                    self._message(message)
        problems = self._problems
        problems.end_trace()
        return replace(
            self._report,
            progress=tuple(self._progress),
            violations=tuple(problems.violations),
            errors=tuple(problems.errors),
            warnings=tuple(problems.warnings),
            spec_messages=self._spec_messages(),
            trace=problems.first_trace,
            coverage=self._coverage.latest,
            fired=frozenset(self._marks[MARK]),
            reached=frozenset(self._marks[REACHED]),
            excluding=frozenset(self._marks[CUT]),
            output=tuple(self._output),
            unknown=tuple(problems.unknown),
            incomplete=incomplete,
            unreadable=self._unreadable(),
        )

    def _note(self, **facts: Any) -> None:  # noqa: ANN401  # fields of the report
        self._report = replace(self._report, **facts)

    def _plain(self, text: str) -> None:
        if self._in_sany:
            self._sany.append(text)
        elif (mark := read_mark(text)) is not None:
            self._marks[mark[0]].add(mark[1])
        elif text.startswith("TLC2 TLC Server "):  # of the distributed mode
            self._note(run=read_version(text, self._report.run))
        elif len(self._output) < self._output_limit:
            self._output.append(text)
        else:
            self._note(output_dropped=self._report.output_dropped + 1)

    def _message(self, message: Message) -> None:
        takers = (self._problems.add, self._take_stage, self._take_numbers, self._coverage.add)
        if message.code in _PROGRESS:
            self._read(lambda report: self._progress.append(read_progress(report)), message)
            self._problems.end_trace()
            return
        for take in (*takers, self._take_checkpoint):
            self._read(take, message)

    def _read(self, take: Callable[[Message], None], message: Message) -> None:
        """Have one part take a message; note where it cannot be read."""
        try:
            take(message)
        except _UNREADABLE as error:
            if not isinstance(error, TlcOutputError):
                reason = f"expected another form of message {message.code}: {error}"
                error = TlcOutputError(reason, line_number=message.line_number, text=message.text)
            self._faults.append(error)

    def _take_stage(self, message: Message) -> None:
        match message.code:
            case Code.VERSION:
                self._note(run=read_version(message.text, self._report.run))
            case Code.MODE_MC | Code.MODE_MC_DFS | Code.MODE_SIMULATION:
                self._note(run=read_run_info(message, self._report.run))
            case Code.SANY_START:
                self._in_sany = True
            case Code.SANY_END:
                self._in_sany = False
            case Code.STARTING:
                self._note(started=True)
            case Code.CHECKING_TEMPORAL:
                self._graph_complete = "complete state space" in message.text
            case Code.CHECKED_TEMPORAL if self._graph_complete:
                self._note(temporal_checked=True)
            case Code.FINISHED:
                self._note(finished=True)

    def _take_numbers(self, message: Message) -> None:
        stats = self._report.stats
        match message.code:
            case Code.INIT_GENERATED | Code.INIT_GENERATED_DUPLICATES | Code.INIT_GENERATED_DFS:
                self._note(initial_states=count(INITIAL, message))
            case Code.STATS | Code.STATS_DFS | Code.STATS_SIMULATION:
                self._note(stats=read_statistics(message, stats.depth))
            case Code.SEARCH_DEPTH:
                self._note(stats=replace(stats, depth=required(DEPTH, message)))
            case Code.SUCCESS:
                self._note(success="No error has been found" in message.text)
                self._note(collision=read_collision_probability(message))
            case Code.WORKER_REGISTERED:
                self._note(joined=self._report.joined + 1)
            case Code.WORKER_LOST:
                self._note(lost=self._report.lost + 1)

    def _take_checkpoint(self, message: Message) -> None:
        match message.code:
            case Code.CHECKPOINT_START:
                self._note(
                    checkpoints=self._report.checkpoints + 1,
                    checkpoint_spoiled=bool(self._problems.violations or self._problems.errors),
                    checkpoint_coverage=None,
                )
            case Code.COVERAGE_END | Code.COVERAGE_END_OVERHEAD if self._report.checkpoints:
                first = self._report.checkpoint_coverage or self._coverage.latest
                self._note(checkpoint_coverage=first)
            case Code.RECOVERY_END:
                self._note(recovered=required(RECOVERED, message))

    def _spec_messages(self) -> tuple[SpecMessage, ...]:
        """SANY's messages; all that it printed, if it failed in words that are not known."""
        found = read_sany(self._sany)
        failed = any(error.code in _PARSING_FAILED for error in self._problems.errors)
        if not failed or any(message.severity is Severity.ERROR for message in found):
            return found
        return (*found, SpecMessage(Severity.ERROR, "\n".join(self._sany).strip()))

    def _unreadable(self) -> tuple[str, ...]:
        faults = sorted(
            (*self._lexer.faults, *self._faults), key=lambda fault: fault.line_number or 0
        )
        shown = [fault.message for fault in faults[:_MOST_FAULTS]]
        more = len(faults) - len(shown)
        return (*shown, *([f"{more:,} more such places"] if more else []))


def read_report(lines: Iterable[str] | Path) -> TlcReport:
    """Read everything that TLC printed with ``-tool``.

    Args:
        lines: its standard output; fastest as a file, or an open text file.

    Returns:
        The report; ``report.cut`` says whether the output lacks its end, ``report.unreadable`` what
        in it could not be read.
    """
    if isinstance(lines, Path):
        with lines.open(encoding="utf-8", errors="replace") as file:
            return read_report(file)
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
