"""Jobs as errands for an executor that runs them outside this process."""

from __future__ import annotations

import contextlib
import tarfile
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import CancelledError, Executor, Future
from pathlib import Path
from types import TracebackType
from typing import Final, Protocol, Self

from slubtla.errors import CannotRunError, SlubtlaError, UsageError
from slubtla.tlc.jobs.archive import unpack
from slubtla.tlc.jobs.job import Finding, Job
from slubtla.tlc.jobs.remote_job import Delivery, make_errand, run_errand
from slubtla.tlc.run.rundir import RunDirectory, run_directory
from slubtla.tlc.run.settings import Settings

_KEPT: Final = "what had finished is kept in its run directory"

Answer = Future[Delivery | SlubtlaError]


class Watched(Protocol):
    """What can tell that it is beyond hope."""

    def check(self) -> None:
        """Raise a SlubtlaError where nothing more can be hoped for."""
        ...


class Elsewhere:
    """An executor outside this process; the run directories are made here.

    A context manager: at its end, what still runs is told to stop.

    Args:
        executor: takes what can be pickled.
        settings: how to run each job, with a toolchain.
        watched: what to ask now and then whether there is hope.

    Raises:
        UsageError: an engine that is open, or checkpoints, do not travel.
    """

    patience = 1.0

    def __init__(
        self, executor: Executor, settings: Settings, watched: Watched | None = None
    ) -> None:
        if settings.engine is not None and not isinstance(settings.engine, str):
            raise UsageError(
                f"an open {type(settings.engine).__name__} cannot be sent to another process",
                next_step='name the engine: engine="process" or engine="jvm"',
            )
        if settings.checkpoint:
            raise UsageError(
                "checkpoints lie on the machine that runs, and are gone with its scratch directory",
                next_step="leave out the checkpoints, or run it here",
            )
        self._executor = executor
        self._settings = settings
        self._watched = watched
        self._open = contextlib.ExitStack()
        self._directories: dict[Answer, RunDirectory] = {}

    def __enter__(self) -> Self:
        self._wanted = Path(self._open.enter_context(_scratch_file()))
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        where: TracebackType | None,
    ) -> None:
        self._open.__exit__(kind, error, where)

    def submit(self, job: Job) -> Answer:
        """Send a job, when there is a place for its run directory.

        Raises:
            UsageError: its run directory is taken.
            SpecError: a file of the user's specification cannot be read.
            CannotRunError: the executor takes no more.
        """
        directory = self._open.enter_context(run_directory(job.short_name, job.out_dir))
        errand = make_errand(job, self._settings, self._wanted)
        try:
            answer: Answer = self._executor.submit(run_errand, errand)
        except RuntimeError as error:  # it is broken, or was shut down
            raise CannotRunError(
                f"{job.name} could not be sent: {error}",
                next_step=f"give an executor that is open; {_KEPT}",
            ) from error
        self._directories[answer] = directory
        return answer

    def receive(self, job: Job, future: Answer) -> Finding:
        """Put what came back in its place.

        Raises:
            RunInterrupted: Ctrl-C there.
        """
        try:
            delivery = future.result()
        except (Exception, CancelledError) as error:  # noqa: BLE001 - whatever an executor raises
            return CannotRunError(
                f"{job.name} did not come back: {_words(error)}",
                next_step="see what its worker printed; on each machine slubtla must be installed, "
                f"and memory be enough; {_KEPT}",
            )
        if isinstance(delivery, SlubtlaError):
            return delivery
        directory = self._directories.pop(future)
        try:
            unpack(delivery.run_dir, directory.work)
            return delivery.result.model_copy(update={"run_dir": directory.commit()})
        except (OSError, tarfile.TarError) as error:
            return CannotRunError(
                f"{job.name}: its run directory cannot be written here: {error}",
                next_step="see that the disk is not full",
            )

    def check(self) -> None:
        """See that the settings do not cancel, and that there is hope.

        Raises:
            CannotRunError: they do, or there is none.
        """
        if self._settings.cancel is not None and self._settings.cancel.is_set():
            raise CannotRunError("cancelled", next_step=_KEPT)
        if self._watched is not None:
            self._watched.check()

    def stop(self, futures: Sequence[Answer]) -> None:
        """Begin nothing more; what runs sees that it is not wanted, and ends its TLC."""
        for future in futures:
            future.cancel()


@contextlib.contextmanager
def _scratch_file() -> Iterator[str]:
    with tempfile.NamedTemporaryFile(prefix="slubtla-wanted-") as file:
        yield file.name


def _words(error: BaseException) -> str:
    text = str(error).strip()
    kind = type(error).__name__
    return f"{kind}: {text}" if text else kind
