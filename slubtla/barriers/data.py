"""Locate ``specs/`` and ``configs/``: beside the package or inside it."""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parents[1]


def data_dir(name: str) -> Path:
    """Return the directory ``specs`` or ``configs``.

    Raises:
        FileNotFoundError: the installation is broken: neither place has it.
    """
    for parent in (_PACKAGE / "_data", _PACKAGE.parent):
        if (parent / name).is_dir():
            return parent / name
    raise FileNotFoundError(f"slubtla is installed without its {name}/ directory")
