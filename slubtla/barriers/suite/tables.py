"""Values out of a TOML table, with their types checked; an error names file, line and key."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from slubtla.errors import UnknownNameError, UsageError

_HEADING: Final = re.compile(
    r"""^[ \t]*\[[ \t]*(model|pins[ \t]*\.[ \t]*model)[ \t]*\.[ \t]*["']?([\w.+-]+?)["']?[ \t]*\]"""
)


@dataclass(frozen=True, slots=True)
class Table:
    """A table of a TOML file.

    Attributes:
        values: what stands in it.
        file: the file, for messages.
        line: where the table begins, from 1.
        heading: what it is called in messages, e.g. ``[model.NAME]``; ``""`` for the top level.
    """

    values: Mapping[str, Any]
    file: Path
    line: int = 1
    heading: str = ""

    def error(self, problem: str, next_step: str) -> UsageError:
        """Return an error that names the place."""
        where = f"{self.heading}: " if self.heading else ""
        return UsageError(f"{self.file}:{self.line}: {where}{problem}", next_step=next_step)

    def located(self, error: UsageError) -> UsageError:
        """Return an error of another module, with the place in front."""
        return self.error(error.message, error.next_step)

    def only(self, known: Iterable[str]) -> None:
        """See that every key is known.

        Raises:
            UsageError: a key is not; names the nearest.
        """
        names = tuple(known)
        for key in self.values:
            if key not in names:
                raise self.located(UnknownNameError("key", key, names))

    def get(self, key: str, kind: type | tuple[type, ...], what: str) -> Any:  # noqa: ANN401
        """Return the value of a key; None where it is missing.

        Raises:
            UsageError: it has another type.
        """
        value = self.values.get(key)
        wrong = isinstance(value, bool) and kind is not bool
        if value is not None and (wrong or not isinstance(value, kind)):
            raise self.error(f"{key} = {value!r}", f"{key} is {what}")
        return value

    def text(self, key: str) -> str:
        """Return a string, ``""`` where it is missing; raises like :meth:`get`."""
        return self.get(key, str, 'a string, in quotes: "…"') or ""

    def prose(self, key: str) -> str:
        """Return a string whose line breaks mean nothing; raises like :meth:`get`."""
        return " ".join(self.text(key).split())

    def required(self, key: str, what: str) -> str:
        """Return a string that must be there.

        Raises:
            UsageError: it is missing or empty, or no string.
        """
        value = self.text(key)
        if not value:
            raise self.error(f"{key} is missing", f'write {key} = "…": {what}')
        return value

    def texts(self, key: str) -> tuple[str, ...]:
        """Return a list of strings, empty where it is missing; raises like :meth:`get`."""
        what = 'a list of strings: ["…", "…"]'
        values = self.get(key, list, what) or []
        if not all(isinstance(value, str) for value in values):
            raise self.error(f"{key} = {values!r}", f"{key} is {what}")
        return tuple(values)

    def counts(self, keys: Iterable[str]) -> dict[str, int]:
        """Return those of the keys that are there, each a whole number; raises like :meth:`get`."""
        found = {key: self.get(key, int, "a whole number") for key in keys if key in self.values}
        for key, value in found.items():
            if value < 0:
                raise self.error(f"{key} = {value}", f"{key} is a number of states")
        return found

    def seconds(self, key: str) -> float | None:
        """Return a number above 0, None where it is missing; raises like :meth:`get`."""
        value = self.get(key, (int, float), "a number of seconds")
        if value is not None and not value > 0:
            raise self.error(f"{key} = {value} leaves no time", f"{key} is a number above 0")
        return None if value is None else float(value)

    def table(self, key: str, heading: str = "", line: int = 0) -> Table | None:
        """Return a table within this one, None where it is missing; raises like :meth:`get`."""
        values = self.get(key, dict, "a table")
        if values is None:
            return None
        return Table(values, self.file, line or self.line, heading or f"{self.heading} {key}")

    def tables(self, key: str) -> tuple[Table, ...]:
        """Return an array of tables, empty where it is missing; raises like :meth:`get`."""
        values = self.get(key, list, "an array of tables") or []
        if not all(isinstance(value, dict) for value in values):
            raise self.error(f"{key} = {values!r}", f"{key} is an array of tables")
        return tuple(
            Table(value, self.file, self.line, f"{self.heading} {key} {number}")
            for number, value in enumerate(values, 1)
        )


def lines_of(text: str) -> dict[tuple[str, str], int]:
    """Return where the tables of models and pins begin.

    Returns:
        The 1-based line for ``("model", name)`` and ``("pins", name)``; a table that is written
        otherwise, inline for example, is not in it.
    """
    lines: dict[tuple[str, str], int] = {}
    for number, line in enumerate(text.splitlines(), 1):
        if found := _HEADING.match(line):
            kind = "model" if found[1] == "model" else "pins"
            lines.setdefault((kind, found[2]), number)
    return lines
