r"""Parse as much of a TLA+ formula as is needed to find its conjuncts and implications.

The body of a definition is parsed down to conjunctions, disjunctions, implications, bounded
quantifiers, ``LET``, ``IF``, ``[]`` and ``~>``; all else is a leaf, a range of tokens. Junction
lists follow the alignment rule of *Specifying Systems*, §15.2.2: a list ends at the first token
that does not stand to the right of its bullets.

What is not understood raises :class:`NotUnderstoodError`; nothing is guessed.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Final

from slubtla.tlc.text.tla import Token

_PREFIX: Final = frozenset(
    ["~", r"\lnot", r"\neg", "-", "[]", "<>", "DOMAIN", "SUBSET", "UNION", "ENABLED", "UNCHANGED"]
)
_POSTFIX: Final = frozenset(["'", "^+", "^*", "^#"])
_CLOSERS: Final = {"(": ")", "[": "]", "{": "}", "<<": ">>"}
_IMPLICATIONS: Final = frozenset(["=>", r"\implies"])
_LEADS_TO: Final = frozenset(["~>", r"\leadsto"])
_EQUIVALENCES: Final = _LEADS_TO | {"<=>", r"\equiv", "-+->"}
_CONNECTIVES: Final = {"/\\": "and", r"\land": "and", "\\/": "or", r"\lor": "or"}
_QUANTIFIERS: Final = {"\\A": "\\A", r"\forall": "\\A", "\\E": "\\E", r"\exists": "\\E"}
_OPEN_ENDED: Final = frozenset([*_QUANTIFIERS, "LET", "IF", "CASE", "CHOOSE", "LAMBDA"])
"""What begins an expression that extends as far as it can."""

_ENDS: Final = frozenset(
    [")", "]", "}", ">>", ",", ":", "THEN", "ELSE", "IN", "->", "==", "|->", "<-", "OTHER"]
)
_OPERAND_ENDS: Final = _ENDS | _IMPLICATIONS | _EQUIVALENCES | frozenset([*_CONNECTIVES, "", "[]"])


class NotUnderstoodError(Exception):
    """A formula is made of something else than this parser knows."""


@dataclass(frozen=True, slots=True)
class Formula:
    r"""A formula.

    Attributes:
        kind: ``and`` or ``or`` of the items; ``=>`` or ``~>`` from the tokens to the item; ``\A``
            or ``\E`` with the tokens as bounds; ``LET`` with the tokens as definitions; ``IF`` the
            tokens, the first item, else the second; ``[]`` of the item; or ``leaf``, which is its
            tokens.
    """

    kind: str
    tokens: tuple[Token, ...] = ()
    items: tuple[Formula, ...] = ()


def parse(tokens: Sequence[Token]) -> Formula:
    """Parse the body of a definition.

    Raises:
        NotUnderstoodError: it is made of something else, or nested too deeply.
    """
    parser = _Parser(tokens)
    try:
        formula = parser.expression()
    except RecursionError:
        raise NotUnderstoodError from None
    if parser.at != len(tokens):
        raise NotUnderstoodError
    return formula


def call_of(tokens: Sequence[Token]) -> tuple[str, tuple[Token, ...]] | None:
    """The name of the operator that a leaf is, and its arguments; None if it is something else."""
    name, *rest = tokens
    if not rest:
        return name.text, ()
    depths = accumulate((token.text == "(") - (token.text == ")") for token in rest)
    whole = rest[0].text == "(" and [*depths].index(0) == len(rest) - 1 and len(rest) > len("()")
    return (name.text, tuple(rest[1:-1])) if whole else None


class _Parser:
    """A recursive descent; ``limit`` is the column of the junction list that is being read."""

    def __init__(self, tokens: Sequence[Token]) -> None:
        self.tokens = tokens
        self.at = 0
        self.limit = 0

    def expression(self) -> Formula:
        begin = self.at
        left = self._equivalence()
        if self._peek() not in _IMPLICATIONS:
            return left
        antecedent = self._since(begin)
        self.at += 1
        return Formula("=>", antecedent, (self._equivalence(),))

    def _equivalence(self) -> Formula:
        begin = self.at
        left = self._junction()
        operator = self._peek()
        if operator not in _EQUIVALENCES:
            return left
        antecedent = self._since(begin)
        self.at += 1
        right = self._junction()
        if operator in _LEADS_TO and self._peek() not in _EQUIVALENCES:
            return Formula("~>", antecedent, (right,))
        while self._peek() in _EQUIVALENCES:
            self.at += 1
            self._junction()
        return Formula("leaf", self._since(begin))

    def _junction(self) -> Formula:
        items = [self._operand()]
        kind = _CONNECTIVES.get(self._peek())
        while kind is not None and self._peek() in _CONNECTIVES:
            if _CONNECTIVES[self._peek()] != kind:
                raise NotUnderstoodError
            self.at += 1
            items.append(self._operand())
        return items[0] if kind is None else Formula(kind, items=tuple(items))

    def _operand(self) -> Formula:
        """What stands between two connectives."""
        begin = self.at
        match self._peek():
            case "/\\" | "\\/" as bullet:
                return self._list(bullet)
            case "[]":
                self.at += 1
                body = self._operand()
                if self._peek() in _OPERAND_ENDS:
                    return Formula("[]", items=(body,))
            case "(":
                inner = self._parenthesized()
                if inner is not None and self._peek() in _OPERAND_ENDS:
                    return inner
            case word if word in _OPEN_ENDED:
                return self._open_ended()
        return self._leaf(begin)

    def _list(self, bullet: str) -> Formula:
        column, outer = self.tokens[self.at].column, self.limit
        items: list[Formula] = []
        while self._peek() == bullet and self.tokens[self.at].column == column:
            self.at += 1
            self.limit = column
            items.append(self.expression())
            self.limit = outer
        self.limit = outer
        return Formula(_CONNECTIVES[bullet], items=tuple(items))

    def _parenthesized(self) -> Formula | None:
        """The formula in parentheses; None where it is one that is not understood."""
        end = self._matching(self.at)
        begin, self.at = self.at, self.at + 1
        try:
            inner = self.expression()
            understood = self.at == end
        except NotUnderstoodError:
            understood = False
        if not understood:
            self._require_right_of_bullets(begin, end)
        self.at = end + 1
        return inner if understood else None

    def _open_ended(self) -> Formula:
        begin = self.at
        word = self._next()
        match word:
            case _ if word in _QUANTIFIERS:
                bounds = self._take_until(":")
                return Formula(_QUANTIFIERS[word], bounds, (self.expression(),))
            case "LET":
                definitions = self._take_until("IN")
                return Formula("LET", definitions, (self.expression(),))
            case "IF":
                condition = self._take_until("THEN")
                then = self.expression()
                self._expect("ELSE")
                return Formula("IF", condition, (then, self.expression()))
            case "CHOOSE" | "LAMBDA":
                self._take_until(":")
                self.expression()
            case _:
                self._arms()
        return Formula("leaf", self._since(begin))

    def _arms(self) -> None:
        while True:
            if self._peek() == "OTHER":
                self.at += 1
            else:
                self.expression()
            self._expect("->")
            self.expression()
            if self._peek() != "[]":
                return
            self.at += 1

    def _leaf(self, begin: int) -> Formula:
        """Read operands and operators that bind closer than the connectives."""
        self.at = begin
        wanted = True  # an operand, not an operator
        while (word := self._peek()) != "":
            if wanted:
                wanted = self._prefix_or_operand(word)
            elif word in {"(", "["}:
                self._skip_brackets()
            elif word in {".", "!", *_POSTFIX}:
                self.at += 1 if word in _POSTFIX else 2
            elif word in _OPERAND_ENDS:
                break
            elif re.fullmatch(r"\w+", word) or word in {"{", "<<"}:
                self._take_subscript(word)
            else:
                self.at += 1
                wanted = True
        if wanted:
            raise NotUnderstoodError
        return Formula("leaf", self._since(begin))

    def _prefix_or_operand(self, word: str) -> bool:
        """Take one; return whether an operand is still to come."""
        if word in _OPEN_ENDED:
            self._open_ended()
        elif word in {"/\\", "\\/"}:
            self._list(word)
        elif word in _CLOSERS:
            self._skip_brackets()
        elif re.fullmatch(r"[WS]F_", word):
            self.at += 1
            self._skip_brackets()
        elif (
            word in _PREFIX
            or (re.fullmatch(r"\w+", word, re.ASCII) and word not in _ENDS)
            or word == "@"
            or word.startswith('"')
        ):
            self.at += 1
        else:
            raise NotUnderstoodError
        return word in _PREFIX

    def _take_subscript(self, word: str) -> None:
        """Take a name that is the subscript of the bracket before it: ``[Next]_vars``."""
        before, token = self.tokens[self.at - 1 : self.at + 1]
        adjacent = (before.line, before.column + len(before.text)) == (token.line, token.column)
        if not (adjacent and word.startswith("_") and before.text in {"]", ">>"}):
            raise NotUnderstoodError
        self.at += 1
        if word == "_":  # [Next]_<<x, y>>
            self._skip_brackets()

    def _skip_brackets(self) -> None:
        end = self._matching(self.at)
        self._require_right_of_bullets(self.at, end)
        self.at = end + 1

    def _require_right_of_bullets(self, begin: int, end: int) -> None:
        if any(token.column <= self.limit for token in self.tokens[begin : end + 1]):
            raise NotUnderstoodError

    def _matching(self, begin: int) -> int:
        stack: list[str] = []
        for at in range(begin, len(self.tokens)):
            word = self.tokens[at].text
            if word in _CLOSERS:
                stack.append(_CLOSERS[word])
            elif stack and word == stack[-1]:
                stack.pop()
                if not stack:
                    return at
            elif word in _CLOSERS.values():
                raise NotUnderstoodError
        raise NotUnderstoodError

    def _take_until(self, word: str) -> tuple[Token, ...]:
        """Take ``word`` and the tokens before it, brackets, LET and IF among them whole."""
        begin, nested = self.at, 0
        opens = {"IN": "LET", "THEN": "IF"}.get(word)
        while (here := self._peek()) != "":
            if here in _CLOSERS:
                self._skip_brackets()
                continue
            self.at += 1
            if here == word and not nested:
                return self._since(begin)[:-1]
            nested += (here == opens) - (here == word and opens is not None)
            if word == ":" and here in _OPEN_ENDED:
                raise NotUnderstoodError
        raise NotUnderstoodError

    def _since(self, begin: int) -> tuple[Token, ...]:
        return tuple(self.tokens[begin : self.at])

    def _expect(self, word: str) -> None:
        if self._next() != word:
            raise NotUnderstoodError

    def _next(self) -> str:
        word = self._peek()
        if word == "":
            raise NotUnderstoodError
        self.at += 1
        return word

    def _peek(self) -> str:
        """The next token; ``""`` at the end of what may be read."""
        if self.at >= len(self.tokens) or self.tokens[self.at].column <= self.limit:
            return ""
        return self.tokens[self.at].text
