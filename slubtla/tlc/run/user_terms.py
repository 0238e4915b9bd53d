r"""Rewrite a report in the user's own terms: places in the user's files, and the user's names.

TLC checks a copy in which the PlusCal was translated again, and names places in it
(:func:`with_user_places`). Where two processes have a label, parameter or local variable of the
same name, the translator renames one, and notes it (``pcal.PcalSymTab.Disambiguate``)::

    \* Label S of process A at line 6 col 4 changed to S_

:class:`Names` shows ``A.S`` then, and ``"S"`` where the label is a value of ``pc``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from slubtla.tlc.output.codes import Code
from slubtla.tlc.output.messages import LOCATION, Message
from slubtla.tlc.output.problems import Violation
from slubtla.tlc.output.report import TlcReport
from slubtla.tlc.output.sany import SpecMessage
from slubtla.tlc.output.trace import State, Trace, TraceStep
from slubtla.tlc.text.origin import Origin, Place

_POSITION: Final = r"[Ll]ine (\d+), column (\d+) to line (\d+), column (\d+) in (\w+)"
_RANGE: Final = re.compile(rf"{LOCATION}|{_POSITION}")
_RANGE_OR_POINT: Final = re.compile(rf"{_RANGE.pattern}|\bline (\d+), col(?:umn)? (\d+)")
_RANGE_GROUPS: Final = 5
_NUMBERED: Final = re.compile(r"\d+\. (.*)")

_LINE: Final = re.compile(
    r"(?:(?P<module>\w+): )?(?P<kind>[A-Z][a-z]+(?: variable)?) (?P<was>\w+)"
    r"(?: of (?P<of>(?:process|procedure) (?P<owner>\w+)))?"
    r" at line (?P<line>\d+) col (?P<column>\d+) changed to (?P<name>\w+)"
)
_STRING: Final = re.compile(r'"(\w+)"')
_FIELD: Final = re.compile(r"\b(\w+)(\s+\|->)")
_IN_STACK: Final = re.compile(r'\b(pc|procedure)(\s+\|->\s+)"(\w+)"')

Origins = Mapping[str, Origin]
"""The user's own modules, by name."""


def with_user_places(report: TlcReport, origins: Origins) -> TlcReport:
    """Return a report whose errors, warnings and violations name places in the user's files.

    Places in other modules stay as TLC names them, and so does the counterexample.
    """

    def placed(violation: Violation) -> Violation:
        positions = _each_once(_text(violation.positions, origins))
        return replace(violation, text=_text(violation.text, origins), positions=positions)

    return replace(
        report,
        errors=tuple(_message(error, origins) for error in report.errors),
        warnings=tuple(_message(warning, origins) for warning in report.warnings),
        violations=tuple(map(placed, report.violations)),
        spec_messages=tuple(_spec_message(message, origins) for message in report.spec_messages),
    )


def places_of(report: TlcReport, origins: Origins) -> tuple[Place, ...]:
    """Where in the user's files an evaluation failed, outermost first.

    ``report`` is as TLC printed it, not :func:`with_user_places`.
    """
    texts = filter(None, (error.find(Code.NESTED_EXPRESSION) for error in report.errors))
    positions = [found.text for found in texts]
    positions += [violation.positions for violation in report.violations]
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
    return replace(message, text=text, nested=nested)


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


def _spec_message(message: SpecMessage, origins: Origins) -> SpecMessage:
    if message.module is None or message.module not in origins:
        return message
    text = _text(message.text, origins, message.module)
    if message.line is None:
        return replace(message, text=text)
    place = origins[message.module].place(message.line, message.column or 1)
    if place.label is not None:
        text = f"in label {place.label}: {text}"
    return replace(message, text=text, line=place.line, column=place.column)


@dataclass(frozen=True, slots=True)
class Rename:
    """One symbol that the translator renamed.

    Attributes:
        name: its name in the translation, e.g. ``"S_"``.
        shown: what is shown instead, e.g. ``"A.S"``.
        was: the user's name, e.g. ``"S"``.
        kind: what it is, in the translator's words, e.g. ``"Label"``, ``"Process variable"``.
        of: the process or procedure that it belongs to, e.g. ``"process A"``; ``""`` for none.
        line: 1-based line in the user's file.
    """

    name: str
    shown: str
    was: str
    kind: str
    of: str
    module: str
    line: int

    def __str__(self) -> str:
        of = f" of {self.of}" if self.of else ""
        return f"{self.kind.lower()} {self.was}{of} ({self.module}.tla:{self.line})"


def read_renames(lines: Iterable[str]) -> tuple[Rename, ...]:
    """Read the lines of :attr:`slubtla.tlc.engine.Translation.renamed`."""
    return tuple(
        Rename(
            name=m["name"],
            shown=f"{m['owner']}.{m['was']}" if m["owner"] else m["was"],
            was=m["was"],
            kind=m["kind"],
            of=m["of"] or "",
            module=m["module"] or "",
            line=int(m["line"]),
        )
        for m in filter(None, map(_LINE.fullmatch, lines))
    )


@dataclass(frozen=True, slots=True)
class Names:
    """The names to show, by those of the translation.

    Attributes:
        strings: of labels and procedures as values of ``pc`` and ``stack``.
        fields: of the parameters and variables that a procedure saved in ``stack``.
    """

    actions: Mapping[str, str] = field(default_factory=dict)
    variables: Mapping[str, str] = field(default_factory=dict)
    strings: Mapping[str, str] = field(default_factory=dict)
    fields: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, renames: Iterable[Rename]) -> Names:
        """Return the names to show for some renamed symbols."""
        renames = tuple(renames)
        named = [each for each in renames if each.kind in {"Label", "Procedure", "Process"}]
        others = [each for each in renames if each not in named]
        return cls(
            actions={each.name: each.shown for each in named},
            variables={each.name: each.shown for each in others},
            strings={each.name: each.was for each in named if each.kind != "Process"},
            fields={each.name: each.was for each in others},
        )

    def __bool__(self) -> bool:
        return bool(self.actions or self.variables)

    def trace(self, trace: Trace) -> Trace:
        """Return a trace with the names to show."""
        if not self:
            return trace

        def shown(step: TraceStep) -> TraceStep:
            action = self.actions.get(step.action or "", step.action)
            return replace(step, action=action, values=self._state(step.values))

        return replace(trace, steps=tuple(map(shown, trace.steps)))

    def report(self, report: TlcReport) -> TlcReport:
        """Return a report whose traces and coverage have the names to show."""
        if not self:
            return report
        actions = tuple(
            replace(action, name=self.actions.get(action.name, action.name))
            for action in (report.coverage.actions if report.coverage else ())
        )
        return replace(
            report,
            trace=report.trace and self.trace(report.trace),
            violations=tuple(
                replace(violation, trace=violation.trace and self.trace(violation.trace))
                for violation in report.violations
            ),
            coverage=report.coverage and replace(report.coverage, actions=actions),
        )

    def _state(self, state: State) -> State:
        parts = (
            f"/\\ {self.variables.get(name, name)} = {self._value(name, text)}"
            for name, text in state.texts.items()
        )
        return State("\n".join(parts))

    def _value(self, variable: str, text: str) -> str:
        def string(found: re.Match[str]) -> str:
            return f'"{self.strings.get(found[1], found[1])}"'

        def in_stack(found: re.Match[str]) -> str:
            return f'{found[1]}{found[2]}"{self.strings.get(found[3], found[3])}"'

        def saved(found: re.Match[str]) -> str:
            return f"{self.fields.get(found[1], found[1])}{found[2]}"

        if variable == "pc":
            return _STRING.sub(string, text)
        if variable != "stack":
            return text
        return _FIELD.sub(saved, _IN_STACK.sub(in_stack, text))
