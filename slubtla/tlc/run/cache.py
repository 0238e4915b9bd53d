"""Results of finished searches, with their run directories, by content.

Only what cannot come out differently is kept: :data:`CONCLUSIVE` verdicts. A search that was cut
short, or failed, is made again.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from slubtla._version import __version__
from slubtla.tlc.cache.store import (
    cache_dir,
    digest_of,
    prune,
    read_checked,
    remove,
    touch,
    write_checked,
)
from slubtla.tlc.engine import TlcOptions
from slubtla.tlc.run.verdict import Verdict, VerdictKind
from slubtla.tlc.tools import Toolchain

CONCLUSIVE: Final = frozenset({VerdictKind.PROVEN, VerdictKind.VIOLATED, VerdictKind.VACUOUS})
"""The verdicts that are kept."""

MOST_ENTRIES: Final = 300
"""About 500 KB each, for the models of slubtla."""

_MANIFEST: Final = "manifest"
_RUN: Final = "run"
_NO_MATTER: Final = frozenset({"heap_mb", "profile"})
"""Options that decide how fast a search ends, and whether it does; never what it finds."""


def result_key(
    files: Mapping[str, str],
    *,
    toolchain: Toolchain,
    options: TlcOptions,
    asked: str,
) -> str:
    """A digest of all that a result depends on.

    Args:
        files: the text of every module, before its translation, and of the cfg, by name.
        toolchain: the jar counts by its digest, Java by version and vendor.
        options: of TLC; those that only change its speed do not count.
        asked: what else the judgement depends on, as text: properties, goals, idle actions.
    """
    counting = {
        field.name: repr(getattr(options, field.name))
        for field in dataclasses.fields(options)
        if field.name not in _NO_MATTER
    }
    java = toolchain.java
    return digest_of(
        __version__,
        json.dumps(sorted(files.items())),
        toolchain.jar.sha256,
        f"{java.version} ({java.vendor})",
        json.dumps(sorted(counting.items())),
        asked,
    )


@dataclass(frozen=True, slots=True)
class KeptRun:
    """A run directory from the cache, copied to where it was wanted.

    Attributes:
        path: the copy.
        kept_at: when the run was kept, UTC, ISO 8601: what a cached result must say.
    """

    path: Path
    kept_at: str


class ResultCache:
    """Run directories of conclusive results.

    Args:
        folder: where they are kept; in the user's cache when None.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder or cache_dir() / "results"

    def fetch(self, key: str, into: Path) -> KeptRun | None:
        """Copy a kept run into the empty directory ``into``; None if there is none that is whole.

        Args:
            key: see :func:`result_key`.
            into: a directory; nothing is left in it when None is returned.
        """
        entry = self._folder / key
        facts = _manifest(entry, key)
        if facts is None:
            return None
        try:
            for name, sha256 in facts["files"].items():
                data = (entry / _RUN / name).read_bytes()
                if hashlib.sha256(data).hexdigest() != sha256:
                    raise OSError(name)  # noqa: TRY301  # as bad as one that cannot be read
                target = into / name
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(data)
        except OSError:
            for left in into.iterdir():
                remove(left)
            remove(entry)  # or it would stand in the way of a whole one
            return None
        touch(entry)
        return KeptRun(into, facts["kept_at"])

    def keep(self, key: str, run_dir: Path, verdict: Verdict) -> bool:
        """Keep a run directory, if its verdict is conclusive and the cache can be written.

        Args:
            key: see :func:`result_key`.
            run_dir: the finished run.
            verdict: what it showed.

        Returns:
            Whether it was kept, or had been before.
        """
        if verdict.kind not in CONCLUSIVE:
            return False
        entry = self._folder / key
        if _manifest(entry, key) is not None:
            return True
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            room = Path(tempfile.mkdtemp(prefix=".new-", dir=self._folder))
        except OSError:
            return False
        try:
            shutil.copytree(run_dir, room / _RUN)
            files = sorted(path for path in (room / _RUN).rglob("*") if path.is_file())
            digests = {
                str(path.relative_to(room / _RUN)): hashlib.sha256(path.read_bytes()).hexdigest()
                for path in files
            }
            now = dt.datetime.now(dt.UTC).isoformat(timespec="seconds")
            facts = json.dumps({"key": key, "kept_at": now, "files": digests}).encode()
            if not write_checked(room / _MANIFEST, facts):
                return False
            remove(entry)  # a broken one
            os.rename(room, entry)  # noqa: PTH104
        except (OSError, shutil.Error):
            return _manifest(entry, key) is not None  # another was faster
        finally:
            remove(room)
        prune(self._folder, MOST_ENTRIES)
        return True

    def drop(self, key: str) -> None:
        """Remove an entry that turned out to hold something else."""
        remove(self._folder / key)


def _manifest(entry: Path, key: str) -> dict[str, Any] | None:
    """Return what stands in an entry's manifest; None if it is broken or is that of another key."""
    data = read_checked(entry / _MANIFEST)
    if data is None:
        return None
    facts = json.loads(data)
    return facts if facts.get("key") == key else None
