"""Run jobs in other processes, perhaps on other machines: send a job, get its run directory back.

What travels: the spec with its files, and the plain settings; back, all files of the run directory
as bytes. Progress, a cancelling event and an open engine do not. The toolchain is found anew there;
its jar must have the same digest, and slubtla must be the same.
"""

from __future__ import annotations

import contextlib
import tarfile
import tempfile
from collections.abc import Callable
from concurrent.futures import CancelledError, Executor, Future
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Event
from typing import Final

from slubtla.errors import CannotRunError, SlubtlaError, ToolchainError, UsageError
from slubtla.tlc.engine.stage import data_files, spec_files
from slubtla.tlc.jobs.cancel_watch import cancel_without_sender
from slubtla.tlc.jobs.job import Finding, Job, JobRunner
from slubtla.tlc.run.archive import pack, pack_directory, unpack
from slubtla.tlc.run.cache import code_digest
from slubtla.tlc.run.rundir import RunDirectory, load_run, run_directory
from slubtla.tlc.run.settings import Settings
from slubtla.tlc.run.spec import RunSpec
from slubtla.tlc.tools import Jar, Toolchain, find_jar, find_java, inspect_jar

_KEPT: Final = "what had finished is kept in its run directory"


@dataclass(frozen=True, slots=True)
class RemoteJob:
    """A job on its way; it pickles.

    Attributes:
        job: what to run.
        spec: what it checks; its paths are those of the sender.
        settings: how to run it.
        toolchain: the sender's.
        code: digest of the sender's slubtla.
        files: the files of a specification of the user's own.
        marker: a file on the sender's machine that is there as long as the job is wanted.
    """

    job: Job
    spec: RunSpec
    settings: Settings
    toolchain: Toolchain
    code: str
    files: bytes
    marker: Path


def remote_job(job: Job, settings: Settings, marker: Path) -> RemoteJob:
    """Prepare a job for its way; the settings have a toolchain, and an engine that is a name.

    Raises:
        SpecError: a file of the user's specification cannot be read.
    """
    plain = replace(
        settings,
        tla2tools=None,
        java=None,
        toolchain=None,
        out_dir=None,
        on_progress=None,
        on_ready=None,
        watch=None,
        cancel=None,
        specs=None,
        library=(),
    )
    spec, files = job.made(), b""
    if not spec.texts:
        spec.require_files()
        modules = spec_files(spec.spec, settings.library)
        named = {path.name: path for path in (*modules, spec.cfg)} | data_files(modules)
        files = pack(named.items())
    return RemoteJob(
        job=replace(job, spec=spec, out_dir=None),
        spec=spec,
        settings=plain,
        toolchain=settings.find_toolchain(),
        code=code_digest(),
        files=files,
        marker=marker,
    )


def run_remote(sent: RemoteJob) -> bytes | SlubtlaError:
    """Run a job for another process, and return its run directory, or the job's own error.

    Raises:
        RunInterrupted: Ctrl-C.
    """
    try:
        with tempfile.TemporaryDirectory(prefix="slubtla-") as scratch:
            return _run(sent, Path(scratch))
    except SlubtlaError as error:
        return error


def _run(sent: RemoteJob, scratch: Path) -> bytes:
    if sent.code != code_digest():
        raise CannotRunError(
            "slubtla there is not the same as slubtla here",
            next_step="install the same version on every machine; restart its workers",
        )
    spec, files = sent.spec, scratch / "files"
    if sent.files:
        unpack(sent.files, files)
        spec = replace(spec, spec=files / spec.spec.name, cfg=files / spec.cfg.name)
    job = replace(sent.job, spec=spec, out_dir=scratch / "run")
    cancel = Event()
    with cancel_without_sender(sent.marker, cancel):
        toolchain = find_same(sent.toolchain)
        job.run(replace(sent.settings, toolchain=toolchain, cancel=cancel))
    return pack_directory(scratch / "run")


def find_same(wanted: Toolchain) -> Toolchain:
    """Find a toolchain with the same jar: at the same path, or wherever this machine has its own.

    Raises:
        ToolchainError: there is no Java, or no jar, or the jar is another one.
    """
    java = wanted.java.path
    return Toolchain(_same_jar(wanted.jar), find_java(java if java.is_file() else None))


def _same_jar(wanted: Jar) -> Jar:
    if wanted.path.is_file():
        jar = inspect_jar(wanted.path, wanted.origin)
        if jar.sha256 == wanted.sha256:
            return jar
    jar = find_jar()
    if jar.sha256 != wanted.sha256:
        raise ToolchainError(
            f"tla2tools.jar there ({jar.path}, {jar.sha256[:12]}) is not the same as here "
            f"({wanted.path}, {wanted.sha256[:12]})",
            next_step="install the same jar on every machine, or name it there with "
            "SLUBTLA_TLA2TOOLS",
        )
    return jar


class RemoteExecutor(JobRunner):
    """An executor outside this process; the run directories are made here.

    What runs sees that it is not wanted when ``stack`` is closed, and ends its TLC.

    Args:
        executor: takes what can be pickled.
        settings: how to run each job, with a toolchain.
        stack: keeps the run directories, and a file that is there while jobs are wanted.
        check: raises a SlubtlaError where the executor is beyond hope.

    Raises:
        UsageError: an engine that is open, or checkpoints, do not travel.
    """

    patience = 1.0

    def __init__(
        self,
        executor: Executor,
        settings: Settings,
        stack: contextlib.ExitStack,
        check: Callable[[], None] = lambda: None,
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
        self._check = check
        self._open = stack
        marker = tempfile.NamedTemporaryFile(prefix="slubtla-marker-")  # noqa: SIM115 - until then
        self._marker = Path(stack.enter_context(marker).name)
        self._directories: dict[Future[bytes | SlubtlaError], RunDirectory] = {}

    def submit(self, job: Job) -> Future[bytes | SlubtlaError]:
        """Send a job, when its run directory is made.

        Raises:
            UsageError: its run directory is taken.
            SpecError: a file of the user's specification cannot be read.
            CannotRunError: the executor takes no more.
        """
        future: Future[bytes | SlubtlaError]
        try:
            spec = job.made()
        except SlubtlaError as error:
            future = Future()
            future.set_result(error)
            return future
        directory = self._open.enter_context(run_directory(spec.name, job.out_dir))
        try:
            sent = remote_job(replace(job, spec=spec), self._settings, self._marker)
            future = self._executor.submit(run_remote, sent)
        except RuntimeError as error:  # it is broken, or was shut down
            raise CannotRunError(
                f"{job.name} could not be sent: {error}",
                next_step=f"give an executor that is open; {_KEPT}",
            ) from error
        self._directories[future] = directory
        return future

    def receive(self, job: Job, future: Future[bytes | SlubtlaError]) -> Finding:
        """Put what came back into its run directory.

        Raises:
            RunInterrupted: Ctrl-C there.
        """
        try:
            found = future.result()
        except (Exception, CancelledError) as error:  # noqa: BLE001 - whatever an executor raises
            words = ": ".join(filter(None, (type(error).__name__, str(error).strip())))
            return CannotRunError(
                f"{job.name} did not come back: {words}",
                next_step="see what its worker printed; on each machine slubtla must be installed, "
                f"and memory be enough; {_KEPT}",
            )
        if isinstance(found, SlubtlaError):
            return found
        directory = self._directories.pop(future)
        try:
            unpack(found, directory.work)
            return load_run(directory.commit())
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
        self._check()
