"""HTML pages from one set of templates and one stylesheet: report, trace page, notebook output.

Values are escaped; a page asks the network for nothing. Colours are those of the pictures, as
custom properties that follow the reader's light or dark theme.
"""

from __future__ import annotations

import functools
import json
from pathlib import Path
from typing import Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from slubtla._version import __version__
from slubtla.barriers.show.plots.colours import THEMES
from slubtla.barriers.table import SIGNS
from slubtla.barriers.trace.steps import HARDWARE
from slubtla.tlc.run.verdict import VerdictKind

_ASSETS: Final = Path(__file__).parent / "assets"

_UNSAFE: Final = {ord(sign): f"\\u{ord(sign):04x}" for sign in "<>&\u2028\u2029"}
_CLASSES: Final = {
    VerdictKind.PROVEN: "good",
    VerdictKind.VIOLATED: "bad",
    VerdictKind.ERROR: "bad",
}


def render(template: str, **values: object) -> str:
    """Fill one of the templates in ``assets``."""
    return _environment().get_template(template).render(values)


def asset(name: str) -> Markup:
    """Return one of the files in ``assets``, as it is."""
    return Markup((_ASSETS / name).read_text(encoding="utf-8"))  # noqa: S704  # our own file


def stylesheet() -> Markup:
    """Return the style of everything below the class ``slubtla``, explorers included."""
    return colours_css(".slubtla") + asset("page.css") + asset("explorer.css")


def explorer_css() -> str:
    """Return the trace explorer's style for a page that is not slubtla's."""
    return colours_css(".slubtla-explorer") + asset("explorer.css")


def explorer_js() -> str:
    """Return the trace explorer: an ES module that exports ``mount(root, data, options)``."""
    return asset("explorer.js")


def colours_css(selector: str) -> Markup:
    """Return the colours of both themes as custom properties of a selector."""
    light, dark = (THEMES[name].properties() for name in ("light", "dark"))
    lines = (f"  --{name}: light-dark({light[name]}, {dark[name]});" for name in light)
    return Markup(f"{selector} {{\n" + "\n".join(lines) + "\n}\n")  # noqa: S704  # our own colours


def css_class(style: str) -> str:
    """Return the class of a verdict's kind: ``good``, ``bad`` or ``doubt``; else the style."""
    if style not in set(VerdictKind):
        return style
    return _CLASSES.get(VerdictKind(style), "doubt")


def in_script(data: object) -> Markup:
    """Return data as JSON in which nothing can end a ``<script>``."""
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    return Markup(text.translate(_UNSAFE))  # noqa: S704  # no <, > or & is left in it


@functools.cache
def _environment() -> Environment:
    made = Environment(
        loader=FileSystemLoader(_ASSETS),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    made.filters |= {"css_class": css_class, "in_script": in_script}
    made.globals |= {"version": __version__, "signs": SIGNS, "hardware": HARDWARE}
    made.globals |= {"asset": asset, "stylesheet": stylesheet}
    return made
