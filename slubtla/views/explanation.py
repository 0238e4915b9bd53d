"""What went wrong, in words: notes beside single steps, and a leak in two sentences."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from slubtla.tlc import State, Value
from slubtla.views.moves import Move, function_of, set_of, show

_STORES = frozenset({"put_cmpxchg_partial", "put_cmpxchg_store"})
_CHECKS = frozenset({"put_check_limit", "put_load_limit"})
_LOOK = "flush_load_partial"


def notes(move: Move) -> tuple[str, ...]:
    """Return what a reader should notice in a step."""
    return tuple(_notes(move))


def _notes(move: Move) -> Iterator[str]:
    if move.name == _LOOK and show(move.value("head")) == "NULL":
        for cpu in set_of(move.value("todo", "-")):
            hidden = move.waiting_for("partial", cpu)
            if hidden is not None:
                yield f"the new head is still in {show(hidden)}'s buffer: no IPI"
    if move.name in _CHECKS and move.value("limit") != 0:
        hidden = move.waiting_for("cpu_partial")
        if hidden is not None:
            yield f"the old value: the 0 is still in {show(hidden)}'s buffer"


@dataclass(frozen=True, slots=True)
class _Leak:
    """The three steps of a leak: the store, the look, the check; and what was left where."""

    cpu: Value
    slab: Value
    put: Move
    check: Move
    look: Move


def explain(moves: Sequence[Move], last: State) -> tuple[str, ...]:
    """Return a leak in two sentences: what the put saw, and what the flush saw.

    Returns:
        An empty tuple where the behaviour ends in something else than a leak of this kind.
    """
    leak = _find(moves, last)
    if leak is None:
        return ()
    cpu, slab = show(leak.cpu), show(leak.slab)
    old = leak.check.waiting_for("cpu_partial")
    unseen = leak.look.waiting_for("partial", leak.cpu)
    limit = show(leak.check.value("limit"))
    why_old = (
        f"the 0 was still in {show(old)}'s store buffer"
        if old is not None
        else "the shrink had not stored 0 yet"
    )
    why_empty = (
        f"that store was still in {show(unseen)}'s store buffer"
        if unseen is not None
        else "the put had not stored it yet"
    )
    put = (
        f"The put on {cpu} stored {slab} as the head of its list (step {leak.put.number}), then "
        f"read cpu_partial = {limit} (step {leak.check.number}) and did not flush: {why_old}."
    )
    flush = (
        f"has_cpu_slab() saw an empty list on {cpu} (step {leak.look.number}) and sent no IPI: "
        f"{why_empty}; so {slab} stays on a list that nobody will look at."
    )
    return (put, flush)


def _find(moves: Sequence[Move], last: State) -> _Leak | None:
    for place, slab in function_of(last["memory"]).items():
        if not (isinstance(place, tuple) and place[0] == "partial") or show(slab) == "NULL":
            continue
        cpu = place[1]
        puts = [m for m in moves if m.name in _STORES and _put(m) == (cpu, slab)]
        looks = [m for m in moves if m.name == _LOOK and cpu in set_of(m.value("todo", "-"))]
        checks = [
            m
            for m in moves
            if m.name == "put_check_limit" and m.cpu == cpu and puts and m.number > puts[-1].number
        ]
        if puts and looks and checks:
            return _Leak(cpu, slab, puts[-1], checks[0], looks[-1])
    return None


def _put(move: Move) -> tuple[Value, Value] | None:
    """The CPU and the slab of a cmpxchg that succeeded: the slab is no longer in hand."""
    page = move.value("page")
    return None if page in set_of(move.value("hand")) else (move.cpu, page)
