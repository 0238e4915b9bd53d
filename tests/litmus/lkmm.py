"""An oracle: the Linux-kernel memory model as axioms, over the same litmus tests.

It shares nothing with the models under test but the reader: no store buffers, no TLC. Every
candidate execution is enumerated (what each read reads from, in which order each location is
written) and the axioms decide which are allowed.

Source: J. Alglave, L. Maranget, P. McKenney, A. Parri, A. Stern, "Frightening small children and
disconcerting grown-ups: concurrency in the Linux kernel", ASPLOS 2018, sections 3 and 4, with the
later additions that the model's documentation describes (locks, release sequences).
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import reduce

from slubtla.barriers.litmus.syntax import (
    Assign,
    CmpxchgStatement,
    Expression,
    Fence,
    Form,
    If,
    Litmus,
    LoadStatement,
    Locking,
    Number,
    Observation,
    Operation,
    Rcu,
    Register,
    Statement,
    StoreStatement,
    Thread,
    Variable,
    Xchg,
    holds,
)

Pair = tuple[int, int]
Relation = frozenset[Pair]
INIT = -1


@dataclass(frozen=True)
class Event:
    """A read (R), a write (W) or a fence (F); ``inputs`` are the reads its value comes from."""

    thread: int
    kind: str
    tag: str
    location: str = ""
    value: int = 0
    inputs: frozenset[int] = frozenset()
    controls: frozenset[int] = frozenset()
    partner: int = -1  # the read of a read-modify-write


@dataclass
class Path:
    """One way through a thread: events with places of their own, and its registers."""

    thread: int
    events: list[Event] = field(default_factory=list)
    registers: dict[str, tuple[int, frozenset[int]]] = field(default_factory=dict)
    controls: frozenset[int] = frozenset()

    def copy(self) -> Path:
        return Path(self.thread, list(self.events), dict(self.registers), self.controls)

    def add(self, kind: str, tag: str, location: str = "", value: int = 0, **more: object) -> int:
        event = Event(self.thread, kind, tag, location, value, controls=self.controls, **more)  # type: ignore[arg-type]
        self.events.append(event)
        return len(self.events) - 1


Domain = Mapping[str, frozenset[int]]
Valued = tuple[Path, int, frozenset[int]]


def _expression(  # noqa: C901, PLR0912  # one case a kind of expression
    path: Path, e: Expression, domain: Domain
) -> Iterator[Valued]:
    match e:
        case Number(value=value):
            yield path, value, frozenset()
        case Register(name=name):
            yield path, *path.registers[name]
        case Operation(operator=sign, operands=(operand,)):
            for after, value, inputs in _expression(path, operand, domain):
                yield after, int(not value) if sign == "!" else -value, inputs
        case Operation(operator=sign, operands=(left, right)):
            for one, a, from_a in _expression(path, left, domain):
                for two, b, from_b in _expression(one, right, domain):
                    yield two, _apply(sign, a, b), from_a | from_b
        case LoadStatement(location=location, acquire=acquire):
            for value in sorted(domain[location]):
                after = path.copy()
                read = after.add("R", "acquire" if acquire else "once", location, value)
                yield after, value, frozenset({read})
        case Xchg(location=location, value=new, form=form):
            for before, value, inputs in _expression(path, new, domain):
                for seen in sorted(domain[location]):
                    yield _rmw(before, location, form, seen, value, inputs)
        case CmpxchgStatement(location=location, old=old, new=new, form=form):
            for one, wanted, from_old in _expression(path, old, domain):
                for two, value, inputs in _expression(one, new, domain):
                    for seen in sorted(domain[location]):
                        if seen == wanted:
                            yield _rmw(two, location, form, seen, value, inputs | from_old)
                        else:
                            after = two.copy()
                            read = after.add("R", "once", location, seen)
                            yield after, seen, frozenset({read})


def _rmw(  # noqa: PLR0913, PLR0917  # what a read-modify-write is made of
    path: Path, location: str, form: Form, seen: int, value: int, inputs: frozenset[int]
) -> Valued:
    after = path.copy()
    if form is Form.FULL:
        after.add("F", "smp_mb")
    read = after.add("R", "acquire" if form is Form.ACQUIRE else "once", location, seen)
    tag = "release" if form is Form.RELEASE else "once"
    after.add("W", tag, location, value, inputs=inputs, partner=read)
    if form is Form.FULL:
        after.add("F", "smp_mb")
    return after, seen, frozenset({read})


def _apply(sign: str, a: int, b: int) -> int:
    table = {
        "+": a + b,
        "-": a - b,
        "*": a * b,
        "==": a == b,
        "!=": a != b,
        "<": a < b,
        "<=": a <= b,
        ">": a > b,
        ">=": a >= b,
        "&&": bool(a and b),
        "||": bool(a or b),
    }
    return int(table[sign])


def _run(path: Path, body: tuple[Statement, ...], domain: Domain) -> Iterator[Path]:
    if not body:
        yield path
        return
    for after in _step(path, body[0], domain):
        yield from _run(after, body[1:], domain)


def _step(  # noqa: C901  # one case a kind of statement
    path: Path, statement: Statement, domain: Domain
) -> Iterator[Path]:
    match statement:
        case Assign(register=register, value=e):
            for after, value, inputs in _expression(path, e, domain):
                new = after.copy()
                if register is not None:
                    new.registers[register] = (value, inputs)
                yield new
        case StoreStatement(location=location, value=e, release=release):
            for after, value, inputs in _expression(path, e, domain):
                new = after.copy()
                new.add("W", "release" if release else "once", location, value, inputs=inputs)
                yield new
        case Fence(kind=kind) | Rcu(kind=kind):
            new = path.copy()
            new.add("F", kind)
            yield new
        case Locking(kind="spin_lock", location=location):
            new = path.copy()
            read = new.add("R", "lock", location, 0)
            new.add("W", "locked", location, 1, partner=read)
            yield new
        case Locking(location=location):
            new = path.copy()
            new.add("W", "unlock", location, 0)
            yield new
        case If(condition=condition, then=then, otherwise=otherwise):
            for after, value, inputs in _expression(path, condition, domain):
                new = after.copy()
                new.controls |= inputs
                for done in _run(new, then if value else otherwise, domain):
                    done.controls = path.controls
                    yield done


def _paths(thread: Thread, domain: Domain) -> list[Path]:
    start = Path(thread.number)
    start.registers = {name: (0, frozenset()) for name in thread.registers}
    start.registers |= {name: (value, frozenset()) for name, value in thread.initial}
    return list(_run(start, thread.body, domain))


def _domain(litmus: Litmus) -> Domain:
    """All values that each location may have: none passes through more than six writes."""
    domain = {name: frozenset({value}) for name, value in litmus.initial}
    domain |= {name: frozenset({0, 1}) for name in litmus.locks}
    for _ in range(6):
        paths = [_paths(thread, domain) for thread in litmus.threads]
        written = {
            (e.location, e.value) for ps in paths for p in ps for e in p.events if e.kind == "W"
        }
        grown = {
            name: values | {value for location, value in written if location == name}
            for name, values in domain.items()
        }
        if grown == domain:
            break
        domain = grown
    return domain


# --- Relations.


def _seq(*relations: Relation) -> Relation:
    def two(left: Relation, right: Relation) -> Relation:
        by_source: dict[int, list[int]] = {}
        for b, c in right:
            by_source.setdefault(b, []).append(c)
        return frozenset((a, c) for a, b in left for c in by_source.get(b, ()))

    return reduce(two, relations)


def _inverse(relation: Relation) -> Relation:
    return frozenset((b, a) for a, b in relation)


def _plus(relation: Relation) -> Relation:
    closed = relation
    while not (longer := _seq(closed, relation)) <= closed:
        closed |= longer
    return closed


def _acyclic(relation: Relation) -> bool:
    return all(a != b for a, b in _plus(relation))


class Candidate:
    """One candidate execution, and whether the axioms allow it."""

    def __init__(self, events: list[Event], po: Relation, rf: Relation, co: Relation) -> None:
        self.events = events
        everything = range(len(events))
        self.identity: Relation = frozenset((e, e) for e in everything)
        self.po, self.rf, self.co = po, rf, co
        self.fr: Relation = frozenset((a, b) for a, b in _seq(_inverse(rf), co) if a != b)
        self.internal: Relation = frozenset(
            (a, b)
            for a in everything
            for b in everything
            if events[a].thread == events[b].thread != INIT
        )

    def only(self, *, kind: str = "RW", tags: frozenset[str] | None = None) -> Relation:
        return frozenset(
            (i, i)
            for i, e in enumerate(self.events)
            if e.kind in kind and (tags is None or e.tag in tags)
        )

    def maybe(self, relation: Relation) -> Relation:
        return relation | self.identity

    def star(self, relation: Relation) -> Relation:
        return _plus(relation) | self.identity

    def coherent(self) -> bool:
        same = frozenset(
            (a, b) for a, b in self.po if self.events[a].location == self.events[b].location != ""
        )
        return _acyclic(same | self.rf | self.co | self.fr)

    def atomic(self) -> bool:
        split = _seq(self.fr - self.internal, self.co - self.internal)
        return not self.rmw() & split

    def rmw(self) -> Relation:
        return frozenset((e.partner, i) for i, e in enumerate(self.events) if e.partner >= 0)

    def allowed(self) -> bool:
        return self.coherent() and self.atomic() and self._ordered()

    def _between(self, kind: str, fence: str, to: str) -> Relation:
        middle = self.only(kind="F", tags=frozenset({fence}))
        return _seq(self.only(kind=kind), self.po, middle, self.po, self.only(kind=to))

    def _ordered(self) -> bool:
        po, rf, internal = self.po, self.rf, self.internal
        memory = self.only()
        rfe, rfi = rf - internal, rf & internal
        lock, unlock = frozenset({"lock"}), frozenset({"unlock"})
        synchronize = self.only(kind="F", tags=frozenset({"synchronize_rcu"}))

        acq_po = _seq(self.only(tags=frozenset({"acquire", "lock"})), po, memory)
        po_rel = _seq(memory, po, self.only(tags=frozenset({"release", "unlock"})))
        rmb = self._between("R", "smp_rmb", "R")
        wmb = self._between("W", "smp_wmb", "W")
        strong = self._between("RW", "smp_mb", "RW") | _seq(po, synchronize, self.maybe(po))
        relock = _seq(po, self.only(tags=unlock), po | rf, self.only(tags=lock), po)

        data = frozenset((r, i) for i, e in enumerate(self.events) for r in e.inputs)
        control = frozenset((r, i) for i, e in enumerate(self.events) for r in e.controls)
        overwrite = self.co | self.fr
        to_w = _seq(data | control, self.only(kind="W")) | (overwrite & internal)
        fences = strong | po_rel | acq_po | wmb | rmb
        ppo = _seq(data, rfi) | to_w | (fences & internal) | (relock & internal)

        sequence = self.star(_seq(rf, self.rmw()))
        cumulative = _seq(self.maybe(rfe), strong | po_rel)
        fence = _seq(memory, cumulative | wmb | relock, memory, sequence)
        prop = _seq(
            memory, self.maybe(overwrite - internal), self.star(fence), memory, self.maybe(rfe)
        )
        hb = _seq(memory, ppo | rfe | ((prop - self.identity) & internal), memory)
        if not _acyclic(hb):
            return False
        pb = _seq(prop, strong, self.star(hb), memory)
        return _acyclic(pb) and self._rcu(prop, hb, pb, synchronize)

    def _rcu(self, prop: Relation, hb: Relation, pb: Relation, gp: Relation) -> bool:
        sections = _inverse(self._sections())
        to = _seq(self.maybe(self.po), self.star(hb), self.star(pb), prop, self.po)
        order = gp
        while True:
            longer = (
                order
                | _seq(gp, to, sections)
                | _seq(sections, to, gp)
                | _seq(gp, to, order, to, sections)
                | _seq(sections, to, order, to, gp)
                | _seq(order, to, order)
            )
            if longer == order:
                break
            order = longer
        fence = _seq(self.po, order, self.maybe(self.po))
        rb = _seq(prop, fence, self.star(hb), self.star(pb), self.only())
        return all(a != b for a, b in rb)

    def _sections(self) -> Relation:
        """The outermost reader's sections: lock → unlock."""
        pairs = set()
        open_: dict[int, list[int]] = {}
        for i, event in enumerate(self.events):
            if event.tag == "rcu_read_lock":
                open_.setdefault(event.thread, []).append(i)
            elif event.tag == "rcu_read_unlock":
                start = open_[event.thread].pop()
                if not open_[event.thread]:
                    pairs.add((start, i))
        return frozenset(pairs)


def _candidates(events: list[Event], po: Relation) -> Iterator[Candidate]:
    writes: dict[str, list[int]] = {}
    for i, event in enumerate(events):
        if event.kind == "W":
            writes.setdefault(event.location, []).append(i)
    reads = [i for i, event in enumerate(events) if event.kind == "R"]
    sources = [
        [w for w in writes[events[r].location] if events[w].value == events[r].value] for r in reads
    ]
    orders = [[(ws[0], *rest) for rest in itertools.permutations(ws[1:])] for ws in writes.values()]
    for chosen in itertools.product(*sources):
        rf = frozenset(zip(chosen, reads, strict=True))
        for order in itertools.product(*orders):
            co = frozenset(pair for ws in order for pair in itertools.combinations(ws, 2))
            yield Candidate(events, po, rf, co)


def final_states(litmus: Litmus) -> set[tuple[tuple[Variable, int], ...]]:
    """Return the final states that the Linux-kernel memory model allows."""
    domain = _domain(litmus)
    found = set()
    initial = [*litmus.initial, *((lock, 0) for lock in litmus.locks)]
    for combination in itertools.product(*(_paths(t, domain) for t in litmus.threads)):
        events = [Event(INIT, "W", "init", name, value) for name, value in initial]
        po = set()
        for path in combination:
            base = len(events)
            for event in path.events:
                shifted = Event(
                    event.thread,
                    event.kind,
                    event.tag,
                    event.location,
                    event.value,
                    frozenset(i + base for i in event.inputs),
                    frozenset(i + base for i in event.controls),
                    event.partner + base if event.partner >= 0 else -1,
                )
                events.append(shifted)
            po |= set(itertools.combinations(range(base, len(events)), 2))
        registers = {
            Variable(path.thread, name): value
            for path in combination
            for name, (value, _) in path.registers.items()
        }
        for candidate in _candidates(events, frozenset(po)):
            state = registers | {
                Variable(-1, name): next(
                    e.value
                    for i, e in enumerate(events)
                    if e.kind == "W"
                    and e.location == name
                    and not any(a == i for a, _ in candidate.co)
                )
                for name, _ in litmus.initial
            }
            key = tuple(sorted(state.items()))
            if key not in found and candidate.allowed():
                found.add(key)
    return found


def verdict(litmus: Litmus) -> Observation:
    """Return the verdict of the Linux-kernel memory model."""
    states = [dict(state) for state in final_states(litmus)]
    states = [s for s in states if litmus.only is None or holds(litmus.only, s)]
    values = {holds(litmus.condition.proposition, state) for state in states}
    if True not in values:
        return Observation.NEVER
    return Observation.SOMETIMES if False in values else Observation.ALWAYS
