"""What is known of lark's trees: which children are tokens, and which are trees."""

from __future__ import annotations

from typing import TypeAlias, cast

from lark import Token, Tree

Node: TypeAlias = Tree[Token]
"""A node of a parse tree."""

Child: TypeAlias = Token | Node | None
"""What a node holds; None where an optional part is missing."""


def token(child: Child) -> Token:
    """Return a child that the grammar makes a token."""
    return cast("Token", child)


def node(child: Child) -> Node:
    """Return a child that the grammar makes a node."""
    return cast("Node", child)


def nodes(tree: Node) -> list[Node]:
    """Return all children of a node whose children are nodes."""
    return [node(child) for child in tree.children if child is not None]
