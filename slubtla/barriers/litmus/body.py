"""Translate a thread's parse tree into statements, and check every name."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, NoReturn

from lark import Token

from slubtla.barriers.litmus import syntax as c
from slubtla.barriers.litmus.grammar import Node, TreeReader, parts, reason_to_refuse

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
_XCHG: Final = MappingProxyType({f"xchg{form}": form for form in c.Form})
_CMPXCHG: Final = MappingProxyType({f"cmpxchg{form}": form for form in c.Form})
_STORES: Final = ("WRITE_ONCE", "smp_store_release", "smp_store_mb")
_ALONE: Final = MappingProxyType(
    dict.fromkeys((*_FENCES, *_RCU), 0) | dict.fromkeys(_LOCKING, 1) | dict.fromkeys(_STORES, 2)
)
"""Functions without a value, with the number of arguments."""
_READS: Final = MappingProxyType(
    {"READ_ONCE": 1, "smp_load_acquire": 1} | dict.fromkeys(_XCHG, 2) | dict.fromkeys(_CMPXCHG, 3)
)
"""Functions with a value, with the number of arguments."""


class BodyReader(TreeReader):
    """Reads a thread's body; ``parameters``: location → ``"int"`` or ``"spinlock_t"``."""

    def __init__(self, file: str, parameters: Mapping[str, str], thread: str) -> None:
        super().__init__(file)
        self.registers: dict[str, None] = {}
        self._parameters = parameters
        self._thread = thread

    def block(self, tree: Node) -> tuple[c.Statement, ...]:
        """Return the statements of a block, in order."""
        return tuple(statement for child in parts(tree) for statement in self._statement(child))

    def _statement(self, tree: Node) -> tuple[c.Statement, ...]:
        line = tree.meta.line if not tree.meta.empty else 0
        match tree.data, parts(tree):
            case "block", _:
                return self.block(tree)
            case "nothing", _:
                return ()
            case "declaration", _:
                return self._declaration(tree)
            case "assign", [name, value]:
                return (c.Assign(self._register(name), self._expression(value), line),)
            case "plain_store", [name, _]:
                self._plain(name)
            case "branch", [condition, then, otherwise]:
                return (
                    c.If(
                        self._expression(condition),
                        self._statement(then),
                        () if otherwise is None else self._statement(otherwise),
                        line,
                    ),
                )
        return self._evaluated(parts(tree)[0], line)

    def _declaration(self, tree: Node) -> tuple[c.Statement, ...]:
        statements: list[c.Statement] = []
        for name, value in map(parts, parts(tree)):
            if name in self.registers or name in self._parameters:
                self._refuse(name, f"{name} is declared twice")
            read = None if value is None else self._expression(value)
            self.registers[str(name)] = None
            if read is not None:
                statements.append(c.Assign(str(name), read, name.line or 0))
        return tuple(statements)

    def _evaluated(self, tree: Node, line: int) -> tuple[c.Statement, ...]:
        """A call as a statement: without a value, or with one that is dropped."""
        if tree.data != "call" or (name := parts(tree)[0]) not in _ALONE:
            return (c.Assign(None, self._expression(tree), line),)
        given = self._arguments(tree, _ALONE[name])
        if name in _FENCES:
            return (c.Fence(str(name), line),)
        if name in _RCU:
            return (c.Rcu(_RCU[name], line),)
        if name in _LOCKING:
            return (c.Locking(str(name), self._pointer(given[0], "spinlock_t"), line),)
        value = self._expression(given[1])
        location = self._stored(name, given[0])
        store = c.StoreStatement(location, value, release=name == "smp_store_release", line=line)
        return (store, c.Fence("smp_mb", line)) if name == "smp_store_mb" else (store,)

    def _expression(self, tree: Node) -> c.Expression:
        match tree.data, parts(tree):
            case "pointee", [_, name]:
                self._plain(name)
            case "const", [number]:
                return c.Number(self._integer(number))
            case "name", [name]:
                return c.Register(self._register(name))
            case "unary", [operator, operand]:
                return c.Operation(str(operator), (self._expression(operand),))
            case "binary", [left, operator, right]:
                one, other = self._expression(left), self._expression(right)
                if operator in {"&&", "||"} and _reads(other):
                    self._refuse(
                        operator,
                        f"behind {operator} memory is accessed or not: write an if instead",
                    )
                return c.Operation(str(operator), (one, other))
        return self._call(tree)

    def _call(self, tree: Node) -> c.Expression:
        name, line = parts(tree)[0], tree.meta.line
        if name in _ALONE:
            self._refuse(name, f"{name}() gives no value: it stands alone")
        if name not in _READS:
            reason = reason_to_refuse(name)
            self._refuse(name, f"{name}() is not read" + (f": {reason}" if reason else ""))
        given = self._arguments(tree, _READS[name])
        if name == "READ_ONCE":
            return c.LoadStatement(self._pointee(name, given[0]), acquire=False, line=line)
        location = self._pointer(given[0], "int")
        if name == "smp_load_acquire":
            return c.LoadStatement(location, acquire=True, line=line)
        values = [self._expression(argument) for argument in given[1:]]
        if name in _XCHG:
            return c.Xchg(location, values[0], _XCHG[name], line)
        return c.CmpxchgStatement(location, values[0], values[1], _CMPXCHG[name], line)

    def _arguments(self, tree: Node, wanted: int) -> list[Node]:
        function, *given = parts(tree)
        arguments = [argument for argument in given if argument is not None]
        if len(arguments) != wanted:
            self._refuse(function, f"{function}() takes {wanted} arguments, not {len(arguments)}")
        return arguments

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
        return self._location(parts(tree)[1], "int")

    def _pointer(self, tree: Node, kind: str) -> str:
        if tree.data != "name":
            self._refuse(tree, "a parameter is wanted here, without *")
        return self._location(parts(tree)[0], kind)

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

    def _plain(self, name: Token) -> NoReturn:
        self._refuse(
            name,
            f"{name} is accessed without a mark, which the compiler may reorder and tear: use "
            "READ_ONCE and WRITE_ONCE",
        )


def _reads(expression: c.Expression) -> bool:
    if isinstance(expression, c.Operation):
        return any(map(_reads, expression.operands))
    return not isinstance(expression, (c.Number, c.Register))
