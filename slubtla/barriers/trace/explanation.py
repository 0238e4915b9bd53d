"""What went wrong, in words: notes beside single steps, and a leak in two sentences."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from slubtla.barriers.trace.steps import HARDWARE, Move, function_of, sequence_of, set_of, show
from slubtla.tlc.output import State, Value, same_value

_STORES = frozenset({"put_cmpxchg_partial", "put_cmpxchg_store"})
_CHECKS = frozenset({"put_check_limit", "put_load_limit"})
_LOOK = "flush_load_partial"
_KICK_WAIT = "kick_wait_ack"
_LOCK = "list_lock"
_TAKES = frozenset({"alloc_lock_list", "unfreeze_lock_list", "free_lock_list", "node_lock_list"})
_WAITS = _TAKES | {"flush_slab_lock_list"}


def notes(move: Move) -> tuple[str, ...]:
    """Return what a reader should notice in a step."""
    return tuple(_notes(move))


def _notes(move: Move) -> Iterator[str]:
    if move.name == _LOOK and show(move.value("head")) == "NULL":
        for cpu in _looked_at(move):
            unseen = _why_old(move, move.value("head"), "partial", cpu)
            if unseen:
                yield f"an old value, so it is not flushed: {unseen}"
    if move.name in _CHECKS and move.value("limit") != 0:
        unseen = _why_old(move, move.value("limit"), "cpu_partial")
        if unseen:
            yield f"an old value: {unseen}"


def _looked_at(move: Move) -> frozenset[Value]:
    """The CPU whose list has_cpu_slab() looked at."""
    if "visited" in move.before:  # set by the look, or taken out by it
        return set_of(move.value("visited")) or set_of(move.value("visited", "-"))
    return set_of(move.value("todo", "-"))


def _why_old(move: Move, value: Value, *location: Value) -> str:
    """Why a load returned a value that a store had already replaced; ``""`` where none had."""
    waiting = move.waiting_for(*location)
    if waiting is not None:
        return f"the new one is still in {show(waiting)}'s store buffer"
    if not same_value(function_of(move.before["memory"])[location], value):
        held = show(function_of(move.before["memory"])[location])
        return f"memory holds {held}, but the load was satisfied early"
    return ""


@dataclass(frozen=True, slots=True)
class _Leak:
    """The three steps of a leak: the store, the look, the check; and what was left where."""

    cpu: Value
    slab: Value
    put: Move
    check: Move
    look: Move


def explain(moves: Sequence[Move], last: State) -> tuple[str, ...]:
    """Return a self-deadlock or a leak in two or three sentences.

    Of a leak: what the put saw, what the flush saw, and which wait did not order it.

    Returns:
        An empty tuple where the behaviour ends in something else.
    """
    leak = _find(moves, last)
    if leak is None:
        return _explain_self_deadlock(moves, last)
    cpu, slab = show(leak.cpu), show(leak.slab)
    limit = leak.check.value("limit")
    why_old = _why_old(leak.check, limit, "cpu_partial") or "the shrink had not stored 0 yet"
    why_empty = (
        _why_old(leak.look, leak.look.value("head"), "partial", leak.cpu)
        or "the put had not stored it yet"
    )
    put = (
        f"The put on {cpu} stored {slab} as the head of its list (step {leak.put.number}), then "
        f"read cpu_partial = {show(limit)} (step {leak.check.number}) and did not flush: {why_old}."
    )
    flush = (
        f"has_cpu_slab() saw an empty list on {cpu} (step {leak.look.number}) and sent no IPI: "
        f"{why_empty}; so {slab} stays on a list that nobody will look at."
    )
    return (put, flush, *_unordered_wait(moves, leak))


def _unordered_wait(moves: Sequence[Move], leak: _Leak) -> Iterator[str]:
    """Yield a sentence where the look used an old value in spite of a wait for an IPI before it.

    That is so where the machine could still return the old value after the wait: an acquire would
    have made it forget that value.
    """
    waits = [m for m in moves if m.name == _KICK_WAIT and m.number < leak.look.number]
    if not waits or "older" not in waits[-1].after:
        return
    wait = waits[-1]
    kept = sequence_of(function_of(wait.after["older"])[wait.cpu])
    if any(sequence_of(entry)[0] == ("partial", leak.cpu) for entry in kept):
        yield (
            f"{wait.label.function} read the acknowledgement of the IPI (step {wait.number}) with "
            "a plain load: nothing held the later load of has_cpu_slab() behind it."
        )


def _find(moves: Sequence[Move], last: State) -> _Leak | None:
    for place, slab in function_of(last["memory"]).items():
        if not (isinstance(place, tuple) and place[0] == "partial") or show(slab) == "NULL":
            continue
        cpu = place[1]
        puts = [m for m in moves if m.name in _STORES and _put(m) == (cpu, slab)]
        looks = [
            m
            for m in moves
            if m.name == _LOOK and cpu in _looked_at(m) and show(m.value("head")) == "NULL"
        ]
        checks = [
            m
            for m in moves
            if m.name == "put_check_limit" and m.cpu == cpu and puts and m.number > puts[-1].number
        ]
        if checks and checks[0].value("limit") == 0:
            continue  # it did look again: the slab stayed for another reason
        if puts and looks and checks:
            return _Leak(cpu, slab, puts[-1], checks[0], looks[-1])
    return None


def _put(move: Move) -> tuple[Value, Value] | None:
    """The CPU and the slab of a cmpxchg that succeeded: the slab is no longer in hand."""
    page = move.value("page")
    return None if page in set_of(move.value("hand")) else (move.cpu, page)


def _explain_self_deadlock(moves: Sequence[Move], last: State) -> tuple[str, ...]:
    """Why a CPU waits for the list_lock that it holds; empty where none does."""
    owner = function_of(last["memory"]).get((_LOCK,))
    taken = [m for m in moves if m.name in _TAKES and m.cpu == owner]
    if not taken or moves[-1].cpu != owner or not _waits_for_lock(moves[-1], last):
        return ()
    lock, end = taken[-1], moves[-1]
    callers = [
        m for m in moves if m.cpu == owner and m.number > lock.number and m.context not in HARDWARE
    ]
    functions = tuple(dict.fromkeys(m.label.function for m in (lock, *callers)))
    held = f"{show(owner)} took list_lock in {lock.label.function} (step {lock.number}), and"
    waits = f"{functions[-1]} (step {end.number}) now waits for that same lock on the same CPU"
    way = " → ".join(functions)
    checks = [m for m in callers if m.name == "put_check_limit"]
    read = (
        f" put_cpu_partial() read cpu_partial = {show(checks[-1].value('limit'))} "
        f"(step {checks[-1].number}), so it flushes:"
        if checks
        else ""
    )
    return (f"{held} holds it still.{read} {waits}, with irqs off: for ever.", f"The way: {way}.")


def _waits_for_lock(move: Move, last: State) -> bool:
    """Whether the context that moved last waits for list_lock while its CPU holds it still."""
    if function_of(last["pc"]).get(move.who) not in _WAITS:
        return False
    entries = function_of(last["buffer"])[move.cpu] if "buffer" in last else ()
    return all(sequence_of(entry)[0] != (_LOCK,) for entry in sequence_of(entries))


def explain_waiting(last: State) -> tuple[str, ...]:
    """Return for whom the shrink waits for ever, in the last state of a behaviour without an end.

    Returns:
        An empty tuple where it waits for nobody.
    """
    waiting = {label: who for who, label in function_of(last["pc"]).items()}
    if "gp_wait" in waiting:
        region = "in a region with preemption off, or with irqs off, and never leaves it"
        held_up = f"{show(last['holdouts'])} is {region}"
        return (f"The grace period never ends: {held_up}.",)
    for label, sender in (
        ("kick_wait_ack", "kick_all_cpus_sync()"),
        ("flush_wait_ack", "flush_all()"),
    ):
        if label in waiting:
            cpus = show(function_of(last["sent"])[waiting[label]])
            return (f"{sender} waits for ever: {cpus} keeps its irqs off, and takes no interrupt.",)
    return ()
