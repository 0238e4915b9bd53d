"""slubtla: is this barrier enough? SLUB's cpu_partial protocol, checked by TLC, explained by pictures."""

from __future__ import annotations

from slubtla._version import __version__

__all__ = ["__version__"]
