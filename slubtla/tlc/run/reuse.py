"""Results of earlier runs, where nothing that they depend on has changed."""

from __future__ import annotations

import functools
import hashlib
import shutil
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final

from slubtla.tlc.engine.stage import data_files, spec_files
from slubtla.tlc.run.cache import ResultCache, result_key
from slubtla.tlc.run.result import Result
from slubtla.tlc.run.rundir import RESULT, RunDirectory, load_run
from slubtla.tlc.run.spec import RunSpec
from slubtla.tlc.text.digest import digest, digest_of
from slubtla.tlc.text.pcal import has_algorithm, is_translation_of
from slubtla.tlc.tools import Toolchain

_PACKAGE: Final = Path(__file__).parents[2]


class EarlierResult:
    """What an earlier run of the same job found, if it was kept and can be kept.

    Args:
        spec: what is checked; the modules that its root reaches count, too, and the data that they
            name.
        toolchain: Java and the jar.
        library: folders of further modules.
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
        self._key = result_key(
            {name: data.hex() for name, data in files.items()},
            toolchain=toolchain,
            options=spec.options,
            asked="\n".join(
                (code_digest(), *_asked(spec), *map(digest_of, spec.options.classpath))
            ),
        )

    def fetch(self, directory: RunDirectory) -> Result | None:
        """Put the earlier run into ``directory`` and commit it; None if there is none.

        Its :attr:`~slubtla.tlc.run.result.Provenance.cached_at` says when it was kept.
        """
        room = directory.work / ".kept"
        room.mkdir()
        try:
            kept = self._cache.fetch(self._key, room)
            if kept is None:
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
            "provenance": result.provenance.model_copy(update={"cached_at": kept.kept_at}),
            "run_dir": None,
        }
        result = result.model_copy(update=own)
        (directory.work / RESULT).write_text(result.to_json() + "\n", encoding="utf-8")
        return result.model_copy(update={"run_dir": directory.commit()})

    def _is_of_this_job(self, result: Result, room: Path) -> bool:
        """Whether a kept run checked the modules and the cfg of this job, with its jar.

        The key says so already; this looks at what was kept, so that no entry is believed for the
        name that it lies under.
        """
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


def _asked(spec: RunSpec) -> Iterable[str]:
    criteria = spec.criteria
    yield repr(criteria.properties)
    yield repr(sorted(criteria.goals.items()))
    yield repr(None if criteria.idle is None else sorted(criteria.idle.items()))
    yield repr(spec.warnings)
    yield repr(sorted(criteria.idle_antecedents.items()))
    yield repr(criteria.symmetric)


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
    text = data.decode("utf-8", errors="replace")
    return text.replace("\r\n", "\n").replace("\r", "\n")
