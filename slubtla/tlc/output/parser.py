r"""Read TLA+ values as TLC prints them for a variable, on one line or over many.

Sets that TLC leaves unexpanded become a :class:`SetExpression`. Other expressions, which newer
builds print where they cannot enumerate a value, are kept as text by :func:`read_value`.
"""

import functools
import re

from lark import Lark, Transformer, v_args
from lark.exceptions import UnexpectedInput

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

_GRAMMAR = r"""
?value: "TRUE"                                 -> true
      | "FALSE"                                -> false
      | INT                                    -> integer
      | STRING                                 -> string
      | NAME                                   -> model_value
      | INT ".." INT                           -> interval
      | "{" [_items] "}"                       -> set
      | "<<" [_items] ">>"                     -> sequence
      | "[" field ("," field)* "]"             -> record
      | "(" pair ("@@" pair)* ")"              -> function
      | "SUBSET" value                         -> powerset
      | "SUBSET" "(" value ")"                 -> powerset_in_brackets
      | _SEQ "(" value ")"                     -> sequences
      | "[" value "->" value "]"               -> function_set
      | "[" field_set ("," field_set)* "]"     -> record_set
      | "(" value ("\\X" value)+ ")"           -> product

_items: value ("," value)*
field: NAME "|->" value
field_set: NAME ":" value
pair: value ":>" value

_SEQ.2: /Seq(?=\s*\()/
INT: /-?[0-9]+(?![A-Za-z0-9_])/
NAME: /[0-9_]*[A-Za-z][A-Za-z0-9_]*/
STRING: /"(?:[^"\\]|\\.)*"/
%ignore /\s+/
"""

_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_ESCAPED = {"n": "\n", "t": "\t", "r": "\r", "f": "\f", "\\": "\\", '"': '"'}
_DEEPEST = 200
"""Brackets inside brackets; Python's recursion limit is 1,000."""
_OPENING, _CLOSING = frozenset("{[(<"), frozenset("}])>")
_CACHED_TEXTS = 1 << 16  # neighbouring states share nearly all of their values


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


@v_args(inline=True)
class _Builder(Transformer[str, Value]):
    """One method per alternative of the grammar; runs while the text is parsed."""

    def true(self) -> bool:
        return True

    def false(self) -> bool:
        return False

    def integer(self, digits: str) -> int:
        return int(digits)

    def string(self, quoted: str) -> str:
        return _ESCAPE.sub(_unescape, quoted[1:-1])

    def model_value(self, name: str) -> ModelValue:
        return ModelValue(str(name))

    def interval(self, low: str, high: str) -> Interval:
        return Interval(int(low), int(high))

    def set(self, *items: Value | None) -> frozenset[Value]:
        present = [item for item in items if item is not None]
        elements = frozenset(present)
        if len(elements) != len(present):
            raise ValueError("a set with the same element twice")
        return elements

    def sequence(self, *items: Value | None) -> tuple[Value, ...]:
        return tuple(item for item in items if item is not None)

    def field(self, name: str, value: Value) -> tuple[str, Value]:
        return (str(name), value)

    def pair(self, key: Value, value: Value) -> tuple[Value, Value]:
        return (key, value)

    def record(self, *fields: tuple[str, Value]) -> RecordValue:
        record = RecordValue(fields)
        if len(record) != len(fields):
            raise ValueError("a record with the same field twice")
        return record

    def function(self, *pairs: tuple[Value, Value]) -> Function:
        function = Function(pairs)
        if len(function) != len(pairs):
            raise ValueError("a function with the same argument twice")
        return function

    def powerset(self, base: Value) -> SetExpression:
        return SetExpression(f"SUBSET {format_value(base)}")

    def powerset_in_brackets(self, base: Value) -> SetExpression:
        return SetExpression(f"SUBSET ({format_value(base)})")

    def sequences(self, base: Value) -> SetExpression:
        return SetExpression(f"Seq({format_value(base)})")

    def function_set(self, domain: Value, codomain: Value) -> SetExpression:
        return SetExpression(f"[{format_value(domain)} -> {format_value(codomain)}]")

    def field_set(self, name: str, values: Value) -> str:
        return f"{name}: {format_value(values)}"

    def record_set(self, *fields: str) -> SetExpression:
        return SetExpression(f"[{', '.join(fields)}]")

    def product(self, *factors: Value) -> SetExpression:
        return SetExpression("(" + r" \X ".join(map(format_value, factors)) + ")")


def _unescape(match: re.Match[str]) -> str:
    if match[1] not in _ESCAPED:
        raise ValueError(f"unknown escape {match[0]} in a string")
    return _ESCAPED[match[1]]


@functools.cache
def _lark() -> Lark:
    return Lark(
        _GRAMMAR, start="value", parser="lalr", transformer=_Builder(), maybe_placeholders=False
    )


def _depth(text: str) -> int:
    """How deep brackets nest, at most; those in strings count, too."""
    if sum(map(text.count, _OPENING)) <= _DEEPEST and text.count("SUBSET") <= _DEEPEST:
        return 0
    deepest = depth = 0
    for character in text:
        depth += (character in _OPENING) - (character in _CLOSING)
        deepest = max(deepest, depth)
    return max(deepest, text.count("SUBSET"))


@functools.lru_cache(maxsize=_CACHED_TEXTS)
def _parse(text: str) -> Value:
    if _depth(text) > _DEEPEST:
        raise TlcOutputError(f"not a TLA+ value: nested more than {_DEEPEST} deep", text=text)
    try:
        return _lark().parse(text)  # type: ignore[return-value]  # the transformer returns values
    except UnexpectedInput as error:
        where = f"line {error.line}, column {error.column}" if error.line > 0 else "its end"
        raise TlcOutputError(f"not a TLA+ value at {where}", text=text) from error
    except ValueError as error:  # from the builder
        raise TlcOutputError(f"not a TLA+ value: {error}", text=text) from error
