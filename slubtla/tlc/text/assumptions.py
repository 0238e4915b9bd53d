"""Which assumptions of a specification TLC evaluates, and which it leaves alone.

TLC evaluates those of the root module and of the modules that it extends. It evaluates no ``AXIOM``
(``tlc2.tool.impl.SpecProcessor`` keeps them apart), nothing in a module that is instantiated, or in
one within another module; and the ``ASSUME`` of a theorem (``ASSUME … PROVE``) is none.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final, NamedTuple

from slubtla.tlc.text.antecedents import extended_modules
from slubtla.tlc.text.definitions import Token, tokens_of

_ASSUMING: Final = frozenset(["ASSUME", "ASSUMPTION", "AXIOM"])
_WITHIN: Final = frozenset(
    [
        *("==", ",", ".", "(", ":", ">", "PROVE", "SUFFICES", "HAVE"),
        *("THEOREM", "LEMMA", "PROPOSITION", "COROLLARY"),
    ]
)
"""What stands before the ``ASSUME`` of a theorem or of a step of its proof."""


class Assumption(NamedTuple):
    """An assumption: its keyword, its place, and whether TLC evaluates it."""

    word: str
    module: str
    line: int
    evaluated: bool


def assumptions_of(modules: Mapping[str, str]) -> tuple[Assumption, ...]:
    """Return the assumptions of some modules, in their order.

    Args:
        modules: the text of the root module and of those it reaches, by name, the root first.
    """
    extended = extended_modules(modules)
    return tuple(
        Assumption(token.text, name, token.line, outermost and token.text != "AXIOM")
        for name, text in modules.items()
        for token, outermost in _assumed(tokens_of(text), seen=name in extended)
    )


def _assumed(tokens: Sequence[Token], *, seen: bool) -> Iterator[tuple[Token, bool]]:
    depth = 0
    for at, token in enumerate(tokens):
        before = tokens[at - 1].text if at else ""
        depth += token.text == "MODULE" and before.startswith("----")
        depth -= token.text.startswith("====")
        if token.text in _ASSUMING and before not in _WITHIN and not _is_of_a_theorem(tokens, at):
            yield token, seen and depth <= 1


def _is_of_a_theorem(tokens: Sequence[Token], at: int) -> bool:
    """Whether a ``PROVE`` belongs to it."""
    for token in tokens[at + 1 :]:
        if token.text == "PROVE":
            return True
        if token.text in _ASSUMING:
            return False
    return False
