r"""Find implications in checked properties, and write when their antecedents hold.

An invariant ``A => B`` whose ``A`` never holds proves nothing. For each implication that stands in
an invariant, as a conjunct or below ``\A``, ``LET`` or ``IF``, also in an operator that it names,
an operator is written that is TRUE where the antecedent holds for some values of the bound
variables::

    \A x \in S : P(x) /\ A(x) => B(x)        \E x \in S : P(x) /\ A(x)

``\A x \in S : B(x)`` is an implication, too: where S is the same in all states, it must have a
member. In a property, ``[](A => B)`` and ``A ~> B`` count. What is not understood is passed over.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Final, TypeAlias

from slubtla.tlc.text.behaviour import is_temporal, speaks_of_steps, words_read
from slubtla.tlc.text.formulas import Formula, NotUnderstoodError, call_of, parse
from slubtla.tlc.text.tla import (
    NAME,
    Definition,
    Token,
    names_declared,
    source_of,
    texts_of,
    visible_definitions,
    words_of,
    words_reached,
)

MOST: Final = 200
"""Antecedents of one specification that are looked at."""

_DEEPEST: Final = 12


@dataclass(frozen=True, slots=True)
class Antecedent:
    """The antecedent of an implication.

    Attributes:
        property_name: the invariant or property of the cfg in which it stands.
        text: the antecedent, on one line.
        line: its line there, 1-based; of a PlusCal module in the translated text.
        operators: definitions, the last of which is TRUE where it holds; each is the name with its
            parameters, and the body.
    """

    property_name: str
    text: str
    module: str
    line: int
    operators: tuple[tuple[str, str], ...]

    @property
    def operator(self) -> str:
        """The name of the operator that is TRUE where it holds."""
        return self.operators[-1][0]


@dataclass(frozen=True, slots=True)
class _Step:
    r"""A step on the way to an antecedent.

    ``kind`` is ``\A`` (bounds), ``=>`` or ``~`` (a condition that holds, or does not), ``LET``
    (definitions), or ``call`` (the arguments of an operator with these parameters).
    """

    kind: str
    tokens: tuple[Token, ...]
    parameters: tuple[str, ...] = ()


_Steps: TypeAlias = tuple[_Step, ...]
_Found: TypeAlias = Iterator[tuple[Definition, Formula, _Steps]]


def find_antecedents(
    modules: Mapping[str, str],
    invariants: tuple[str, ...],
    properties: tuple[str, ...],
    prefix: str,
    *,
    most: int | None = MOST,
) -> tuple[Antecedent, ...]:
    """Return the antecedents of the named invariants and properties, in their order.

    Args:
        modules: the text of the root module and of those it reaches, by name, the root first.
        invariants: names of state predicates.
        properties: names of temporal formulas.
        prefix: what the names of the operators begin with; they are numbered.
        most: how many at most; None for all.
    """
    definitions = visible_definitions(modules)
    constants = frozenset(names_declared(modules, "CONSTANT"))
    found: list[Antecedent] = []
    for names, temporal in ((invariants, False), (properties, True)):
        for name in names:
            if name in definitions:
                finder = _Finder(definitions, constants, temporal=temporal)
                for definition, implication, steps in finder.in_definition(name, (), always=False):
                    operator = f"{prefix}{len(found) + 1}"
                    found.append(_antecedent(name, operator, definition, implication, steps))
    return tuple(found[:most])


class _Finder:
    """Walks through formulas, down to their implications; ``always`` is set below ``[]``."""

    def __init__(
        self, definitions: Mapping[str, Definition], constants: frozenset[str], *, temporal: bool
    ) -> None:
        self._definitions = definitions
        self._constants = constants
        self._temporal = temporal

    def in_definition(self, name: str, steps: _Steps, *, always: bool) -> _Found:
        definition = self._definitions[name]
        with contextlib.suppress(NotUnderstoodError):
            if len(steps) <= _DEEPEST:
                yield from self._walk(parse(definition.body), definition, steps, always=always)

    def _walk(self, formula: Formula, where: Definition, steps: _Steps, *, always: bool) -> _Found:
        tokens = formula.tokens
        match formula.kind:
            case "and" | "[]":
                for item in formula.items:
                    yield from self._walk(item, where, steps, always=always or formula.kind == "[]")
            case "\\A" if "\\in" in texts_of(tokens):
                yield from self._below_quantifier(formula, where, steps, always=always)
            case "LET":
                inner = (*steps, _Step("LET", tokens))
                yield from self._walk(formula.items[0], where, inner, always=always)
            case "IF" if words_of(formula.items[1].tokens) == "TRUE":
                disguised = Formula("=>", tokens, formula.items[:1])
                yield from self._walk(disguised, where, steps, always=always)
            case "IF":
                for kind, branch in zip(("=>", "~"), formula.items, strict=True):
                    inner = (*steps, _Step(kind, tokens))
                    yield from self._walk(branch, where, inner, always=always)
            case "=>" | "~>" if self._counts(formula, always=always):
                yield where, formula, steps
                inner = (*steps, _Step("=>", tokens))
                yield from self._walk(formula.items[0], where, inner, always=always)
            case "leaf":
                yield from self._in_operator(tokens, steps, always=always)

    def _below_quantifier(
        self, formula: Formula, where: Definition, steps: _Steps, *, always: bool
    ) -> _Found:
        inner = (*steps, _Step("\\A", formula.tokens))
        found = tuple(self._walk(formula.items[0], where, inner, always=always))
        if not found and self._is_constant(formula.tokens):
            yield where, formula, inner  # x \in S => …
        yield from found

    def _is_constant(self, bounds: tuple[Token, ...]) -> bool:
        r"""Whether the sets of ``x \in S, y \in T`` are seen to be the same in all states."""
        own = {a.text for a, b in pairwise(bounds) if b.text in {",", "\\in"}}
        plain = {name: each for name, each in self._definitions.items() if not each.parameters}
        names = words_reached(set(texts_of(bounds)) - own, plain)
        return all(n in plain or n in self._constants for n in names if NAME.fullmatch(n))

    def _counts(self, implication: Formula, *, always: bool) -> bool:
        """Whether an implication speaks of every state, and its antecedent of a single one."""
        if not self._temporal:
            return True
        words = words_read(implication.tokens)
        of_a_state = not (
            is_temporal(words, self._definitions) or speaks_of_steps(words, self._definitions)
        )
        return of_a_state and (always or implication.kind == "~>")

    def _in_operator(self, tokens: tuple[Token, ...], steps: _Steps, *, always: bool) -> _Found:
        """Go on in the operator that a conjunct names, if it is that operator alone."""
        name, arguments = call_of(tokens) or ("", ())
        definition = self._definitions.get(name)
        if definition is None or definition.parameters is None:
            return
        if bool(arguments) is bool(definition.parameters):
            call = _Step("call", arguments, definition.parameters)
            yield from self.in_definition(name, (*steps, call), always=always)


def _antecedent(
    name: str, operator: str, where: Definition, implication: Formula, steps: _Steps
) -> Antecedent:
    """Write the operators of an antecedent, from the inside out."""
    operators: list[tuple[str, str]] = []
    text = f"(\n{source_of(implication.tokens)}\n)"
    if implication.kind == "\\A":
        text = "TRUE"  # whether the sets have members at all
    for step in reversed(steps):
        inner = source_of(step.tokens)
        match step.kind:
            case "\\A":
                text = f"(\\E\n{inner}\n:\n{text})"
            case "=>":
                text = f"((\n{inner}\n) /\\ {text})"
            case "~":
                text = f"(~(\n{inner}\n) /\\ {text})"
            case "LET":
                text = f"(LET\n{inner}\nIN\n{text})"
            case _:
                own = f"{operator}_{len(operators) + 1}"
                parameters = f"({', '.join(step.parameters)})" if step.parameters else ""
                operators.append((f"{own}{parameters}", text))
                text = f"{own}(\n{inner}\n)" if step.parameters else own
    return Antecedent(
        property_name=name,
        text=words_of(implication.tokens),
        module=where.module,
        line=implication.tokens[0].line,
        operators=(*operators, (operator, text)),
    )
