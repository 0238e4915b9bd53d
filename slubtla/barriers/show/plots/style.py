"""The one style sheet of all pictures: colours, hatches, fonts; light and dark.

The colours are those of Okabe and Ito, which colour-blind readers tell apart; wherever a colour
says something, so does a shape, a hatch or a word, and the picture survives a grey printer.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
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
class Theme:
    """A set of colours.

    Attributes:
        paper: the background.
        ink: text and lines.
        muted: what matters less.
        faint: rules, and the ground of lanes.
        bad: what went wrong; ``on_bad`` is text on its pale form ``pale_bad``.
        good: what went well, and its pale form ``pale_good``.
        buffer: stores that wait, and their pale form ``pale_buffer``.
        memory: memory, and its pale form ``pale_memory``.
        doubt: what is not decided, and its pale form ``pale_doubt``.
        series: lines of a plot, in order.
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


THEMES: Final[Mapping[str, Theme]] = {
    "light": Theme(
        paper="#ffffff",
        ink="#1a1a1a",
        muted="#6a6a6a",
        faint="#ececec",
        bad="#b83a00",
        pale_bad="#fde3d6",
        good="#006f51",
        pale_good="#d6efe7",
        buffer="#a86400",
        pale_buffer="#ffe9c4",
        memory="#005a8f",
        pale_memory="#dcecf7",
        doubt="#7a4c75",
        pale_doubt="#f2e2ee",
        series=("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#1a1a1a"),
    ),
    "dark": Theme(
        paper="#16181d",
        ink="#ececec",
        muted="#a0a4ac",
        faint="#2a2e36",
        bad="#ff8a5c",
        pale_bad="#4a2416",
        good="#4fd0a8",
        pale_good="#123a30",
        buffer="#f2b04a",
        pale_buffer="#4a3510",
        memory="#74bdea",
        pale_memory="#17344a",
        doubt="#e0a3cf",
        pale_doubt="#42293b",
        series=("#56b4e9", "#ff8a5c", "#4fd0a8", "#e0a3cf", "#e69f00", "#9ecbff", "#ececec"),
    ),
}

MARKERS: Final = ("o", "s", "^", "D", "v", "P", "X")
LINES: Final = ("-", "--", "-.", ":", (0, (5, 1)), (0, (3, 1, 1, 1)), (0, (1, 1)))
"""Beside the colour, each line of a plot has a marker and a dash of its own."""


def theme_of(name: str) -> Theme:
    """Return a theme.

    Raises:
        UnknownNameError: there is none of that name.
    """
    if name not in THEMES:
        raise UnknownNameError("theme", name, THEMES)
    return THEMES[name]


def verdict_colours(theme: Theme, kind: VerdictKind) -> tuple[str, str]:
    """Return the ground and the ink of a verdict."""
    match kind:
        case VerdictKind.PROVEN:
            return theme.pale_good, theme.good
        case VerdictKind.VIOLATED | VerdictKind.ERROR:
            return theme.pale_bad, theme.bad
        case _:
            return theme.pale_doubt, theme.doubt


def rc(theme: Theme) -> dict[str, Any]:
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
def styled(theme: str) -> Iterator[Theme]:
    """Draw in a theme; what was set before is set again at the end.

    Raises:
        UnknownNameError: there is no such theme.
    """
    import matplotlib as mpl  # noqa: PLC0415 - slow to load

    colours = theme_of(theme)
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
    """Return the figure of some axes as a file.

    The same figure gives the same bytes.

    Args:
        ax: the axes.
        kind: ``"svg"``, ``"png"`` or ``"pdf"``.
        title: what the file says it shows.
    """
    import matplotlib as mpl  # noqa: PLC0415 - slow to load

    out = io.BytesIO()
    metadata: dict[str, Any] = {"Title": title, "Creator": f"slubtla {__version__}", "Date": None}
    if kind == "png":
        metadata = {"Title": title, "Software": f"slubtla {__version__}"}
    elif kind == "pdf":
        metadata = {"Title": title, "Creator": f"slubtla {__version__}", "CreationDate": None}
    with mpl.rc_context(cast("Any", _SAVED)):
        figure_of(ax).savefig(out, format=kind, dpi=DPI, metadata=metadata)
    if kind != "svg":
        return out.getvalue()
    text = out.getvalue().decode()
    for font, fonts in _SVG_FONTS:
        text = text.replace(font, fonts)
    return text.encode()
