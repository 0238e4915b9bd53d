"""Registry of view functions by class name, so that records can display themselves.

:mod:`slubtla` fills the table. A view is a function of one object, imported when it is used.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final, Protocol

from slubtla.registry import load

if TYPE_CHECKING:
    import pandas as pd

_VIEWS: Final[dict[tuple[str, str], str]] = {}


def register_views(kind: str, places: Mapping[str, str]) -> None:
    """Register views of a kind, e.g. ``html`` or ``frame``.

    Args:
        kind: the kind.
        places: the name of a class, ``""`` for all others, to ``module:function``.
    """
    _VIEWS.update({(kind, name): place for name, place in places.items()})


def view(kind: str, subject: object, **options: object) -> Any:  # noqa: ANN401 - whatever the view returns
    """Return what the registered view makes of an object; None where there is none."""
    place = _VIEWS.get((kind, type(subject).__name__)) or _VIEWS.get((kind, ""))
    if place is None:
        return None
    return load(place)(subject, **options)


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
