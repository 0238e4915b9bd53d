r"""TLA+ values as Python values.

==========================  =============================  ==============================
TLA+                        Python                         as TLC prints it
==========================  =============================  ==============================
boolean                     ``bool``                       ``TRUE``
integer                     ``int``                        ``-5``
string                      ``str``                        ``"partial"``
model value                 :class:`ModelValue`            ``c1``
set                         ``frozenset``                  ``{1, 2}``
interval                    :class:`Interval`              ``1..3``
set TLC does not enumerate  :class:`SetExpression`         ``SUBSET 1..20``
sequence or tuple           ``tuple``                      ``<<1, "a">>``
record                      :class:`RecordValue`           ``[head |-> 1]``
function                    :class:`Function`              ``(c1 :> 1 @@ c2 :> 2)``
any other form              :class:`Unparsed`              ``{-1} \cup Nat``
==========================  =============================  ==============================

All of them are immutable, hashable and picklable. TLC prints a function whose domain is ``1..n`` as
a sequence, and the empty function as ``<< >>``: both are tuples here. Reading is in
:mod:`slubtla.tlc.output.parser`; :func:`format_value` is its inverse.

Python holds ``True == 1``, TLA+ does not: ask :func:`same_value` where the difference counts.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias, TypeVar

_K = TypeVar("_K")
_V_co = TypeVar("_V_co", covariant=True)

_IDENTIFIER = re.compile(r"[0-9_]*[A-Za-z]\w*", re.ASCII)
_RESERVED = frozenset({"TRUE", "FALSE", "SUBSET"})
_ESCAPES = str.maketrans(
    {"\\": r"\\", '"': r"\"", "\n": r"\n", "\t": r"\t", "\r": r"\r", "\f": r"\f"}
)


@dataclass(frozen=True, slots=True, order=True)
class ModelValue:
    """A model value: equal to itself and to nothing else (``c1 = c1`` in the configuration).

    In the last state of an incompletely specified step (message 2109) TLC prints ``null`` for each
    variable without a value, which reads as ``ModelValue("null")``.
    """

    name: str

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True, slots=True)
class Interval:
    """The set of the integers from ``low`` to ``high``, both included; never empty.

    TLC prints an empty interval as ``{}``, so that is a ``frozenset``.
    """

    low: int
    high: int

    def __post_init__(self) -> None:
        if self.low > self.high:
            raise ValueError(f"{self.low}..{self.high} is empty: it is frozenset()")

    def __iter__(self) -> Iterator[int]:
        return iter(range(self.low, self.high + 1))

    def __len__(self) -> int:
        return self.high - self.low + 1

    def __contains__(self, item: object) -> bool:
        return type(item) is int and self.low <= item <= self.high


@dataclass(frozen=True, slots=True, order=True)
class SetExpression:
    r"""A set that TLC left unexpanded because it is large, as canonical TLA+ text.

    TLC does so with ``SUBSET S``, ``[S -> T]``, ``[f: S]`` and ``(S \X T)``.
    """

    text: str

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True, slots=True, order=True)
class Unparsed:
    r"""A value in a form that the reader does not know, as TLC printed it, on one line.

    Newer builds print sets and functions that they cannot enumerate as expressions:
    ``{-1} \cup Nat``, ``{i \in Nat : <expression …> }``. A part that cannot be read makes the
    whole value of its variable one text. Two such values are equal if their texts are.
    """

    text: str

    def __str__(self) -> str:
        return self.text


class _FrozenMap(Mapping[_K, _V_co]):
    """A mapping that cannot change; equal only to one of its own kind."""

    __slots__ = ("_entries",)
    _entries: dict[_K, _V_co]

    def __init__(self, entries: Mapping[_K, _V_co] | Iterable[tuple[_K, _V_co]]) -> None:
        self._entries = dict(entries)
        if not self._entries:
            raise ValueError("the empty function is the empty sequence: it is ()")

    def __getitem__(self, key: _K) -> _V_co:
        return self._entries[key]

    def __iter__(self) -> Iterator[_K]:
        return iter(self._entries)

    def __len__(self) -> int:
        return len(self._entries)

    def __eq__(self, other: object) -> bool:
        if type(other) is not type(self):
            return NotImplemented
        return self._entries == other._entries

    def __hash__(self) -> int:
        return hash(frozenset(self._entries.items()))

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._entries!r})"

    def __reduce__(self) -> tuple[Any, ...]:
        return (type(self), (self._entries,))


class Function(_FrozenMap["Value", "Value"]):
    """A function that is neither a sequence nor a record: ``(c1 :> 1 @@ c2 :> 2)``.

    Raises:
        ValueError: there are no entries.
    """

    __slots__ = ()

    def __init__(self, entries: Mapping[Any, "Value"] | Iterable[tuple["Value", "Value"]]) -> None:
        super().__init__(entries)


class RecordValue(_FrozenMap[str, "Value"]):
    """A record: ``[head |-> 1, tail |-> <<>>]``.

    Raises:
        ValueError: there are no entries, or a field's name is not a TLA+ identifier.
    """

    __slots__ = ()

    def __init__(self, entries: Mapping[str, "Value"] | Iterable[tuple[str, "Value"]]) -> None:
        super().__init__(entries)
        for name in self:
            if name in _RESERVED or not _IDENTIFIER.fullmatch(name):
                raise ValueError(f"{name!r} cannot be the name of a field")


Value: TypeAlias = (
    bool
    | int
    | str
    | ModelValue
    | Interval
    | SetExpression
    | Unparsed
    | frozenset["Value"]
    | tuple["Value", ...]
    | Function
    | RecordValue
)


def format_value(value: Value) -> str:  # noqa: PLR0911  # one return a kind of value
    """Write a value as TLA+ text on one line; the inverse of :func:`~.parser.parse_value`.

    Elements, fields and arguments are sorted, numbers by size, sets and sequences by length first
    (as TLC does).

    Raises:
        TypeError: ``value`` (or something in it) is no TLA+ value.
    """
    match value:
        case bool():
            return "TRUE" if value else "FALSE"
        case int():
            return str(value)
        case str():
            return f'"{value.translate(_ESCAPES)}"'
        case ModelValue() | SetExpression() | Unparsed():
            return str(value)
        case Interval(low=low, high=high):
            return f"{low}..{high}"
        case frozenset():
            return "{" + ", ".join(map(format_value, sort_values(value))) + "}"
        case tuple():
            return "<<" + ", ".join(map(format_value, value)) + ">>"
        case RecordValue():
            fields = (f"{name} |-> {format_value(value[name])}" for name in sorted(value))
            return "[" + ", ".join(fields) + "]"
        case Function():
            pairs = (f"{format_value(a)} :> {format_value(value[a])}" for a in sort_values(value))
            return "(" + " @@ ".join(pairs) + ")"
        case _:
            raise TypeError(f"{type(value).__name__} is not a TLA+ value: {value!r}")


def same_value(left: Value, right: Value) -> bool:
    """Whether two values are the same; unlike ``==`` this distinguishes ``TRUE`` from 1."""
    return left is right or (left == right and format_value(left) == format_value(right))


def sort_values(values: Iterable[Value]) -> list[Value]:
    """Sort values by kind, then as :func:`format_value` does."""
    return sorted(values, key=_order)


def _order(value: Value) -> tuple[Any, ...]:  # noqa: C901, PLR0911  # one case a kind of value
    """A sort key for values of any kind; equal keys mean the same value."""
    match value:
        case bool():
            return (0, value)
        case int():
            return (1, value)
        case str():
            return (2, value)
        case ModelValue():
            return (3, value.name)
        case Interval():
            return (4, value.low, value.high)
        case SetExpression():
            return (5, value.text)
        case frozenset():
            return (6, len(value), sorted(map(_order, value)))
        case tuple():
            return (7, len(value), [_order(item) for item in value])
        case RecordValue():
            return (8, len(value), sorted((name, _order(item)) for name, item in value.items()))
        case Function():
            entries = sorted((_order(key), _order(item)) for key, item in value.items())
            return (9, len(value), entries)
        case Unparsed():
            return (10, value.text)
