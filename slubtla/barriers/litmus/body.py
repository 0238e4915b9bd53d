"""Translate a thread's parse tree into statements, and check every name."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, NoReturn

from lark import Token

from slubtla.barriers.litmus.grammar import (
    Node,
    integer,
    node,
    nodes,
    reason_to_refuse,
    refusal,
    token,
)
from slubtla.barriers.litmus.syntax import (
    Assign,
    CmpxchgStatement,
    Expression,
    Fence,
    Form,
    If,
    LoadStatement,
    Locking,
    Number,
    Operation,
    Rcu,
    Register,
    Statement,
    StoreStatement,
    Xchg,
)

_FENCES: Final = ("smp_mb", "smp_rmb", "smp_wmb")
_LOCKING: Final = ("spin_lock", "spin_unlock")
_RCU: Final = MappingProxyType(
    {
        "rcu_read_lock": "rcu_read_lock",
        "rcu_read_unlock": "rcu_read_unlock",
        "synchronize_rcu": "synchronize_rcu",
        "synchronize_rcu_expedited": "synchronize_rcu",
    }
)
_XCHG: Final = MappingProxyType({f"xchg{form}": form for form in Form})
_CMPXCHG: Final = MappingProxyType({f"cmpxchg{form}": form for form in Form})
_STORES: Final = ("WRITE_ONCE", "smp_store_release", "smp_store_mb")
_ALONE: Final = MappingProxyType(
    dict.fromkeys((*_FENCES, *_RCU), 0) | dict.fromkeys(_LOCKING, 1) | dict.fromkeys(_STORES, 2)
)
"""Functions without a value, with the number of arguments."""
_READS: Final = MappingProxyType(
    {"READ_ONCE": 1, "smp_load_acquire": 1} | dict.fromkeys(_XCHG, 2) | dict.fromkeys(_CMPXCHG, 3)
)
"""Functions with a value, with the number of arguments."""


class BodyReader:
    """Reads the body of one thread.

    Args:
        file: the file, for errors.
        parameters: what the thread may access: location → ``"int"`` or ``"spinlock_t"``.
        thread: the thread's name, for errors.
    """

    def __init__(self, file: str, parameters: Mapping[str, str], thread: str) -> None:
        self.registers: dict[str, None] = {}
        self._file = file
        self._parameters = parameters
        self._thread = thread

    def block(self, tree: Node) -> tuple[Statement, ...]:
        """Return the statements of a block, in order."""
        return tuple(
            statement for child in tree.children for statement in self._statement(node(child))
        )

    def _statement(self, tree: Node) -> tuple[Statement, ...]:
        line = tree.meta.line if not tree.meta.empty else 0
        match tree.data:
            case "block":
                return self.block(tree)
            case "nothing":
                return ()
            case "declaration":
                return self._declaration(tree)
            case "assign":
                name, value = tree.children
                register = self._register(token(name))
                return (Assign(register, self._expression(node(value)), line),)
            case "plain_store":
                self._plain(token(tree.children[0]))
            case "branch":
                condition, then, otherwise = tree.children
                return (
                    If(
                        self._expression(node(condition)),
                        self._statement(node(then)),
                        () if otherwise is None else self._statement(node(otherwise)),
                        line,
                    ),
                )
        (expression,) = tree.children
        return self._evaluated(node(expression), line)

    def _declaration(self, tree: Node) -> tuple[Statement, ...]:
        statements: list[Statement] = []
        for declared in nodes(tree):
            name = token(declared.children[0])
            if name in self.registers or name in self._parameters:
                self._refuse(name, f"{name} is declared twice")
            value = declared.children[1]
            read = None if value is None else self._expression(node(value))
            self.registers[str(name)] = None
            if read is not None:
                statements.append(Assign(str(name), read, name.line or 0))
        return tuple(statements)

    def _evaluated(self, tree: Node, line: int) -> tuple[Statement, ...]:
        """A call as a statement: without a value, or with one that is dropped."""
        if tree.data != "call" or (function := token(tree.children[0])) not in _ALONE:
            return (Assign(None, self._expression(tree), line),)
        given = self._arguments(tree, _ALONE[function])
        name = str(function)
        statement: Statement
        if name in _FENCES:
            statement = Fence(name, line)
        elif name in _RCU:
            statement = Rcu(_RCU[name], line)
        elif name in _LOCKING:
            statement = Locking(name, self._pointer(given[0], "spinlock_t"), line)
        else:
            value = self._expression(given[1])
            location = self._stored(function, given[0])
            statement = StoreStatement(
                location, value, release=name == "smp_store_release", line=line
            )
            if name == "smp_store_mb":
                return (statement, Fence("smp_mb", line))
        return (statement,)

    def _expression(self, tree: Node) -> Expression:
        if tree.data == "pointee":
            self._plain(token(tree.children[1]))
        match tree.data:
            case "const":
                return Number(integer(token(tree.children[0])))
            case "name":
                return Register(self._register(token(tree.children[0])))
            case "unary":
                operator, operand = tree.children
                return Operation(str(operator), (self._expression(node(operand)),))
            case "binary":
                left, operator, right = tree.children
                return self._binary(node(left), token(operator), node(right))
            case _:
                return self._call(tree)

    def _binary(self, left: Node, operator: Token, right: Node) -> Expression:
        one, other = self._expression(left), self._expression(right)
        if operator in {"&&", "||"} and _reads(other):
            self._refuse(
                operator, f"behind {operator} memory is accessed or not: write an if instead"
            )
        return Operation(str(operator), (one, other))

    def _call(self, tree: Node) -> Expression:
        function, line = token(tree.children[0]), tree.meta.line
        if function not in _READS:
            self._refuse_call(function)
        given = self._arguments(tree, _READS[function])
        name = str(function)
        if name == "READ_ONCE":
            return LoadStatement(self._pointee(function, given[0]), acquire=False, line=line)
        location = self._pointer(given[0], "int")
        if name == "smp_load_acquire":
            return LoadStatement(location, acquire=True, line=line)
        values = [self._expression(argument) for argument in given[1:]]
        if name in _XCHG:
            return Xchg(location, values[0], _XCHG[name], line)
        return CmpxchgStatement(location, values[0], values[1], _CMPXCHG[name], line)

    def _arguments(self, tree: Node, wanted: int) -> list[Node]:
        function, *given = tree.children
        arguments = [node(argument) for argument in given if argument is not None]
        if len(arguments) != wanted:
            self._refuse(
                token(function), f"{function}() takes {wanted} arguments, not {len(arguments)}"
            )
        return arguments

    # --- Names.

    def _register(self, name: Token) -> str:
        if name in self._parameters:
            self._plain(name)
        if name not in self.registers:
            self._refuse(name, f"{name} is not declared in {self._thread}: write `int {name};`")
        return str(name)

    def _pointee(self, function: Token, tree: Node) -> str:
        """``*x``, as READ_ONCE and WRITE_ONCE want it."""
        if tree.data != "pointee":
            self._refuse(tree, f"{function}() wants *x, where x is a parameter")
        return self._location(token(tree.children[1]), "int")

    def _pointer(self, tree: Node, kind: str) -> str:
        if tree.data != "name":
            self._refuse(tree, "a parameter is wanted here, without *")
        return self._location(token(tree.children[0]), kind)

    def _stored(self, function: Token, tree: Node) -> str:
        """``x`` of a release, ``*x`` of WRITE_ONCE, and either of smp_store_mb."""
        pointer = function == "smp_store_release" or (
            function == "smp_store_mb" and tree.data == "name"
        )
        return self._pointer(tree, "int") if pointer else self._pointee(function, tree)

    def _location(self, name: Token, kind: str) -> str:
        if name in self.registers:
            self._refuse(name, f"{name} is a register: pointers in registers are not modelled")
        if name not in self._parameters:
            self._refuse(name, f"{name} is no parameter of {self._thread}")
        if self._parameters[name] != kind:
            self._refuse(name, f"{name} is of type {self._parameters[name]}, not {kind}")
        return str(name)

    # --- Refusals.

    def _refuse_call(self, function: Token) -> NoReturn:
        if function in _ALONE:
            self._refuse(function, f"{function}() gives no value: it stands alone")
        reason = reason_to_refuse(function)
        self._refuse(function, f"{function}() is not read" + (f": {reason}" if reason else ""))

    def _plain(self, name: Token) -> NoReturn:
        self._refuse(
            name,
            f"{name} is accessed without a mark, which the compiler may reorder and tear: use "
            "READ_ONCE and WRITE_ONCE",
        )

    def _refuse(self, where: Token | Node, reason: str) -> NoReturn:
        raise refusal(reason, self._file, where)


def _reads(expression: Expression) -> bool:
    if isinstance(expression, Operation):
        return any(map(_reads, expression.operands))
    return not isinstance(expression, (Number, Register))
