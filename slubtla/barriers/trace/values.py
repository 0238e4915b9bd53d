"""Format TLA+ values: short for sentences, or as TLA+ text over several lines."""

from __future__ import annotations

from typing import TypeVar

from slubtla.tlc.output import Function, RecordValue, Value, format_value, sort_values

T = TypeVar("T")

WIDTH = 72
"""Columns that a value may take on one line."""


def show(value: Value) -> str:  # noqa: PLR0911 - one case for each shape
    """Return a value in the kernel's words: ``task1``, ``head[cpu1]``, ``limit = 0``."""
    match value:
        case ("task", who):
            return show(who)
        case ("irq" | "device", cpu):
            return f"interrupt on {show(cpu)}"
        case ("work", cpu):
            return f"kworker on {show(cpu)}"
        case ((str(), *_) as location, stored):
            return f"{show(location)} = {show(stored)}"
        case (str(name),):
            return name
        case (str(name), cpu):
            return f"{name}[{show(cpu)}]"
        case frozenset():
            return "none" if not value else ", ".join(sorted(show(each) for each in value))
        case tuple():
            return ", ".join(show(each) for each in value)
        case _:
            return format_value(value)


def function_of(value: Value) -> Function:
    """Return a value that must be a function; TypeError: the spec and its views do not fit."""
    return _required(value, Function)


def set_of(value: Value) -> frozenset[Value]:
    """Return a value that must be a set; raises TypeError like :func:`function_of`."""
    return _required(value, frozenset)


def sequence_of(value: Value) -> tuple[Value, ...]:
    """Return a value that must be a sequence; raises TypeError like :func:`function_of`."""
    return _required(value, tuple)


def _required(value: Value, kind: type[T]) -> T:
    if not isinstance(value, kind):
        raise TypeError(f"expected a {kind.__name__}, got {format_value(value)}")
    return value


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
        case RecordValue():
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


def pretty_binding(name: str, value: Value, width: int = WIDTH) -> str:
    """Return ``name = value``, the value's further lines below its first."""
    hanging = "\n" + " " * (len(name) + 3)
    if len(hanging) > width // 2:
        hanging = "\n    "
        return f"{name} ={hanging}" + pretty_value(value, width - 4).replace("\n", hanging)
    return f"{name} = " + pretty_value(value, width - len(name) - 3).replace("\n", hanging)
