"""Run directories: the whole record of a run, written atomically, readable without Java.

A run works in a directory of its own with a hidden name beside its final place, and takes its final
name in one step when everything is in it; so two runs never collide and nothing is half-written.
A run with checkpoints works under its final name and ``.unfinished``: if it is killed, that is what
is left of it, and what `slubtla resume` takes.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import os
import secrets
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import platformdirs
from pydantic import ValidationError

from slubtla.errors import UsageError
from slubtla.tlc.engine import has_checkpoint
from slubtla.tlc.run.result import Result, complaint_of

RESULT: Final = "result.json"
TRACE_ITF: Final = "trace.itf.json"

UNFINISHED: Final = ".unfinished"
"""What the name of a run that may be resumed ends in, until it is finished."""


def runs_dir() -> Path:
    """Return the directory where runs are kept that were given no ``--out``."""
    return platformdirs.user_state_path("slubtla") / "runs"


_committed: Final[list[Path]] = []


def committed() -> Path | None:
    """Return where the runs of this process are kept: the run, or the folder of several."""
    kept = [path for path in _committed if path.exists()]
    if not kept:
        return None
    return kept[0] if len(kept) == 1 else Path(os.path.commonpath(kept))


def is_run(path: Path) -> bool:
    """Whether a directory holds the result of a run."""
    return (path / RESULT).is_file()


class RunDirectory:
    """The directory of a run, until it has its final name.

    Attributes:
        work: where the run works.
        final: where it will be; None until the end where the name is chosen automatically.
        ended: whether TLC has ended, so that what it printed is kept, whatever fails afterwards.
    """

    def __init__(self, work: Path, final: Path | None, name: str) -> None:
        self.work = work
        self.final = final
        self.ended = False
        self._name = name
        self._suffix = work.name.removesuffix(UNFINISHED).rpartition("-")[2]

    def name_final(self) -> Path:
        """Return where the directory will be, unless another run takes that name first."""
        self.final = self.final or self.work.parent / _stamped(self._name, self._suffix)
        return self.final

    def commit(self) -> Path:
        """Give the directory its final name, and return it.

        Where another run took that name in the meantime, this one is kept beside it, under a name
        of its own: what a long search has found is not thrown away.

        Raises:
            UsageError: it cannot be renamed.
        """
        parent = self.work.parent
        planned = self.name_final()
        for final in (planned, planned.with_name(f"{planned.name}-{self._suffix}")):
            try:
                self.work.rename(final)
            except OSError as error:
                if not final.exists():
                    raise _unwritable(parent, error) from error
            else:
                self.final = final
                _committed.append(final)
                return final
        raise _taken(planned)


@contextlib.contextmanager
def run_directory(
    name: str, out_dir: Path | None = None, *, resumable: bool = False
) -> Iterator[RunDirectory]:
    """Make a directory to run in; remove it unless it is committed, or TLC ended in it.

    If anything fails after TLC has ended, what it printed is kept, without a :data:`RESULT`, and a
    note of the error names the place.

    Args:
        name: what the run is called, for a directory whose name is chosen automatically.
        out_dir: the final place; it must not exist, or be empty.
        resumable: stay, as an unfinished run, if there is a checkpoint in it.

    Raises:
        UsageError: ``out_dir`` is taken, or no directory can be made there.
        OSError: what could not be written in it, with its path.
    """
    if out_dir is not None:
        out_dir = out_dir.absolute()
        require_empty(out_dir)
    parent = runs_dir() if out_dir is None else out_dir.parent
    stem = _stamped(name, secrets.token_hex(4)) if out_dir is None else out_dir.name
    work = parent / f"{stem}{UNFINISHED}"
    try:
        parent.mkdir(parents=True, exist_ok=True)
        if resumable:
            work.mkdir()
        else:
            work = Path(tempfile.mkdtemp(prefix=".slubtla-", dir=parent))
            work.chmod(0o755)
    except OSError as error:
        if resumable and isinstance(error, FileExistsError) and work.exists():
            raise UsageError(
                f"{work} exists: an unfinished run",
                next_step=f"go on with it: slubtla resume {work}; or remove it",
            ) from error
        raise _unwritable(parent, error) from error
    directory = RunDirectory(work, out_dir, name)
    try:
        yield directory
    except BaseException as error:
        if isinstance(error, OSError) and error.filename is None:  # a write does not say where
            error.filename = str(out_dir or parent)
        if directory.ended and work.exists():
            with contextlib.suppress(UsageError):
                error.add_note(f"what TLC printed is kept: {directory.commit() / 'tlc.out'}")
        raise
    finally:
        if not (resumable and has_checkpoint(work)):
            shutil.rmtree(work, ignore_errors=True)


def reopen(path: Path) -> RunDirectory:
    """Take up an unfinished run again; ``NAME`` is called ``NAME.unfinished`` again.

    Raises:
        UsageError: it cannot be renamed.
    """
    path = path.absolute()
    final = path.with_name(path.name.removesuffix(UNFINISHED))
    work = final.with_name(final.name + UNFINISHED)
    if path != work:
        if work.exists():
            raise UsageError(
                f"{path} and {work} exist", next_step="name the one to go on with, move the other"
            )
        try:
            path.rename(work)
        except OSError as error:
            raise _unwritable(path.parent, error) from error
    return RunDirectory(work, final, final.name)


def _stamped(name: str, suffix: str) -> str:
    return f"{dt.datetime.now(dt.UTC):%Y%m%dT%H%M%S.%f}-{name}-{suffix}"


def latest_run() -> Path:
    """Return the newest automatically named run directory.

    Raises:
        UsageError: there is none.
    """
    place = runs_dir()
    found = (path.parent for path in place.glob(f"[!.]*/{RESULT}"))
    newest = max((path for path in found if not path.name.endswith(UNFINISHED)), default=None)
    if newest is None:
        raise UsageError(
            f"there is no run in {place}", next_step="make one: slubtla verify --strategy smp_mb"
        )
    return newest


def load_run(path: str | Path) -> Result:
    """Read a run directory, or its ``result.json``, back; needs no Java.

    Raises:
        UsageError: it is not a run directory, or one that this version cannot read.
    """
    file = Path(path)
    file = file if file.name == RESULT else file / RESULT
    try:
        text = file.read_bytes()
    except OSError as error:
        raise UsageError(
            f"{file.parent} is not a run directory: {file.name}: {error.strerror}",
            next_step="name the directory that `slubtla verify` printed, or used with --out",
        ) from error
    try:
        result = Result.model_validate_json(text)
    except ValidationError as error:
        raise UsageError(
            f"{file} is not a result that this slubtla reads: {complaint_of(error)}",
            next_step="read it with the slubtla that wrote it, or run it again",
        ) from None
    return result.model_copy(update={"run_dir": file.parent.absolute()})


def _unwritable(parent: Path, error: OSError) -> UsageError:
    return UsageError(
        f"no run directory can be made in {parent}: {error.strerror}",
        next_step="name a place that can be written: --out DIR",
    )


def require_empty(path: Path) -> None:
    """Raise UsageError unless a path is free, or an empty directory."""
    if path.exists() and (not path.is_dir() or any(path.iterdir())):
        raise _taken(path)


def _taken(path: Path) -> UsageError:
    return UsageError(
        f"{path} exists and is not an empty directory",
        next_step="name another --out, or remove it: a run never writes over another",
    )
