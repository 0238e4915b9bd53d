r"""Find the implications of invariants and properties, and say when an antecedent holds.

An invariant ``A => B`` whose ``A`` never holds proves nothing. For each implication that stands in
an invariant, as a conjunct or below ``\A``, ``LET`` or ``IF``, also in an operator that it names,
this room writes an operator that is TRUE where the antecedent holds for some values of the bound
variables::

    \A x \in S : P(x) /\ A(x) => B(x)        \E x \in S : P(x) /\ A(x)

``\A x \in S : B(x)`` is an implication, too: where S is the same in all states, it must have a
member.

In a property, ``[](A => B)`` and ``A ~> B`` count. What is not understood is passed over.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from slubtla.tlc.text.definitions import (
    Definition,
    Token,
    all_definitions,
    declared,
    source_of,
    tokens_of,
    words_of,
)
from slubtla.tlc.text.formulas import (
    Always,
    Choice,
    Formula,
    Implies,
    Junction,
    Leaf,
    Let,
    NotUnderstoodError,
    Quantified,
    parse,
)

MOST: Final = 200
"""Antecedents of one specification that are looked at."""

_DEEPEST: Final = 12
_TEMPORAL: Final = frozenset(["'", "[]", "<>", "~>", "UNCHANGED", "ENABLED"])
_NAME: Final = re.compile(r"[A-Za-z_]\w*", re.ASCII)


@dataclass(frozen=True, slots=True)
class Antecedent:
    """The antecedent of an implication.

    Attributes:
        property_name: the invariant or property of the cfg in which it stands.
        text: the antecedent, on one line.
        module: the module where it stands.
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
    """A step on the way to an antecedent: a bound variable, a guard, a LET, or a call."""

    kind: str
    tokens: tuple[Token, ...]
    parameters: tuple[str, ...] = ()


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
    tokens = (tokens_of(modules[name]) for name in extended_modules(modules))
    constants = frozenset(name for each in tokens for name in declared(each, "CONSTANT"))
    found: list[Antecedent] = []
    for names, temporal in ((invariants, False), (properties, True)):
        for name in names:
            if name in definitions:
                finder = _Finder(definitions, constants, temporal=temporal)
                for definition, implication, steps in finder.walk_definition(definitions[name], ()):
                    operator = f"{prefix}{len(found) + 1}"
                    found.append(_antecedent(name, operator, definition, implication, steps))
    return tuple(found[:most])


def visible_definitions(modules: Mapping[str, str]) -> dict[str, Definition]:
    """Return what a module that extends the root sees: its own, and those it extends.

    Definitions of modules that are instantiated are left out, and so are LOCAL ones.

    Args:
        modules: the text of the root module and of those it reaches, by name, the root first.
    """
    extended = extended_modules(modules)
    found = all_definitions({name: modules[name] for name in extended})
    return {name: definition for name, definition in found.items() if not definition.local}


def extended_modules(modules: Mapping[str, str]) -> tuple[str, ...]:
    """Return the root and the modules that it extends, directly or not, of those that are given."""
    root = next(iter(modules), None)
    reached = [] if root is None else [root]
    for name in reached:
        tokens = tokens_of(modules[name])
        places = [at for at, token in enumerate(tokens) if token.text == "EXTENDS"]
        for at in range(places[0] + 1, len(tokens), 2) if places else ():
            if tokens[at].text in modules and tokens[at].text not in reached:
                reached.append(tokens[at].text)
            if at + 1 >= len(tokens) or tokens[at + 1].text != ",":
                break
    return tuple(reached)


def is_liveness(name: str, modules: Mapping[str, str]) -> bool:
    """Whether a property says that something happens at last; True where that is not known.

    A property without ``<>``, ``~>`` and fairness, in all that it names, speaks of states and
    steps alone.
    """
    every = all_definitions(modules)
    seen: set[str] = set()
    unread = [name]
    while unread:
        here = unread.pop()
        if here in seen:
            continue
        seen.add(here)
        if here not in every:
            if here == name:
                return True
            continue
        for token in every[here].body:
            if token.text in {"<>", "~>", r"\leadsto"} or re.match(r"[WS]F_", token.text):
                return True
            unread.append(token.text)
    return False


class _Finder:
    """Walks through formulas, down to their implications."""

    def __init__(
        self, definitions: Mapping[str, Definition], constants: frozenset[str], *, temporal: bool
    ) -> None:
        self._definitions = definitions
        self._constants = constants
        self._temporal = temporal

    def walk_definition(
        self, definition: Definition, steps: tuple[_Step, ...], *, always: bool = False
    ) -> Iterator[tuple[Definition, Implies, tuple[_Step, ...]]]:
        if len(steps) > _DEEPEST:
            return
        try:
            formula = parse(definition.body)
        except NotUnderstoodError:
            return
        yield from self._walk(formula, definition, steps, always=always)

    def _walk(
        self, formula: Formula, where: Definition, steps: tuple[_Step, ...], *, always: bool
    ) -> Iterator[tuple[Definition, Implies, tuple[_Step, ...]]]:
        match formula:
            case Junction("and", items):
                for item in items:
                    yield from self._walk(item, where, steps, always=always)
            case Quantified("A", tokens, body) if any(t.text == "\\in" for t in tokens):
                inner = (*steps, _Step("some", tokens))
                found = tuple(self._walk(body, where, inner, always=always))
                if not found and self._is_of_constants(tokens):
                    yield where, Implies(tokens, body), inner  # x \in S => …
                yield from found
            case Let(tokens, body):
                yield from self._walk(body, where, (*steps, _Step("let", tokens)), always=always)
            case Choice():
                yield from self._walk_choice(formula, where, steps, always=always)
            case Always(body):
                yield from self._walk(body, where, steps, always=True)
            case Implies(left, right, leads) if self._counts(left, always=always or leads):
                yield where, formula, steps
                inner = (*steps, _Step("guard", left))
                yield from self._walk(right, where, inner, always=always)
            case Leaf(tokens):
                yield from self._expand(tokens, steps, always=always)

    def _is_of_constants(self, bounds: tuple[Token, ...]) -> bool:
        r"""Whether the sets of ``x \in S, y \in T`` are seen to be the same in all states."""
        words = {token.text for token in bounds}
        own = {a.text for a, b in pairwise(bounds) if b.text in {",", "\\in"}}
        names = {word for word in words if _NAME.fullmatch(word)} - own
        seen: set[str] = set()
        while names:
            name = names.pop()
            if name in self._definitions and not self._definitions[name].parameters:
                body = self._definitions[name].body
                names |= {t.text for t in body if _NAME.fullmatch(t.text)} - seen
            elif name not in self._constants:
                return False
            seen.add(name)
        return True

    def _walk_choice(
        self, choice: Choice, where: Definition, steps: tuple[_Step, ...], *, always: bool
    ) -> Iterator[tuple[Definition, Implies, tuple[_Step, ...]]]:
        if isinstance(choice.otherwise, Leaf) and words_of(choice.otherwise.tokens) == "TRUE":
            disguised = Implies(choice.condition, choice.then)
            yield from self._walk(disguised, where, steps, always=always)
            return
        for kind, branch in (("guard", choice.then), ("unless", choice.otherwise)):
            inner = (*steps, _Step(kind, choice.condition))
            yield from self._walk(branch, where, inner, always=always)

    def _counts(self, left: tuple[Token, ...], *, always: bool) -> bool:
        """Whether an implication speaks of every state, and its antecedent of a single one."""
        return not self._temporal or (always and not self._is_temporal(left))

    def _expand(
        self, tokens: tuple[Token, ...], steps: tuple[_Step, ...], *, always: bool
    ) -> Iterator[tuple[Definition, Implies, tuple[_Step, ...]]]:
        """Go on in the operator that a conjunct names."""
        definition = self._definitions.get(tokens[0].text)
        if definition is None or definition.parameters is None:
            return
        rest = tokens[1:]
        if not rest and not definition.parameters:
            inner = (*steps, _Step("call", ()))
            yield from self.walk_definition(definition, inner, always=always)
        elif len(rest) > 2 and rest[0].text == "(" and rest[-1].text == ")":  # noqa: PLR2004
            depth = 0
            for token in rest[:-1]:
                depth += (token.text == "(") - (token.text == ")")
                if depth == 0:
                    return
            inner = (*steps, _Step("call", rest[1:-1], definition.parameters))
            yield from self.walk_definition(definition, inner, always=always)

    def _is_temporal(self, tokens: tuple[Token, ...]) -> bool:
        seen: set[str] = set()
        unread = [token.text for token in tokens]
        while unread:
            word = unread.pop()
            if word in _TEMPORAL or re.match(r"[WS]F_", word):
                return True
            if word in self._definitions and word not in seen:
                seen.add(word)
                unread += [token.text for token in self._definitions[word].body]
        return False


def _antecedent(
    name: str,
    operator: str,
    where: Definition,
    implication: Implies,
    steps: tuple[_Step, ...],
) -> Antecedent:
    """Write the operators of an antecedent, from the inside out."""
    operators: list[tuple[str, str]] = []
    text = f"(\n{source_of(implication.left)}\n)"
    if steps and steps[-1].kind == "some" and steps[-1].tokens is implication.left:
        text = "TRUE"  # whether the sets have members at all
    for step in reversed(steps):
        inner = source_of(step.tokens)
        match step.kind:
            case "some":
                text = f"(\\E\n{inner}\n:\n{text})"
            case "guard":
                text = f"((\n{inner}\n) /\\ {text})"
            case "unless":
                text = f"(~(\n{inner}\n) /\\ {text})"
            case "let":
                text = f"(LET\n{inner}\nIN\n{text})"
            case _:
                own = f"{operator}_{len(operators) + 1}"
                parameters = f"({', '.join(step.parameters)})" if step.parameters else ""
                operators.append((f"{own}{parameters}", text))
                text = f"{own}(\n{inner}\n)" if step.parameters else own
    return Antecedent(
        property_name=name,
        text=words_of(implication.left),
        module=where.module,
        line=implication.left[0].line,
        operators=(*operators, (operator, text)),
    )
