"""Which mutants break a label: those that edit it in its template, and those without its guard."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from slubtla.barriers.data import data_dir
from slubtla.barriers.glossary.excerpts import block_of
from slubtla.barriers.glossary.sources import Told, broken, spec_of
from slubtla.barriers.model import Model
from slubtla.barriers.suite.config import Edit

_LABEL = re.compile(r"^(\w+):(?!=)", re.MULTILINE)


def mutants_of(label: str) -> tuple[Told, ...]:
    """Return the mutants whose edits or removed guards change a label."""
    return tuple(
        told
        for told in broken(lambda _: True)
        if any(label in _edited(edit) for edit in told.claim.edits)
        or (told.model.without and label in _guarded(told.model))
    )


def _edited(edit: Edit) -> frozenset[str]:
    """The labels that an edit of a template touches: those in it, and the one that it begins in."""
    text = (data_dir("specs") / edit.template).read_text(encoding="utf-8")
    begin = text.index(edit.right)
    end = begin + len(edit.right.rstrip())
    inside = {m[1] for m in _LABEL.finditer(text) if begin <= m.start() < end}
    above = [m[1] for m in _LABEL.finditer(text) if m.start() < begin]
    own_comment = edit.right.lstrip().startswith("\\*")
    return frozenset(inside if own_comment or not above else inside | {above[-1]})


@cache
def _guarded(model: Model) -> frozenset[str]:
    """The labels that are other with the guards that a model lacks, or exist only with them."""
    right = model.model_copy(update={"without": ()})
    return frozenset(_differing(spec_of(right), spec_of(model)))


def _differing(right: str, wrong: str) -> Iterator[str]:
    for match in _LABEL.finditer(right.split("--algorithm", 1)[-1]):
        ours, theirs = block_of(right, match[1]), block_of(wrong, match[1])
        if ours is not None and (theirs is None or ours[1] != theirs[1]):
            yield match[1]
