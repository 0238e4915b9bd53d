"""Pack and unpack run directories as tar.gz, for the cache and for remote jobs."""

from __future__ import annotations

import io
import tarfile
from collections.abc import Iterable
from pathlib import Path


def pack(files: Iterable[tuple[str, Path]]) -> bytes:
    """Return files as a compressed archive: each with its name in it, and where it is."""
    room = io.BytesIO()
    with tarfile.open(fileobj=room, mode="w:gz", compresslevel=1) as archive:
        for name, path in files:
            archive.add(path, arcname=name, recursive=False)
    return room.getvalue()


def pack_directory(directory: Path) -> bytes:
    """Return the files below a directory as a compressed archive."""
    files = sorted(path for path in directory.rglob("*") if path.is_file())
    return pack((path.relative_to(directory).as_posix(), path) for path in files)


def unpack(archived: bytes, directory: Path) -> None:
    """Write the files of an archive into a directory, and nowhere else.

    Raises:
        tarfile.TarError: it is no archive, or a name in it leads out of the directory.
        OSError: a file cannot be written.
    """
    with tarfile.open(fileobj=io.BytesIO(archived), mode="r:gz") as archive:
        archive.extractall(directory, filter="data")
