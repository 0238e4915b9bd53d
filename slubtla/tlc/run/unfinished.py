"""What an unfinished run was: written before TLC starts, so that the run can go on after a kill."""

from __future__ import annotations

import contextlib
import fcntl
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from pydantic import ValidationError

from slubtla._version import __version__
from slubtla.errors import UsageError
from slubtla.tlc.engine import JvmProfile, TlcOptions
from slubtla.tlc.run.evidence import Subject
from slubtla.tlc.run.result import Record
from slubtla.tlc.text.digest import digest_of

MANIFEST: Final = "unfinished.json"
STDERR: Final = "tlc.err"


class Options(Record):
    """The part of :class:`~slubtla.tlc.engine.TlcOptions` that a resumed run takes over."""

    workers: int
    heap_mb: int | None
    profile: str
    fp_index: int
    seed: int
    check_deadlock: bool
    coverage_minutes: int
    checkpoint_minutes: float
    fpmem: float | None
    classpath: tuple[str, ...] = ()

    @classmethod
    def of(cls, options: TlcOptions) -> Options:
        """Take over what counts."""
        own = {name: getattr(options, name) for name in cls.model_fields if name != "profile"}
        return cls(profile=options.profile.name, **own)

    def options(self) -> TlcOptions:
        """Return TLC's options again."""
        return TlcOptions(**self.model_dump(exclude={"profile"}), profile=JvmProfile[self.profile])


class Unfinished(Record):
    """An unfinished run.

    Attributes:
        schema_version: of this record.
        slubtla: version of slubtla that began the run.
        name: see :class:`slubtla.tlc.run.recording.Subject`, as the next seven.
        command: the command line that repeats the run from its start.
        protocol: the protocol whose model is checked; None for a spec of the user's own.
        parameters: the parameters of that model.
        properties: what must stand in the cfg.
        goals: action that must have fired, for each goal.
        idle: actions that may never fire, each with the reason.
        warnings: what a careful reader should know.
        spec: file name of the root module.
        cfg: file name of the configuration.
        files: SHA-256 of both and of the modules that the spec reaches, by file name.
        others: SHA-256 of the jars of the class path, by absolute path, and of the data that the
            modules name, by path in the run's directory.
        jar_sha256: digest of tla2tools.jar: another TLC may not read this one's checkpoint.
        templates_sha256: digest of the templates.
        idle_antecedents: see :class:`slubtla.tlc.run.recording.Subject`, as the next.
        symmetric: likewise.
        translation_warnings: what the PlusCal translator said.
        translation_doubts: see :class:`slubtla.tlc.engine.translate.Translation`, as the next.
        translation_edited: likewise.
        translate_seconds: its wall time.
        options: how TLC runs.
        started_at: when the run began, UTC, ISO 8601.
    """

    schema_version: int = 1
    slubtla: str = __version__
    name: str
    command: str
    protocol: str | None
    parameters: Mapping[str, Any] | None
    properties: tuple[str, ...] | None
    goals: Mapping[str, str]
    idle: Mapping[str, str] | None
    warnings: tuple[str, ...]
    spec: str
    cfg: str
    files: Mapping[str, str]
    jar_sha256: str
    templates_sha256: str | None
    translation_warnings: tuple[str, ...]
    translate_seconds: float
    options: Options
    started_at: str
    idle_antecedents: Mapping[str, str] = {}
    symmetric: bool = False
    translation_doubts: tuple[str, ...] = ()
    translation_edited: tuple[str, ...] = ()
    others: Mapping[str, str] = {}

    @property
    def subject(self) -> Subject:
        """What the run is about."""
        return Subject(
            name=self.name,
            command=self.command,
            protocol=self.protocol,
            parameters=self.parameters,
            templates_sha256=self.templates_sha256,
            properties=self.properties,
            goals=self.goals,
            idle=self.idle,
            warnings=self.warnings,
            idle_antecedents=self.idle_antecedents,
            symmetric=self.symmetric,
        )

    def write(self, work: Path) -> None:
        """Write the record into the run's directory, before TLC starts."""
        (work / MANIFEST).write_text(self.model_dump_json(indent=2) + "\n", encoding="utf-8")

    def require_unchanged(self, work: Path, jar_sha256: str) -> None:
        """Refuse to go on where the rest would not be the rest of the same search.

        Raises:
            UsageError: a file of the run, or the jar, is not what it was.
        """
        if jar_sha256 != self.jar_sha256:
            raise UsageError(
                f"this run was begun with the tla2tools.jar whose SHA-256 begins "
                f"{self.jar_sha256[:12]}, not {jar_sha256[:12]}",
                next_step="name that jar: --tla2tools JAR",
            )
        for name, sha256 in {**self.files, **self.others}.items():
            if digest_of(work / name) != sha256:
                raise UsageError(
                    f"{work / name} is not what it was when the run began",
                    next_step="put it back as it was, or run it again from the start",
                )


def read_unfinished(work: Path) -> Unfinished:
    """Read the record of an unfinished run.

    Raises:
        UsageError: it is not there, or not one that this slubtla reads.
    """
    try:
        return Unfinished.model_validate_json((work / MANIFEST).read_bytes())
    except FileNotFoundError:
        raise UsageError(
            f"{work} holds no unfinished run",
            next_step="name a run that was made with --checkpoint and did not come to its end",
        ) from None
    except ValidationError as error:
        first = error.errors()[0]
        raise UsageError(
            f"{work / MANIFEST} cannot be read: {'.'.join(map(str, first['loc']))}: {first['msg']}",
            next_step="resume the run with the slubtla that began it, or run it again",
        ) from None


@contextlib.contextmanager
def hold(work: Path) -> Iterator[None]:
    """Keep others from resuming the run while it is at work.

    The lock is the kernel's (``flock``), so that it ends with this process, however that ends. The
    JVM may live some seconds longer: it and its guard hold a lock of their own on their stderr, and
    that one is waited for.

    Raises:
        UsageError: the run is at work.
    """
    with (work / MANIFEST).open("rb") as manifest:
        try:
            fcntl.flock(manifest, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise UsageError(
                f"{work} is at work", next_step="wait for its end, or end it: it keeps its states"
            ) from None
        with contextlib.suppress(FileNotFoundError), (work / STDERR).open("rb") as stderr:
            fcntl.flock(stderr, fcntl.LOCK_EX)
        yield


def forget(work: Path) -> None:
    """Remove what made the run resumable, at its end."""
    with contextlib.suppress(FileNotFoundError):
        os.unlink(work / MANIFEST)  # noqa: PTH108 - as below, in one breath
