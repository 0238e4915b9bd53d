"""What a state is in the mail's argument, by predicates that TLC itself evaluates.

The history variables of ``specs/slub/properties.tla.j2`` say which case a cmpxchg is: executed
after the shrink's fence (Case 1), in memory before it (Case 2), or neither of the two: executed
before it and not yet in memory (the third case, of which the mail does not speak). A leak is a
state in which NoLeak does not hold.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping
from typing import Final

from slubtla.barriers.model import Model

_FALLS: Final = "Falls_"
_THIRD, _CASE1, _CASE2 = "Is_third_case", "Is_Case1", "Is_Case2"


class Kind(enum.StrEnum):
    """What a state is; where several hold, the first."""

    LEAK = "leak"
    """NoLeak does not hold."""
    WRONG = "another invariant falls"
    """An invariant that is no sentence of the mail does not hold."""
    THIRD = "third case"
    """A cmpxchg was executed before the fence, and was not in memory then: ``straddling``."""
    CASE1 = "Case 1"
    """A cmpxchg was executed after the fence: ``after_fence``."""
    CASE2 = "Case 2"
    """A cmpxchg was in memory before the fence: ``before_fence``."""
    NEITHER = "neither case"
    """No slab is in any case: the fence is still to come, or no list held a slab when it was
    executed and none was put since. So is every state of a model without a smp_mb()."""
    STATE = "state"
    """Of a specification of the user's own, of which nothing more is known."""
    END = "end of the counterexample"
    """Likewise, the last state of the run's counterexample."""


def watchers_of(model: Model) -> Mapping[str, str]:
    """Return the predicates that are watched in a model, by the name of the action that watches."""
    falls = {f"{_FALLS}{name}": f"~{name}" for name in model.invariants}
    if not model.argument:
        return falls
    return falls | {
        _THIRD: "straddling # {}",
        _CASE1: "after_fence # {}",
        _CASE2: "before_fence # {}",
    }


def falling(marks: frozenset[str]) -> tuple[str, ...]:
    """Return the properties that do not hold in a state, from the watchers that saw it."""
    return tuple(sorted(mark.removeprefix(_FALLS) for mark in marks if mark.startswith(_FALLS)))


def kind_of(marks: frozenset[str], argument: tuple[str, ...] = ()) -> Kind:
    """Return what a state is.

    Args:
        marks: the watchers that saw it.
        argument: properties that are sentences of the mail: that one falls makes nothing wrong.
    """
    falls = falling(marks)
    if "NoLeak" in falls:
        return Kind.LEAK
    if any(name not in argument for name in falls):
        return Kind.WRONG
    for mark, kind in ((_THIRD, Kind.THIRD), (_CASE1, Kind.CASE1), (_CASE2, Kind.CASE2)):
        if mark in marks:
            return kind
    return Kind.NEITHER
