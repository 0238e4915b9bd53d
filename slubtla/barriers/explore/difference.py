"""Align the steps of two runs, and show from where on they differ.

Steps are matched by who did what on which CPU, not by their numbers; a store that drains is matched
by the location. Where the runs have other names for the same (task2 for task1), those of the right
one are changed.
"""

from __future__ import annotations

import enum
import itertools
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from difflib import SequenceMatcher
from typing import Any, Final

from slubtla.barriers.trace.steps import HARDWARE, Step
from slubtla.barriers.trace.timeline import Timeline

_NAMES: Final = re.compile(r"\b([A-Za-z]+)\d+\b")
"""Names that are interchangeable: cpu0 and cpu1, task1 and task2."""

_MOST_NAMINGS: Final = 1500


class PairKind(enum.StrEnum):
    """How a step of one run stands to the other run."""

    SAME = "same"
    DIFFERS = "differs"
    LEFT = "left"
    RIGHT = "right"


@dataclass(frozen=True, slots=True)
class Pair:
    """A step of each run that are the same operation, or a step that only one run has."""

    kind: PairKind
    left: Step | None
    right: Step | None


@dataclass(frozen=True, slots=True)
class RunDifference:
    """Two runs, aligned; ``renamed``: name in the right run to the one that it is shown by."""

    pairs: tuple[Pair, ...]
    renamed: Mapping[str, str]

    @property
    def parting(self) -> Pair | None:
        """The first pair that is not the same; None where the runs never part."""
        return next((pair for pair in self.pairs if pair.kind is not PairKind.SAME), None)

    @property
    def decisive(self) -> Pair | None:
        """The first pair in which the same load gets another value; None where none does."""
        return next((pair for pair in self.pairs if _sees_otherwise(pair)), None)


def compare(left: Timeline, right: Timeline) -> RunDifference:
    """Align two runs, step by step; the names of the left one stay."""
    renamed, right = _with_names_of(left, right)
    return RunDifference(tuple(_pairs(left.steps, right.steps)), renamed)


def _pairs(left: Sequence[Step], right: Sequence[Step]) -> Iterator[Pair]:
    for tag, a, b, c, d in _matcher(left, right).get_opcodes():
        if tag == "equal":
            for one, other in zip(left[a:b], right[c:d], strict=True):
                same = _effect(one) == _effect(other)
                yield Pair(PairKind.SAME if same else PairKind.DIFFERS, one, other)
            continue
        yield from (Pair(PairKind.LEFT, step, None) for step in left[a:b])
        yield from (Pair(PairKind.RIGHT, None, step) for step in right[c:d])


def _matcher(left: Sequence[Step], right: Sequence[Step]) -> SequenceMatcher[tuple[str, ...]]:
    return SequenceMatcher(None, [*map(_key, left)], [*map(_key, right)], autojunk=False)


def _key(step: Step) -> tuple[str, ...]:
    """What makes two steps the same operation."""
    if step.context in HARDWARE:
        places = tuple(change.split(" = ")[0] for change in step.changed)
        return (step.context, step.cpu, step.action, *places)
    return (step.context, step.cpu, step.action, *step.loaded)


def _effect(step: Step) -> tuple[object, ...]:
    """What a step did, and what it loaded."""
    buffers = tuple(sorted((cpu, entries) for cpu, entries in step.buffers.items()))
    return (step.values, step.loads, step.changed, buffers, step.notes)


def _sees_otherwise(pair: Pair) -> bool:
    if pair.kind is not PairKind.DIFFERS or pair.left is None or pair.right is None:
        return False
    return pair.left.loads != pair.right.loads


def _with_names_of(left: Timeline, right: Timeline) -> tuple[Mapping[str, str], Timeline]:
    """Rename CPUs, tasks and the like of the right run so that most steps match."""
    kinds = _names_in(right)
    namings = itertools.product(*(itertools.permutations(names) for names in kinds))
    best: tuple[float, Mapping[str, str], Timeline] = (-1.0, {}, right)
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
        same = sum(pair.kind is PairKind.SAME for pair in _pairs(left.steps, tried.steps))
        score = matched + same / 1000 - len(names) / 1_000_000
        if score > best[0]:
            best = (score, names, tried)
    return best[1], best[2]


def _names_in(timeline: Timeline) -> Sequence[Sequence[str]]:
    """The interchangeable names, those of one kind together."""
    text = " ".join(
        f"{s.cpu} {s.context} {s.values} {s.loads} {s.changed} {s.buffers}" for s in timeline.steps
    )
    found = {match[0]: match[1] for match in _NAMES.finditer(f"{text} {timeline.cpus}")}
    return [
        sorted(name for name, own in found.items() if own == kind)
        for kind in sorted(set(found.values()))
    ]


def _renamed(timeline: Timeline, names: Mapping[str, str]) -> Timeline:
    def own(value: Any) -> Any:  # noqa: ANN401 - of any field
        match value:
            case str():
                return _NAMES.sub(lambda match: names.get(match[0], match[0]), value)
            case tuple():
                return tuple(map(own, value))
            case dict():
                return {own(key): own(held) for key, held in value.items()}
            case Step():
                return replace(value, **{f.name: own(getattr(value, f.name)) for f in fields(Step)})
            case _:
                return value

    shown = ("running", "steps", "summary")
    return replace(timeline, **{name: own(getattr(timeline, name)) for name in shown})
