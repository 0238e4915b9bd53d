"""Say what TLC said with the places of the user's own files.

TLC names places in the copy that it checked. Its raw words stay in the run's directory; what is
shown names the user's file, and the PlusCal label where the copy holds a translation.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Mapping
from typing import Final

from slubtla.tlc.output.codes import Code
from slubtla.tlc.output.location import LOCATION
from slubtla.tlc.output.messages import Message
from slubtla.tlc.output.problems import Violation
from slubtla.tlc.output.report import TlcReport
from slubtla.tlc.output.sany import SpecMessage
from slubtla.tlc.text.origin import Origin, Place

_POSITION: Final = r"[Ll]ine (\d+), column (\d+) to line (\d+), column (\d+) in (\w+)"
_RANGE: Final = re.compile(rf"{LOCATION}|{_POSITION}")
_RANGE_OR_POINT: Final = re.compile(rf"{_RANGE.pattern}|\bline (\d+), col(?:umn)? (\d+)")
_RANGE_GROUPS: Final = 5
_NUMBERED: Final = re.compile(r"\d+\. (.*)")

Origins = Mapping[str, Origin]
"""The user's own modules, by name."""


def at_home(report: TlcReport, origins: Origins) -> TlcReport:
    """Return a report whose errors, warnings and violations name the user's own places.

    The counterexample is left as it is: its actions are those of the copy.

    Args:
        report: what TLC said.
        origins: the modules that were copied; all other places stay as TLC names them.
    """
    return dataclasses.replace(
        report,
        errors=tuple(_message(error, origins) for error in report.errors),
        warnings=tuple(_message(warning, origins) for warning in report.warnings),
        violations=tuple(_violation(violation, origins) for violation in report.violations),
        spec_messages=tuple(_spec_message(said, origins) for said in report.spec_messages),
    )


def places_of(report: TlcReport, origins: Origins) -> tuple[Place, ...]:
    """Where the evaluation stood that failed, outermost first; empty where TLC does not say.

    Args:
        report: as TLC said it, not :func:`at_home`.
        origins: the user's own modules; places in others are left out.
    """
    texts = [error.find(Code.NESTED_EXPRESSION) for error in report.errors]
    positions = [found.text for found in texts if found is not None]
    positions += [violation.positions for violation in report.violations if violation.positions]
    positions += [error.innermost.text for error in report.errors]
    for text in positions:
        found = [_place(match, origins) for match in _RANGE.finditer(text)]
        if places := tuple(dict.fromkeys(place for place in found if place is not None)):
            return places
    return ()


def _place(match: re.Match[str], origins: Origins) -> Place | None:
    groups = [group for group in match.groups() if group is not None]
    if len(groups) != _RANGE_GROUPS or groups[-1] not in origins:
        return None
    line, column, end_line, end_column = map(int, groups[:-1])
    return origins[groups[-1]].place(line, column, end_line, end_column)


def _text(text: str, origins: Origins, module: str | None = None) -> str:
    """Rewrite the places of a text; points without a module are in ``module``, if there is one."""

    def rewritten(match: re.Match[str]) -> str:
        place = _place(match, origins)
        points = [int(group) for group in match.groups()[2 * _RANGE_GROUPS :] if group]
        if points and module is not None and module in origins:
            here = origins[module].place(*points)
            return str(here).removeprefix(f"{here.file} ")
        return match[0] if place is None else str(place)

    return (_RANGE if module is None else _RANGE_OR_POINT).sub(rewritten, text)


def _message(message: Message, origins: Origins) -> Message:
    text = _text(message.text, origins)
    if message.code == Code.NESTED_EXPRESSION:
        text = _each_once(text)
    nested = tuple(_message(inner, origins) for inner in message.nested)
    return dataclasses.replace(message, text=text, nested=nested)


def _each_once(text: str) -> str:
    """The numbered places of message 2103, those that follow each other and are equal once."""
    lines: list[str] = []
    last = None
    for line in text.splitlines():
        numbered = _NUMBERED.fullmatch(line)
        if numbered is None:
            lines.append(line)
        elif numbered[1] != last:
            last = numbered[1]
            lines.append(f"  {last}")
    return "\n".join(lines)


def _violation(violation: Violation, origins: Origins) -> Violation:
    return dataclasses.replace(
        violation,
        text=_text(violation.text, origins),
        positions=_each_once(_text(violation.positions, origins)),
    )


def _spec_message(said: SpecMessage, origins: Origins) -> SpecMessage:
    if said.module is None or said.module not in origins:
        return said
    text = _text(said.text, origins, said.module)
    if said.line is None:
        return dataclasses.replace(said, text=text)
    place = origins[said.module].place(said.line, said.column or 1)
    if place.label is not None:
        text = f"in label {place.label}: {text}"
    return dataclasses.replace(said, text=text, line=place.line, column=place.column)
