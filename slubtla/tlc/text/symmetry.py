r"""Look in the texts for what distinguishes members of a cfg's SYMMETRY sets.

TLC does not check it. It is none where the specification distinguishes members of the set: by a
constant that names one of them, or by ``CHOOSE``, which always takes the same arbitrary one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import accumulate, combinations
from typing import Final, TypeAlias

from slubtla.tlc.text.cfg import Cfg
from slubtla.tlc.text.tla import (
    CLOSERS,
    OPENERS,
    Definition,
    Token,
    all_definitions,
    declared,
    definitions_of,
    extended_modules,
    texts_of,
    tokens_of,
    words_reached,
)

_NAME: Final = re.compile(r"\w+", re.ASCII)
_FAR: Final = 200  # tokens of a CHOOSE that are looked at
_ORDERS: Final = frozenset(["<", ">", "<=", ">=", "=<", r"\leq", r"\geq"])
_NOT_ALWAYS: Final = frozenset(["==", "\\/", r"\lor", "=>", r"\implies", "IF", "CASE"])
"""Behind these TLC may not evaluate what it would fail on."""

CfgValue: TypeAlias = "str | frozenset[CfgValue]"
"""A value of the cfg: a word, or a set."""


def why_not_symmetric(cfg: Cfg, modules: Mapping[str, str]) -> Iterator[str]:
    """Yield what may distinguish members of the symmetric sets, a sentence each."""
    definitions = all_definitions(modules)
    for symmetry in cfg.symmetry:
        names = tuple(_permuted(symmetry, definitions))
        members = {name: _members(name, cfg, definitions) for name in names}
        unknown = [name for name, values in members.items() if not values]
        if unknown or not names:
            what = f"the values of {', '.join(unknown)}" if any(unknown) else "the permuted sets"
            yield f"SYMMETRY {symmetry}: {what} cannot be read, so it may be none"
            continue
        for name, values in members.items():
            for constant, value in cfg.constants.items():
                used = value not in values or any(_uses(constant, cfg, values, modules))
                if constant != name and used and not _is_fixed(_set_of(value.split()), values):
                    shared = sorted(values & set(_NAME.findall(value)))
                    which = "a member" if len(shared) == 1 else "some members"
                    yield (
                        f"SYMMETRY {symmetry} is none: the constant {constant} names "
                        f"{', '.join(shared)}, {which} of {name}: states in which members are "
                        "exchanged are not alike"
                    )
        yield from _chosen(symmetry, names, modules)


def _permuted(symmetry: str, definitions: Mapping[str, Definition]) -> Iterator[str]:
    """The names S of ``Permutations(S)`` in a definition, and in those that it names."""
    for name in sorted(words_reached([symmetry], definitions) & definitions.keys()):
        body = texts_of(definitions[name].body)
        for at, word in enumerate(body):
            if word == "Permutations":
                argument = body[at + 1 : at + 4]
                yield argument[1] if argument[::2] == ["(", ")"] else ""


def _members(name: str, cfg: Cfg, definitions: Mapping[str, Definition]) -> frozenset[str]:
    """The model values of a set; empty where it is no plain set of names."""
    name = cfg.replacements.get(name, name)
    words: list[str] = []
    if name in cfg.constants:
        words = cfg.constants[name].split()
    elif name in definitions:
        words = [cfg.constants.get(token.text, token.text) for token in definitions[name].body]
    found = _set_of(words)
    if not isinstance(found, frozenset):
        return frozenset()
    plain = [each for each in found if isinstance(each, str) and _NAME.fullmatch(each)]
    return frozenset(plain) if len(plain) == len(found) else frozenset()


def _set_of(words: Sequence[str]) -> CfgValue:
    """Read a set of sets of names, however deep; what is none is one word."""
    stack: list[list[CfgValue]] = [[]]
    for word in words:
        if word == "{":
            stack.append([])
        elif word == "}" and len(stack) > 1:
            last = stack.pop()
            stack[-1].append(frozenset(last))
        elif word != ",":
            stack[-1].append(word)
    whole = len(stack) == 1 and len(stack[0]) == 1
    return stack[0][0] if whole else " ".join(words)


def _is_fixed(value: CfgValue, values: frozenset[str]) -> bool:
    """Whether a value stays the same however the members of a symmetric set are exchanged."""
    if isinstance(value, str) and value not in values:  # a word, or no set
        return not values & set(_NAME.findall(value))
    return all(_exchange(value, one, other) == value for one, other in combinations(values, 2))


def _exchange(value: CfgValue, one: str, other: str) -> CfgValue:
    if isinstance(value, frozenset):
        return frozenset(_exchange(each, one, other) for each in value)
    return {one: other, other: one}.get(value, value)


def _uses(
    constant: str, cfg: Cfg, values: frozenset[str], modules: Mapping[str, str]
) -> Iterator[Token]:
    """The places where a constant is used, but for sets that an exchange of members leaves alone.

    TLC's Toolbox declares a constant for each model value, and defines the sets with them.
    """
    for module in modules:
        seen = extended_modules({module: modules[module]} | dict(modules))
        if not any(constant in declared(tokens_of(modules[each]), "CONSTANT") for each in seen):
            continue
        tokens = tokens_of(modules[module])
        harmless: set[Token] = set()
        for definition in definitions_of(module, modules[module]).values():
            words = [cfg.constants.get(token.text, token.text) for token in definition.body]
            found = _set_of(words)
            if isinstance(found, frozenset) and _is_fixed(found, values):
                harmless |= set(definition.body)
        for at, token in enumerate(tokens):
            if token.text == constant and token not in harmless and not _is_declared(tokens, at):
                yield token


def _is_declared(tokens: Sequence[Token], at: int) -> bool:
    """Whether a name stands in a list after CONSTANT."""
    before = at - 1
    while before >= 1 and tokens[before].text == ",":
        before -= 2
    return before >= 0 and tokens[before].text in {"CONSTANT", "CONSTANTS"}


def _chosen(symmetry: str, names: Sequence[str], modules: Mapping[str, str]) -> Iterator[str]:
    for module, text in modules.items():
        each = tokens_of(text)
        for at, token in enumerate(each):
            if token.text == "ToString":
                yield (
                    f"SYMMETRY {symmetry} may be none: ToString ({module}.tla:{token.line}) "
                    f"distinguishes the members of {' or '.join(names)} by their names"
                )
            if token.text == "CHOOSE" and _may_take_a_member(each[at + 1 :]):
                yield (
                    f"SYMMETRY {symmetry} may be none: CHOOSE ({module}.tla:{token.line}) takes "
                    f"one and the same of {' or '.join(names)}, unless only one fits"
                )


def _may_take_a_member(tokens: Sequence[Token]) -> bool:
    r"""Whether ``CHOOSE x \in S : P`` may choose a member of a symmetric set.

    It does not where S is made of numbers, or P compares by order; and TLC cannot evaluate a
    CHOOSE that has no S.
    """
    words = [token.text for token in tokens[:_FAR]]
    if ":" not in words or "\\in" not in words[: words.index(":")]:
        return False
    colon = words.index(":")
    if _is_of_numbers(words[words.index("\\in") + 1 : colon]):
        return False
    variable, depth = words[0], 0
    for at in range(colon, len(words) - 1):
        depth += (words[at] in OPENERS) - (words[at] in CLOSERS)
        bound_again = words[at] in {"\\A", "\\E", "CHOOSE"} and words[at + 1] == variable
        if depth < 0 or bound_again or words[at] in _NOT_ALWAYS:
            break
        if words[at] in _ORDERS and variable in {words[at - 1], words[at + 1]}:
            return False  # TLC orders numbers alone
    return True


def _is_of_numbers(words: Sequence[str]) -> bool:
    if any(word.startswith("\\") and word != "\\" for word in words):  # \X, \cup, …
        return False
    depths = accumulate((word in OPENERS) - (word in CLOSERS) for word in words)
    outside = [word for word, depth in zip(words, depths, strict=True) if not depth]
    return ".." in outside or (len(words) == 1 and words[0] in {"Nat", "Int", "BOOLEAN"})
