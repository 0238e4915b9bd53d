"""Symbolic values of registers: expressions over the results of the thread's reads.

A test has no loops, so each read runs at most once. Its value has a name (a key of the TLA+
variable ``registers``), and a register's value is an expression over these names; local arithmetic
needs no step. :func:`tla` writes the expression for TLC, :func:`evaluate` computes it from a final
state.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, TypeAlias

from slubtla.barriers.litmus.syntax import Number, Operation


@dataclass(frozen=True, slots=True)
class Seen:
    """The value that this read returned; 0 if its branch was not taken."""

    name: str


@dataclass(frozen=True, slots=True)
class Choice:
    """A register's value after an ``if`` whose branches leave different values."""

    condition: RegisterValue
    then: RegisterValue
    otherwise: RegisterValue


RegisterValue: TypeAlias = Number | Seen | Operation["RegisterValue"] | Choice

_ARITHMETIC: Final[Mapping[str, Callable[[int, int], int]]] = MappingProxyType(
    {"+": operator.add, "-": operator.sub, "*": operator.mul}
)
_RELATIONS: Final[Mapping[str, tuple[str, Callable[[int, int], bool]]]] = MappingProxyType(
    {
        "==": ("=", operator.eq),
        "!=": ("#", operator.ne),
        "<": ("<", operator.lt),
        "<=": ("<=", operator.le),
        ">": (">", operator.gt),
        ">=": (">=", operator.ge),
    }
)
_LOGIC: Final = MappingProxyType({"&&": "/\\", "||": "\\/"})


def evaluate(value: RegisterValue, seen: Mapping[str, int]) -> int:  # noqa: PLR0911  # by kind
    """Evaluate a register's value; ``seen`` has the value of each read."""
    match value:
        case Number(value=number):
            return number
        case Seen(name=name):
            return seen[name]
        case Choice(condition=condition, then=then, otherwise=otherwise):
            return evaluate(then if evaluate(condition, seen) else otherwise, seen)
    numbers = [evaluate(operand, seen) for operand in value.operands]
    match value.operator, numbers:
        case "!", [number]:
            return int(not number)
        case "&&" | "||" as sign, _:
            return int(all(numbers) if sign == "&&" else any(numbers))
        case "+" | "-" as sign, [number]:
            return number if sign == "+" else -number
        case sign, [left, right] if sign in _RELATIONS:
            return int(_RELATIONS[sign][1](left, right))
        case sign, [left, right]:
            return _ARITHMETIC[sign](left, right)
    raise ValueError(f"{value} cannot be evaluated")


def tla(value: RegisterValue) -> str:  # noqa: PLR0911  # one return for each kind of value
    """Return the TLA+ expression of a value, an integer."""
    match value:
        case Number(value=number):
            return str(number) if number >= 0 else f"({number})"
        case Seen(name=name):
            return f'registers["{name}"]'
        case Choice(condition=condition, then=then, otherwise=otherwise):
            return f"(IF {tla_truth(condition)} THEN {tla(then)} ELSE {tla(otherwise)})"
        case Operation(operator=sign, operands=(left, right)) if sign in _ARITHMETIC:
            return f"({tla(left)} {sign} {tla(right)})"
        case Operation(operator="-", operands=(operand,)):
            return f"(-{tla(operand)})"
        case Operation(operator="+", operands=(operand,)):
            return tla(operand)
        case _:
            return f"(IF {tla_truth(value)} THEN 1 ELSE 0)"


def tla_truth(value: RegisterValue) -> str:
    """Return a TLA+ formula that is TRUE iff the value is not 0."""
    match value:
        case Number(value=number):
            return "TRUE" if number else "FALSE"
        case Operation(operator="!", operands=(operand,)):
            return f"~{_in_parentheses(tla_truth(operand))}"
        case Operation(operator=sign, operands=(left, right)) if sign in _LOGIC:
            sides = _in_parentheses(tla_truth(left)), _in_parentheses(tla_truth(right))
            return f" {_LOGIC[sign]} ".join(sides)
        case Operation(operator=sign, operands=(left, right)) if sign in _RELATIONS:
            return f"{tla(left)} {_RELATIONS[sign][0]} {tla(right)}"
        case _:
            return f"{tla(value)} # 0"


def _in_parentheses(expression: str) -> str:
    return expression if expression in {"TRUE", "FALSE"} else f"({expression})"
