r"""Tell the code of a TLA+ module from its comments: as much of the language as this room needs."""

from __future__ import annotations

import re
from typing import NamedTuple

_IN_CODE = re.compile(r'\(\*|\\\*[^\n]*|"(?:[^"\\\n]|\\.)*"')
_IN_BLOCK = re.compile(r"\(\*|\*\)")
_EXTENDS = re.compile(r"\bEXTENDS\s+(\w+(?:\s*,\s*\w+)*)", re.ASCII)
_INSTANCE = re.compile(r"\bINSTANCE\s+(\w+)", re.ASCII)


class Split(NamedTuple):
    """The text of a module in two parts, each in its order."""

    code: str
    blocks: str


def split_comments(text: str) -> Split:
    r"""Split a module into its code and its block comments; ``\* …`` comments are in neither.

    Block comments nest, and hold neither strings nor line comments; a string in the code holds no
    comment. An unterminated block comment lasts to the end.
    """
    code: list[str] = []
    blocks: list[str] = []
    depth = at = 0
    while found := (_IN_BLOCK if depth else _IN_CODE).search(text, at):
        (blocks if depth else code).append(text[at : found.start()])
        at = found.end()
        match found[0]:
            case "(*":
                depth += 1
            case "*)":
                depth -= 1
            case string if string.startswith('"'):
                code.append(string)
        if not depth:
            code.append(" ")  # a comment separates words
    (blocks if depth else code).append(text[at:])
    return Split("".join(code), "\n".join(blocks))


def blank_comments(text: str) -> str:
    """Return a module, or a cfg, with blanks for its comments; all else keeps its place.

    Comments are those of :func:`split_comments`.
    """
    shown: list[str] = []
    depth = at = 0
    while found := (_IN_BLOCK if depth else _IN_CODE).search(text, at):
        before, mark = text[at : found.start()], found[0]
        shown.append(blank(before) if depth else before)
        shown.append(mark if mark.startswith('"') else blank(mark))
        depth += (mark == "(*") - (mark == "*)")
        at = found.end()
    shown.append(blank(text[at:]) if depth else text[at:])
    return "".join(shown)


def blank(text: str) -> str:
    """Return blanks for all characters of a text but its line feeds."""
    return re.sub(r"[^\n]", " ", text)


def modules_named(text: str) -> tuple[str, ...]:
    """Return the modules that a module names after ``EXTENDS`` and ``INSTANCE``, each once."""
    code = split_comments(text).code
    names = [name for found in _EXTENDS.findall(code) for name in re.findall(r"\w+", found)]
    return tuple(dict.fromkeys([*names, *_INSTANCE.findall(code)]))
