"""Cache results with their run directories, by a digest of all they depend on.

Only what cannot come out differently is kept: :data:`CONCLUSIVE` verdicts. A search that was cut
short, or failed, is made again.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import functools
import hashlib
import io
import json
import shutil
import tarfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from slubtla._version import __version__
from slubtla.tlc.engine import TlcOptions
from slubtla.tlc.engine.stage import data_files, spec_files
from slubtla.tlc.engine.store import (
    cache_dir,
    digest_of,
    prune,
    read_checked,
    remove,
    touch,
    write_checked,
)
from slubtla.tlc.run.archive import pack_directory, unpack
from slubtla.tlc.run.result import Result
from slubtla.tlc.run.rundir import RESULT, RunDirectory, load_run
from slubtla.tlc.run.spec import RunSpec
from slubtla.tlc.run.verdict import Verdict, VerdictKind
from slubtla.tlc.text.digest import digest, file_digest
from slubtla.tlc.text.pcal import has_algorithm, is_translation_of
from slubtla.tlc.tools import Toolchain

CONCLUSIVE: Final = frozenset({VerdictKind.PROVEN, VerdictKind.VIOLATED, VerdictKind.VACUOUS})
"""The verdicts that are kept."""

MOST_ENTRIES: Final = 300
"""About 100 KB each, for the models of slubtla."""

_SPEED: Final = frozenset({"heap_mb", "profile"})
"""Options that decide how fast a search ends, and whether it does; never what it finds."""

_PACKAGE: Final = Path(__file__).parents[2]


def result_key(
    files: Mapping[str, str], *, toolchain: Toolchain, options: TlcOptions, asked: str
) -> str:
    """Return a digest of all that a result depends on; ``asked`` is what else it is judged by.

    ``files`` are the texts of all modules before translation, and of the cfg, by name. The jar
    counts by its digest, Java by version and vendor; options that only change TLC's speed do not.
    """
    names = [field.name for field in dataclasses.fields(options) if field.name not in _SPEED]
    return digest_of(
        __version__,
        json.dumps(sorted(files.items())),
        toolchain.jar.sha256,
        f"{toolchain.java.version} ({toolchain.java.vendor})",
        repr([(name, getattr(options, name)) for name in sorted(names)]),
        asked,
    )


class ResultCache:
    """Run directories of conclusive results.

    Args:
        folder: where they are kept; in the user's cache when None.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder or cache_dir() / "results"

    def fetch(self, key: str, into: Path) -> str | None:
        """Copy a kept run into an empty directory.

        Returns:
            When it was kept, UTC, ISO 8601; None, and nothing is copied, if there is none that is
            whole.
        """
        entry = self._folder / key
        head, _, archive = (read_checked(entry) or b"").partition(b"\n")
        kept_key, _, kept_at = head.decode().partition(" ")
        if kept_key != key:
            remove(entry)  # or it would stand in the way of a whole one
            return None
        try:
            unpack(archive, into)
        except (OSError, tarfile.TarError):
            for left in into.iterdir():
                remove(left)
            return None
        touch(entry)
        return kept_at

    def keep(self, key: str, run_dir: Path, verdict: Verdict) -> bool:
        """Keep a run directory if its verdict is conclusive; return whether that was possible."""
        if verdict.kind not in CONCLUSIVE:
            return False
        head = f"{key} {dt.datetime.now(dt.UTC).isoformat(timespec='seconds')}\n"
        try:
            kept = write_checked(self._folder / key, head.encode() + pack_directory(run_dir))
        except OSError:
            return False
        prune(self._folder, MOST_ENTRIES)
        return kept

    def drop(self, key: str) -> None:
        """Remove an entry that turned out to hold something else."""
        remove(self._folder / key)


class EarlierResult:
    """The result of an earlier run of the same job, if it was kept and can be kept.

    The modules that the root of ``spec`` reaches count, too, and the data that they name;
    ``library`` are folders of further modules.
    """

    def __init__(self, spec: RunSpec, toolchain: Toolchain, library: Sequence[Path] = ()) -> None:
        self._spec = spec
        self._cache = ResultCache()
        modules = spec_files(spec.spec, library)
        self._modules = {path.name: path.read_bytes() for path in modules}
        self._cfg = spec.cfg.read_bytes()
        self._jar_sha256 = toolchain.jar.sha256
        files = {name: path.read_bytes() for name, path in data_files(modules).items()}
        files |= {**self._modules, spec.cfg.name: self._cfg}
        jars = map(file_digest, spec.options.classpath)
        self._key = result_key(
            {name: data.hex() for name, data in files.items()},
            toolchain=toolchain,
            options=spec.options,
            asked="\n".join((code_digest(), *asked_of(spec), *jars)),
        )

    def fetch(self, directory: RunDirectory) -> Result | None:
        """Put the earlier run into ``directory`` and commit it; None if there is none.

        Its :attr:`~slubtla.tlc.run.result.Provenance.cached_at` says when it was kept.
        """
        room = directory.work / ".kept"
        room.mkdir()
        try:
            kept_at = self._cache.fetch(self._key, room)
            if kept_at is None:
                return None
            result = load_run(room)
            if not self._is_of_this_job(result, room):
                self._cache.drop(self._key)
                return None
            for path in sorted(room.iterdir()):
                path.replace(directory.work / path.name)
        finally:
            shutil.rmtree(room)
        shown = ("name", "command", "protocol", "parameters")
        own = {name: getattr(self._spec, name) for name in shown} | {
            "provenance": result.provenance.model_copy(update={"cached_at": kept_at}),
            "run_dir": None,
        }
        result = result.model_copy(update=own)
        (directory.work / RESULT).write_text(result.to_json() + "\n", encoding="utf-8")
        return result.model_copy(update={"run_dir": directory.commit()})

    def _is_of_this_job(self, result: Result, room: Path) -> bool:
        """Whether a kept run, whatever its key, checked this job's modules and cfg with its jar."""
        origin = result.provenance
        spec = _read(room / f"{result.module}.tla")
        return (
            origin.cfg_sha256 == digest(_text(self._cfg))
            and origin.jar_sha256 == self._jar_sha256
            and spec is not None
            and origin.spec_sha256 == digest(_text(spec))
            and f"{result.module}.tla" in self._modules
            and all(_holds(_read(room / name), data) for name, data in self._modules.items())
        )

    def keep(self, result: Result) -> None:
        """Keep a result's run directory, if its verdict is conclusive and the record whole."""
        if result.run_dir is not None and not result.lost:
            self._cache.keep(self._key, result.run_dir, result.verdict)


@functools.cache
def code_digest() -> str:
    """Return the SHA-256 of the package source: a change of the code makes old results void."""
    total = hashlib.sha256()
    for path in sorted(_PACKAGE.rglob("*.py")):
        total.update(str(path.relative_to(_PACKAGE)).encode() + b"\0" + path.read_bytes())
    return total.hexdigest()


def asked_of(spec: RunSpec) -> tuple[str, ...]:
    """Return as texts what is asked of a run, beside its files."""
    criteria = spec.criteria
    idle = None if criteria.idle is None else sorted(criteria.idle.items())
    asked = (criteria.properties, sorted(criteria.goals.items()), idle, spec.warnings)
    return tuple(map(repr, (*asked, criteria.symmetric)))


def _holds(kept: bytes | None, module: bytes) -> bool:
    """Whether a kept module is ``module``; where that has an algorithm, with its translation."""
    if kept is None or kept == module:
        return kept is not None
    source = _text(module)
    return has_algorithm(source) and is_translation_of(_text(kept), source)


def _read(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except OSError:
        return None


def _text(data: bytes) -> str:
    """Text as it is read where its digest is taken."""
    return io.TextIOWrapper(io.BytesIO(data), encoding="utf-8", errors="replace").read()
