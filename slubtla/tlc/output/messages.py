"""Split TLC's ``-tool`` output into messages and the plain lines between them.

A message is ``@!@!@STARTMSG code:class @!@!@``, its text, and ``@!@!@ENDMSG code @!@!@``. Messages
nest and may start in the middle of a line; what ``PrintT`` and SANY print stands between them. The
lexer keeps one message at a time, and so reads outputs of any length.

Some of the plain lines are printed by an instrumented specification
(:mod:`slubtla.tlc.run.instrument`): :func:`read_mark`.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final, TypeAlias

from slubtla.errors import TlcOutputError
from slubtla.tlc.output.codes import Severity

PREFIX: Final = "Told_"
"""What the names of instrumented actions begin with."""

MARK: Final = "slubtla: fired"
"""Printed when an action first fires: ``<<"slubtla: fired", "put_load_head">>``."""

REACHED: Final = "slubtla: reached"
"""Printed when an antecedent first holds: ``<<"slubtla: reached", "3">>``."""

CUT: Final = "slubtla: cut"
"""Printed when a constraint first excludes something: ``<<"slubtla: cut", "Small">>``."""

LOCATION: Final = r"line (\d+), col (\d+) to line (\d+), col (\d+) of module (\w+)"

_PRINTED: Final = re.compile(rf'<<"({MARK}|{REACHED}|{CUT})", "(\w+)">>')
_MARKER = re.compile(r"@!@!@(?:STARTMSG (-?\d+):([0-4])|ENDMSG (-?\d+)) @!@!@")


def read_mark(line: str) -> tuple[str, str] | None:
    """The mark that an instrumented specification printed, and the name behind it."""
    found = _PRINTED.fullmatch(line)
    return (found[1], found[2]) if found else None


@dataclass(frozen=True, slots=True, order=True)
class Location:
    """A range of a module's text: lines and columns from 1, both ends included."""

    module: str
    line: int
    column: int
    end_line: int
    end_column: int

    def __str__(self) -> str:
        return (
            f"line {self.line}, col {self.column} to line {self.end_line}, "
            f"col {self.end_column} of module {self.module}"
        )


def location_of(groups: tuple[str, ...]) -> Location:
    """The location from the five groups of :data:`LOCATION`."""
    *numbers, module = groups
    return Location(module, *map(int, numbers))


@dataclass(frozen=True, slots=True)
class Line:
    """A line that belongs to no message: what ``PrintT``, SANY or Java printed."""

    text: str
    line_number: int


@dataclass(frozen=True, slots=True)
class Message:
    """One message.

    Attributes:
        code: the number that says what it is; see :class:`slubtla.tlc.output.Code`.
        text: its lines, those of nested messages in their places, without trailing blank lines.
        line_number: the 1-based line of its first marker.
        complete: whether its end was seen; ``False`` only where the output was cut.
    """

    code: int
    severity: Severity
    text: str
    nested: tuple["Message", ...] = ()
    line_number: int = 0
    complete: bool = True

    @property
    def innermost(self) -> "Message":
        """The message nested deepest, which says most; itself if there is none."""
        return self.nested[0].innermost if self.nested else self

    def find(self, code: int) -> "Message | None":
        """The first message with this code: itself, or one inside it."""
        if self.code == code:
            return self
        return next((found for inner in self.nested if (found := inner.find(code))), None)


Event: TypeAlias = Message | Line
_NOTHING: tuple[Event, ...] = ()


@dataclass(slots=True)
class _Open:
    """A message whose end is still to come; ``lead`` stood before the last nested start."""

    code: int
    severity: Severity
    line_number: int
    lines: list[str] = field(default_factory=list)
    nested: list[Message] = field(default_factory=list)
    lead: str = ""

    def close(self, *, complete: bool = True) -> Message:
        text = "\n".join(self.lines).rstrip()
        nested = tuple(self.nested)
        return Message(self.code, self.severity, text, nested, self.line_number, complete)

    def adopt(self, inner: Message) -> None:
        self.nested.append(inner)
        self.lines.append(self.lead + inner.text)


class MessageLexer:
    """Splits lines into messages, one line at a time; for output that is still being written.

    Attributes:
        faults: ends of messages that did not begin. Such an end closes the open message of its
            code, those inside it as incomplete, or is text where there is none.
    """

    def __init__(self) -> None:
        self.faults: list[TlcOutputError] = []
        self._open: list[_Open] = []
        self._line_number = 0

    def feed(self, line: str) -> Sequence[Event]:
        """Take the next line; return the messages and plain lines that it completes."""
        self._line_number += 1
        line = line.rstrip("\r\n")
        if "@!@!@" in line and _MARKER.search(line):
            return self._markers(line)
        if self._open:
            self._open[-1].lines.append(line)
            return _NOTHING
        return (Line(line, self._line_number),)

    @property
    def inside(self) -> bool:
        """Whether a message has begun and not ended."""
        return bool(self._open)

    def skip(self, lines: int) -> None:
        """Count lines that are passed over: whole messages, outside of any other."""
        self._line_number += lines

    def finish(self) -> Message | None:
        """The message that the output was cut in, if any, with ``complete`` false."""
        while len(self._open) > 1:
            inner = self._open.pop()
            self._open[-1].adopt(inner.close(complete=False))
        return self._open.pop().close(complete=False) if self._open else None

    def _markers(self, line: str) -> list[Event]:
        events: list[Event] = []
        position = 0
        for marker in _MARKER.finditer(line):
            before = line[position : marker.start()]
            position = marker.end()
            if marker[1] is not None:
                self._start(int(marker[1]), Severity(int(marker[2])), before, events)
            else:
                self._end(int(marker[3]), before, line, events)
        self._text(line[position:], events)
        return events

    def _start(self, code: int, severity: Severity, before: str, events: list[Event]) -> None:
        if self._open:
            self._open[-1].lead = before
        else:
            self._text(before, events)
        self._open.append(_Open(code, severity, self._line_number))

    def _end(self, code: int, before: str, line: str, events: list[Event]) -> None:
        if not self._open or self._open[-1].code != code:
            expected = f"the end of message {self._open[-1].code}" if self._open else "no end"
            reason = f"expected {expected}"
            self.faults.append(TlcOutputError(reason, line_number=self._line_number, text=line))
            if all(message.code != code for message in self._open):
                self._text(f"{before}@!@!@ENDMSG {code} @!@!@", events)
                return
        self._text(before, events)
        while self._open[-1].code != code:
            inner = self._open.pop()
            self._open[-1].adopt(inner.close(complete=False))
        message = self._open.pop().close()
        if self._open:
            self._open[-1].adopt(message)
        else:
            events.append(message)

    def _text(self, text: str, events: list[Event]) -> None:
        if not text:
            return
        if self._open:
            self._open[-1].lines.append(text)
        else:
            events.append(Line(text, self._line_number))
