"""What a command shows on a terminal, as SVG."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Final

from rich.console import Console, Group, RenderableType
from rich.terminal_theme import MONOKAI
from rich.text import Text

WIDTH: Final = 110

# rich's own format, without its link to a font on the network.
SVG = """\
<svg class="rich-terminal" viewBox="0 0 {width} {height}" xmlns="http://www.w3.org/2000/svg">
<style>
.{unique_id}-matrix {{ font-family: "Fira Code", "DejaVu Sans Mono", Menlo, Consolas, monospace;
  font-size: {char_height}px; line-height: {line_height}px; font-variant-east-asian: full-width; }}
.{unique_id}-title {{ font-size: 18px; font-weight: bold; font-family: arial; }}
{styles}
</style>
<defs>
<clipPath id="{unique_id}-clip-terminal">
<rect x="0" y="0" width="{terminal_width}" height="{terminal_height}" />
</clipPath>
{lines}
</defs>
{chrome}
<g transform="translate({terminal_x}, {terminal_y})" clip-path="url(#{unique_id}-clip-terminal)">
{backgrounds}
<g class="{unique_id}-matrix">
{matrix}
</g>
</g>
</svg>
"""


def terminal_picture(name: str, command: str, view: RenderableType, place: Path) -> bytes:
    """Return what a command shows; ``place``, where the runs lie, is told as ``runs``."""
    console = Console(
        record=True, width=WIDTH, file=io.StringIO(), highlight=False, force_terminal=True
    )
    console.print(Group(Text(f"$ {command}", style="bold"), Text(), view))
    svg = console.export_svg(
        title="slubtla", theme=MONOKAI, code_format=SVG, unique_id=f"slubtla-{name}"
    )
    return svg.replace(str(place), "runs").encode()
