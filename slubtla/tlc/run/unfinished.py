"""Unfinished runs: the manifest that `slubtla resume` reads, and the parts of a search."""

from __future__ import annotations

import contextlib
import dataclasses
import fcntl
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pydantic import ValidationError

from slubtla._version import __version__
from slubtla.errors import UsageError
from slubtla.tlc.engine import Translation
from slubtla.tlc.engine.argv import ARGV
from slubtla.tlc.engine.stage import data_files
from slubtla.tlc.output import TlcReport, add_coverage, read_report
from slubtla.tlc.run.result import STDOUT, Record, complaint_of
from slubtla.tlc.run.rundir import RESULT, TRACE_ITF
from slubtla.tlc.run.spec import RunSpec
from slubtla.tlc.text.digest import file_digest

MANIFEST: Final = "unfinished.json"
STDERR: Final = "tlc.err"

_PART: Final = "part-"
_FILES: Final = (STDERR, ARGV, RESULT, TRACE_ITF, STDOUT)
"""What belongs to a part, in this order: one without the last was not set aside whole."""


class Manifest(Record):
    """What an unfinished run was; written before TLC starts.

    Attributes:
        spec: what is checked; its paths, and those of ``translation``, are names of files in the
            run's directory.
        files: SHA-256 of the modules, the cfg and the data that the modules name, by path in the
            run's directory; and of the jars of the class path, by absolute path.
        jar_sha256: digest of tla2tools.jar: another TLC may not read this one's checkpoint.
        started_at: when the run began, UTC, ISO 8601.
    """

    schema_version: int = 2
    slubtla: str = __version__
    spec: RunSpec
    translation: Translation
    files: Mapping[str, str]
    jar_sha256: str
    started_at: str

    @classmethod
    def of(
        cls, spec: RunSpec, translation: Translation, jar_sha256: str, started_at: str
    ) -> Manifest:
        """Return the manifest of a run that is about to start.

        The names that the translator changed are not kept: each part is read with TLC's own.
        """
        root = translation.spec.parent
        names = [module.name for module in translation.modules]
        files = {
            name: file_digest(root / name) for name in (*names, *data_files(translation.modules))
        }
        files[spec.cfg.name] = file_digest(spec.cfg)
        files |= {jar: file_digest(jar) for jar in spec.options.classpath}
        return cls(
            spec=dataclasses.replace(spec, spec=Path(names[0]), cfg=Path(spec.cfg.name), texts={}),
            translation=dataclasses.replace(
                translation,
                spec=Path(names[0]),
                modules=tuple(map(Path, names)),
                translated=(),
                replaced=(),
                renamed=(),
                origins={},
            ),
            files=files,
            jar_sha256=jar_sha256,
            started_at=started_at,
        )

    def within(self, work: Path) -> tuple[RunSpec, Translation]:
        """Return the spec and its translation, with the paths that they have in a directory."""
        spec = dataclasses.replace(self.spec, spec=work / self.spec.spec, cfg=work / self.spec.cfg)
        modules = tuple(work / module for module in self.translation.modules)
        return spec, dataclasses.replace(self.translation, spec=modules[0], modules=modules)

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
        for name, sha256 in self.files.items():
            if file_digest(work / name) != sha256:
                raise UsageError(
                    f"{work / name} is not what it was when the run began",
                    next_step="put it back as it was, or run it again from the start",
                )


def read_unfinished(work: Path) -> Manifest:
    """Read the record of an unfinished run.

    Raises:
        UsageError: it is not one that this slubtla reads.
    """
    try:
        return Manifest.model_validate_json((work / MANIFEST).read_bytes())
    except ValidationError as error:
        raise UsageError(
            f"{work / MANIFEST} cannot be read: {complaint_of(error)}",
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


@dataclass(frozen=True, slots=True)
class Earlier:
    """The parts before the one that ends the search, oldest first: reports and command lines."""

    reports: tuple[TlcReport, ...]
    argv: tuple[tuple[str, ...], ...]

    @property
    def uncounted(self) -> str:
        """Why an action may have fired without being counted; ``""`` where all were.

        Each part counts from its own start. What a part counted until its last checkpoint is known
        if TLC printed the counts after that checkpoint; what came later is searched again.
        """
        written = [report for report in self.reports if report.checkpoints]
        if written and all(report.checkpoint_coverage is not None for report in written):
            return ""
        return (
            "the run was killed after a checkpoint and before TLC said how often each action had "
            "fired"
        )

    def join(self, last: TlcReport) -> TlcReport:
        """Return the report of the whole search.

        Distinct states, queue and depth are TLC's own, of the whole search. It tells no number of
        initial states after a recovery: that is the first part's.
        """
        parts = (*self.reports, last)
        known = [r.checkpoint_coverage or r.coverage for r in self.reports if r.checkpoints]
        initial = (r.initial_states for r in self.reports if r.initial_states is not None)
        return dataclasses.replace(
            last,
            initial_states=next(initial, None),
            coverage=last.coverage and add_coverage([*filter(None, known), last.coverage]),
            unreadable=tuple(place for report in parts for place in report.unreadable),
            fired=frozenset().union(*(report.fired for report in parts)),
            reached=frozenset().union(*(report.reached for report in parts)),
            excluding=frozenset().union(*(report.excluding for report in parts)),
        )


def set_aside(work: Path) -> None:
    """Move what the last part left into a folder of its own, to make room for the next."""
    if not (work / STDOUT).exists():  # the part was set aside, and the next never began
        return
    parts = _parts(work)
    if parts and not (parts[-1] / STDOUT).exists():  # a kill fell between two renames
        folder = parts[-1]
    else:
        folder = work / f"{_PART}{len(parts) + 1}"
        folder.mkdir()
    for name in _FILES:
        if (work / name).exists():
            (work / name).rename(folder / name)


def read_earlier(work: Path) -> Earlier:
    """Read the parts that were set aside."""
    reports, lines = [], []
    for folder in _parts(work):
        reports.append(read_report(folder / STDOUT))
        lines.append(tuple(json.loads((folder / ARGV).read_text(encoding="utf-8"))))
    return Earlier(tuple(reports), tuple(lines))


def _parts(work: Path) -> list[Path]:
    found = [path for path in work.glob(f"{_PART}*") if path.name.removeprefix(_PART).isdigit()]
    return sorted(found, key=lambda path: int(path.name.removeprefix(_PART)))
