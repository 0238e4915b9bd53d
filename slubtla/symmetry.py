r"""Whether the SYMMETRY of a cfg is one, as far as the texts show.

TLC believes it. It is none where the specification tells members of the set apart: by a constant
that names one of them, or by ``CHOOSE``, which takes an arbitrary one and always the same.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from slubtla.engine.definitions import Definition, Token
from slubtla.tlc.cfg import Cfg

_NAME: Final = re.compile(r"\w+", re.ASCII)
_FAR: Final = 200  # tokens of a CHOOSE that are looked at
_OPENERS: Final = frozenset(["(", "[", "{", "<<"])
_CLOSERS: Final = frozenset([")", "]", "}", ">>"])
_ORDERS: Final = frozenset(["<", ">", "<=", ">=", "=<", r"\leq", r"\geq"])
_DECLARING: Final = frozenset(["CONSTANT", "CONSTANTS"])


def why_not_symmetric(
    cfg: Cfg,
    tokens: Mapping[str, Sequence[Token]],
    definitions: Mapping[str, Definition],
) -> Iterator[str]:
    """Yield what may tell members of the symmetric sets apart; nothing where nothing is seen.

    Args:
        cfg: what the cfg says.
        tokens: of each module, by name.
        definitions: of all modules.
    """
    for symmetry in cfg.symmetry:
        names = tuple(_permuted(symmetry, definitions))
        members = {name: _members(name, cfg, definitions) for name in names}
        unknown = [name for name, values in members.items() if not values]
        if not names or unknown:
            what = f"the values of {', '.join(unknown)}" if unknown else "the permuted sets"
            yield f"SYMMETRY {symmetry}: {what} cannot be read, so it may be none"
            continue
        for name, values in members.items():
            yield from _named_members(symmetry, name, values, cfg, tokens, definitions)
        yield from _chosen(symmetry, names, tokens)


def _permuted(symmetry: str, definitions: Mapping[str, Definition]) -> Iterator[str]:
    """The names S of ``Permutations(S)`` in a definition, and in those that it names."""
    seen: set[str] = set()
    unread = [symmetry]
    while unread:
        name = unread.pop()
        if name in seen or name not in definitions:
            continue
        seen.add(name)
        body = definitions[name].body
        for at, token in enumerate(body):
            if token.text == "Permutations" and at + 2 < len(body):
                plain = at + 3 < len(body) and body[at + 3].text == ")"
                yield body[at + 2].text if plain else ""
            elif token.text in definitions and (at < 2 or body[at - 2].text != "Permutations"):  # noqa: PLR2004
                unread.append(token.text)


def _members(name: str, cfg: Cfg, definitions: Mapping[str, Definition]) -> frozenset[str]:
    """The model values of a set; empty where it is no plain set of names."""
    name = cfg.replacements.get(name, name)
    if name in cfg.constants:
        words = cfg.constants[name].split()
    elif name in definitions:
        words = [token.text for token in definitions[name].body]
        words = [cfg.constants.get(word, word) for word in words]
    else:
        return frozenset()
    if len(words) < 2 or (words[0], words[-1]) != ("{", "}"):  # noqa: PLR2004
        return frozenset()
    inner = [word for word in words[1:-1] if word != ","]
    return frozenset(inner) if all(map(_NAME.fullmatch, inner)) else frozenset()


def _named_members(  # noqa: PLR0913, PLR0917  # what they are compared with
    symmetry: str,
    name: str,
    values: frozenset[str],
    cfg: Cfg,
    tokens: Mapping[str, Sequence[Token]],
    definitions: Mapping[str, Definition],
) -> Iterator[str]:
    for constant, value in cfg.constants.items():
        if constant == name:
            continue
        words = set(_NAME.findall(value))
        shared = sorted(values & words)
        if not shared:
            continue
        plain = value.startswith("{") and value.count("{") == 1
        if plain and values <= words:
            continue  # a set that holds them all tells none from another
        if value == shared[0] and not _is_used(constant, cfg, name, tokens, definitions):
            continue
        yield (
            f"SYMMETRY {symmetry} is none: the constant {constant} names {', '.join(shared)}, "
            f"a member of {name}, so that states are not alike when members are exchanged"
        )


def _is_used(
    constant: str,
    cfg: Cfg,
    name: str,
    tokens: Mapping[str, Sequence[Token]],
    definitions: Mapping[str, Definition],
) -> bool:
    """Whether a constant is used elsewhere than in the definition of the symmetric set itself."""
    own = definitions.get(cfg.replacements.get(name, name))
    inside = set() if own is None else {(own.module, token) for token in own.body}
    return any(
        token.text == constant and not _is_declared(each, at) and (module, token) not in inside
        for module, each in tokens.items()
        for at, token in enumerate(each)
    )


def _is_declared(tokens: Sequence[Token], at: int) -> bool:
    """Whether a name stands in a list after CONSTANT."""
    before = at - 1
    while before >= 1 and tokens[before].text == ",":
        before -= 2
    return before >= 0 and tokens[before].text in _DECLARING


def _chosen(
    symmetry: str, names: Sequence[str], tokens: Mapping[str, Sequence[Token]]
) -> Iterator[str]:
    for module, each in tokens.items():
        for at, token in enumerate(each):
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
        depth += (words[at] in _OPENERS) - (words[at] in _CLOSERS)
        bound_again = words[at] in {"\\A", "\\E", "CHOOSE"} and words[at + 1] == variable
        if depth < 0 or bound_again or words[at] == "==":
            break
        if words[at] in _ORDERS and variable in {words[at - 1], words[at + 1]}:
            return False  # TLC orders numbers alone
    return True


def _is_of_numbers(words: Sequence[str]) -> bool:
    depth = 0
    for word in words:
        depth += (word in _OPENERS) - (word in _CLOSERS)
        if word == ".." and not depth:
            return True
    return len(words) == 1 and words[0] in {"Nat", "Int", "BOOLEAN"}
