"""The lines of a specification that a step of a trace comes from."""

from __future__ import annotations

import re
from typing import Final, TypedDict

from slubtla.tlc.output import TraceStep

_ANY_LABEL: Final = re.compile(r"[ \t]*\w+:(?!=)")
_COMMENT: Final = re.compile(r"[ \t]*\\\*")
_MOST_LINES: Final = 24
"""Lines of one action; what is longer is cut, and says so."""


class Code(TypedDict):
    """Some lines of a module.

    Attributes:
        first: 1-based number of the first of them.
        lines: the lines, without the indentation that they share.
    """

    first: int
    lines: list[str]


def code_of(step: TraceStep, module: str, spec: str) -> Code | None:
    """Return where a step's action is written.

    That is the label of the PlusCal algorithm, with the comment above it; or, in a module without
    such a label, the action's definition in TLA+.

    Args:
        step: the step.
        module: the name of the root module.
        spec: its text.

    Returns:
        None where the step has no action, or one of another module.
    """
    if step.action is None:
        return None
    lines = spec.splitlines()
    label = re.compile(rf"[ \t]*{re.escape(step.action)}:(?!=)")
    found = next((index for index, line in enumerate(lines) if label.match(line)), None)
    if found is not None:
        return _labelled(lines, found)
    where = step.location
    if where is None or where.module != module:
        return None
    return _excerpt(lines, where.line - 1, where.end_line)


def _labelled(lines: list[str], at: int) -> Code:
    """The label's comment, itself, and its statements up to whatever comes next."""
    first = at
    while first > 0 and _COMMENT.match(lines[first - 1]):
        first -= 1
    end = at + 1
    while end < len(lines) and _goes_on(lines[end]):
        end += 1
    return _excerpt(lines, first, end)


def _goes_on(line: str) -> bool:
    over = not line.strip() or line.startswith(("}", "{", "process", "procedure"))
    return not (over or _ANY_LABEL.match(line) or _COMMENT.match(line))


def _excerpt(lines: list[str], first: int, end: int) -> Code:
    chosen = lines[first : min(end, first + _MOST_LINES)]
    indents = [len(line) - len(line.lstrip()) for line in chosen if line.strip()]
    shared = min(indents, default=0)
    more = ["…"] if end > first + _MOST_LINES else []
    return Code(first=first + 1, lines=[line[shared:] for line in chosen] + more)
