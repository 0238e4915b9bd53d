"""The syntax tree of a litmus test.

The format is the C litmus format of the Linux-kernel memory model, described in the kernel's
``tools/memory-model/README`` and in the herd7 manual (http://diy.inria.fr/doc/herd.html).
"""

from __future__ import annotations

import enum
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Generic, TypeAlias, TypeVar

Operand = TypeVar("Operand")


class Observation(enum.StrEnum):
    """How often a proposition holds, over all final states: herd7's Observation."""

    NEVER = "Never"
    SOMETIMES = "Sometimes"
    ALWAYS = "Always"


class Form(enum.StrEnum):
    """The ordering that the name of a read-modify-write asks for; its value is the suffix."""

    FULL = ""
    RELAXED = "_relaxed"
    ACQUIRE = "_acquire"
    RELEASE = "_release"


@dataclass(frozen=True, slots=True)
class Number:
    """A number."""

    value: int


@dataclass(frozen=True, slots=True)
class Register:
    """The value of a local variable."""

    name: str


@dataclass(frozen=True, slots=True)
class Operation(Generic[Operand]):
    """C's ``- !`` of one operand, or ``* + - < <= > >= == != && ||`` of two."""

    operator: str
    operands: tuple[Operand, ...]


@dataclass(frozen=True, slots=True)
class LoadStatement:
    """``READ_ONCE(*x)``, or ``smp_load_acquire(x)``."""

    location: str
    acquire: bool
    line: int


@dataclass(frozen=True, slots=True)
class Xchg:
    """``xchg(x, value)`` and its other forms; its value is the old one."""

    location: str
    value: Expression
    form: Form
    line: int


@dataclass(frozen=True, slots=True)
class CmpxchgStatement:
    """``cmpxchg(x, old, new)`` and its other forms; its value is the old one."""

    location: str
    old: Expression
    new: Expression
    form: Form
    line: int


Read: TypeAlias = LoadStatement | Xchg | CmpxchgStatement
Expression: TypeAlias = Number | Register | Operation["Expression"] | Read


@dataclass(frozen=True, slots=True)
class Assign:
    """``r0 = e;``, ``int r0 = e;``, or an expression whose value is dropped."""

    register: str | None
    value: Expression
    line: int


@dataclass(frozen=True, slots=True)
class StoreStatement:
    """``WRITE_ONCE(*x, e);``, or ``smp_store_release(x, e);``."""

    location: str
    value: Expression
    release: bool
    line: int


@dataclass(frozen=True, slots=True)
class Fence:
    """``smp_mb();``, ``smp_rmb();`` or ``smp_wmb();``."""

    kind: str
    line: int


@dataclass(frozen=True, slots=True)
class Locking:
    """``spin_lock(l);`` or ``spin_unlock(l);``."""

    kind: str
    location: str
    line: int


@dataclass(frozen=True, slots=True)
class Rcu:
    """``rcu_read_lock();``, ``rcu_read_unlock();`` or ``synchronize_rcu();``."""

    kind: str
    line: int


@dataclass(frozen=True, slots=True)
class If:
    """``if (condition) … else …``."""

    condition: Expression
    then: tuple[Statement, ...]
    otherwise: tuple[Statement, ...]
    line: int


Statement: TypeAlias = Assign | StoreStatement | Fence | Locking | Rcu | If


@dataclass(frozen=True, slots=True, order=True)
class Variable:
    """What a final state has a value for: a register of a thread, or (-1) a memory location."""

    thread: int
    name: str

    def __str__(self) -> str:
        return self.name if self.thread < 0 else f"{self.thread}:{self.name}"


@dataclass(frozen=True, slots=True)
class Equal:
    """``0:r0=1`` or ``x=1``."""

    variable: Variable
    value: int

    def __str__(self) -> str:
        return f"{self.variable}={self.value}"


@dataclass(frozen=True, slots=True)
class Not:
    """``~p``."""

    operand: Proposition

    def __str__(self) -> str:
        return f"~({self.operand})"


@dataclass(frozen=True, slots=True)
class Junction:
    r"""``p /\ q`` or ``p \/ q``."""

    operator: str
    operands: tuple[Proposition, ...]

    def __str__(self) -> str:
        inner = (f"({p})" if isinstance(p, Junction) else str(p) for p in self.operands)
        return f" {self.operator} ".join(inner)


Proposition: TypeAlias = Equal | Not | Junction


class Quantifier(enum.StrEnum):
    """How a condition ranges over the final states; the value is how it is written."""

    EXISTS = "exists"
    NOT_EXISTS = "~exists"
    FORALL = "forall"


@dataclass(frozen=True, slots=True)
class Condition:
    """``exists (p)``, ``~exists (p)`` or ``forall (p)``."""

    quantifier: Quantifier
    proposition: Proposition

    def __str__(self) -> str:
        return f"{self.quantifier} ({self.proposition})"


def variables_of(proposition: Proposition) -> Iterator[Variable]:
    """Yield every variable that a proposition mentions, in the order of its text."""
    match proposition:
        case Equal(variable=variable):
            yield variable
        case Not(operand=operand):
            yield from variables_of(operand)
        case Junction(operands=operands):
            for operand in operands:
                yield from variables_of(operand)


def holds(proposition: Proposition, state: Mapping[Variable, int]) -> bool:
    """Whether a proposition holds in a final state, which has all of its variables."""
    match proposition:
        case Equal(variable=variable, value=value):
            return state[variable] == value
        case Not(operand=operand):
            return not holds(operand, state)
        case Junction(operator=operator, operands=operands):
            values = (holds(operand, state) for operand in operands)
            return all(values) if operator == "/\\" else any(values)


@dataclass(frozen=True, slots=True)
class Thread:
    """``P0(int *x, …) { … }``.

    Attributes:
        number: 0 for ``P0``.
        registers: every local variable, in order of appearance.
        initial: initial values that the init block gives to registers.
    """

    number: int
    body: tuple[Statement, ...]
    registers: tuple[str, ...]
    initial: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Litmus:
    """One litmus test.

    Attributes:
        name: what stands behind ``C``.
        initial: every location that is no lock, with its initial value.
        only: the ``filter``: final states where it does not hold are not considered.
        shown: the variables of ``locations``, shown beside those of the condition.
        lkmm: the verdict of the ``Result:`` comment; None without one.
        expected: memory model → verdict, of the ``slubtla:`` comment.
        because: why the model ``relaxed`` differs from LKMM, of the ``stronger because`` comment.
    """

    name: str
    file: str
    initial: tuple[tuple[str, int], ...]
    locks: tuple[str, ...]
    threads: tuple[Thread, ...]
    condition: Condition
    only: Proposition | None = None
    shown: tuple[Variable, ...] = ()
    lkmm: Observation | None = None
    expected: tuple[tuple[str, Observation], ...] = ()
    because: str = ""

    @property
    def variables(self) -> tuple[Variable, ...]:
        """What a final state shows: registers by thread, then locations; each once."""
        mentioned = {*variables_of(self.condition.proposition), *self.shown}
        registers = sorted(variable for variable in mentioned if variable.thread >= 0)
        return (*registers, *sorted(variable for variable in mentioned if variable.thread < 0))
