"""A page in the output of a cell: what it holds, and its HTML. Every text in it is escaped."""

from __future__ import annotations

import functools
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from slubtla.barriers.show.report.assets import colours_css
from slubtla.barriers.show.report.pictures import inline_svg

if TYPE_CHECKING:
    from matplotlib.axes import Axes

ASSETS: Final = Path(__file__).parent / "assets"


Cell = str | tuple[str, str]
"""A text; or a text and its class, which is the colour of a verdict, or ``"number"``."""


@dataclass(frozen=True, slots=True)
class Table:
    """A table.

    Attributes:
        head: the columns.
        rows: their cells.
    """

    head: Sequence[str]
    rows: Sequence[Sequence[Cell]]


@dataclass(frozen=True, slots=True)
class Block:
    """Something that can be folded away.

    Attributes:
        title: what is in it.
        table: a table, if that is what it holds.
        html: a piece of HTML that escapes what it shows, likewise.
        text: text as on a terminal, likewise.
        facts: names and values, likewise.
        shown: whether it is unfolded at first.
    """

    title: str
    table: Table | None = None
    html: Markup | None = None
    text: str = ""
    facts: Mapping[str, str] = field(default_factory=dict)
    shown: bool = False


@dataclass(frozen=True, slots=True)
class Page:
    """What the output of a cell shows.

    Attributes:
        verdict: the first thing that the eye meets.
        kind: its colour: ``"good"``, ``"bad"``, ``"doubt"``, or ``""`` for none.
        subject: what it is about.
        sentences: why, and what it means.
        warnings: what a careful reader should know.
        pictures: ``<svg>`` elements.
        blocks: the rest.
    """

    verdict: str
    kind: str
    subject: str
    sentences: Sequence[str] = ()
    warnings: Sequence[str] = ()
    pictures: Sequence[Markup] = ()
    blocks: Sequence[Block] = ()

    def html(self) -> str:
        """Return the page as one element, with a style that touches nothing else."""
        return _environment().get_template("page.html.j2").render(page=self, css=_css())


def fresh_id() -> str:
    """Return an id that no other output of the notebook has, those of earlier sessions included."""
    return f"slubtla-{secrets.token_hex(4)}"


def drawn(draw: Callable[[], Axes], title: str) -> Markup:
    """Return a picture that follows the reader's theme.

    Args:
        draw: draws it, in the light theme.
        title: what it shows, for readers who do not see it.
    """
    return inline_svg(draw(), fresh_id(), title)


def themed(selector: str) -> str:
    """Return the style of a selector that takes the notebook's theme, or else the reader's."""
    light = ('[data-jp-theme-light="true"]', ".vscode-light", '[data-theme="light"]')
    dark = ('[data-jp-theme-light="false"]', ".vscode-dark", '[data-theme="dark"]')
    return (
        f"{selector} {{ color-scheme: light dark; }}\n"
        f":is({', '.join(light)}) {selector} {{ color-scheme: light; }}\n"
        f":is({', '.join(dark)}) {selector} {{ color-scheme: dark; }}\n"
    )


@functools.cache
def _css() -> Markup:
    own = (ASSETS / "page.css").read_text(encoding="utf-8")
    return Markup(themed(".slubtla-page") + colours_css(".slubtla-page") + own)  # noqa: S704  # ours


@functools.cache
def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(ASSETS),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
