"""The steps of a thread: one label for each memory access, fence, or half of a grace period."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Step:
    """One label.

    Attributes:
        label: its name, unique in the module.
        words: what it does, in C.
        statement: what it does, in PlusCal.
    """

    label: str
    words: str
    statement: str


@dataclass(frozen=True, slots=True)
class Branch:
    """An ``if`` whose branches access memory.

    Attributes:
        label: None where the step before it decides.
        condition: a TLA+ expression.
    """

    label: str | None
    condition: str
    then: tuple[Node, ...]
    otherwise: tuple[Node, ...]


Node: TypeAlias = Step | Branch


def steps_of(nodes: Sequence[Node]) -> Iterator[Step]:
    """Yield all steps, of both branches of an ``if``."""
    for node in nodes:
        if isinstance(node, Step):
            yield node
        else:
            yield from steps_of(node.then)
            yield from steps_of(node.otherwise)
