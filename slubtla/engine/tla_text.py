r"""Tell the code of a TLA+ module from its comments: as much of the language as this room needs."""

from __future__ import annotations

import re
from typing import NamedTuple

_IN_CODE = re.compile(r'\(\*|\\\*[^\n]*|"(?:[^"\\\n]|\\.)*"')
_IN_BLOCK = re.compile(r"\(\*|\*\)")


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
    """Replace each comment by spaces, so that every other character keeps its line and column.

    Tabs become spaces first, up to the next multiple of 8, as SANY counts columns.
    """
    text = "\n".join(line.expandtabs(8) for line in text.split("\n"))
    kept: list[str] = []
    depth = at = 0
    while found := (_IN_BLOCK if depth else _IN_CODE).search(text, at):
        before = text[at : found.start()]
        kept.append(_spaces(before) if depth else before)
        at = found.end()
        match found[0]:
            case "(*":
                depth += 1
            case "*)":
                depth -= 1
        in_code = found[0].startswith('"')
        kept.append(found[0] if in_code else _spaces(found[0]))
    rest = text[at:]
    return "".join([*kept, _spaces(rest) if depth else rest])


def _spaces(text: str) -> str:
    return re.sub(r"[^\n]", " ", text)
