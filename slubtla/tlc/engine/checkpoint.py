"""TLC's checkpoints on disk: whether there is one that may be gone on from.

A checkpoint is a set of files. TLC 2.15 (``ModelChecker.checkpoint``) says that it begins (message
2195), writes all of them under temporary names (the queue, the trace of each worker, the table of
strings), renames one after the other in that order, and says that it is done (2196).

Not every checkpoint may be used. A kill may fall between two renames. And TLC writes one more when
a violation has ended the search, in which the bad state counts as searched: to go on from that one
would find nothing. What TLC says comes in order, so that who has heard 2196 knows of every
violation before it. So only a checkpoint counts that was heard of: its queue is noted then, by its
digest, and the queue is the first file to be renamed.
"""

from __future__ import annotations

import contextlib
import hashlib
from pathlib import Path
from typing import Final

from slubtla.errors import UsageError
from slubtla.tlc.engine.argv import METADIR, SCRATCH

_HEARD: Final = f"{SCRATCH}/heard.sha256"
_QUEUE: Final = "queue.chkpt"
_STRINGS: Final = "vars.chkpt"


def note_checkpoint(workdir: Path) -> None:
    """Note the newest checkpoint, when TLC has said that it is done."""
    folder = _newest(workdir)
    if folder is not None:
        with contextlib.suppress(OSError):  # then it was not noted, and will not be used
            (workdir / _HEARD).write_text(_digest(folder), encoding="ascii")


def has_checkpoint(workdir: Path) -> bool:
    """Tell whether a run's directory holds a checkpoint to go on from."""
    folder = _newest(workdir)
    try:
        return folder is not None and (workdir / _HEARD).read_text("ascii") == _digest(folder)
    except OSError:
        return False


def find_checkpoint(workdir: Path) -> str:
    """Find the checkpoint of a run that is over.

    Returns:
        Its folder, relative to ``workdir``, for :attr:`~slubtla.tlc.engine.TlcOptions.recover`.

    Raises:
        UsageError: there is none that may be used.
    """
    folder = _newest(workdir)
    if folder is None or not has_checkpoint(workdir):
        raise UsageError(
            f"{workdir} holds no whole checkpoint that TLC was heard to finish",
            next_step="run it again from the start",
        )
    return folder.relative_to(workdir).as_posix()


def _newest(workdir: Path) -> Path | None:
    try:
        folders = sorted((workdir / METADIR).iterdir(), reverse=True)
    except (FileNotFoundError, NotADirectoryError):
        return None
    whole = (f for f in folders if (f / _QUEUE).is_file() and (f / _STRINGS).is_file())
    return next(whole, None)


def _digest(folder: Path) -> str:
    with (folder / _QUEUE).open("rb") as queue:
        return hashlib.file_digest(queue, "sha256").hexdigest()
