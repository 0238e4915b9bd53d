"""The one style sheet of all pictures: colours, hatches, fonts; light and dark.

The colours are those of Okabe and Ito, which colour-blind readers tell apart; wherever a colour
says something, so does a shape, a hatch or a word, and the picture survives a grey printer.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any, Final, cast

from slubtla._version import __version__
from slubtla.errors import UnknownNameError
from slubtla.tlc.run.verdict import VerdictKind

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.axis import Axis
    from matplotlib.figure import Figure

DPI: Final = 160
"""Pixels to the inch of a PNG."""

SANS: Final = "DejaVu Sans"
MONO: Final = "DejaVu Sans Mono"

_SVG_FONTS: Final = (
    (f"'{MONO}'", f"'{MONO}', Menlo, Consolas, monospace"),
    (f"'{SANS}'", f"'{SANS}', Verdana, sans-serif"),
)
"""Text in an SVG stays text, to be found and read aloud; elsewhere fonts as wide take over."""


_SAVED: Final = {"svg.fonttype": "none", "svg.hashsalt": "slubtla", "hatch.linewidth": 0.7}
"""How a figure is written, whoever drew it."""


@dataclass(frozen=True, slots=True)
class Palette:
    """A set of colours.

    Attributes:
        paper: the background.
        ink: text and lines.
        muted: what matters less.
        faint: rules, and the ground of lanes.
        bad: what went wrong.
        good: what went well.
        buffer: stores that wait.
        memory: memory.
        doubt: what is not decided.
        series: lines of a plot, in order.

    The others are grounds for the colour that they are named after.
    """

    paper: str
    ink: str
    muted: str
    faint: str
    bad: str
    pale_bad: str
    good: str
    pale_good: str
    buffer: str
    pale_buffer: str
    memory: str
    pale_memory: str
    doubt: str
    pale_doubt: str
    series: tuple[str, ...]


def _theme(*rows: str) -> Palette:
    """A theme from its colours in order, several in a row; the last row is the series."""
    *single, series = rows
    names = [field.name for field in fields(Palette)]
    named: dict[str, Any] = dict(zip(names, " ".join(single).split(), strict=False))
    return Palette(**named, series=tuple(series.split()))


THEMES: Final[Mapping[str, Palette]] = {
    "light": _theme(
        "#ffffff #1a1a1a #6a6a6a #ececec",
        "#b83a00 #fde3d6 #006f51 #d6efe7 #a86400 #ffe9c4 #005a8f #dcecf7 #7a4c75 #f2e2ee",
        "#0072b2 #d55e00 #009e73 #cc79a7 #e69f00 #56b4e9 #1a1a1a",
    ),
    "dark": _theme(
        "#16181d #ececec #a0a4ac #2a2e36",
        "#ff8a5c #4a2416 #4fd0a8 #123a30 #f2b04a #4a3510 #74bdea #17344a #e0a3cf #42293b",
        "#56b4e9 #ff8a5c #4fd0a8 #e0a3cf #e69f00 #9ecbff #ececec",
    ),
}

MARKERS: Final = ("o", "s", "^", "D", "v", "P", "X")
LINES: Final = ("-", "--", "-.", ":", (0, (5, 1)), (0, (3, 1, 1, 1)), (0, (1, 1)))
"""Beside the colour, each line of a plot has a marker and a dash of its own."""


def verdict_colours(theme: Palette, kind: VerdictKind) -> tuple[str, str]:
    """Return the ground and the ink of a verdict."""
    match kind:
        case VerdictKind.PROVEN:
            return theme.pale_good, theme.good
        case VerdictKind.VIOLATED | VerdictKind.ERROR:
            return theme.pale_bad, theme.bad
        case _:
            return theme.pale_doubt, theme.doubt


def rc(theme: Palette) -> dict[str, Any]:
    """Return matplotlib's settings for a theme."""
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
    import matplotlib as mpl  # noqa: PLC0415 - slow to load

    if theme not in THEMES:
        raise UnknownNameError("theme", theme, THEMES)
    colours = THEMES[theme]
    with mpl.rc_context(cast("Any", rc(colours))):
        yield colours


def new_axes(width: float, height: float) -> Axes:
    """Return the axes of a new figure of its own, in inches; it never opens a window."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg  # noqa: PLC0415 - slow to load
    from matplotlib.figure import Figure  # noqa: PLC0415 - likewise

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
    from matplotlib.ticker import NullFormatter  # noqa: PLC0415 - slow to load

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
    import matplotlib as mpl  # noqa: PLC0415 - slow to load

    out = io.BytesIO()
    maker = f"slubtla {__version__}"
    kinds: dict[str, dict[str, Any]] = {
        "svg": {"Creator": maker, "Date": None},
        "png": {"Software": maker},
        "pdf": {"Creator": maker, "CreationDate": None},
    }
    metadata = {"Title": title, **kinds[kind]}
    with mpl.rc_context(cast("Any", _SAVED)):
        figure_of(ax).savefig(out, format=kind, dpi=DPI, metadata=metadata)
    if kind != "svg":
        return out.getvalue()
    text = out.getvalue().decode()
    for font, fonts in _SVG_FONTS:
        text = text.replace(font, fonts)
    return text.encode()
