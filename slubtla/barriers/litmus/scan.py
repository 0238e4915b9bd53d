"""Read header and comments of a litmus file, before the grammar reads the rest.

``(* … *)`` is a comment outside the threads, and the beginning of ``(*x)`` inside them, so comments
are taken out by hand; blanks take their place, so that lines and columns stay the same.

``Result: Never`` in a comment is the verdict of the Linux-kernel memory model, as in the kernel's
own tests. Our set adds a line for our models, and the reason where ``relaxed`` differs::

    (* slubtla: sc=Never tso=Never pso=Never relaxed=Never *)
    (* stronger because load buffering is left out. *)
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from slubtla.barriers.litmus.errors import LitmusError
from slubtla.barriers.litmus.syntax import Observation
from slubtla.barriers.machines import MEMORY_MODELS

_HEADER = re.compile(r"\s*C[ \t]+(?P<name>\S+)[ \t]*(?P<rest>[^\n]*)")
_DOC_STRING = re.compile(r'\s*"[^"\n]*"')
_INFO = re.compile(r"\s*[A-Za-z]\w*=[^\n]*")  # as diy7 writes it: Cycle=, Prefetch=, Com=, Orig=
_RESULT = re.compile(r"\bResult:\s*(Never|Sometimes|Always)\b")
_MODELS = re.compile(r"\bslubtla:((?:\s*[\w.]+=\w+)+)")
_BECAUSE = re.compile(r"\b(?:stronger|weaker) because\s+([^*]+)")


@dataclass(frozen=True, slots=True)
class Scanned:
    """A file in parts: the test's name, the body at the same lines and columns, the comments."""

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
    while skipped := _DOC_STRING.match(bare, end) or _INFO.match(bare, end):
        end = skipped.end()
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


@dataclass(frozen=True, slots=True)
class Expectation:
    """The expectations of one file; see :class:`~slubtla.barriers.litmus.syntax.Litmus`."""

    lkmm: Observation | None = None
    models: tuple[tuple[str, Observation], ...] = ()
    because: str = ""


def read_expectation(comments: Iterable[str], file: str) -> Expectation:
    """Read the expectations from the comments of a file.

    Raises:
        LitmusError: the ``slubtla:`` line names an unknown model or verdict, or one twice.
    """
    text = "\n".join(comments)
    result = _RESULT.search(text)
    because = _BECAUSE.search(text)
    models: dict[str, Observation] = {}
    for line in _MODELS.finditer(text):
        for pair in line[1].split():
            model, _, verdict = pair.partition("=")
            if model not in MEMORY_MODELS or model in models:
                raise _wrong(pair, f"a memory model once: {', '.join(MEMORY_MODELS)}", file)
            try:
                models[model] = Observation(verdict)
            except ValueError:
                raise _wrong(pair, "Never, Sometimes or Always", file) from None
    return Expectation(
        lkmm=Observation(result[1]) if result else None,
        models=tuple(models.items()),
        because=" ".join(because[1].split()).rstrip(".") if because else "",
    )


def _wrong(pair: str, wanted: str, file: str) -> LitmusError:
    return LitmusError(
        f"the slubtla: comment says {pair}, which is not {wanted}",
        file=file,
        next_step="write `(* slubtla: sc=Never tso=Never pso=Sometimes relaxed=Sometimes *)`",
    )
