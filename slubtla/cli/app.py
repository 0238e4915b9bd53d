"""All commands of ``slubtla``: importing this module registers them."""

from __future__ import annotations

import importlib

from slubtla.cli.commands import GROUP_OF, app

__all__ = ["app"]

MODULES = ("ask", "look", "diff", "plot", "prove", "litmus", "hardware", "spec", "scale")

for _name in MODULES:
    importlib.import_module(f"slubtla.cli.{_name}")

app.registered_commands.sort(key=lambda command: list(GROUP_OF).index(command.name or ""))
