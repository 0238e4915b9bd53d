"""Registry of ``module:attribute`` paths, by which lower layers load objects of upper ones.

:mod:`slubtla` fills the table; each place is imported when it is first used.
"""

from __future__ import annotations

import importlib
from typing import Any, Final

_PLACES: Final[dict[str, dict[str, str]]] = {}


def register(kind: str, name: str, place: str) -> None:
    """Register what is at ``module:attribute``."""
    _PLACES.setdefault(kind, {})[name] = place


def registered(kind: str) -> dict[str, str]:
    """Return the places of a kind by name: those of installed packages, and our own, which win."""
    from importlib.metadata import entry_points  # noqa: PLC0415 - slow to load

    brought = {point.name: point.value for point in entry_points(group=f"slubtla.{kind}")}
    return brought | _PLACES.get(kind, {})


def find(kind: str, name: str | None = None) -> str | None:
    """Return a place by its name, our first one for None; installed packages are asked last."""
    own = _PLACES.get(kind, {})
    name = name or next(iter(own))
    return own.get(name) or registered(kind).get(name)


def load(place: str) -> Any:  # noqa: ANN401 - whatever is there
    """Import what is at ``module:attribute``."""
    module, _, name = place.partition(":")
    return getattr(importlib.import_module(module), name)
