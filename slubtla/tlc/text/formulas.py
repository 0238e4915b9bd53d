r"""Read as much of a TLA+ formula as is needed to find its conjuncts and implications.

The body of a definition is parsed down to conjunctions, disjunctions,
implications, bounded quantifiers, ``LET``, ``IF`` and ``~>``. Everything else is a :class:`Leaf`: a
range of tokens that nobody looks into. Junction lists follow the alignment rule of *Specifying
Systems*, §15.2.2: a list ends at the first token that does not stand to the right of its bullets.

What is not understood raises :class:`NotUnderstoodError`; nothing is guessed.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

from slubtla.tlc.text.definitions import Token

_PREFIX: Final = frozenset(
    ["~", r"\lnot", r"\neg", "-", "[]", "<>", "DOMAIN", "SUBSET", "UNION", "ENABLED", "UNCHANGED"]
)
_POSTFIX: Final = frozenset(["'", "^+", "^*", "^#"])
_CLOSERS: Final = {"(": ")", "[": "]", "{": "}", "<<": ">>"}
_ENDS: Final = frozenset(
    [")", "]", "}", ">>", ",", ":", "THEN", "ELSE", "IN", "->", "==", "|->", "<-", "OTHER"]
)
_EQUIVALENCES: Final = frozenset(["<=>", r"\equiv", "-+->", "~>", r"\leadsto"])
_CONNECTIVES: Final = {"/\\": "and", r"\land": "and", "\\/": "or", r"\lor": "or"}


_QUANTIFIERS: Final = {"\\A": "A", r"\forall": "A", "\\E": "E", r"\exists": "E"}
_OPEN_ENDED: Final = frozenset([*_QUANTIFIERS, "LET", "IF", "CASE", "CHOOSE", "LAMBDA"])
"""What begins an expression that extends as far as it can."""


class NotUnderstoodError(Exception):
    """A formula is made of something else than this parser knows."""


@dataclass(frozen=True, slots=True)
class Leaf:
    """Tokens that are not looked into."""

    tokens: tuple[Token, ...]


@dataclass(frozen=True, slots=True)
class Junction:
    """A conjunction (``kind`` is ``and``) or a disjunction (``or``)."""

    kind: str
    items: tuple[Formula, ...]


@dataclass(frozen=True, slots=True)
class Implies:
    """``left => right``, or ``left ~> right`` where ``leads`` says so."""

    left: tuple[Token, ...]
    right: Formula
    leads: bool = False


@dataclass(frozen=True, slots=True)
class Quantified:
    r"""``\A bounds : body`` or ``\E bounds : body``."""

    quantifier: str
    bounds: tuple[Token, ...]
    body: Formula


@dataclass(frozen=True, slots=True)
class Let:
    """``LET definitions IN body``."""

    definitions: tuple[Token, ...]
    body: Formula


@dataclass(frozen=True, slots=True)
class Choice:
    """``IF condition THEN then ELSE otherwise``."""

    condition: tuple[Token, ...]
    then: Formula
    otherwise: Formula


@dataclass(frozen=True, slots=True)
class Always:
    """``[]body``."""

    body: Formula


Formula: TypeAlias = Leaf | Junction | Implies | Quantified | Let | Choice | Always


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


class _Parser:
    """A recursive descent; ``limit`` is the column of the junction list that is being read."""

    def __init__(self, tokens: Sequence[Token]) -> None:
        self.tokens = tokens
        self.at = 0
        self.limit = 0

    def expression(self) -> Formula:
        begin = self.at
        left = self._equivalence()
        if self._peek() not in {"=>", r"\implies"}:
            return left
        antecedent = tuple(self.tokens[begin : self.at])
        self.at += 1
        return Implies(antecedent, self._equivalence())

    def _equivalence(self) -> Formula:
        begin = self.at
        left = self._junction()
        operator = self._peek()
        if operator not in _EQUIVALENCES:
            return left
        antecedent = tuple(self.tokens[begin : self.at])
        self.at += 1
        right = self._junction()
        if operator in {"~>", r"\leadsto"} and self._peek() not in _EQUIVALENCES:
            return Implies(antecedent, right, leads=True)
        while self._peek() in _EQUIVALENCES:
            self.at += 1
            self._junction()
        return Leaf(tuple(self.tokens[begin : self.at]))

    def _junction(self) -> Formula:
        items = [self._operand()]
        kind = _CONNECTIVES.get(self._peek())
        while kind is not None and self._peek() in _CONNECTIVES:
            if _CONNECTIVES[self._peek()] != kind:
                raise NotUnderstoodError
            self.at += 1
            items.append(self._operand())
        return items[0] if kind is None else Junction(kind, tuple(items))

    def _operand(self) -> Formula:
        """What stands between two connectives."""
        begin = self.at
        match self._peek():
            case "/\\" | "\\/" as bullet:
                return self._list(bullet)
            case "[]":
                self.at += 1
                body = self._operand()
                return Always(body) if self._over() else self._leaf(begin)
            case "(":
                inner = self._parenthesized()
                return inner if inner is not None and self._over() else self._leaf(begin)
            case word if word in _OPEN_ENDED:
                return self._open_ended()
            case _:
                return self._leaf(begin)

    def _over(self) -> bool:
        """Whether the operand ends here."""
        word = self._peek()
        return (
            word == ""
            or word in _ENDS
            or word in _CONNECTIVES
            or word in _EQUIVALENCES
            or word in {"=>", r"\implies", "[]"}
        )

    def _list(self, bullet: str) -> Formula:
        column, outer = self.tokens[self.at].column, self.limit
        items: list[Formula] = []
        while self._peek() == bullet and self.tokens[self.at].column == column:
            self.at += 1
            self.limit = column
            items.append(self.expression())
            self.limit = outer
        self.limit = outer
        return Junction(_CONNECTIVES[bullet], tuple(items))

    def _parenthesized(self) -> Formula | None:
        """The formula in parentheses; None where it is one that is not understood."""
        end = self._matching(self.at)
        begin, self.at = self.at, self.at + 1
        try:
            inner: Formula | None = self.expression()
            if self.at != end:
                inner = None
        except NotUnderstoodError:
            inner = None
        if inner is None:
            self._check(begin, end)
        self.at = end + 1
        return inner

    def _open_ended(self) -> Formula:
        begin = self.at
        word = self._next()
        match word:
            case _ if word in _QUANTIFIERS:
                bounds = self._until(":")
                self._expect(":")
                return Quantified(_QUANTIFIERS[word], bounds, self.expression())
            case "LET":
                definitions = self._until("IN")
                self._expect("IN")
                return Let(definitions, self.expression())
            case "IF":
                condition = self._until("THEN")
                self._expect("THEN")
                then = self.expression()
                self._expect("ELSE")
                return Choice(condition, then, self.expression())
            case "CHOOSE" | "LAMBDA":
                self._until(":")
                self._expect(":")
                self.expression()
            case _:
                self._arms()
        return Leaf(tuple(self.tokens[begin : self.at]))

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

    def _leaf(self, begin: int) -> Leaf:
        """Read operands and operators that bind closer than the connectives."""
        self.at = begin
        wanted = True  # an operand, not an operator
        while (word := self._peek()) != "":
            token = self.tokens[self.at]
            if wanted:
                wanted = self._prefix_or_operand(word, token)
            elif word in {"(", "["}:
                self._skip_brackets()
            elif word in {".", "!", *_POSTFIX}:
                self.at += 1 if word in _POSTFIX else 2
            elif self._over():
                break
            elif re.fullmatch(r"\w+", word) or word in {"{", "<<"}:
                self._take_subscript(token)
            else:
                self.at += 1
                wanted = True
        if wanted:
            raise NotUnderstoodError
        return Leaf(tuple(self.tokens[begin : self.at]))

    def _prefix_or_operand(self, word: str, token: Token) -> bool:
        """Take one; return whether an operand is still to come."""
        if word in _PREFIX:
            self.at += 1
            return True
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
            (re.fullmatch(r"\w+", word, re.ASCII) and word not in _ENDS)
            or word == "@"
            or token.text.startswith('"')
        ):
            self.at += 1
        else:
            raise NotUnderstoodError
        return False

    def _take_subscript(self, token: Token) -> None:
        """Take a name that is the subscript of the bracket before it: ``[Next]_vars``."""
        before = self.tokens[self.at - 1]
        adjacent = (before.line, before.column + len(before.text)) == (token.line, token.column)
        if not (adjacent and token.text.startswith("_") and before.text in {"]", ">>"}):
            raise NotUnderstoodError
        self.at += 1
        if token.text == "_":  # [Next]_<<x, y>>
            self._skip_brackets()

    def _skip_brackets(self) -> None:
        end = self._matching(self.at)
        self._check(self.at, end)
        self.at = end + 1

    def _check(self, begin: int, end: int) -> None:
        """See that all stands to the right of the bullets."""
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
            elif word in {")", "]", "}", ">>"}:
                raise NotUnderstoodError
        raise NotUnderstoodError

    def _until(self, word: str) -> tuple[Token, ...]:
        """Take the tokens before ``word`` that belong to no bracket, LET or IF of their own."""
        begin, nested = self.at, 0
        opens = {"IN": "LET", "THEN": "IF"}.get(word)
        while (here := self._peek()) != "":
            if here in _CLOSERS:
                self._skip_brackets()
                continue
            if here == word and not nested:
                return tuple(self.tokens[begin : self.at])
            nested += (here == opens) - (here == word and opens is not None)
            if word == ":" and here in _OPEN_ENDED:
                raise NotUnderstoodError
            self.at += 1
        raise NotUnderstoodError

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
