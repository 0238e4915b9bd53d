"""Translate a litmus test into the steps of its threads, one label for each memory access.

Local arithmetic takes no step (:mod:`values`); an ``if`` is decided in the step before it. So the
model has no interleavings that the memory does not see.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeAlias

from slubtla.barriers.litmus import syntax as c
from slubtla.barriers.litmus.values import Choice, RegisterValue, Seen, tla, tla_truth

_CPU = "self"


@dataclass(frozen=True, slots=True)
class Instruction:
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
    """

    label: str | None
    condition: str
    then: tuple[Element, ...]
    otherwise: tuple[Element, ...]


Element: TypeAlias = Instruction | Branch


def instructions_of(nodes: Sequence[Element]) -> Iterator[Instruction]:
    """Yield all steps, of both branches of an ``if``."""
    for node in nodes:
        if isinstance(node, Instruction):
            yield node
        else:
            yield from instructions_of(node.then)
            yield from instructions_of(node.otherwise)


@dataclass
class LoweredThread:
    """Translates the statements of a thread, and keeps the value of each register.

    Attributes:
        seen: a name for each access that reads.
        reader: whether it has an RCU read-side critical section.
    """

    thread: c.Thread
    prefix: str
    seen: list[str] = field(default_factory=list)
    loaded: set[str] = field(default_factory=set)
    forms: set[str] = field(default_factory=set)
    reader: bool = False
    environment: dict[str, RegisterValue] = field(default_factory=dict)
    _count: int = 0
    _values: dict[int, RegisterValue] = field(default_factory=dict)

    def lower(self) -> tuple[Element, ...]:
        """Return the steps of the thread."""
        self.environment = {name: c.Number(0) for name in self.thread.registers}
        self.environment |= {name: c.Number(value) for name, value in self.thread.initial}
        nodes = self._statements(self.thread.body)
        if not nodes:
            return (self._step("nothing", "nothing", "skip;"),)
        if isinstance(nodes[0], Branch):
            nodes[0] = self._labelled(nodes[0])
        return tuple(nodes)

    def _statements(self, body: Sequence[c.Statement]) -> list[Element]:
        nodes: list[Element] = []
        for statement in body:
            new = list(self._statement(statement))
            if nodes and isinstance(nodes[-1], Branch) and new and isinstance(new[0], Branch):
                new[0] = self._labelled(new[0])
            nodes += new
        return nodes

    def _statement(self, statement: c.Statement) -> Iterator[Element]:
        match statement:
            case c.Assign(register=register, value=expression):
                yield from self._assign(register, expression)
            case c.StoreStatement(location=location, value=expression, release=release):
                yield from self._reads_in(expression)
                value = self._value(expression)
                macro, name = ("store", "WRITE_ONCE") if not release else ("smp_store_release",) * 2
                yield self._step(
                    f"{name}_{location}",
                    f"{name}({location}, ...)",
                    f"{macro}({_CPU}, {_at(location)}, {tla(value)});",
                )
            case c.Fence(kind=kind):
                yield self._step(kind, f"{kind}()", f"{kind}({_CPU});")
            case c.Locking(kind=kind, location=location):
                macro = f"{kind}({_CPU}, {_at(location)});"
                yield self._step(f"{kind}_{location}", f"{kind}({location})", macro)
            case c.Rcu(kind="synchronize_rcu"):
                for half in ("rcu_gp_start", "rcu_gp_wait"):
                    yield self._step(half, f"synchronize_rcu(), {half}", f"{half}({_CPU});")
            case c.Rcu(kind=kind):
                self.reader = True
                yield self._step(kind, f"{kind}()", f"{kind}({_CPU});")
            case c.If():
                yield from self._branch(statement)

    def _assign(self, register: str | None, expression: c.Expression) -> Iterator[Element]:
        if isinstance(expression, (c.LoadStatement, c.Xchg, c.CmpxchgStatement)):
            yield from self._read(expression, register)
        else:
            yield from self._reads_in(expression)
        if register is not None:
            self.environment[register] = self._value(expression)

    def _branch(self, statement: c.If) -> Iterator[Element]:
        yield from self._reads_in(statement.condition)
        condition = self._value(statement.condition)
        before = dict(self.environment)
        then = tuple(self._statements(statement.then))
        after_then, self.environment = self.environment, dict(before)
        otherwise = tuple(self._statements(statement.otherwise))
        for name, value in after_then.items():
            other = self.environment[name]
            if other != value:
                self.environment[name] = Choice(condition, value, other)
        if then or otherwise:
            yield Branch(None, tla_truth(condition), then, otherwise)

    # --- Reads: each has a name of its own, under which its value is found later.

    def _reads_in(self, expression: c.Expression) -> Iterator[Element]:
        """Yield the steps of the reads within an expression, from left to right."""
        match expression:
            case c.Operation(operands=operands):
                for operand in operands:
                    yield from self._reads_in(operand)
            case c.LoadStatement() | c.Xchg() | c.CmpxchgStatement():
                yield from self._read(expression, None)

    def _read(self, read: c.Read, register: str | None) -> Iterator[Element]:
        arguments: list[RegisterValue] = []
        match read:
            case c.LoadStatement(acquire=acquire):
                self.loaded.add(read.location)
                macro, name = ("load", "READ_ONCE") if not acquire else ("smp_load_acquire",) * 2
            case c.Xchg(value=value, form=form):
                yield from self._reads_in(value)
                arguments = [self._value(value)]
                if form is c.Form.ACQUIRE:  # it returns since when its value has been there
                    self.loaded.add(read.location)
                macro = name = f"xchg{form}"
            case c.CmpxchgStatement(old=old, new=new, form=form):
                self.loaded.add(read.location)
                yield from self._reads_in(old)
                yield from self._reads_in(new)
                arguments = [self._value(old), self._value(new)]
                macro = name = f"cmpxchg{form}"
        if not isinstance(read, c.LoadStatement):
            self.forms.add(read.form.value)
        slot = self._slot(register)
        self._values[id(read)] = Seen(slot)
        inner = ", ".join([_CPU, _at(read.location), *map(tla, arguments)])
        more = ", ..." * len(arguments)
        yield self._step(
            f"{name}_{read.location}",
            f"{name}({read.location}{more})" + (f" into {register}" if register else ""),
            f"{macro}({inner}, {tla(Seen(slot))});",
        )

    def _slot(self, register: str | None) -> str:
        name = f"P{self.thread.number}_{register or 'value'}"
        slot, number = name, 1
        while slot in self.seen:  # by the same register, or by one that is named like its slot
            number += 1
            slot = f"{name}__{number}"
        self.seen.append(slot)
        return slot

    def _value(self, expression: c.Expression) -> RegisterValue:
        match expression:
            case c.Number():
                return expression
            case c.Register(name=name):
                return self.environment[name]
            case c.Operation(operator=operator, operands=operands):
                return c.Operation(operator, tuple(map(self._value, operands)))
            case c.LoadStatement() | c.Xchg() | c.CmpxchgStatement():
                return self._values[id(expression)]

    def _step(self, name: str, words: str, statement: str) -> Instruction:
        return Instruction(self._label(name), words, statement)

    def _labelled(self, branch: Branch) -> Branch:
        return replace(branch, label=self._label("if"))

    def _label(self, name: str) -> str:
        self._count += 1
        return f"{self.prefix}_P{self.thread.number}_{self._count}_{name}"


def _at(location: str) -> str:
    return f'<<"{location}">>'


@dataclass(frozen=True, slots=True)
class Program:
    """A litmus test as steps, ready to be rendered.

    Attributes:
        seen: a name for each access that reads.
        loaded: locations that loads read, a cmpxchg that fails among them.
        readers: threads with an RCU read-side critical section.
        final: the value of each register at the end.
    """

    litmus: c.Litmus
    prefix: str
    threads: tuple[tuple[Element, ...], ...]
    seen: tuple[str, ...]
    loaded: tuple[str, ...]
    readers: tuple[int, ...]
    forms: frozenset[str]
    final: dict[c.Variable, RegisterValue]

    @property
    def uses_rcu(self) -> bool:
        """Whether it has a grace period, or waits for one."""
        return any(
            "rcu" in step.statement for thread in self.threads for step in instructions_of(thread)
        )


def make_program(litmus: c.Litmus, taken: frozenset[str] = frozenset()) -> Program:
    """Translate a test; ``taken`` are the prefixes of other tests in the same module."""
    stem = re.sub(r"\W+", "_", litmus.name).strip("_") or "test"
    stem = stem if stem[0].isalpha() else f"T{stem}"
    prefix, number = stem, 1
    while prefix.upper() in {name.upper() for name in taken}:
        number += 1
        prefix = f"{stem}_{number}"
    lowered = [LoweredThread(thread, prefix) for thread in litmus.threads]
    threads = tuple(thread.lower() for thread in lowered)
    return Program(
        litmus=litmus,
        prefix=prefix,
        threads=threads,
        seen=tuple(name for thread in lowered for name in thread.seen),
        loaded=tuple(sorted({name for thread in lowered for name in thread.loaded})),
        readers=tuple(thread.thread.number for thread in lowered if thread.reader),
        forms=frozenset(form for thread in lowered for form in thread.forms),
        final={
            c.Variable(thread.thread.number, name): value
            for thread in lowered
            for name, value in thread.environment.items()
        },
    )
