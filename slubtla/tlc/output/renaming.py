r"""Show the user's names where the PlusCal translator renamed a symbol.

Two processes may have a label, a parameter or a local variable of the same name. The translator
then renames one of them, and says so in the translation::

    \* Label S of process A at line 6 col 4 changed to S_

What is shown is ``A.S`` then, and ``"S"`` where the label is a value of ``pc``. Format of the line:
``pcal.PcalSymTab.Disambiguate`` of tla2tools.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from slubtla.tlc.output import State, TlcReport, Trace

_LINE: Final = re.compile(
    r"(?:(?P<module>\w+): )?(?P<kind>[A-Z][a-z]+(?: variable)?) (?P<was>\w+)"
    r"(?: of (?P<of>(?:process|procedure) (?P<owner>\w+)))?"
    r" at line (?P<line>\d+) col (?P<column>\d+) changed to (?P<name>\w+)"
)
_STRING: Final = re.compile(r'"(\w+)"')
_FIELD: Final = re.compile(r"\b(\w+)(\s+\|->)")
_IN_STACK: Final = re.compile(r'\b(pc|procedure)(\s+\|->\s+)"(\w+)"')


@dataclass(frozen=True, slots=True)
class Rename:
    """One symbol that the translator renamed.

    Attributes:
        name: its name in the translation, e.g. ``"S_"``.
        was: the user's name, e.g. ``"S"``.
        kind: what it is, in the translator's words, e.g. ``"Label"``, ``"Process variable"``.
        of: the process or procedure that it belongs to, e.g. ``"process A"``; ``""`` for none.
        module: the module.
        line: 1-based line in the user's file.
    """

    name: str
    was: str
    kind: str
    of: str
    module: str
    line: int

    @property
    def shown(self) -> str:
        """What is shown instead: ``A.S``."""
        owner = self.of.rpartition(" ")[2]
        return f"{owner}.{self.was}" if owner else self.was

    def __str__(self) -> str:
        of = f" of {self.of}" if self.of else ""
        return f"{self.kind.lower()} {self.was}{of} ({self.module}.tla:{self.line})"


def read_renames(lines: Iterable[str]) -> tuple[Rename, ...]:
    """Read the translator's lines; those in another form are left out.

    Args:
        lines: as in :attr:`slubtla.tlc.engine.Translation.renamed`.
    """
    found = (_LINE.fullmatch(line) for line in lines)
    return tuple(
        Rename(m["name"], m["was"], m["kind"], m["of"] or "", m["module"] or "", int(m["line"]))
        for m in found
        if m is not None
    )


@dataclass(frozen=True, slots=True)
class Names:
    """The names to show.

    Attributes:
        actions: name of an action in the translation to the name to show.
        variables: likewise for variables.
        strings: likewise for labels and procedures as values of ``pc`` and ``stack``.
        fields: likewise for the parameters and variables that a procedure saved in ``stack``.
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
        steps = tuple(
            replace(
                step,
                action=self.actions.get(step.action or "", step.action),
                values=self._state(step.values),
            )
            for step in trace.steps
        )
        return replace(trace, steps=steps)

    def report(self, report: TlcReport) -> TlcReport:
        """Return a report whose traces and coverage have the names to show."""
        if not self:
            return report
        coverage = report.coverage and replace(
            report.coverage,
            actions=tuple(
                replace(action, name=self.actions.get(action.name, action.name))
                for action in report.coverage.actions
            ),
        )
        return replace(
            report,
            trace=report.trace and self.trace(report.trace),
            violations=tuple(
                replace(violation, trace=violation.trace and self.trace(violation.trace))
                for violation in report.violations
            ),
            coverage=coverage,
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
