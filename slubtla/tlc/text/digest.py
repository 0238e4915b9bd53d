"""SHA-256 of texts and files, hexadecimal."""

from __future__ import annotations

import hashlib
from pathlib import Path


def digest(text: str) -> str:
    """Return the SHA-256 of a text in UTF-8."""
    return hashlib.sha256(text.encode()).hexdigest()


def file_digest(file: str | Path) -> str:
    """Return the SHA-256 of a file; ``""`` if it cannot be read."""
    try:
        with Path(file).open("rb") as data:
            return hashlib.file_digest(data, "sha256").hexdigest()
    except OSError:
        return ""
