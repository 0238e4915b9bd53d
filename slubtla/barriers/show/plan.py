"""What a run would do, without doing it."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from rich.console import Group, RenderableType
from rich.text import Text

from slubtla.barriers.render import render
from slubtla.barriers.verify import command_lines
from slubtla.tlc.run.settings import Settings

if TYPE_CHECKING:
    from slubtla.barriers.model import Model


def plan_view(model: Model, settings: Settings) -> RenderableType:
    """Return the model, the digests of its files and the command lines; starts no Java."""
    rendered = render(model)
    lines = [Text("Nothing is run. This would be:", style="bold"), Text()]
    for name, value in model.model_dump().items():
        shown = ", ".join(value) if isinstance(value, tuple) else str(value)
        lines.append(Text.assemble((f"  {name:12}", "dim"), shown))
    lines += [
        Text(),
        Text.assemble(
            ("  spec        ", "dim"),
            f"{rendered.module}.tla, before its translation: {rendered.spec_digest}",
        ),
        Text.assemble(("  cfg         ", "dim"), f"{rendered.module}.cfg: {rendered.cfg_digest}"),
        Text(),
    ]
    for argv in command_lines(model, settings):
        lines.append(Text.assemble(("  $ ", "dim"), shlex.join(argv)))
    return Group(*lines)
