"""Entry (a name with meaning and source) and Vocabulary (the entries of one kind)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Generic, Self, TypeVar

from pydantic_core import CoreSchema, core_schema

from slubtla.errors import UnknownNameError


class Entry(str):  # noqa: SLOT000 - its attributes are what it is for
    """A name that a user writes, with its meaning: a string with attributes.

    Args:
        name: as written on the command line.
        facts: its attributes; every entry has ``summary`` and ``source``.

    Attributes:
        summary: one sentence without a full stop.
        source: where it comes from: kernel function and version, mail, paper.
    """

    summary: str
    source: str

    def __new__(cls, name: str, **facts: Any) -> Self:  # noqa: ANN401 - any kind of fact
        """Make the string, and give it its attributes."""
        entry = super().__new__(cls, name)
        vars(entry).update(facts)
        return entry

    if TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - a fact of the protocol's own
            ...

    @property
    def name(self) -> str:
        """The name alone."""
        return str(self)

    @classmethod
    def __get_pydantic_core_schema__(cls, *_: object) -> CoreSchema:
        return core_schema.str_schema()


E = TypeVar("E", bound=Entry)


class Vocabulary(Mapping[str, E], Generic[E]):
    """The entries of one kind, in the order in which they are listed.

    Args:
        kind: what is listed, e.g. ``"strategy"``; used in error messages.
        entries: the entries; names are unique.

    Raises:
        UnknownNameError: from ``[]``, for a name that is not listed.
    """

    def __init__(self, kind: str, entries: Iterable[E]) -> None:
        self.kind = kind
        self._entries = {str(entry): entry for entry in entries}

    def __getitem__(self, name: str) -> E:
        try:
            return self._entries[name]
        except KeyError:
            raise UnknownNameError(self.kind, name, self._entries) from None

    def __contains__(self, name: object) -> bool:
        return name in self._entries

    def __iter__(self) -> Iterator[str]:
        return iter(self._entries)

    def __len__(self) -> int:
        return len(self._entries)
