"""Find the checkpoint of TLC from which a run can be resumed.

A checkpoint is a set of files. TLC 2.15 (``ModelChecker.checkpoint``) announces it (message 2195),
writes all files under temporary names (the queue, the trace of each worker, the table of strings),
renames them in that order, and reports the end (2196).

Not every checkpoint may be used. A kill may fall between two renames. And TLC writes one more when
a violation has ended the search, in which the bad state counts as searched. So only a checkpoint
counts whose end was reported: the digest of its queue, the first file to be renamed, is noted then.
"""

from __future__ import annotations

import contextlib
import hashlib
from pathlib import Path
from typing import Final

from slubtla.errors import UsageError
from slubtla.tlc.engine.argv import METADIR, SCRATCH

_NOTED: Final = f"{SCRATCH}/heard.sha256"
_QUEUE: Final = "queue.chkpt"
_STRINGS: Final = "vars.chkpt"


def note_checkpoint(workdir: Path) -> None:
    """Note the newest checkpoint, when TLC has reported its end."""
    folder = _newest(workdir)
    if folder is not None:
        with contextlib.suppress(OSError):  # then it was not noted, and will not be used
            (workdir / _NOTED).write_text(_digest(folder), encoding="ascii")


def has_checkpoint(workdir: Path) -> bool:
    """Tell whether a run's directory holds a checkpoint to go on from."""
    folder = _newest(workdir)
    try:
        return folder is not None and (workdir / _NOTED).read_text("ascii") == _digest(folder)
    except OSError:
        return False


def find_checkpoint(workdir: Path) -> str:
    """Return the folder of a run's checkpoint, relative to ``workdir``.

    Raises:
        UsageError: there is none that may be used.
    """
    folder = _newest(workdir)
    if folder is None or not has_checkpoint(workdir):
        raise UsageError(
            f"{workdir} holds no whole checkpoint that TLC reported as complete",
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
