"""What a litmus test says of itself, in its comments.

``Result: Never`` is the verdict of the Linux-kernel memory model, as in the kernel's own tests. Our
set adds a line for our models, and the reason where ``relaxed`` differs from the kernel's::

    (* slubtla: sc=Never tso=Never pso=Never relaxed=Never *)
    (* stronger because load buffering is left out. *)
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from slubtla.barriers.litmus.errors import LitmusError
from slubtla.barriers.litmus.syntax import Verdict
from slubtla.barriers.machines import MEMORY_MODELS

_RESULT = re.compile(r"\bResult:\s*(Never|Sometimes|Always)\b")
_MODELS = re.compile(r"\bslubtla:((?:\s*[\w.]+=\w+)+)")
_BECAUSE = re.compile(r"\b(?:stronger|weaker) because\s+([^*]+)")


@dataclass(frozen=True, slots=True)
class Expectation:
    """The expectations of one file; see :class:`slubtla.barriers.litmus.syntax.Litmus`."""

    lkmm: Verdict | None = None
    models: tuple[tuple[str, Verdict], ...] = ()
    because: str = ""


def read_expectation(comments: Iterable[str], file: str) -> Expectation:
    """Read the expectations from the comments of a file.

    Raises:
        LitmusError: the ``slubtla:`` line names an unknown model or verdict, or one twice.
    """
    text = "\n".join(comments)
    result = _RESULT.search(text)
    because = _BECAUSE.search(text)
    models: dict[str, Verdict] = {}
    for line in _MODELS.finditer(text):
        for pair in line[1].split():
            model, _, verdict = pair.partition("=")
            if model not in MEMORY_MODELS or model in models:
                raise _wrong(pair, f"a memory model once: {', '.join(MEMORY_MODELS)}", file)
            try:
                models[model] = Verdict(verdict)
            except ValueError:
                raise _wrong(pair, "Never, Sometimes or Always", file) from None
    return Expectation(
        lkmm=Verdict(result[1]) if result else None,
        models=tuple(models.items()),
        because=" ".join(because[1].split()).rstrip(".") if because else "",
    )


def _wrong(pair: str, wanted: str, file: str) -> LitmusError:
    return LitmusError(
        f"the slubtla: comment says {pair}, which is not {wanted}",
        file=file,
        next_step="write `(* slubtla: sc=Never tso=Never pso=Sometimes relaxed=Sometimes *)`",
    )
