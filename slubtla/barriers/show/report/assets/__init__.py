"""The files that a page is made of: the explorer, which a notebook shows too, and the report's own.

Colours are those of all pictures, see :mod:`style`, as custom properties that follow
the reader's light or dark theme.
"""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Final

from slubtla.barriers.show.plots.style import THEMES

PLACE: Final = Path(__file__).parent


def text_of(name: str) -> str:
    """Return the text of one of the files here."""
    return (PLACE / name).read_text(encoding="utf-8")


def explorer_js() -> str:
    """Return the trace explorer: an ES module that exports ``mount(root, data, options)``."""
    return text_of("explorer.js")


def explorer_css() -> str:
    """Return the trace explorer's style, all of it below ``.slubtla-explorer``."""
    return colours_css(".slubtla-explorer") + text_of("explorer.css")


def colours_css(selector: str) -> str:
    """Return the colours of both themes as custom properties of a selector.

    A colour follows the ``color-scheme`` of the place where it is used.
    """
    light, dark = (asdict(THEMES[name]) for name in ("light", "dark"))
    lines = [
        f"  --{name.replace('_', '-')}: light-dark({light[name]}, {dark[name]});"
        for name in light
        if name != "series"
    ]
    lines += [
        f"  --series-{number}: light-dark({one}, {other});"
        for number, (one, other) in enumerate(
            zip(light["series"], dark["series"], strict=True), start=1
        )
    ]
    return f"{selector} {{\n" + "\n".join(lines) + "\n}\n"
