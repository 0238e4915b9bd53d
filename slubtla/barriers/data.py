"""Locate ``specs/`` and ``configs/``, beside the package or inside it; read what a user names."""

from __future__ import annotations

import sys
from pathlib import Path

from slubtla.errors import UsageError

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


def read_input(path: Path, next_step: str) -> str:
    """Return the text of a file, or of stdin for ``-``.

    Raises:
        UsageError: it cannot be read.
    """
    try:
        return sys.stdin.read() if str(path) == "-" else path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise UsageError(f"{path} cannot be read: {reason}", next_step=next_step) from error
