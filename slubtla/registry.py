"""Registry of ``module:attribute`` paths, by which lower layers load objects of upper ones.

:mod:`slubtla` fills the table; each place is imported when it is first used.
"""

from __future__ import annotations

import importlib
from importlib.metadata import entry_points
from typing import Any, Final

_PLACES: Final[dict[str, dict[str, str]]] = {}


def register(kind: str, name: str, place: str) -> None:
    """Register what is at ``module:attribute``."""
    _PLACES.setdefault(kind, {})[name] = place


def registered(kind: str) -> dict[str, str]:
    """Return the places of a kind by name: our own first, then those of installed packages."""
    brought = {point.name: point.value for point in entry_points(group=f"slubtla.{kind}")}
    return _PLACES.get(kind, {}) | {n: at for n, at in brought.items() if n not in _PLACES[kind]}


def load(place: str) -> Any:  # noqa: ANN401 - whatever is there
    """Import what is at ``module:attribute``."""
    module, _, name = place.partition(":")
    return getattr(importlib.import_module(module), name)
