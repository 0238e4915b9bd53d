"""Registry of ``module:attribute`` paths, by which lower layers load objects of upper ones.

:mod:`slubtla` fills the table; each place is imported when it is first used. A view is a function
of one object, registered by the object's class, so that records can display themselves.
"""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final, Protocol

if TYPE_CHECKING:
    import pandas as pd

_PLACES: Final[dict[str, Mapping[str, str]]] = {}


def register(kind: str, places: Mapping[str, str]) -> None:
    """Register what is at ``module:attribute`` by its name; a view ``""`` shows all others."""
    _PLACES[kind] = places


def registered(kind: str) -> dict[str, str]:
    """Return the places of a kind by name: those of installed packages, and our own, which win."""
    from importlib.metadata import entry_points  # noqa: PLC0415 - slow to load

    brought = {point.name: point.value for point in entry_points(group=f"slubtla.{kind}")}
    return brought | {**_PLACES.get(kind, {})}


def find(kind: str, name: str | None = None) -> str | None:
    """Return a place by its name, our first one for None; installed packages are asked last."""
    own = _PLACES.get(kind, {})
    name = name or next(iter(own))
    return own.get(name) or registered(kind).get(name)


def load(place: str) -> Any:  # noqa: ANN401 - whatever is there
    """Import what is at ``module:attribute``."""
    module, _, name = place.partition(":")
    return getattr(importlib.import_module(module), name)


def view(kind: str, subject: object, **options: object) -> Any:  # noqa: ANN401 - whatever the view returns
    """Return what the registered view makes of an object; None where there is none."""
    own = _PLACES.get(kind, {})
    place = own.get(type(subject).__name__) or own.get("")
    return None if place is None else load(place)(subject, **options)


class Printer(Protocol):
    """IPython's pretty printer, as far as it is used here."""

    def text(self, text: str) -> None:
        """Print some text."""
        ...


class Displayed:
    """Base of what shows itself in a notebook: as HTML there, as text in IPython on a terminal."""

    __slots__ = ()

    def _repr_html_(self) -> str | None:
        return view("html", self)  # type: ignore[no-any-return]

    def _repr_pretty_(self, printer: Printer, cycle: bool) -> None:
        printer.text("…" if cycle else view("text", self))


class Framed(Displayed):
    """Base of what is a table, too."""

    __slots__ = ()

    def to_frame(self) -> pd.DataFrame:
        """Return a pandas data frame; docs/notebook.md has its columns.

        Raises:
            UsageError: pandas is not installed, or what was run has no such table.
        """
        frame: pd.DataFrame = view("frame", self)
        return frame
