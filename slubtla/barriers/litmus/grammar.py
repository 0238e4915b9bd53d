"""The grammar of litmus tests, the kernel names it refuses, and the base of its readers."""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final, NoReturn, TypeAlias

from lark import Lark, Token, Tree

from slubtla.barriers.litmus.errors import LitmusError

GRAMMAR: Final = r"""
start: init thread+ (filter | locations)* condition

init: "{" (init_item? ";")* init_item? "}"
init_item: ["int"] NAME ["=" number]            -> variable
         | "spinlock_t" NAME                    -> lock
         | INT ":" NAME "=" number              -> register

thread: NAME "(" [parameter ("," parameter)*] ")" block
parameter: "volatile"? "int" "*" NAME           -> int_parameter
         | "spinlock_t" "*" NAME                -> lock_parameter

block: "{" statement* "}"
?statement: block
          | ";"                                 -> nothing
          | "int" declared ("," declared)* ";"  -> declaration
          | NAME "=" expression ";"             -> assign
          | "*" NAME "=" expression ";"         -> plain_store
          | expression ";"                      -> evaluate
          | "if" "(" expression ")" statement ["else" statement]   -> branch
declared: NAME ["=" expression]

?expression: conjunction | expression OR conjunction             -> binary
?conjunction: equality | conjunction AND equality                -> binary
?equality: relation | equality EQUALITY relation                 -> binary
?relation: sum | relation RELATION sum                           -> binary
?sum: product | sum SIGN product                                 -> binary
?product: factor | product STAR factor                           -> binary
?factor: INT                                    -> const
       | NAME                                   -> name
       | NAME "(" [expression ("," expression)*] ")"   -> call
       | SIGN factor                            -> unary
       | BANG factor                            -> unary
       | STAR NAME                              -> pointee
       | "(" expression ")"

filter: "filter" proposition
locations: "locations" "[" (place ";"?)* "]"
condition: QUANTIFIER proposition
?proposition: clause | proposition DISJUNCTION clause      -> junction
?clause: literal | clause CONJUNCTION literal              -> junction
?literal: place "=" number                      -> equal
        | ("~" | "not") literal                 -> negation
        | "(" proposition ")"
?place: INT ":" NAME                            -> register_place
      | NAME                                    -> location_place
      | "[" NAME "]"                            -> location_place

number: /-?[0-9]+/
QUANTIFIER.2: /(~\s*)?exists\b/ | /forall\b/
OR: "||"
AND: "&&"
EQUALITY: "==" | "!="
RELATION: "<=" | ">=" | "<" | ">"
SIGN: "+" | "-"
STAR: "*"
BANG: "!"
DISJUNCTION: "\\/"
CONJUNCTION: "/\\"
NAME: /[A-Za-z_]\w*/
INT: /[0-9]+/
%ignore /\s+/
"""

_DEPENDENCIES = "address dependencies between loads are not modelled, so the verdict would be wrong"
_LOOPS = "a test with a loop need not end; unroll it, or `filter` the executions that matter"
_ATOMICS = "atomic_t is not read; xchg and cmpxchg of an int are"

REFUSED: Final[Mapping[str, str]] = MappingProxyType(
    {
        r"while|for|do|goto|switch|return": _LOOPS,
        r"rcu_dereference\w*|rcu_assign_pointer|lockless_dereference": _DEPENDENCIES,
        r"s?rcu_read_lock_\w+|srcu_\w+|synchronize_srcu\w*|call_rcu\w*": "only plain RCU is "
        "modelled: rcu_read_lock, rcu_read_unlock, synchronize_rcu",
        r"atomic\w*": _ATOMICS,
        r"smp_mb__\w+": "only the fences smp_mb, smp_rmb and smp_wmb are modelled",
        r"spin_trylock|spin_is_locked|raw_spin_\w+|(read|write)_(un)?lock|mutex_\w+": "only "
        "spin_lock and spin_unlock are modelled",
        r"unsigned|long|short|char|bool|[us](8|16|32|64)|intptr_t|u?int\d+_t|struct|void": "the "
        "only types are int and spinlock_t",
        r"(__|raw_)?this_cpu_\w+|raw_cpu_\w+|(get|put)_cpu\w*": "per-CPU variables are not "
        "modelled, nor does herd7 know them; write cmpxchg_relaxed for this_cpu_cmpxchg, as "
        "`slubtla litmus export` does",
        r"barrier": "barrier() binds the compiler, which is not modelled: take it out",
    }
)
"""Names of the kernel that are not read, as patterns, with the reason."""

_REFUSED = [(re.compile(pattern), reason) for pattern, reason in REFUSED.items()]


def reason_to_refuse(word: str) -> str | None:
    """The reason why a name is not read; None if none is known."""
    return next((why for pattern, why in _REFUSED if pattern.fullmatch(word)), None)


@functools.cache
def parser() -> Lark:
    """Return the parser, built once."""
    return Lark(GRAMMAR, parser="lalr", propagate_positions=True, maybe_placeholders=True)


Node: TypeAlias = Tree[Any]
"""A node of a parse tree."""

_LIMIT: Final = 1 << 31


def parts(tree: Node) -> list[Any]:
    """The children of a node: nodes and tokens; None where an optional part is missing."""
    return tree.children


class TreeReader:
    """Base of what reads the parse tree of one file."""

    def __init__(self, file: str) -> None:
        self._file = file

    def _refuse(self, where: Token | Node, reason: str, next_step: str = "") -> NoReturn:
        place = where if isinstance(where, Token) else where.meta
        raise LitmusError(
            reason,
            file=self._file,
            line=place.line or 0,
            column=place.column or 0,
            next_step=next_step,
        )

    def _integer(self, number: Token) -> int:
        value = int(number)
        if not -_LIMIT <= value < _LIMIT:
            self._refuse(
                number,
                f"{number} does not fit into an int of 32 bits",
                "write a smaller number: a litmus test only compares them",
            )
        return value
