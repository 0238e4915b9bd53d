"""Axes in the one style of all plots, and figures as files or as part of a page."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from html import escape
from typing import Any, Final, cast

import matplotlib as mpl
from markupsafe import Markup
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.ticker import NullFormatter

from slubtla._version import __version__
from slubtla.barriers.show.plots.colours import THEMES, Palette
from slubtla.errors import UnknownNameError

DPI: Final = 160
"""Pixels to the inch of a PNG."""

SANS: Final = "DejaVu Sans"
MONO: Final = "DejaVu Sans Mono"

MARKERS: Final = ("o", "s", "^", "D", "v", "P", "X")
LINES: Final = ("-", "--", "-.", ":", (0, (5, 1)), (0, (3, 1, 1, 1)), (0, (1, 1)))
"""Beside the colour, each line of a plot has a marker and a dash of its own."""

_SAVED: Final = {"svg.fonttype": "none", "svg.hashsalt": "slubtla", "hatch.linewidth": 0.7}
"""How a figure is written, whoever drew it: text in an SVG stays text, to be found and read."""

_FALLBACKS: Final = {MONO: "Menlo, Consolas, monospace", SANS: "Verdana, sans-serif"}
"""Fonts as wide as ours, for a reader of an SVG who lacks them."""


def _rc(theme: Palette) -> dict[str, Any]:
    return {
        "figure.facecolor": theme.paper,
        "axes.facecolor": theme.paper,
        "axes.edgecolor": theme.muted,
        "axes.labelcolor": theme.ink,
        "axes.titlecolor": theme.ink,
        "axes.titlelocation": "left",
        "axes.titleweight": "bold",
        "axes.titlesize": 11,
        "axes.labelsize": 9,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.grid": True,
        "axes.axisbelow": True,
        "grid.color": theme.faint,
        "grid.linewidth": 0.8,
        "text.color": theme.ink,
        "xtick.color": theme.ink,
        "ytick.color": theme.ink,
        "xtick.labelsize": 8.5,
        "ytick.labelsize": 8.5,
        "legend.frameon": False,
        "legend.fontsize": 8.5,
        "lines.linewidth": 1.8,
        "lines.markersize": 5.5,
        "hatch.linewidth": 0.7,
        "font.family": [SANS],
        "font.size": 9,
        "text.parse_math": False,
    }


@contextmanager
def styled(theme: str) -> Iterator[Palette]:
    """Draw in a theme; what was set before is set again at the end.

    Raises:
        UnknownNameError: there is no such theme.
    """
    if theme not in THEMES:
        raise UnknownNameError("theme", theme, THEMES)
    colours = THEMES[theme]
    with mpl.rc_context(cast("Any", _rc(colours))):
        yield colours


def new_axes(width: float, height: float) -> Axes:
    """Return the axes of a new figure of its own, in inches; it never opens a window."""
    figure = Figure(figsize=(width, height), layout="constrained")
    FigureCanvasAgg(figure)
    return figure.add_subplot()


def legend_above(ax: Axes) -> None:
    """Put a legend between the title and the axes, in one line, each name once."""
    handles, names = ax.get_legend_handles_labels()
    once = dict(zip(names, handles, strict=True))
    place: dict[str, Any] = {"loc": "lower left", "bbox_to_anchor": (0, 1), "borderaxespad": 0.1}
    ax.legend([*once.values()], [*once], ncols=len(once) or 1, **place)


def plain_numbers(axis: Axis) -> None:
    """Label an axis with whole numbers, and only its main ticks."""
    axis.set_major_formatter("{x:,.0f}")
    axis.set_minor_formatter(NullFormatter())


def figure_of(ax: Axes) -> Figure:
    """Return the figure that holds axes.

    Raises:
        TypeError: they are in none.
    """
    figure = ax.get_figure(root=True)
    if figure is None:
        raise TypeError("the axes are in no figure")
    return figure


def picture(ax: Axes, kind: str, *, title: str = "") -> bytes:
    """Return the figure of some axes as a file; the same figure gives the same bytes.

    Args:
        ax: the axes.
        kind: ``"svg"``, ``"png"`` or ``"pdf"``.
        title: what the file says it shows.
    """
    out = io.BytesIO()
    maker = f"slubtla {__version__}"
    kinds: dict[str, dict[str, Any]] = {
        "svg": {"Creator": maker, "Date": None},
        "png": {"Software": maker},
        "pdf": {"Creator": maker, "CreationDate": None},
    }
    with mpl.rc_context(cast("Any", _SAVED)):
        metadata = {"Title": title, **kinds[kind]}
        figure_of(ax).savefig(out, format=kind, dpi=DPI, metadata=metadata)
    if kind != "svg":
        return out.getvalue()
    text = out.getvalue().decode()
    for font, others in _FALLBACKS.items():
        text = text.replace(f"'{font}'", f"'{font}', {others}")
    return text.encode()


# --- An <svg> element that follows the reader's theme.

_ROOT: Final = re.compile(r"<svg\b[^>]*?viewBox=\"([^\"]+)\"[^>]*>")
_LEFT_OUT: Final = re.compile(
    r"<metadata>.*?</metadata>|<style\b.*?</style>|<title>.*?</title>", re.DOTALL
)
_ID: Final = re.compile(r"(<\w+[^<>]*?)\s+id=\"([^\"]*)\"")
_REFERENCE: Final = re.compile(r"(url\(#|href=\"#)([^)\"]+)")
_ATTRIBUTE: Final = re.compile(r"\b(fill|stroke)=\"(#[0-9a-f]{6})\"")
"""A colour as an attribute, which matplotlib writes into hatches."""
_STYLE: Final = re.compile(r"style=\"[^\"]*\"")
_COLOUR: Final = re.compile(r"#[0-9a-f]{6}\b")
_POINTS_TO_PIXELS: Final = 96 / 72

_PROPERTY_OF: Final = {
    colour: name for name, colour in reversed(THEMES["light"].properties().items())
}
"""The custom property of a colour of the light theme; a name goes before a series' number."""


def inline_svg(ax: Axes, name: str, title: str) -> Markup:
    """Return the figure of some axes as an ``<svg>`` element.

    Args:
        ax: axes that were drawn in the light theme; its colours become the custom properties of
            :func:`slubtla.barriers.show.html.colours_css`.
        name: what all its ids begin with: letters, digits and hyphens, once in a page.
        title: what it shows, for readers who do not see it.
    """
    text = picture(ax, "svg").decode()
    root = _ROOT.search(text)
    if root is None:
        raise ValueError("matplotlib wrote no <svg> with a viewBox")
    body = _LEFT_OUT.sub("", text[root.end() :])
    body = _with_ids(re.sub(r"\n\s*", "\n", body), name)
    body = _ATTRIBUTE.sub(r'style="\1: \2"', body)
    body = _STYLE.sub(lambda style: _COLOUR.sub(_themed, style[0]), body)
    width = float(root[1].split()[2]) * _POINTS_TO_PIXELS
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" '
        f'viewBox="{root[1]}" role="img" aria-labelledby="{name}-title" '
        f'style="width: {width:.0f}px; stroke-linejoin: round; stroke-linecap: butt">'
        f'<title id="{name}-title">{escape(title)}</title>'
    )
    return Markup(head + body)  # noqa: S704  # from matplotlib, which escapes what it writes


def _with_ids(body: str, name: str) -> str:
    """Prefix the ids that are referred to, and drop the others, which repeat."""
    wanted = {match[2] for match in _REFERENCE.finditer(body)}

    def own(match: re.Match[str]) -> str:
        return f'{match[1]} id="{name}-{match[2]}"' if match[2] in wanted else match[1]

    return _REFERENCE.sub(rf"\g<1>{name}-\g<2>", _ID.sub(own, body))


def _themed(match: re.Match[str]) -> str:
    name = _PROPERTY_OF.get(match[0])
    return f"var(--{name})" if name else match[0]
