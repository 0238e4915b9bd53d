"""From the statements of a thread to its steps.

Local arithmetic takes no step (:mod:`values`); an ``if`` is decided in the step
before it. So the model has no interleavings that the memory does not see.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from slubtla.barriers.litmus.steps import Branch, Node, Step
from slubtla.barriers.litmus.syntax import (
    Assign,
    Binary,
    Cmpxchg,
    Const,
    Expression,
    Fence,
    Form,
    If,
    Load,
    Locking,
    Rcu,
    Read,
    Register,
    Statement,
    Store,
    Thread,
    Unary,
    Xchg,
)
from slubtla.barriers.litmus.values import Choice, Number, Operation, Seen, Value, tla, tla_truth

_CPU = "self[2]"


@dataclass
class LoweredThread:
    """Walks the statements of a thread, and keeps what each register holds.

    Attributes:
        thread: the thread.
        prefix: the beginning of all labels of the test.
        seen: a name for each access that reads.
        loaded: the locations that it loads.
        forms: the forms of its read-modify-writes.
        reader: whether it has an RCU reader's section.
        environment: what each register holds; at the end, when all is lowered.
    """

    thread: Thread
    prefix: str
    seen: list[str] = field(default_factory=list)
    loaded: set[str] = field(default_factory=set)
    forms: set[str] = field(default_factory=set)
    reader: bool = False
    environment: dict[str, Value] = field(default_factory=dict)
    _count: int = 0
    _values: dict[int, Value] = field(default_factory=dict)

    @property
    def number(self) -> int:
        """0 for ``P0``."""
        return self.thread.number

    def lower(self) -> tuple[Node, ...]:
        """Return the steps of the thread."""
        self.environment = {name: Number(0) for name in self.thread.registers}
        self.environment |= {name: Number(value) for name, value in self.thread.initial}
        nodes = self._statements(self.thread.body)
        if not nodes:
            return (self._step("nothing", "nothing", "skip;"),)
        if isinstance(nodes[0], Branch):
            nodes[0] = self._labelled(nodes[0])
        return tuple(nodes)

    def _statements(self, body: Sequence[Statement]) -> list[Node]:
        nodes: list[Node] = []
        for statement in body:
            new = list(self._statement(statement))
            if nodes and isinstance(nodes[-1], Branch) and new and isinstance(new[0], Branch):
                new[0] = self._labelled(new[0])
            nodes += new
        return nodes

    def _statement(self, statement: Statement) -> Iterator[Node]:
        match statement:
            case Assign(register=register, value=expression):
                yield from self._assign(register, expression)
            case Store(location=location, value=expression, release=release):
                yield from self._reads_in(expression)
                value = self._value(expression)
                macro, name = ("store", "WRITE_ONCE") if not release else ("smp_store_release",) * 2
                yield self._step(
                    f"{name}_{location}",
                    f"{name}({location}, ...)",
                    f"{macro}({_CPU}, {_at(location)}, {tla(value)});",
                )
            case Fence(kind=kind):
                yield self._step(kind, f"{kind}()", f"{kind}({_CPU});")
            case Locking(kind=kind, location=location):
                macro = f"{kind}({_CPU}, {_at(location)});"
                yield self._step(f"{kind}_{location}", f"{kind}({location})", macro)
            case Rcu(kind="synchronize_rcu"):
                for half in ("rcu_gp_start", "rcu_gp_wait"):
                    yield self._step(half, f"synchronize_rcu(), {half}", f"{half}({_CPU});")
            case Rcu(kind=kind):
                self.reader = True
                yield self._step(kind, f"{kind}()", f"{kind}({_CPU});")
            case If():
                yield from self._branch(statement)

    def _assign(self, register: str | None, expression: Expression) -> Iterator[Node]:
        if isinstance(expression, (Load, Xchg, Cmpxchg)):
            yield from self._read(expression, register)
        else:
            yield from self._reads_in(expression)
        if register is not None:
            self.environment[register] = self._value(expression)

    def _branch(self, statement: If) -> Iterator[Node]:
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

    def _reads_in(self, expression: Expression) -> Iterator[Node]:
        """Yield the steps of the reads within an expression, from left to right."""
        match expression:
            case Unary(operand=operand):
                yield from self._reads_in(operand)
            case Binary(left=left, right=right):
                yield from self._reads_in(left)
                yield from self._reads_in(right)
            case Load() | Xchg() | Cmpxchg():
                yield from self._read(expression, None)
            case _:
                pass

    def _read(self, read: Read, register: str | None) -> Iterator[Node]:
        arguments: list[Value] = []
        match read:
            case Load(acquire=acquire):
                self.loaded.add(read.location)
                macro, name = ("load", "READ_ONCE") if not acquire else ("smp_load_acquire",) * 2
            case Xchg(value=value, form=form):
                yield from self._reads_in(value)
                arguments = [self._value(value)]
                if form is Form.ACQUIRE:  # it tells since when its value has been there
                    self.loaded.add(read.location)
                macro = name = f"xchg{self._form(form)}"
            case Cmpxchg(old=old, new=new, form=form):
                self.loaded.add(read.location)
                yield from self._reads_in(old)
                yield from self._reads_in(new)
                arguments = [self._value(old), self._value(new)]
                macro = name = f"cmpxchg{self._form(form)}"
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
        name = f"P{self.number}_{register or 'value'}"
        slot, number = name, 1
        while slot in self.seen:  # by the same register, or by one that is named like its slot
            number += 1
            slot = f"{name}__{number}"
        self.seen.append(slot)
        return slot

    def _form(self, form: Form) -> str:
        self.forms.add(form.value)
        return form.value

    def _value(self, expression: Expression) -> Value:
        match expression:
            case Const(value=value):
                return Number(value)
            case Register(name=name):
                return self.environment[name]
            case Unary(operator=operator, operand=operand):
                return Operation(operator, (self._value(operand),))
            case Binary(operator=operator, left=left, right=right):
                return Operation(operator, (self._value(left), self._value(right)))
            case Load() | Xchg() | Cmpxchg():
                return self._values[id(expression)]

    # --- Labels.

    def _step(self, name: str, words: str, statement: str) -> Step:
        self._count += 1
        return Step(f"{self.prefix}_P{self.number}_{self._count}_{name}", words, statement)

    def _labelled(self, branch: Branch) -> Branch:
        self._count += 1
        label = f"{self.prefix}_P{self.number}_{self._count}_if"
        return Branch(label, branch.condition, branch.then, branch.otherwise)


def _at(location: str) -> str:
    return f'<<"{location}">>'
