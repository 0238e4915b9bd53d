"""Read the errors and warnings of SANY, TLC's parser, from the plain lines between messages."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import takewhile

from slubtla.tlc.output.codes import Severity

_PARSING = re.compile(r"Parsing file (?:.*[/\\])?(\w+)\.tla\b")
_LEXICAL = re.compile(r"Lexical error at line (\d+), column (\d+)\..*")
_AT = re.compile(r"line (\d+), col(?:umn)? (\d+)")
_PARSE_ERROR = "***Parse Error***"
_SECTION = re.compile(r"\*\*\* (Errors|Abort messages|Warnings): \d+")
_PLACE = re.compile(
    r"line \d+, col \d+ to line \d+, col \d+ of module (\w+)|In module (\w+)|Unknown location"
)
_DIVERGED = re.compile(r"!! WARNING: (.*)")
_REPEATED = "Could not parse module "  # says only that there were other errors


@dataclass(frozen=True, slots=True)
class SpecMessage:
    """One error or warning of SANY, with its 1-based place where SANY names one."""

    severity: Severity
    text: str
    module: str | None = None
    line: int | None = None
    column: int | None = None

    def __str__(self) -> str:
        place = f"{self.module}.tla" if self.module else ""
        if place and self.line is not None:
            place += f":{self.line}"
            place += "" if self.column is None else f":{self.column}"
        return f"{place}: {self.text}" if place else self.text


def read_sany(lines: Iterable[str]) -> tuple[SpecMessage, ...]:
    """Return the errors and warnings in SANY's lines (between 2220 and 2219), each once."""
    found = list(dict.fromkeys(_read(iter(lines))))
    primary = [message for message in found if not message.text.startswith(_REPEATED)]
    errors = [message for message in primary if message.severity is Severity.ERROR]
    return tuple(primary if errors else found)


def _read(lines: Iterator[str]) -> Iterator[SpecMessage]:
    module: str | None = None
    severity: Severity | None = None
    for line in lines:
        if parsing := _PARSING.match(line):
            module = parsing[1]
        elif line.strip() == _PARSE_ERROR:
            text = "\n".join(_paragraph(lines))
            at = _AT.search(text)
            yield _located(Severity.ERROR, text, module, at)
        elif lexical := _LEXICAL.fullmatch(line):
            yield _located(Severity.ERROR, line, module, lexical)
        elif diverged := _DIVERGED.fullmatch(line):
            yield SpecMessage(Severity.WARNING, diverged[1], module)
        elif section := _SECTION.match(line):
            severity = Severity.WARNING if section[1] == "Warnings" else Severity.ERROR
        elif severity and (place := _PLACE.fullmatch(line.strip())):
            text = "\n".join(_paragraph(lines))
            yield _located(severity, text, place[1] or place[2], _AT.search(line))


def _paragraph(lines: Iterator[str]) -> Iterator[str]:
    """Yield the next paragraph: skip blank lines, stop at the first blank line after it."""
    first = next((line for line in lines if line.strip()), None)
    if first is not None:
        yield first.strip()
        yield from (line.strip() for line in takewhile(str.strip, lines))


def _located(
    severity: Severity, text: str, module: str | None, at: re.Match[str] | None
) -> SpecMessage:
    if at is None:
        return SpecMessage(severity, text, module)
    return SpecMessage(severity, text, module, int(at[1]), int(at[2]))
