"""A table of views that the layers above fill, so that a record can show itself.

:mod:`slubtla` fills the table. A view is a function of one object; what it needs is imported when
it is called.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, Protocol

_VIEWS: Final[dict[str, Callable[..., Any]]] = {}


def register_view(kind: str, view: Callable[..., Any]) -> None:
    """Register a view: its kind is ``html``, ``text``, ``frame`` or ``stepper``."""
    _VIEWS[kind] = view


def view(kind: str, subject: object, **options: object) -> Any:  # noqa: ANN401 - whatever the view returns
    """Return what the registered view of this kind makes of an object."""
    return _VIEWS[kind](subject, **options)


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
