"""Split a TLA+ module into tokens with their places, and into its definitions."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from slubtla.tlc.text.code import blank_comments

_TOKEN: Final = re.compile(
    r"""(?P<string>"(?:[^"\\\n]|\\.)*")
    |(?P<line>-{4,}|={4,})
    |(?P<word>(?:\d*[A-Za-z_]\w*|\d+))
    |(?P<symbol>/\\|\\/|\\[A-Za-z]+|\|->|-\+->|<=>|=>|~>|<<|>>|\[\]|<>|<-|->|==|=<|<=|>=|/=
      |\.\.\.?|::=|:=|:>|<:|@@|\((?:\+|-|\.|/|\\X)\)|\|\||\|-|-\||\|=|=\||&&|!!|\#\#|\$\$|%%|\^\^
      |\?\?|\*\*|//|--|\+\+|\^[+*\#]|\S)""",
    re.VERBOSE | re.ASCII,
)

_NAME: Final = re.compile(r"[A-Za-z_]\w*", re.ASCII)
_OPERATOR: Final = re.compile(r"\\[A-Za-z]+|[^\w\s)\]}>\"'=,-]+|-|\(\S+\)")

_UNITS: Final = frozenset(
    [
        "VARIABLE",
        "VARIABLES",
        "CONSTANT",
        "CONSTANTS",
        "ASSUME",
        "ASSUMPTION",
        "AXIOM",
        "THEOREM",
        "LEMMA",
        "PROPOSITION",
        "COROLLARY",
        "RECURSIVE",
        "LOCAL",
        "EXTENDS",
        "MODULE",
        "PROOF",
        "BY",
        "OBVIOUS",
        "OMITTED",
        "USE",
        "HIDE",
        "DEFINE",
    ]
)
"""Words that begin a part of a module, and so end the definition before."""


@dataclass(frozen=True, slots=True)
class Token:
    """A token with its place: line and column, both 1-based."""

    text: str
    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Definition:
    """A definition of a module.

    Attributes:
        name: of the operator.
        parameters: their names; None where one is an operator, or it is a function.
        body: its tokens.
        module: where it stands.
        local: whether only that module sees it.
    """

    name: str
    parameters: tuple[str, ...] | None
    body: tuple[Token, ...]
    module: str
    local: bool


@functools.lru_cache(maxsize=64)
def tokens_of(text: str) -> tuple[Token, ...]:
    """Split the code of a module into tokens; comments are left out.

    Columns are those of SANY: a tab goes to the next multiple of 8.
    """
    found: list[Token] = []
    shown = "\n".join(line.expandtabs(8) for line in text.split("\n"))
    for number, line in enumerate(blank_comments(shown).split("\n"), 1):
        found += [Token(m[0], number, m.start() + 1) for m in _TOKEN.finditer(line)]
    return tuple(found)


def definitions_of(module: str, text: str) -> dict[str, Definition]:
    """Return the definitions of a module; one whose name is defined twice is left out."""
    tokens = tokens_of(text)
    starts = [(at, *_head(tokens, at)) for at in _defining(tokens)]
    found: dict[str, Definition] = {}
    twice: set[str] = set()
    for number, (at, begin, parameters) in enumerate(starts):
        limit = starts[number + 1][1] if number + 1 < len(starts) else len(tokens)
        end = at + 1
        while end < limit and not _ends_unit(tokens, end):
            end += 1
        name = tokens[begin].text
        if name in found:
            twice.add(name)
        local = begin > 0 and tokens[begin - 1].text == "LOCAL"
        found[name] = Definition(name, parameters, tokens[at + 1 : end], module, local)
    return {name: definition for name, definition in found.items() if name not in twice}


def _defining(tokens: Sequence[Token]) -> Iterator[int]:
    """The places of ``==`` that stand in no LET."""
    depth = 0
    for at, token in enumerate(tokens):
        depth += (token.text == "LET") - (token.text == "IN")
        if token.text == "==" and depth <= 0:
            depth = 0
            yield at


def _head(tokens: Sequence[Token], at: int) -> tuple[int, tuple[str, ...] | None]:
    """Where the definition before ``==`` begins, and its parameters."""
    before = at - 1
    if before < 0 or tokens[before].text not in {")", "]"}:
        infix = before > 1 and _OPERATOR.fullmatch(tokens[before - 1].text)  # a \prec b == …
        return (before - 2, None) if infix else (max(before, 0), ())
    opener = "(" if tokens[before].text == ")" else "["
    depth, place = 0, before
    while place > 0:
        depth += (tokens[place].text in {")", "]"}) - (tokens[place].text in {"(", "["})
        if depth == 0:
            break
        place -= 1
    inner = [token.text for token in tokens[place + 1 : before] if token.text != ","]
    simple = opener == "(" and all(re.fullmatch(r"[A-Za-z_]\w*", word) for word in inner)
    return max(place - 1, 0), tuple(inner) if simple and "_" not in inner else None


def _ends_unit(tokens: Sequence[Token], at: int) -> bool:
    token = tokens[at]
    if token.text in _UNITS or token.text[:4] in {"----", "===="}:
        return True
    # INSTANCE within `M == INSTANCE N` belongs to the definition
    return token.text == "INSTANCE" and tokens[at - 1].text != "=="


def all_definitions(modules: Mapping[str, str]) -> dict[str, Definition]:
    """Return the definitions of several modules, the first of which wins.

    Args:
        modules: text by name, the root module first.
    """
    found: dict[str, Definition] = {}
    for module, text in modules.items():
        found = definitions_of(module, text) | found
    return found


def source_of(tokens: Sequence[Token]) -> str:
    """Write tokens as they stood: every line with its columns, so that bullets stay aligned."""
    lines: list[str] = []
    last = 0
    for token in tokens:
        if token.line != last:
            lines.append("")
            last = token.line
        lines[-1] = lines[-1].ljust(token.column - 1) + token.text
    return "\n".join(lines)


def words_of(tokens: Sequence[Token]) -> str:
    """Write tokens on one line, for people."""
    text = ""
    for before, token in zip((None, *tokens), tokens, strict=False):
        beside = before is not None and before.line == token.line
        end = before.column + len(before.text) if before is not None else 0
        text += token.text if not text or (beside and end == token.column) else f" {token.text}"
    return text


def declared(tokens: Sequence[Token], word: str) -> Iterator[str]:
    """The names after ``CONSTANT`` or ``VARIABLE``, and their plurals, in a module."""
    at = 0
    while at < len(tokens):
        if tokens[at].text not in {word, f"{word}S"}:
            at += 1
            continue
        at += 1
        while at < len(tokens) and _NAME.fullmatch(tokens[at].text):
            if at + 1 < len(tokens) and tokens[at + 1].text == "==":
                break
            yield tokens[at].text
            at += 1
            if at < len(tokens) and tokens[at].text == "(":  # an operator: Op(_, _)
                while at < len(tokens) and tokens[at].text != ")":
                    at += 1
                at += 1
            if at >= len(tokens) or tokens[at].text != ",":
                break
            at += 1
