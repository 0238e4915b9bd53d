"""What a word is: a name with its meaning and its source, in a list of its kind."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

from slubtla.errors import UnknownNameError


@dataclass(frozen=True, slots=True)
class Entry:
    """A name with its meaning.

    Attributes:
        name: as written on the command line.
        summary: one sentence without a full stop.
        source: where it comes from: kernel function and version, mail, paper.
    """

    name: str
    summary: str
    source: str


E = TypeVar("E", bound=Entry)


class Vocabulary(Mapping[str, E], Generic[E]):
    """The entries of one kind, in the order in which they are listed.

    Args:
        kind: what is listed, e.g. ``"strategy"``; used in error messages.
        entries: the entries; names are unique.

    Raises:
        UnknownNameError: from ``[]``, for a name that is not listed.
    """

    def __init__(self, kind: str, *entries: E) -> None:
        self.kind = kind
        self._entries = {entry.name: entry for entry in entries}

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
