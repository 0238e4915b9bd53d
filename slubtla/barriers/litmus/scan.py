"""The first look at a litmus file: comments and header, before the grammar.

``(* … *)`` is a comment outside the threads, and the beginning of ``(*x)`` inside them, so comments
are taken out by hand; blanks take their place, so that every line and column stays true.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from slubtla.barriers.litmus.errors import LitmusError

_HEADER = re.compile(r"\s*C[ \t]+(?P<name>\S+)[ \t]*(?P<rest>[^\n]*)")
_DOC_STRING = re.compile(r'\s*"[^"\n]*"')
_INFO = re.compile(r"\s*[A-Za-z]\w*=[^\n]*")  # as diy7 writes it: Cycle=, Prefetch=, Com=, Orig=


@dataclass(frozen=True, slots=True)
class Scanned:
    """A file without its comments and header.

    Attributes:
        name: what stands behind ``C``.
        body: the text from the init block on, at the same lines and columns.
        comments: the text of every comment, in order.
    """

    name: str
    body: str
    comments: tuple[str, ...]


def position(text: str, offset: int) -> tuple[int, int]:
    """Return the 1-based line and column of an offset."""
    return text.count("\n", 0, offset) + 1, offset - text.rfind("\n", 0, offset)


def scan(text: str, file: str) -> Scanned:
    """Take comments and header out of the text of a litmus file.

    Raises:
        LitmusError: a comment does not end, or the file is no C litmus test.
    """
    bare, comments = _without_comments(text, file)
    header = _HEADER.match(bare)
    if header is None:
        line, column = position(bare, len(bare) - len(bare.lstrip()))
        raise LitmusError(
            "a C litmus test begins with `C name`",
            file=file,
            line=line,
            column=column,
            next_step="name a litmus test of the Linux-kernel memory model, in the C format",
        )
    end = header.end("name")
    if header["rest"]:
        line, column = position(bare, header.start("rest"))
        raise LitmusError(
            f"{header['rest']!r} behind the name", file=file, line=line, column=column
        )
    while told := _DOC_STRING.match(bare, end) or _INFO.match(bare, end):
        end = told.end()
    return Scanned(header["name"], _blank(bare[:end]) + bare[end:], tuple(comments))


def _without_comments(text: str, file: str) -> tuple[str, list[str]]:
    pieces: list[str] = []
    comments: list[str] = []
    offset = 0
    for start, end in _comments(text, file):
        pieces += [text[offset:start], _blank(text[start:end])]
        comments.append(text[start:end])
        offset = end
    return "".join([*pieces, text[offset:]]), comments


def _comments(text: str, file: str) -> Iterator[tuple[int, int]]:
    """Yield where each comment begins and ends. The first braces are the init block."""
    offset = depth = blocks = 0
    while offset < len(text):
        in_thread = depth > 0 and blocks > 0
        two = text[offset : offset + 2]
        if two == "(*" and not in_thread:
            end = _end_of_ml(text, offset, file)
        elif two == "/*":
            end = text.find("*/", offset + 2) + 2
            if end == 1:
                raise _unclosed(text, offset, file)
        elif two == "//":
            end = text.find("\n", offset)
            end = len(text) if end < 0 else end
        else:
            if text[offset] == "{":
                depth += 1
            elif text[offset] == "}":
                depth -= 1
                blocks += depth == 0
            offset += 1
            continue
        yield offset, end
        offset = end


def _end_of_ml(text: str, start: int, file: str) -> int:
    depth = 0
    for mark in re.compile(r"\(\*|\*\)").finditer(text, start):
        depth += 1 if mark[0] == "(*" else -1
        if depth == 0:
            return mark.end()
    raise _unclosed(text, start, file)


def _unclosed(text: str, start: int, file: str) -> LitmusError:
    line, column = position(text, start)
    return LitmusError("this comment does not end", file=file, line=line, column=column)


def _blank(text: str) -> str:
    return re.sub(r"[^\n]", " ", text)
