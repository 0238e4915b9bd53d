"""Pieces of a rendered specification: a label, a strategy, a definition, macros, a difference."""

from __future__ import annotations

import difflib
import re
from collections.abc import Sequence
from typing import Final

from slubtla.barriers.glossary.meaning import Excerpt
from slubtla.barriers.glossary.sources import spec_of
from slubtla.barriers.labels import label_names
from slubtla.barriers.model import Model, make_model
from slubtla.barriers.protocol import protocol

_LABEL: Final = re.compile(r"^\w+:(?!=)")
_ENDS: Final = re.compile(r"^(?:\}|<%|\\\* (?:----|====|---)|process |procedure |$)")
_MACRO: Final = re.compile(r"^macro (\w+)\(")


def block_of(spec: str, label: str) -> tuple[int, tuple[str, ...]] | None:
    """Return a label with its comment and its steps, and the line of the first, from 1.

    Returns:
        None where the specification has no such label.
    """
    lines = spec.split("--algorithm", 1)[-1].split("\n")
    offset = spec.count("\n") - len(lines) + 2
    for at, line in enumerate(lines):
        if re.match(rf"{re.escape(label)}:(?!=)", line):
            first = _comment_above(lines, at)
            last = at + 1
            while last < len(lines) and not _new_piece(lines, last):
                last += 1
            return offset + first, tuple(lines[first:last])
    return None


def _new_piece(lines: Sequence[str], at: int) -> bool:
    """Whether another label, with its comment, or the end of the procedure begins at a line."""
    return bool(_LABEL.match(lines[at]) or _ENDS.match(lines[at]) or lines[at].startswith("\\*"))


def _comment_above(lines: Sequence[str], at: int) -> int:
    while at and lines[at - 1].startswith("\\*") and not lines[at - 1].startswith("\\* ="):
        at -= 1
    return at


def label_excerpt(model: Model, label: str) -> tuple[Excerpt, ...]:
    """Return a label as it stands in a model; nothing where it has none of that name."""
    found = block_of(spec_of(model), label)
    if found is None:
        return ()
    line, lines = found
    return (_excerpt(f"the label {label}", model, line, lines),)


def own_labels(model: Model) -> tuple[str, ...]:
    """Return the labels that a strategy brings or changes, beside the first, which does nothing."""
    spec, bare = spec_of(model), spec_of(make_model(strategy=next(iter(protocol().strategies))))
    return tuple(name for name in label_names(spec) if _lines(spec, name) != _lines(bare, name))


def strategy_excerpts(model: Model) -> tuple[Excerpt, ...]:
    """Return what a strategy puts between the stores and the flush, and its labels elsewhere."""
    lines = spec_of(model).split("\n")
    begin = lines.index(f"\\* ---- Strategy {model.strategy} ----")
    end = lines.index(f"\\* ---- End of strategy {model.strategy} ----")
    first = next(n for n in range(begin + 1, end) if lines[n])
    inside = lines[first:end]
    found = [_excerpt("between the stores and the flush", model, first + 1, inside)]
    for label in own_labels(model):
        if f"{label}:" not in inside:
            found += label_excerpt(model, label)
    return tuple(found)


def _lines(spec: str, label: str) -> tuple[str, ...]:
    found = block_of(spec, label)
    return found[1] if found else ()


def definition_of(model: Model, name: str) -> tuple[Excerpt, ...]:
    """Return a definition with the comment above it; nothing where there is none."""
    lines = spec_of(model).split("\n")
    for at, line in enumerate(lines):
        if re.match(rf"{re.escape(name)}(?:\([\w, ]*\))? ==", line):
            first = _comment_above(lines, at)
            last = next(n for n in range(at, len(lines)) if not lines[n] or lines[n][0] == "=")
            return (_excerpt(f"the definition of {name}", model, first + 1, lines[first:last]),)
    return ()


def macros_of(model: Model) -> tuple[Excerpt, ...]:
    """Return the macros of a memory model, with the comment above them."""
    lines = spec_of(model).split("\n")
    load = next(n for n, line in enumerate(lines) if line.startswith("macro load("))
    first = _comment_above(lines, load)
    last = next(n for n in range(first, len(lines)) if not lines[n])
    return (_excerpt("its memory accesses", model, first + 1, lines[first:last]),)


def used_macros(model: Model, label: str) -> tuple[Excerpt, ...]:
    """Return the macros of the memory model that a label calls: what the access is on its CPU."""
    found = block_of(spec_of(model), label)
    called = set(re.findall(r"\b(\w+)\(", "\n".join(found[1] if found else ())))
    memory = macros_of(model)[0].text.split("\n")
    taken: list[str] = []
    for at, line in enumerate(memory):
        named = _MACRO.match(line)
        if named and named[1] in called:
            last = at if line.rstrip().endswith("}") else memory.index("}", at)
            taken += memory[_comment_above(memory, at) : last + 1]
    title = f"what the access is ({model.memory})"
    return (_excerpt(title, model, None, taken),) if taken else ()


def difference(right: Model, wrong: Model, title: str) -> tuple[Excerpt, ...]:
    """Return the lines of two algorithms that differ, ``-`` for the right one, ``+`` for the other.

    Only the algorithm is compared: neither the header nor the properties take a step.
    """
    ours, theirs = (_algorithm(spec_of(model)) for model in (right, wrong))
    told = [
        line
        for line in difflib.unified_diff(ours, theirs, n=0, lineterm="")
        if line[:1] in {"+", "-"} and not line.startswith(("+++", "---"))
    ]
    return (_excerpt(title, right, None, told),) if told else ()


def _algorithm(spec: str) -> list[str]:
    return spec.split("--algorithm", 1)[-1].split("BEGIN TRANSLATION", 1)[0].split("\n")


def _excerpt(title: str, model: Model, line: int | None, lines: Sequence[str]) -> Excerpt:
    return Excerpt(
        title=title,
        model=model.command.replace("slubtla verify", "slubtla render", 1),
        line=line,
        text="\n".join(lines).strip("\n"),
    )
