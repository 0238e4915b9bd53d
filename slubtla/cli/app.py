"""All commands of ``slubtla``: importing this module registers them."""

from __future__ import annotations

from slubtla.cli import (
    ask,
    diff,
    doctor,
    hardware,
    litmus,
    look,
    plot,
    prove,
    scale,
    spec,
)
from slubtla.cli.commands import GROUP_OF, app

__all__ = [
    "app",
    "ask",
    "diff",
    "doctor",
    "hardware",
    "litmus",
    "look",
    "plot",
    "prove",
    "scale",
    "spec",
]

app.registered_commands.sort(key=lambda command: list(GROUP_OF).index(command.name or ""))
