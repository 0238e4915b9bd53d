"""A job that is run by another process, perhaps on another machine, and what comes back.

What travels: the job and the plain settings, templates that are not those of slubtla, a
specification of the user's own with its modules; and back, the result with all files of its run
directory. What does not: progress, a cancelling event, an open engine, and the toolchain, which is
found anew; its jar must have the same digest. slubtla and its templates must be the same, too.
"""

from __future__ import annotations

import shlex
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Event

from slubtla.barriers.render import template_digest
from slubtla.errors import CannotRunError, SlubtlaError, ToolchainError
from slubtla.tlc.engine.stage import spec_files
from slubtla.tlc.jobs.archive import pack, pack_directory, unpack
from slubtla.tlc.jobs.cancel_watch import watching
from slubtla.tlc.jobs.job import AnySpec, Job
from slubtla.tlc.run.result import Result
from slubtla.tlc.run.reuse import code_digest
from slubtla.tlc.run.rundir import RESULT
from slubtla.tlc.run.settings import Settings
from slubtla.tlc.tools import Jar, Toolchain, find_jar, find_java, inspect_jar


@dataclass(frozen=True, slots=True)
class Errand:
    """A job on its way; it pickles.

    Attributes:
        job: what to run; its paths are those of the sender.
        settings: how to run it.
        toolchain: the sender's.
        code: digest of the sender's slubtla.
        templates: digest of the sender's own templates.
        files: templates, or the files of a specification, if they must be sent.
        wanted: a file on the sender's machine that is there as long as the job is wanted.
    """

    job: Job
    settings: Settings
    toolchain: Toolchain
    code: str
    templates: str
    files: bytes | None
    wanted: Path


@dataclass(frozen=True, slots=True)
class Delivery:
    """What comes back.

    Attributes:
        result: without a run directory.
        run_dir: the files of the run directory.
    """

    result: Result
    run_dir: bytes


def make_errand(job: Job, settings: Settings, wanted: Path) -> Errand:
    """Make an errand of a job.

    Args:
        job: what to run.
        settings: how; with a toolchain, and with an engine that is a name.
        wanted: see :class:`Errand`.

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
    )
    return Errand(
        job=replace(job, out_dir=None),
        settings=plain,
        toolchain=settings.find_toolchain(),
        code=code_digest(),
        templates=template_digest(),
        files=_files(job.subject, job.specs or settings.specs),
        wanted=wanted,
    )


def _files(subject: object, specs: Path | None) -> bytes | None:
    if isinstance(subject, AnySpec):
        paths = (*spec_files(subject.spec), subject.cfg)
        return pack((path.name, path) for path in paths)
    if specs is None or template_digest(specs) == template_digest():
        return None
    return pack_directory(specs, "*.j2")


def run_errand(errand: Errand) -> Delivery | SlubtlaError:
    """Run a job for somebody else; the scratch directory of the run is gone afterwards.

    Returns:
        What was found; or the error that is one run's own.

    Raises:
        RunInterrupted: Ctrl-C.
    """
    try:
        with tempfile.TemporaryDirectory(prefix="slubtla-") as scratch:
            return _run(errand, Path(scratch))
    except SlubtlaError as error:
        return error


def _run(errand: Errand, scratch: Path) -> Delivery:
    if errand.code != code_digest() or errand.templates != template_digest():
        raise CannotRunError(
            "slubtla there is not the same as slubtla here",
            next_step="install the same version on every machine; restart its workers",
        )
    run_dir, files = scratch / "run", scratch / "files"
    if errand.files is not None:
        unpack(errand.files, files)
    job = _with_files(replace(errand.job, specs=None, out_dir=run_dir), errand.files, files)
    cancel = Event()
    with watching(errand.wanted, cancel):
        toolchain = find_same(errand.toolchain)
        result = job.run(replace(errand.settings, toolchain=toolchain, cancel=cancel))
    result = result.model_copy(update={"run_dir": None, "command": _command(result, errand, files)})
    (run_dir / RESULT).write_text(result.to_json() + "\n", encoding="utf-8")
    return Delivery(result, pack_directory(run_dir))


def _with_files(job: Job, parcel: bytes | None, files: Path) -> Job:
    if isinstance(job.subject, AnySpec):
        there = replace(
            job.subject, spec=files / job.subject.spec.name, cfg=files / job.subject.cfg.name
        )
        return replace(job, subject=there)
    return job if parcel is None else replace(job, specs=files)


def _command(result: Result, errand: Errand, files: Path) -> str:
    """The command line that repeats the run on the sender's machine."""
    subject = errand.job.subject
    if not isinstance(subject, AnySpec):
        return result.command
    here = {str(files / path.name): str(path) for path in (subject.spec, subject.cfg)}
    return shlex.join(here.get(word, word) for word in shlex.split(result.command))


def find_same(wanted: Toolchain) -> Toolchain:
    """Find a toolchain with the same jar: at the same path, or wherever this machine has its own.

    Args:
        wanted: the sender's toolchain.

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
