"""Keep files in the user's cache directory, each checked by a digest.

An entry is found by a digest of everything that it depends on, checked by a digest of what it
holds, and written in one step. One that is broken or unreadable counts as missing; removing the
whole directory (:func:`cache_dir`) costs time and nothing else.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import tempfile
from pathlib import Path


def cache_dir() -> Path:
    """Where caches live on this system, e.g. ``~/.cache/slubtla``; need not exist."""
    import platformdirs  # noqa: PLC0415  # 14 ms, and only this function needs it

    return platformdirs.user_cache_path("slubtla")


def digest_of(*parts: str | bytes) -> str:
    """The SHA-256 of several texts, 64 hexadecimal digits; where one ends counts, too."""
    total = hashlib.sha256()
    for part in parts:
        data = part.encode("utf-8", "surrogateescape") if isinstance(part, str) else part
        total.update(len(data).to_bytes(8, "big"))
        total.update(data)
    return total.hexdigest()


def write_whole(path: Path, data: bytes) -> None:
    """Write a file in one step, so that no reader sees a part of it.

    Raises:
        OSError: that is not possible.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=".new-", dir=path.parent)
    try:
        with open(handle, "wb") as file:  # noqa: PTH123  # a descriptor
            file.write(data)
        os.replace(name, path)  # noqa: PTH105
    finally:
        remove(Path(name))


def write_checked(path: Path, data: bytes) -> bool:
    """Write a file in one step, with its digest in front; whether that was possible."""
    try:
        write_whole(path, digest_of(data).encode() + b"\n" + data)
    except OSError:
        return False
    return True


def read_checked(path: Path) -> bytes | None:
    """What :func:`write_checked` wrote; None if it is missing or was changed."""
    try:
        content = path.read_bytes()
    except OSError:
        return None
    digest, newline, data = content.partition(b"\n")
    return data if newline and digest == digest_of(data).encode() else None


def prune(folder: Path, most: int) -> None:
    """Remove the entries of ``folder`` that were used longest ago, down to ``most``."""
    with contextlib.suppress(OSError):
        entries = sorted(folder.iterdir(), key=lambda path: path.stat().st_mtime_ns)
        for oldest in entries[: max(0, len(entries) - most)]:
            remove(oldest)


def touch(path: Path) -> None:
    """Note that an entry was used."""
    with contextlib.suppress(OSError):
        os.utime(path)


def remove(path: Path) -> None:
    """Remove an entry, if possible."""
    import shutil  # noqa: PLC0415  # seldom needed

    with contextlib.suppress(OSError):
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()
