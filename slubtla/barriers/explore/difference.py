"""Two runs of the SLUB model beside each other: where they part, and what each sees from there on.

Steps are matched by who did what on which CPU, not by their numbers; a store that drains is matched
by the location. Where the runs have other names for the same (task2 for task1), those of the right
one are changed.
"""

from __future__ import annotations

import enum
import itertools
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from typing import Final

from slubtla.barriers.trace.interleaving import Interleaving, Step
from slubtla.barriers.trace.steps import HARDWARE

_NAMES: Final = re.compile(r"\b(?:cpu|task|slab)\d+\b")
_MOST_NAMINGS: Final = 1500


class Kind(enum.StrEnum):
    """How a step of one run stands to the other run."""

    SAME = "same"
    DIFFERS = "differs"
    LEFT = "left"
    RIGHT = "right"


@dataclass(frozen=True, slots=True)
class Pair:
    """A step of each run that are the same operation, or a step that only one run has.

    Attributes:
        kind: whether both have it, and with the same effect.
        left: the step of the left run; None where it has none.
        right: the step of the right run; None where it has none.
    """

    kind: Kind
    left: Step | None
    right: Step | None


@dataclass(frozen=True, slots=True)
class Difference:
    """Two runs, aligned.

    Attributes:
        pairs: all steps of both, in order.
        renamed: name in the right run to the one it is shown by, where these differ.
    """

    pairs: tuple[Pair, ...]
    renamed: Mapping[str, str]

    @property
    def parting(self) -> Pair | None:
        """The first pair that is not the same; None where the runs never part."""
        return next((pair for pair in self.pairs if pair.kind is not Kind.SAME), None)

    @property
    def decisive(self) -> Pair | None:
        """The first pair in which the same load gets another value; None where none does."""
        return next((pair for pair in self.pairs if _sees_otherwise(pair)), None)


def compare(left: Interleaving, right: Interleaving) -> Difference:
    """Align two runs, step by step.

    Args:
        left: a run; its names stay.
        right: the other.
    """
    renamed, right = _with_names_of(left, right)
    return Difference(tuple(_pairs(left.steps, right.steps)), renamed)


def _pairs(left: Sequence[Step], right: Sequence[Step]) -> Iterator[Pair]:
    for tag, a, b, c, d in _matcher(left, right).get_opcodes():
        if tag == "equal":
            for one, other in zip(left[a:b], right[c:d], strict=True):
                same = _effect(one) == _effect(other)
                yield Pair(Kind.SAME if same else Kind.DIFFERS, one, other)
            continue
        yield from (Pair(Kind.LEFT, step, None) for step in left[a:b])
        yield from (Pair(Kind.RIGHT, None, step) for step in right[c:d])


def _matcher(left: Sequence[Step], right: Sequence[Step]) -> SequenceMatcher[tuple[str, ...]]:
    return SequenceMatcher(None, [*map(_key, left)], [*map(_key, right)], autojunk=False)


def _key(step: Step) -> tuple[str, ...]:
    """What makes two steps the same operation."""
    if step.context in HARDWARE:
        places = tuple(change.split(" = ")[0] for change in step.memory)
        return (step.context, step.cpu, step.label, *places)
    return (step.context, step.cpu, step.label, *step.loaded)


def _effect(step: Step) -> tuple[object, ...]:
    """What a step did, and what it loaded."""
    buffers = tuple(sorted((cpu, entries) for cpu, entries in step.buffers.items()))
    return (step.values, step.loads, step.memory, buffers, step.notes)


def _sees_otherwise(pair: Pair) -> bool:
    if pair.kind is not Kind.DIFFERS or pair.left is None or pair.right is None:
        return False
    return pair.left.loads != pair.right.loads


def _with_names_of(
    left: Interleaving, right: Interleaving
) -> tuple[Mapping[str, str], Interleaving]:
    """Rename CPUs, tasks and slabs of the right run so that most steps match."""
    kinds = [_names_in(right, kind) for kind in ("cpu", "task", "slab")]
    namings = itertools.product(*(itertools.permutations(names) for names in kinds))
    best: tuple[float, Mapping[str, str], Interleaving] = (-1.0, {}, right)
    for naming in itertools.islice(namings, _MOST_NAMINGS):
        names = {
            old: new
            for kind, chosen in zip(kinds, naming, strict=True)
            for old, new in zip(kind, chosen, strict=True)
            if old != new
        }
        tried = _renamed(right, names) if names else right
        matched = sum(
            block.size for block in _matcher(left.steps, tried.steps).get_matching_blocks()
        )
        same = sum(pair.kind is Kind.SAME for pair in _pairs(left.steps, tried.steps))
        score = matched + same / 1000 - len(names) / 1_000_000
        if score > best[0]:
            best = (score, names, tried)
    return best[1], best[2]


def _names_in(reading: Interleaving, kind: str) -> tuple[str, ...]:
    text = " ".join(
        f"{s.cpu} {s.context} {s.words} {s.loads} {s.memory} {s.buffers}" for s in reading.steps
    )
    found = {name for name in _NAMES.findall(text) if name.startswith(kind)}
    found |= {cpu for cpu in reading.cpus if kind == "cpu"}
    return tuple(sorted(found))


def _renamed(reading: Interleaving, names: Mapping[str, str]) -> Interleaving:
    def own(text: str) -> str:
        return _NAMES.sub(lambda match: names.get(match[0], match[0]), text)

    def step(one: Step) -> Step:
        return replace(
            one,
            cpu=own(one.cpu),
            context=own(one.context),
            words=own(one.words),
            values=tuple(map(own, one.values)),
            loads=tuple(map(own, one.loads)),
            memory=tuple(map(own, one.memory)),
            buffers={own(cpu): tuple(map(own, held)) for cpu, held in one.buffers.items()},
            notes=tuple(map(own, one.notes)),
        )

    return replace(
        reading,
        running={own(cpu): own(task) for cpu, task in reading.running.items()},
        steps=tuple(map(step, reading.steps)),
        summary=tuple(map(own, reading.summary)),
    )
