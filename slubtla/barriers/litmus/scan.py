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

from slubtla.barriers.litmus.errors import LitmusError, error_at
from slubtla.barriers.litmus.syntax import Observation
from slubtla.barriers.machines import MEMORY_MODELS

_HEADER = re.compile(r"\s*C[ \t]+(?P<name>\S+)[ \t]*(?P<rest>[^\n]*)")
_DOC_STRING = re.compile(r'\s*"[^"\n]*"')
_INFO = re.compile(r"\s*[A-Za-z]\w*=[^\n]*")  # as diy7 writes it: Cycle=, Prefetch=, Com=, Orig=
_MARK = re.compile(r"/\*(?:.*?\*/)?|//[^\n]*|\(\*|[{}]", re.DOTALL)
_NESTING = re.compile(r"\(\*|\*\)")
_RESULT = re.compile(r"\bResult:\s*(Never|Sometimes|Always)\b")
_MODELS = re.compile(r"\bslubtla:((?:\s*[\w.]+=\w+)+)")
_BECAUSE = re.compile(r"\b(?:stronger|weaker) because\s+([^*]+)")


@dataclass(frozen=True, slots=True)
class Scanned:
    """A file in parts: the test's name, the body at the same lines and columns, the comments."""

    name: str
    body: str
    comments: tuple[str, ...]


def scan(text: str, file: str) -> Scanned:
    """Take comments and header out of the text of a litmus file.

    Raises:
        LitmusError: a comment does not end, or the file is no C litmus test.
    """
    comments = [text[start:end] for start, end in _comments(text, file)]
    bare = text
    for start, end in _comments(text, file):
        bare = bare[:start] + _blank(bare[start:end]) + bare[end:]
    header = _HEADER.match(bare)
    if header is None:
        raise error_at(
            len(bare) - len(bare.lstrip()),
            "a C litmus test begins with `C name`",
            text=bare,
            file=file,
            next_step="name a litmus test of the Linux-kernel memory model, in the C format",
        )
    if rest := header["rest"]:
        reason = f"{rest!r} behind the name"
        raise error_at(header.start("rest"), reason, text=bare, file=file)
    end = header.end("name")
    while skipped := _DOC_STRING.match(bare, end) or _INFO.match(bare, end):
        end = skipped.end()
    return Scanned(header["name"], _blank(bare[:end]) + bare[end:], tuple(comments))


def _comments(text: str, file: str) -> Iterator[tuple[int, int]]:
    """Yield where each comment begins and ends. The first braces are the init block."""
    offset = depth = blocks = 0
    while mark := _MARK.search(text, offset):
        start, offset = mark.span()
        if mark[0] == "{":
            depth += 1
        elif mark[0] == "}":
            depth -= 1
            blocks += depth == 0
        elif mark[0] != "(*" or not (depth and blocks):  # within a thread: the beginning of (*x)
            if mark[0] == "(*":
                offset = _end_of_ml(text, start)
            if mark[0] == "/*" or not offset:
                raise error_at(start, "this comment does not end", text=text, file=file)
            yield start, offset


def _end_of_ml(text: str, start: int) -> int:
    """Where the nested comment ends that begins at ``start``; 0 where it does not."""
    depth = 0
    for mark in _NESTING.finditer(text, start):
        depth += 1 if mark[0] == "(*" else -1
        if depth == 0:
            return mark.end()
    return 0


def _blank(text: str) -> str:
    return re.sub(r"[^\n]", " ", text)


def read_expectation(
    comments: Iterable[str], file: str
) -> tuple[Observation | None, tuple[tuple[str, Observation], ...], str]:
    """Read ``lkmm``, ``expected`` and ``because`` of a test from the comments of its file.

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
    return (
        Observation(result[1]) if result else None,
        tuple(models.items()),
        " ".join(because[1].split()).rstrip(".") if because else "",
    )


def _wrong(pair: str, wanted: str, file: str) -> LitmusError:
    return LitmusError(
        f"the slubtla: comment says {pair}, which is not {wanted}",
        file=file,
        next_step="write `(* slubtla: sc=Never tso=Never pso=Sometimes relaxed=Sometimes *)`",
    )
