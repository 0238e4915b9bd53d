"""Why a property of SLUB falls: the steps that decide it, and two or three sentences.

The steps are found by the roles that stand beside their labels in the specification: ``put`` makes
a slab the head of a CPU's list, ``check`` reads cpu_partial behind it, ``look`` is has_cpu_slab().
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import takewhile
from typing import Final, TypeVar

from slubtla.barriers.labels import Access
from slubtla.barriers.trace.counterexample import timeline_of
from slubtla.barriers.trace.steps import HARDWARE, Step, Transition, Variables, buffers_of
from slubtla.barriers.trace.timeline import Timeline
from slubtla.barriers.trace.values import function_of, sequence_of, set_of, show
from slubtla.tlc.output import Value
from slubtla.tlc.run.result import Result

_LOCK: Final = ("list_lock",)
_HISTORY: Final = {"Case1": "deaf", "Case2": "missed", "CasesExhaustive": "straddling"}
"""Where each sentence of the mail notes the slab for which it falls."""

Sentences = Iterator[str]
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Race:
    """A put of a slab, and what decided that it stays.

    Attributes:
        cpu: the CPU on whose list it was put.
        slab: the slab.
        put: the step that stored it.
        check: the first read of cpu_partial behind it.
        look: the last look at the list.
        moved: the first step of the put on another CPU.
    """

    cpu: Value
    slab: Value
    put: Transition
    check: Transition | None
    look: Transition | None
    moved: Transition | None


def explain(timeline: Timeline, fell: str) -> tuple[str, ...]:
    """Return why a property falls; nothing where the steps bear out no explanation."""
    moves = timeline.transitions
    explanation = _EXPLANATIONS.get(fell)
    return tuple(explanation(moves, moves[-1].after)) if explanation else ()


def _race(moves: Sequence[Transition], cpu: Value, slab: Value) -> Race | None:
    put = _last(m for m in moves if m.role == "put" and _stored(m) == (cpu, slab))
    if put is None:
        return None
    later = (m for m in moves if m.number > put.number and m.who == put.who)
    behind = list(takewhile(lambda m: function_of(m.before["stack"])[m.key], later))
    head = ("partial", cpu)
    return Race(
        cpu=cpu,
        slab=slab,
        put=put,
        check=_first(m for m in behind if m.role == "check"),
        look=_last(m for m in moves if m.role == "look" and m.location(m.label.loads[0]) == head),
        moved=_first(m for m in behind if m.cpu != cpu),
    )


def _stored(put: Transition) -> tuple[Value, Value] | None:
    """The CPU and the slab of a put that succeeded: the slab is no longer in hand."""
    page = put.value("page", "-")
    return None if page in set_of(put.value("hand")) else (put.cpu, page)


def _races(moves: Sequence[Transition], last: Variables) -> Iterator[Race]:
    """The puts of the heads of the lists in the last state."""
    for place, slab in function_of(last["memory"]).items():
        head, *cpu = sequence_of(place)
        if head == "partial" and show(slab) != "NULL":
            race = _race(moves, cpu[0], slab)
            if race is not None:
                yield race


def _no_leak(moves: Sequence[Transition], last: Variables) -> Sentences:
    for race in _races(moves, last):
        why = tuple(_left(race, moves))
        if why:
            yield from why
            return
    yield from _kept(moves, last)


def _left(race: Race, moves: Sequence[Transition]) -> Sentences:
    """Why a slab was left on a list: what the put saw, and what the flush saw."""
    cpu, slab, check, look = show(race.cpu), show(race.slab), race.check, race.look
    stored = f"stored {slab} as the head of its list (step {race.put.number})"
    if check is None:
        yield f"The put on {cpu} {stored}, and nothing behind it reads cpu_partial again."
    elif check.value("limit") != 0:
        why = check.why_old(check.label.loads[0]) or "the shrink had not stored 0 yet"
        limit = show(check.value("limit"))
        yield (
            f"The put on {cpu} {stored}, then read cpu_partial = {limit} (step {check.number}) "
            f"and did not flush: {why}."
        )
    elif race.moved is not None:
        there = show(race.moved.cpu)
        yield (
            f"The put on {cpu} {stored} and read cpu_partial = 0 (step {check.number}), but was "
            f"moved to {there} (before step {race.moved.number}), and flushed the list of {there}."
        )
        yield f"So {slab} stays on the list of {cpu}, at which nobody will look."
        return
    else:
        return  # it did flush: the slab stayed for another reason
    if look is None or show(look.value("head")) != "NULL":
        left = _last(m for m in moves if race.cpu in m.difference("sent", "-"))
        if look is not None and left is not None and not left.label.touches("csd", "wait"):
            yield (
                f"has_cpu_slab() saw {slab} (step {look.number}), but {left.label.function} did "
                f"not wait until {cpu} had flushed it (step {left.number})."
            )
        else:
            yield f"So {slab} stays on the list of {cpu}, at which nobody will look."
        return
    why = look.why_old(look.label.loads[0]) or "the put had not stored it yet"
    sent = "sent no IPI" if "ipi" in look.after else "queued no work"
    yield (
        f"has_cpu_slab() saw an empty list on {cpu} (step {look.number}) and {sent}: {why}; so "
        f"{slab} stays on a list that nobody will look at."
    )
    yield from _unordered_wait(race, moves)


def _unordered_wait(race: Race, moves: Sequence[Transition]) -> Sentences:
    """Name a wait for an IPI that did not order the look behind it.

    That is so where the machine could still return the old value after the wait: an acquire would
    have made it forget that value.
    """
    look = race.look.number if race.look else 0
    wait = _last(m for m in moves if m.label.touches("csd", "wait") and m.number < look)
    if wait is None or "older" not in wait.after:
        return
    kept = sequence_of(function_of(wait.after["older"])[wait.cpu])
    if any(sequence_of(entry)[0] == ("partial", race.cpu) for entry in kept):
        yield (
            f"{wait.label.function} read the acknowledgement of the IPI (step {wait.number}) with "
            "a plain load: nothing held the later load of has_cpu_slab() behind it."
        )


def _kept(moves: Sequence[Transition], last: Variables) -> Sentences:
    """Why an empty slab was left on the node list."""
    used = function_of(last["inuse"])
    for slab in sorted(set_of(last["node_partial"]), key=show):
        added = _last(m for m in moves if slab in m.difference("node_partial", "+"))
        if used[slab] != 0 or added is None:
            continue
        scan = _last(m for m in moves if m.role == "scan")
        late = scan is not None and added.number > scan.number
        after = f", after the shrink had scanned that list (step {scan.number})" if scan else ""
        yield (
            f"{show(slab)} is empty and on the node list: {added.label.function} on "
            f"{show(added.cpu)} put it there (step {added.number}){after if late else ''}."
        )
        yield "So it stays there, and nobody will discard it."
        return


def _list_integrity(moves: Sequence[Transition], last: Variables) -> Sentences:
    end = moves[-1]
    for slab in sorted(function_of(last["next"]), key=show):
        places = tuple(_places(last, slab))
        if len(places) != 1:
            where = f"in {len(places)} places: {' and '.join(places)}" if places else "nowhere"
            yield f"{show(slab)} is {where} after step {end.number} ({_described(end)})."
            break
    else:
        yield f"A list, or what is frozen, is wrong after step {end.number} ({_described(end)})."
    yield from _interrupted(moves)


def _interrupted(moves: Sequence[Transition]) -> Sentences:
    """Name who stored to a list between the last step's own load of its head and that step."""
    end = moves[-1]
    own = [m for m in moves[:-1] if m.who == end.who and m.label.touches("partial", "load")]
    stores = ("store", "rmw")
    if own and end.label.touches("partial", *stores):
        load = own[-1]
        others = (m for m in moves if load.number < m.number < end.number and m.who != end.who)
        head = ("partial", load.cpu)
        other = _last(m for m in others if head in map(m.location, _of(m, *stores)))
        if other is not None:
            yield (
                f"It had read the head of that list in step {load.number}; since then "
                f"{other.label.function}, in {_who(other)}, stored to it (step {other.number})."
            )
            return
    yield f"{_who(end)} was in {end.label.function} on {show(end.cpu)}."


def _places(last: Variables, slab: Value) -> Iterator[str]:
    """Every place where a slab is to be found, lists as their own CPU sees them."""
    memory, links = function_of(last["memory"]), function_of(last["next"])
    for cpu in sorted(function_of(last["current"]), key=show):
        own = {e[0]: e[1] for e in map(sequence_of, buffers_of(last).get(cpu, ())) if len(e) > 1}
        head, listed = own.get(("partial", cpu), memory["partial", cpu]), set()
        while head in links and head not in listed:
            listed.add(head)
            head = links[head]
        if slab in listed:
            yield f"on the list of {show(cpu)}"
        elif ("page", cpu) in memory and own.get(("page", cpu), memory["page", cpu]) == slab:
            yield f"the page of {show(cpu)}"
    for who, slabs in function_of(last["hand"]).items():
        if slab in set_of(slabs):
            yield f"in the hand of {show(who)}"
    for variable, place in (
        ("full", "full, on no list"),
        ("node_partial", "on the node list"),
        ("discarded", "discarded"),
    ):
        if slab in set_of(last[variable]):
            yield place


def _no_self_deadlock(moves: Sequence[Transition], last: Variables) -> Sentences:
    """Why a CPU waits for the list_lock that it holds."""
    end, owner = moves[-1], function_of(last["memory"]).get(_LOCK)
    lock = _last(m for m in moves if m.label.touches(*_LOCK, "lock") and m.cpu == owner)
    waiting = any(sequence_of(e)[0] == _LOCK for e in buffers_of(last).get(end.cpu, ()))
    if lock is None or end.cpu != owner or waiting:
        return
    callers = [
        m for m in moves if m.cpu == owner and m.number > lock.number and m.context not in HARDWARE
    ]
    functions = tuple(dict.fromkeys(m.label.function for m in (lock, *callers)))
    check = _last(m for m in callers if m.role == "check")
    read = (
        f" put_cpu_partial() read cpu_partial = {show(check.value('limit'))} "
        f"(step {check.number}), so it flushes:"
        if check
        else ""
    )
    yield (
        f"{show(owner)} took list_lock in {lock.label.function} (step {lock.number}), and holds it "
        f"still.{read} {functions[-1]} (step {end.number}) now waits for that same lock on the "
        "same CPU, with irqs off: for ever."
    )
    yield f"The way: {' → '.join(functions)}."


def _flush_completes(moves: Sequence[Transition], last: Variables) -> Sentences:
    end = moves[-1]
    for place, pending in function_of(last["memory"]).items():
        kind, *cpu = sequence_of(place)
        if kind not in {"csd", "work"} or pending != 1:
            continue
        sent = _last(m for m in moves if cpu[0] in m.difference("sent", "+"))
        left = _last(m for m in moves if cpu[0] in m.difference("sent", "-"))
        asked = f", which it was asked to do in step {sent.number}" if sent else ""
        yield (
            f"The shrink goes on to the node list (step {end.number}), while {show(cpu[0])} has "
            f"not flushed its own list yet{asked}."
        )
        if left is not None:
            yield f"{left.label.function} did not wait for it (step {left.number})."
        return


def _case1(moves: Sequence[Transition], last: Variables) -> Sentences:
    race, fence = _fallen(moves, last, "Case1"), _last(m for m in moves if m.role == "fence")
    if race is None or race.check is None or fence is None:
        return
    check = race.check
    why = check.why_old(check.label.loads[0]) or "the new one was not stored yet"
    yield (
        f"The cmpxchg of {show(race.slab)} on {show(race.cpu)} was executed in step "
        f"{race.put.number}, after the shrink's smp_mb() (step {fence.number})."
    )
    yield (
        f"Its put then read cpu_partial = {show(check.value('limit'))} (step {check.number}): "
        f"{why}."
    )


def _case2(moves: Sequence[Transition], last: Variables) -> Sentences:
    race, fence = _fallen(moves, last, "Case2"), _last(m for m in moves if m.role == "fence")
    if race is None or race.look is None or fence is None:
        return
    why = race.look.why_old(race.look.label.loads[0]) or "the list was empty by then"
    yield (
        f"{show(race.slab)} was on the list of {show(race.cpu)}, in memory, when the shrink's "
        f"smp_mb() was executed (step {fence.number})."
    )
    yield f"has_cpu_slab() saw an empty list there (step {race.look.number}): {why}."


def _cases_exhaustive(moves: Sequence[Transition], last: Variables) -> Sentences:
    race = _fallen(moves, last, "CasesExhaustive")
    fence = _last(m for m in moves if m.role == "fence")
    if race is None or fence is None:
        return
    yield (
        f"The cmpxchg of {show(race.slab)} on {show(race.cpu)} was executed in step "
        f"{race.put.number}, before the shrink's smp_mb() (step {fence.number}), but its store is "
        f"still in {show(race.cpu)}'s store buffer."
    )
    yield "So it is neither Case 1, executed after the fence, nor Case 2, in memory before it."


def _never_discarded(moves: Sequence[Transition], last: Variables) -> Sentences:
    left = tuple(_no_leak(moves, last))
    yield from left
    used, discarded = function_of(last["inuse"]), set_of(last["discarded"])
    for slab in sorted(used, key=show):
        if used[slab] == 0 and slab not in discarded and not left:
            places = " and ".join(_places(last, slab)) or "nowhere"
            yield f"{show(slab)} is empty and never discarded: it stays {places}."
            end = moves[-1]
            yield f"The last step is step {end.number} ({_described(end)})."
            return


_EXPLANATIONS: Final[Mapping[str, Callable[[Sequence[Transition], Variables], Sentences]]] = {
    "NoLeak": _no_leak,
    "ListIntegrity": _list_integrity,
    "NoSelfDeadlock": _no_self_deadlock,
    "FlushCompletes": _flush_completes,
    "Case1": _case1,
    "Case2": _case2,
    "CasesExhaustive": _cases_exhaustive,
    "EmptySlabsDiscarded": _never_discarded,
}


def _fallen(moves: Sequence[Transition], last: Variables, statement: str) -> Race | None:
    """The put of a slab for which a sentence of the mail falls in the last state."""
    slabs = set_of(last[_HISTORY[statement]])
    for move in moves:
        stored = _stored(move) if move.role == "put" else None
        if stored is not None and stored[1] in slabs:
            return _race(moves, *stored)
    return None


def decisive_steps(result: Result, statement: str) -> Timeline:
    """Return a counterexample to a statement, with only the steps that decide it.

    These are the accesses to the two locations that matter, ``cpu_partial`` and the list of the
    CPU for whose slab the statement fell; their draining to memory; and the fences.

    Args:
        result: a run that violates the statement.
        statement: its name.

    Returns:
        The whole counterexample where no put left the slab behind.

    Raises:
        UsageError: the run directory is gone.
        LookupError: the run does not violate the statement.
    """
    if result.trace is None or result.verdict.detail != statement:
        raise LookupError(f"{result.name} does not violate {statement}: {result.verdict}")
    timeline = timeline_of(result)
    moves, last = timeline.transitions, timeline.transitions[-1].after
    race = _fallen(moves, last, statement) if statement in _HISTORY else _first(_races(moves, last))
    if race is None:
        return timeline
    numbers = set(_decisive(race, moves))
    steps = [step for step in timeline.steps if step.number in numbers]
    if statement == "CasesExhaustive":
        steps[-1] = _third_case(steps[-1], race)
    return replace(timeline, steps=tuple(steps))


def _decisive(race: Race, moves: Sequence[Transition]) -> Iterator[int]:
    head = ("partial", race.cpu)
    awaited = {"check", "put_fence"}  # of the put; only the first of each
    for move in moves:
        own = move.who == race.put.who and move.number > race.put.number
        drained = {c.key: c.after for c in move.changes if c.variable == "memory"}
        if (
            move.number == race.put.number
            or move.role in {"limit", "fence", "end"}
            or drained.get(head) == race.slab
            or drained.get(("cpu_partial",)) == 0
            or (move.role == "look" and head in map(move.location, move.label.loads))
            or (own and move.role in awaited)
        ):
            yield move.number
        if own:
            awaited -= {move.role}


def _third_case(fence: Step, race: Race) -> Step:
    note = (
        f"neither before nor after: the cmpxchg was executed in step {race.put.number}, but "
        f"partial[{show(race.cpu)}] = {show(race.slab)} is still in {show(race.cpu)}'s store buffer"
    )
    return replace(fence, notes=(*fence.notes, note))


def _of(move: Transition, *kinds: str) -> list[Access]:
    return [access for access in move.label.accesses if access.kind in kinds]


def _described(move: Transition) -> str:
    return (
        f"{move.label.function or move.context} on {show(move.cpu)}: {move.say(move.label.words)}"
    )


def _who(move: Transition) -> str:
    return "an interrupt" if move.context == "interrupt" else move.context


def _first(found: Iterable[T]) -> T | None:
    return next(iter(found), None)


def _last(found: Iterable[T]) -> T | None:
    return next(reversed(list(found)), None)
