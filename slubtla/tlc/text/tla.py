r"""Read TLA+ modules: comments, tokens with their places, definitions, and who extends whom.

Functions that take ``modules`` expect the text of the root module and of those that it reaches, by
name, the root first.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final, NamedTuple

_IN_CODE: Final = re.compile(r'\(\*|\\\*[^\n]*|"(?:[^"\\\n]|\\.)*"')
_IN_BLOCK: Final = re.compile(r"\(\*|\*\)")
_TOKEN: Final = re.compile(
    r"""(?P<string>"(?:[^"\\\n]|\\.)*")
    |(?P<line>-{4,}|={4,})
    |(?P<word>(?:\d*[A-Za-z_]\w*|\d+))
    |(?P<symbol>/\\|\\/|\\[A-Za-z]+|\|->|-\+->|<=>|=>|~>|<<|>>|\[\]|<>|<-|->|==|=<|<=|>=|/=
      |\.\.\.?|::=|:=|:>|<:|@@|\((?:\+|-|\.|/|\\X)\)|\|\||\|-|-\||\|=|=\||&&|!!|\#\#|\$\$|%%|\^\^
      |\?\?|\*\*|//|--|\+\+|\^[+*\#]|\S)""",
    re.VERBOSE | re.ASCII,
)
NAME: Final = re.compile(r"[A-Za-z_]\w*", re.ASCII)
_OPERATOR: Final = re.compile(r"\\[A-Za-z]+|[^\w\s)\]}>\"'=,-]+|-|\(\S+\)")

OPENERS: Final = frozenset(["(", "[", "{", "<<"])
CLOSERS: Final = frozenset([")", "]", "}", ">>"])

_THEOREMS: Final = frozenset(["THEOREM", "LEMMA", "PROPOSITION", "COROLLARY"])
_ASSUMING: Final = frozenset(["ASSUME", "ASSUMPTION", "AXIOM"])
_WITHIN_THEOREM: Final = _THEOREMS | {"==", ",", ".", "(", ":", ">", "PROVE", "SUFFICES", "HAVE"}
"""What stands before the ``ASSUME`` of a theorem or of a step of its proof."""

_UNITS: Final = (
    _THEOREMS
    | _ASSUMING
    | {"VARIABLE", "VARIABLES", "CONSTANT", "CONSTANTS", "RECURSIVE", "LOCAL", "EXTENDS", "MODULE"}
    | {"PROOF", "BY", "OBVIOUS", "OMITTED", "USE", "HIDE", "DEFINE"}
)
"""Words that begin a part of a module, and so end the definition before."""


class Split(NamedTuple):
    """The code of a module, and its block comments."""

    code: str
    blocks: str


class Token(NamedTuple):
    """A token with its place: line and column, both 1-based."""

    text: str
    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Definition:
    """A definition of a module.

    Attributes:
        parameters: their names; None where one is an operator, or it is a function.
        local: whether only that module sees it.
    """

    name: str
    parameters: tuple[str, ...] | None
    body: tuple[Token, ...]
    module: str
    local: bool


class Assumption(NamedTuple):
    """An assumption: its keyword, its place, and whether TLC evaluates it."""

    word: str
    module: str
    line: int
    evaluated: bool


def _pieces(text: str) -> Iterator[tuple[str, bool, bool]]:
    """Split a text into pieces: each with whether it is code (or a string), and a block comment."""
    depth = at = 0
    while found := (_IN_BLOCK if depth else _IN_CODE).search(text, at):
        yield text[at : found.start()], not depth, depth > 0
        yield found[0], found[0].startswith('"'), False
        depth += (found[0] == "(*") - (found[0] == "*)")
        at = found.end()
    yield text[at:], not depth, depth > 0


def split_comments(text: str) -> Split:
    r"""Split a module into its code and its block comments; ``\* …`` comments are in neither.

    Block comments nest, and hold neither strings nor line comments; a string in the code holds no
    comment. An unterminated block comment lasts to the end.
    """
    code: list[str] = []
    blocks: list[str] = []
    for piece, is_code, is_block in _pieces(text):
        if is_block:
            blocks.append(piece)
        else:  # a string, or a comment, separates words
            code += [piece * is_code, " " * (not is_code or piece.startswith('"'))]
    return Split("".join(code), "\n".join(blocks))


def blank_comments(text: str) -> str:
    """Return a module, or a cfg, with blanks for its comments; all else keeps its place."""
    return "".join(piece if is_code else blank(piece) for piece, is_code, _ in _pieces(text))


def only_algorithm(text: str, start: int) -> str:
    """Return a module with blanks for all but the algorithm in the comment around ``start``."""
    shown = blank(text[:start])
    for piece, is_code, _ in _pieces(text[start:]):
        if is_code and not piece.startswith('"') and "*)" in piece:
            shown += piece[: piece.index("*)")]
            break
        shown += piece if is_code else blank(piece)
    return shown + blank(text[len(shown) :])


def blank(text: str) -> str:
    """Return blanks for all characters of a text but its line feeds."""
    return re.sub(r"[^\n]", " ", text)


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


def texts_of(tokens: Iterable[Token]) -> list[str]:
    """The texts of some tokens."""
    return [token.text for token in tokens]


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
    """Write tokens on one line, with a blank wherever they stood apart."""
    text = "".join(texts_of(tokens[:1]))
    for before, here in pairwise(tokens):
        adjacent = (before.line, before.column + len(before.text)) == (here.line, here.column)
        text += here.text if adjacent else f" {here.text}"
    return text


@functools.lru_cache(maxsize=64)
def definitions_of(module: str, text: str) -> Mapping[str, Definition]:
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
    depth, place = 0, before
    while place > 0:
        depth += (tokens[place].text in {")", "]"}) - (tokens[place].text in {"(", "["})
        if depth == 0:
            break
        place -= 1
    inner = [token.text for token in tokens[place + 1 : before] if token.text != ","]
    simple = tokens[before].text == ")" and all(NAME.fullmatch(word) for word in inner)
    return max(place - 1, 0), tuple(inner) if simple and "_" not in inner else None


def _ends_unit(tokens: Sequence[Token], at: int) -> bool:
    token = tokens[at]
    if token.text in _UNITS or token.text[:4] in {"----", "===="}:
        return True
    # INSTANCE within `M == INSTANCE N` belongs to the definition
    return token.text == "INSTANCE" and tokens[at - 1].text != "=="


def all_definitions(modules: Mapping[str, str]) -> dict[str, Definition]:
    """Return the definitions of several modules, the first of which wins."""
    found: dict[str, Definition] = {}
    for module, text in modules.items():
        found = {**definitions_of(module, text), **found}
    return found


def visible_definitions(modules: Mapping[str, str]) -> dict[str, Definition]:
    """Return what a module that extends the root sees: its own, and those it extends.

    Definitions of modules that are instantiated are left out, and so are LOCAL ones.
    """
    found = all_definitions({name: modules[name] for name in extended_modules(modules)})
    return {name: definition for name, definition in found.items() if not definition.local}


def words_reached(
    words: Iterable[str],
    definitions: Mapping[str, Definition],
    read: Callable[[Sequence[Token]], Iterable[str]] = texts_of,
) -> set[str]:
    """Return some words, and those of the definitions that they name, directly or not."""
    reached: set[str] = set()
    unread = list(words)
    while unread:
        word = unread.pop()
        if word not in reached:
            reached.add(word)
            unread += read(definitions[word].body) if word in definitions else ()
    return reached


def modules_named(text: str) -> tuple[str, ...]:
    """Return the modules that a module names after ``EXTENDS`` and ``INSTANCE``, each once."""
    tokens = tokens_of(text)
    instances = [b.text for a, b in pairwise(tokens) if a.text == "INSTANCE"]
    return tuple(dict.fromkeys([*_listed(tokens, {"EXTENDS"}), *instances]))


def modules_reached(texts: Iterable[str], text_of: Callable[[str], str | None]) -> dict[str, str]:
    """Return the modules that some texts reach by ``EXTENDS`` and ``INSTANCE``, directly or not.

    Args:
        texts: of the modules to begin with.
        text_of: gives the text of a module by its name; None where there is none.
    """
    found: dict[str, str] = {}
    unread = [name for text in texts for name in modules_named(text)]
    while unread:
        name = unread.pop()
        if name not in found and (text := text_of(name)) is not None:
            found[name] = text
            unread += modules_named(text)
    return found


def extended_modules(modules: Mapping[str, str]) -> tuple[str, ...]:
    """Return the root and the modules that it extends, directly or not, of those that are given."""
    reached = list(modules)[:1]
    for name in reached:
        tokens = tokens_of(modules[name])
        inner = [at for at, token in enumerate(tokens) if token.text == "MODULE"][1:2]
        extended = _listed(tokens[: inner[0]] if inner else tokens, {"EXTENDS"})
        reached += [each for each in extended if each in modules and each not in reached]
    return tuple(reached)


def declared(tokens: Sequence[Token], word: str) -> Iterator[str]:
    """The names after ``CONSTANT`` or ``VARIABLE``, and their plurals, in a module."""
    return _listed(tokens, {word, f"{word}S"})


def names_declared(modules: Mapping[str, str], word: str) -> tuple[str, ...]:
    """The names after ``CONSTANT`` or ``VARIABLE`` in the root and the modules it extends."""
    extended = extended_modules(modules)
    return tuple(name for each in extended for name in declared(tokens_of(modules[each]), word))


def _listed(tokens: Sequence[Token], keywords: set[str]) -> Iterator[str]:
    """The names in the lists after some keywords: ``EXTENDS A, B``, ``CONSTANTS c, Op(_)``."""
    for start, token in enumerate(tokens):
        at = start + 1
        while token.text in keywords and at < len(tokens) and NAME.fullmatch(tokens[at].text):
            if at + 1 < len(tokens) and tokens[at + 1].text == "==":
                break  # a definition, without a list before it
            yield tokens[at].text
            at += 1
            if at < len(tokens) and tokens[at].text == "(":
                at += 1 + next((n for n, t in enumerate(tokens[at:]) if t.text == ")"), 0)
            if at >= len(tokens) or tokens[at].text != ",":
                break
            at += 1


def names_of(text: str) -> set[str]:
    """The names that a module declares as constants or defines, also within LET."""
    tokens = tokens_of(text)
    heads = (_head(tokens, at)[0] for at, token in enumerate(tokens) if token.text == "==")
    return {*declared(tokens, "CONSTANT"), *(tokens[head].text for head in heads)}


def assumptions_of(modules: Mapping[str, str]) -> tuple[Assumption, ...]:
    """Return the assumptions of some modules, in their order.

    TLC evaluates those of the root module and of the modules that it extends. It evaluates no
    ``AXIOM`` (``tlc2.tool.impl.SpecProcessor`` keeps them apart), nothing in a module that is
    instantiated, or in one within another module; and the ``ASSUME`` of a theorem
    (``ASSUME … PROVE``) is none.
    """
    extended = extended_modules(modules)
    found: list[Assumption] = []
    for name, text in modules.items():
        tokens = tokens_of(text)
        depth = 0
        for at, (word, line, _) in enumerate(tokens):
            before = tokens[at - 1].text if at else ""
            depth += word == "MODULE" and before.startswith("----")
            depth -= word.startswith("====")
            if word in _ASSUMING and before not in _WITHIN_THEOREM and not _has_prove(tokens, at):
                evaluated = name in extended and depth <= 1 and word != "AXIOM"
                found.append(Assumption(word, name, line, evaluated))
    return tuple(found)


def _has_prove(tokens: Sequence[Token], at: int) -> bool:
    following = (token.text for token in tokens[at + 1 :])
    return next((word for word in following if word in {*_ASSUMING, "PROVE"}), "") == "PROVE"
