r"""Read TLA+ values as TLC prints them for a variable, on one line or over many.

Sets that TLC leaves unexpanded become a :class:`SetExpression`. Other expressions, which newer
builds print where they cannot enumerate a value, are kept as text by :func:`read_value`.
"""

import functools
import re
from collections.abc import Callable
from typing import Final

from slubtla.errors import TlcOutputError
from slubtla.tlc.output.values import (
    Function,
    Interval,
    ModelValue,
    RecordValue,
    SetExpression,
    Unparsed,
    Value,
    format_value,
)

_NAME: Final = re.compile(r"[0-9_]*[A-Za-z][A-Za-z0-9_]*")
_INTEGER: Final = re.compile(r"-?[0-9]+(?![A-Za-z0-9_])")
_TOKEN: Final = re.compile(
    rf'"(?:[^"\\]|\\.)*"|{_INTEGER.pattern}|{_NAME.pattern}|<<|>>|\|->|->|:>|@@|\.\.|\\X|\S'
)
_ESCAPE: Final = re.compile(r"\\(.)", re.DOTALL)
_ESCAPED: Final = {"n": "\n", "t": "\t", "r": "\r", "f": "\f", "\\": "\\", '"': '"'}
_DEEPEST: Final = 200
"""Values inside values; Python's recursion limit is 1,000."""
_CACHED_TEXTS: Final = 1 << 16  # neighbouring states share nearly all of their values


def parse_value(text: str) -> Value:
    r"""Read one TLA+ value, e.g. ``( c1 :>\n  << 1 >> @@ c2 :> << >> )``.

    The results are cached: equal texts give the same (immutable) object.

    Raises:
        TlcOutputError: the text is not a value, or names an element, field or argument twice.
    """
    return _parse(text)


def read_value(text: str) -> Value:
    """Read one TLA+ value; keep one in an unknown form as text."""
    try:
        return parse_value(text)
    except TlcOutputError:
        return Unparsed(" ".join(text.split()))


class _Reader:
    """Reads a value from its tokens, by recursive descent."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens: list[str] = [*_TOKEN.findall(text), ""]
        self.at = 0
        self.depth = 0

    def whole(self) -> Value:
        found = self.value()
        self.take("")
        return found

    def take(self, *wanted: str) -> str:
        """The next token, which must be one of some."""
        token = self.tokens[self.at]
        if token not in wanted:
            raise self.error()
        self.at += 1
        return token

    def error(self) -> TlcOutputError:
        """The error that says where the next token, or the last one, stands."""
        starts = [match.start() for match in _TOKEN.finditer(self.text)] or [0]
        before = self.text[: starts[min(self.at, len(starts) - 1)]]
        line, column = before.count("\n") + 1, len(before) - before.rfind("\n")
        return TlcOutputError(f"not a TLA+ value at line {line}, column {column}", text=self.text)

    def value(self) -> Value:
        if self.depth == _DEEPEST:
            raise ValueError(f"nested more than {_DEEPEST} deep")
        word = self.tokens[self.at]
        self.at += 1
        self.depth += 1
        if read := _FORMS.get(word):
            found = read(self)
        elif word == "Seq" and self.tokens[self.at] == "(":
            self.take("(")
            found = SetExpression(f"Seq({format_value(self.value())})")
            self.take(")")
        elif _NAME.fullmatch(word):
            found = ModelValue(word)
        elif _INTEGER.fullmatch(word):
            found = int(word)
            if self.tokens[self.at] == "..":
                self.at += 1
                found = Interval(found, self.integer())
        elif word[:1] == '"' and len(word) > 1:
            found = _ESCAPE.sub(_unescape, word[1:-1])
        else:
            self.at -= 1
            raise self.error()
        self.depth -= 1
        return found

    def integer(self) -> int:
        if not _INTEGER.fullmatch(self.tokens[self.at]):
            raise self.error()
        self.at += 1
        return int(self.tokens[self.at - 1])

    def items(self, end: str) -> list[Value]:
        """The values between commas, as far as a closing bracket."""
        found: list[Value] = []
        if self.tokens[self.at] != end:
            found.append(self.value())
            while self.take(",", end) == ",":
                found.append(self.value())
        else:
            self.at += 1
        return found

    def set(self) -> Value:
        items = self.items("}")
        elements = frozenset(items)
        if len(elements) != len(items):
            raise ValueError("a set with the same element twice")
        return elements

    def sequence(self) -> Value:
        return tuple(self.items(">>"))

    def in_square_brackets(self) -> Value:
        """A record, a set of records, or a set of functions."""
        sign = self.tokens[self.at + 1 : self.at + 2]
        if self.tokens[self.at] in _FORMS or sign not in (["|->"], [":"]):
            domain = self.value()
            self.take("->")
            codomain = self.value()
            self.take("]")
            return SetExpression(f"[{format_value(domain)} -> {format_value(codomain)}]")
        fields = [self.field(*sign)]
        while self.take(",", "]") == ",":
            fields.append(self.field(*sign))
        if sign == [":"]:
            sets = (f"{name}: {format_value(values)}" for name, values in fields)
            return SetExpression(f"[{', '.join(sets)}]")
        record = RecordValue(fields)
        if len(record) != len(fields):
            raise ValueError("a record with the same field twice")
        return record

    def field(self, sign: str) -> tuple[str, Value]:
        name = self.tokens[self.at]
        if not _NAME.fullmatch(name):
            raise self.error()
        self.at += 1
        self.take(sign)
        return name, self.value()

    def in_brackets(self, first: Value | None = None) -> Value:
        """A function or a product; of either the first part may have been read."""
        first = self.value() if first is None else first
        if self.take(":>", r"\X") == r"\X":
            factors = [first, self.value()]
            while self.take(r"\X", ")") != ")":
                factors.append(self.value())
            return SetExpression("(" + r" \X ".join(map(format_value, factors)) + ")")
        pairs = [(first, self.value())]
        while self.take("@@", ")") == "@@":
            key = self.value()
            self.take(":>")
            pairs.append((key, self.value()))
        function = Function(pairs)
        if len(function) != len(pairs):
            raise ValueError("a function with the same argument twice")
        return function

    def powerset(self) -> Value:
        if self.tokens[self.at] != "(":
            return SetExpression(f"SUBSET {format_value(self.value())}")
        self.at += 1
        base = self.value()
        if self.tokens[self.at] != ")":
            return SetExpression(f"SUBSET {format_value(self.in_brackets(base))}")
        self.at += 1
        return SetExpression(f"SUBSET ({format_value(base)})")


_FORMS: Final[dict[str, Callable[[_Reader], Value]]] = {
    "TRUE": lambda _: True,
    "FALSE": lambda _: False,
    "{": _Reader.set,
    "<<": _Reader.sequence,
    "[": _Reader.in_square_brackets,
    "(": _Reader.in_brackets,
    "SUBSET": _Reader.powerset,
}
"""How a value is read whose first token is known."""


def _unescape(match: re.Match[str]) -> str:
    if match[1] not in _ESCAPED:
        raise ValueError(f"unknown escape {match[0]} in a string")
    return _ESCAPED[match[1]]


@functools.lru_cache(maxsize=_CACHED_TEXTS)
def _parse(text: str) -> Value:
    try:
        return _Reader(text).whole()
    except ValueError as error:
        raise TlcOutputError(f"not a TLA+ value: {error}", text=text) from error
