"""From the parse tree of a condition to its proposition, and its value in a final state."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from slubtla.barriers.litmus.syntax import (
    Condition,
    Equal,
    Junction,
    Not,
    Place,
    Proposition,
    Quantifier,
)
from slubtla.barriers.litmus.tree import Child, Node, integer, node, token


def read_condition(tree: Node) -> Condition:
    """Read ``exists (p)``, ``~exists (p)`` or ``forall (p)``."""
    quantifier, proposition = tree.children
    words = str(quantifier).replace(" ", "")
    return Condition(Quantifier("".join(words.split())), read_proposition(proposition))


def read_proposition(child: Child) -> Proposition:
    r"""Read a proposition; ``p /\ q /\ r`` is one junction of three."""
    tree = node(child)
    match tree.data:
        case "equal":
            place, number = tree.children
            return Equal(_place(place), integer(token(node(number).children[0])))
        case "negation":
            return Not(read_proposition(tree.children[0]))
        case _:
            left, operator, right = tree.children
            one, other = read_proposition(left), read_proposition(right)
            same = isinstance(one, Junction) and one.operator == operator
            operands = one.operands if isinstance(one, Junction) and same else (one,)
            return Junction(str(operator), (*operands, other))


def read_shown(tree: Node) -> Iterator[Place]:
    """Read ``locations [x; 0:r0]``."""
    return map(_place, tree.children)


def holds(proposition: Proposition, state: Mapping[Place, int]) -> bool:
    """Tell whether a proposition holds in a final state, which has all of its places."""
    match proposition:
        case Equal(place=place, value=value):
            return state[place] == value
        case Not(operand=operand):
            return not holds(operand, state)
        case Junction(operator=operator, operands=operands):
            values = (holds(operand, state) for operand in operands)
            return all(values) if operator == "/\\" else any(values)


def _place(child: Child) -> Place:
    tree = node(child)
    name = str(tree.children[-1])
    return Place(int(token(tree.children[0])) if tree.data == "register_place" else -1, name)
