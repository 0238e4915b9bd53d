"""Long TLA+ values over several lines, so that they can be read. Knows TLA+, not SLUB."""

from __future__ import annotations

from slubtla.barriers.trace.changes import Change
from slubtla.tlc.output import Function, Record, Value, format_value, sort_values

WIDTH = 72
"""Columns that a value may take on one line."""


def pretty_value(value: Value, width: int = WIDTH) -> str:
    """Return a value as TLA+ text, its parts on lines of their own where one line is too long.

    Args:
        value: any TLA+ value.
        width: columns; a part that is no set, sequence, record or function may be longer.
    """
    text = format_value(value)
    if len(text) <= width:
        return text
    match value:
        case frozenset() if value:
            return _block("{", [("", each) for each in sort_values(value)], ",", "}", width)
        case tuple() if value:
            return _block("<<", [("", each) for each in value], ",", ">>", width)
        case Record():
            fields = [(f"{name} |-> ", value[name]) for name in sorted(value)]
            return _block("[", fields, ",", "]", width)
        case Function():
            pairs = [(f"{format_value(a)} :> ", value[a]) for a in sort_values(value)]
            return _block("(", pairs, " @@", ")", width)
        case _:
            return text


def _block(
    opening: str, parts: list[tuple[str, Value]], separator: str, closing: str, width: int
) -> str:
    """One part a line, each indented behind the opening bracket."""
    indent = " " * (len(opening) + 1)
    lines = []
    for head, value in parts:
        inner = pretty_value(value, width - len(indent) - len(head))
        hanging = "\n" + indent + " " * len(head)
        lines.append(head + inner.replace("\n", hanging))
    return f"{opening} " + f"{separator}\n{indent}".join(lines) + f" {closing}"


def pretty_change(change: Change, width: int = WIDTH) -> str:
    """Return a change as text: sets by what they gained and lost, the rest by the new value."""
    text = str(change)
    if len(text) <= width or isinstance(change.after, frozenset):
        return text
    return pretty_binding(change.place, change.after, width)


def pretty_binding(name: str, value: Value, width: int = WIDTH) -> str:
    """Return ``name = value``, the value's further lines below its first."""
    hanging = "\n" + " " * (len(name) + 3)
    if len(hanging) > width // 2:
        hanging = "\n    "
        return f"{name} ={hanging}" + pretty_value(value, width - 4).replace("\n", hanging)
    return f"{name} = " + pretty_value(value, width - len(name) - 3).replace("\n", hanging)
