"""Make the pictures of the documentation from real runs: ``python docs/make_pictures.py``.

One worker, so that TLC finds the same counterexample every time.
"""

from __future__ import annotations

import io
import shutil
import tempfile
from pathlib import Path

from rich.console import Console, Group, RenderableType
from rich.terminal_theme import MONOKAI
from rich.text import Text

import slubtla
from slubtla.views.matrix import matrix_view
from slubtla.views.text import result_view

PICTURES = Path(__file__).parent / "pictures"
WIDTH = 110

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


def picture(name: str, command: str, view: RenderableType, place: Path) -> None:
    """Write what a command shows as ``pictures/{name}.svg``."""
    console = Console(
        record=True, width=WIDTH, file=io.StringIO(), highlight=False, force_terminal=True
    )
    console.print(Group(Text(f"$ {command}", style="bold"), Text(), view))
    svg = console.export_svg(
        title="slubtla", theme=MONOKAI, code_format=SVG, unique_id=f"slubtla-{name}"
    )
    (PICTURES / f"{name}.svg").write_text(svg.replace(str(place), "runs"), encoding="utf-8")


def main() -> None:
    """Make all pictures."""
    PICTURES.mkdir(exist_ok=True)
    place = Path(tempfile.mkdtemp())
    try:
        leak = slubtla.verify(strategy="smp_mb", workers=1, out_dir=place / "smp_mb")
        picture("smp_mb", leak.command, result_view(leak), place)
        matrix = slubtla.run_matrix(settings=slubtla.Settings(out_dir=place / "matrix"))
        picture("matrix", "slubtla matrix", matrix_view(matrix), place)
    finally:
        shutil.rmtree(place)


if __name__ == "__main__":
    main()
