"""What is known of lark's trees: which children are tokens, and which are trees."""

from __future__ import annotations

from typing import Final, TypeAlias, cast

from lark import Token, Tree

Node: TypeAlias = Tree[Token]
"""A node of a parse tree."""

Child: TypeAlias = Token | Node | None
"""What a node holds; None where an optional part is missing."""


_LIMIT: Final = 1 << 31


def token(child: Child) -> Token:
    """Return a child that the grammar makes a token."""
    return cast("Token", child)


def node(child: Child) -> Node:
    """Return a child that the grammar makes a node."""
    return cast("Node", child)


def nodes(tree: Node) -> list[Node]:
    """Return all children of a node whose children are nodes."""
    return [node(child) for child in tree.children if child is not None]


class NumberTooBigError(Exception):
    """A number that is none of TLC's, nor an ``int`` of C where that has 32 bits.

    Args:
        token: the number, with its place.
    """

    def __init__(self, token: Token) -> None:
        super().__init__(str(token))
        self.token = token


def integer(number: Token) -> int:
    """Return the value of a number.

    Raises:
        NumberTooBigError: it has more than 32 bits.
    """
    value = int(number)
    if not -_LIMIT <= value < _LIMIT:
        raise NumberTooBigError(number)
    return value
