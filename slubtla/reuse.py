"""Results of earlier runs, where nothing that they depend on has changed."""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final

from slubtla.cache import ResultCache, result_key
from slubtla.engine import TlcOptions
from slubtla.engine.stage import spec_files
from slubtla.recording import Subject, digests_of
from slubtla.result import Result
from slubtla.rundir import RESULT, RunDirectory, load_run
from slubtla.toolchain import Toolchain

_PACKAGE: Final = Path(__file__).parent


class EarlierResult:
    """What an earlier run of the same job found, if it was kept and can be kept.

    Args:
        spec: the root module; the modules beside it that it reaches count, too.
        cfg: its configuration.
        subject: what is asked of the run.
        options: of TLC.
        toolchain: Java and the jar.
        cache: where results are kept; in the user's cache when None.
        library: folders of further modules.
    """

    def __init__(  # noqa: PLR0913, PLR0917  # all that a result depends on
        self,
        spec: Path,
        cfg: Path,
        subject: Subject,
        options: TlcOptions,
        toolchain: Toolchain,
        cache: ResultCache | None = None,
        library: Sequence[Path] = (),
    ) -> None:
        self._subject = subject
        self._cache = cache or ResultCache()
        self._key = result_key(
            {path.name: path.read_bytes().hex() for path in (*spec_files(spec, library), cfg)},
            toolchain=toolchain,
            options=options,
            asked="\n".join((code_digest(), *_asked(subject), *digests_of(options.classpath))),
        )

    def fetch(self, directory: RunDirectory) -> Result | None:
        """Put the earlier run into ``directory`` and commit it; None if there is none.

        Its :attr:`~slubtla.result.Provenance.cached_at` says when it was kept.
        """
        room = directory.work / ".kept"
        room.mkdir()
        try:
            kept = self._cache.fetch(self._key, room)
            if kept is None:
                return None
            result = load_run(room)
            for path in sorted(room.iterdir()):
                path.replace(directory.work / path.name)
        finally:
            _remove(room)
        subject = self._subject
        own = {
            "name": subject.name,
            "command": subject.command,
            "model": subject.model,
            "provenance": result.provenance.model_copy(update={"cached_at": kept.kept_at}),
            "run_dir": None,
        }
        result = result.model_copy(update=own)
        (directory.work / RESULT).write_text(result.to_json() + "\n", encoding="utf-8")
        return result.model_copy(update={"run_dir": directory.commit()})

    def keep(self, result: Result) -> None:
        """Keep a result's run directory, if its verdict is conclusive."""
        if result.run_dir is not None:
            self._cache.keep(self._key, result.run_dir, result.verdict)


@functools.cache
def code_digest() -> str:
    """The digest of slubtla itself: another judge may judge otherwise."""
    total = hashlib.sha256()
    for path in sorted(_PACKAGE.rglob("*.py")):
        total.update(str(path.relative_to(_PACKAGE)).encode() + b"\0" + path.read_bytes())
    return total.hexdigest()


def _asked(subject: Subject) -> Iterable[str]:
    yield repr(subject.properties)
    yield repr(sorted(subject.goals.items()))
    yield repr(None if subject.idle is None else sorted(subject.idle.items()))
    yield repr(subject.warnings)


def _remove(room: Path) -> None:
    for path in room.iterdir():
        path.unlink()
    room.rmdir()
