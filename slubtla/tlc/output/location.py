"""Where in a specification something stands, as TLC names it."""

from dataclasses import dataclass
from typing import Final

LOCATION: Final = r"line (\d+), col (\d+) to line (\d+), col (\d+) of module (\w+)"


@dataclass(frozen=True, slots=True, order=True)
class Location:
    """A range of a module's text: lines and columns from 1, both ends included."""

    module: str
    line: int
    column: int
    end_line: int
    end_column: int

    def __str__(self) -> str:
        return (
            f"line {self.line}, col {self.column} to line {self.end_line}, "
            f"col {self.end_column} of module {self.module}"
        )


def location_of(groups: tuple[str, ...]) -> Location:
    """The location from the five groups of :data:`LOCATION`."""
    line, column, end_line, end_column, module = groups
    return Location(module, int(line), int(column), int(end_line), int(end_column))
