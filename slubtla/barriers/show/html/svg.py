"""Turn a matplotlib figure into an ``<svg>`` element that follows the reader's theme."""

from __future__ import annotations

import re
from dataclasses import asdict
from html import escape
from typing import TYPE_CHECKING, Final

from markupsafe import Markup

from slubtla.barriers.show.plots.style import THEMES, picture

if TYPE_CHECKING:
    from matplotlib.axes import Axes

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
    body = _named(re.sub(r"\n\s*", "\n", body), name)
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


def _named(body: str, name: str) -> str:
    """Prefix the ids that are referred to, and drop the others, which repeat."""
    wanted = {match[2] for match in _REFERENCE.finditer(body)}

    def own(match: re.Match[str]) -> str:
        return f'{match[1]} id="{name}-{match[2]}"' if match[2] in wanted else match[1]

    return _REFERENCE.sub(rf"\g<1>{name}-\g<2>", _ID.sub(own, body))


def _properties() -> dict[str, str]:
    """Colour of the light theme to its custom property; a name goes before a series' number."""
    colours = asdict(THEMES["light"])
    numbered = {c: f"--series-{n}" for n, c in enumerate(colours.pop("series"), start=1)}
    return numbered | {colour: f"--{name.replace('_', '-')}" for name, colour in colours.items()}


_PROPERTIES: Final = _properties()


def _themed(match: re.Match[str]) -> str:
    name = _PROPERTIES.get(match[0])
    return f"var({name})" if name else match[0]
