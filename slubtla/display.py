"""The hooks by which IPython asks an object how to show itself; all else is loaded when it does."""

from __future__ import annotations

from typing import Protocol


class Printer(Protocol):
    """IPython's pretty printer, as far as it is used here."""

    def text(self, text: str) -> None:
        """Print some text."""
        ...


class Displayed:
    """Base of what shows itself in a notebook: as HTML there, as text in IPython on a terminal."""

    __slots__ = ()

    def _repr_html_(self) -> str | None:
        from slubtla.barriers.notebook.pages import html_of  # noqa: PLC0415 - only where it is shown

        return html_of(self)

    def _repr_pretty_(self, printer: Printer, cycle: bool) -> None:
        from slubtla.barriers.notebook.plain import text_of  # noqa: PLC0415 - only where it is shown

        printer.text("…" if cycle else text_of(self))
