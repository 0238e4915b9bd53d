"""What is measured in each round."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from benchmarks.running import BASELINE, SLUBTLA, by_hand, new_folder, run, tools
from benchmarks.timing import clocked
from slubtla import verify
from slubtla.barriers.litmus.suite import shipped_files
from slubtla.tlc.engine.jvm_engine import JvmEngine
from slubtla.tlc.run.settings import Settings
from slubtla.tlc.tools import Toolchain

STRATEGY = "synchronize_sched"
"""The default model with a barrier that holds: the whole search."""

EMPTY = "---- MODULE Empty ----\nVARIABLE x\nInit == x = 0\nNext == UNCHANGED x\n====\n"

_CUMULATIVE = re.compile(r"^import time:\s+\d+ \|\s+(\d+) \| slubtla$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Bench:
    """Where and with what to measure.

    Attributes:
        room: a temporary directory.
        toolchain: the Java and the jar, the same for all.
        warm: the warm engine.
    """

    room: Path
    toolchain: Toolchain
    warm: JvmEngine

    def things(self) -> dict[str, Callable[[], float]]:
        """What is measured, by name; the baseline first."""
        return {
            "by hand": lambda: by_hand(self.toolchain, BASELINE / STRATEGY, self.room),
            "new process": self.new_process,
            "new process, 1 worker": lambda: self.new_process("--workers", "1"),
            "new process, empty cache": self.empty_cache,
            "second verify, engine jvm": partial(self.second_verify, "jvm"),
            "second verify, engine process": partial(self.second_verify, "process"),
            "by hand, an empty spec": self.empty_spec,
            "one litmus test, empty cache": self.litmus,
            "import slubtla": self.import_time,
            "slubtla --version": lambda: clocked(lambda: run([SLUBTLA, "--version"], self.room)),
        }

    def prepare(self) -> None:
        """Make what is made once on a machine: class archives, and this model's translation."""
        run([SLUBTLA, "doctor", *tools(self.toolchain)], self.room, self._cache("kept"))
        self.new_process()
        self.second_verify("jvm")  # the first, which starts the JVM, does not count

    def new_process(self, *options: str) -> float:
        """``slubtla verify``, from the start of the process to its end; the cache is there."""
        return self._slubtla("kept", "verify", "--strategy", STRATEGY, *options)

    def empty_cache(self) -> float:
        """The same where nothing is kept: the first time on a machine."""
        shutil.rmtree(self.room / "empty", ignore_errors=True)
        return self._slubtla("empty", "verify", "--strategy", STRATEGY)

    def litmus(self) -> float:
        """One litmus test on one memory model, where nothing is kept."""
        shutil.rmtree(self.room / "empty", ignore_errors=True)
        return self._slubtla("empty", "litmus", str(shipped_files()[0]), "--memory", "tso")

    def _slubtla(self, cache: str, *words: str) -> float:
        argv = [SLUBTLA, *words, *tools(self.toolchain)]
        argv += ["--out", str(new_folder(self.room, "run") / "run")]
        return clocked(lambda: run(argv, self.room, self._cache(cache)))

    def _cache(self, name: str) -> dict[str, str]:
        return {"XDG_CACHE_HOME": str(self.room / name)}

    def second_verify(self, engine: str) -> float:
        """``slubtla.verify()`` in a Python that has done it before."""
        settings = Settings(
            toolchain=self.toolchain,
            engine=self.warm if engine == "jvm" else engine,
            out_dir=new_folder(self.room, "second") / "run",
        )
        return clocked(lambda: verify(strategy=STRATEGY, settings=settings))

    def empty_spec(self) -> float:
        """``java -cp tla2tools.jar tlc2.TLC`` on a spec of one state."""
        folder = new_folder(self.room, "nothing")
        (folder / "Empty.tla").write_text(EMPTY, encoding="utf-8")
        (folder / "Empty.cfg").write_text("INIT Init\nNEXT Next\n", encoding="utf-8")
        java = [str(self.toolchain.java.path), "-cp", str(self.toolchain.jar.path)]
        return clocked(lambda: run([*java, "tlc2.TLC", "Empty.tla"], folder))

    @staticmethod
    def import_time() -> float:
        """``import slubtla``, as ``-X importtime`` counts it."""
        argv = [sys.executable, "-X", "importtime", "-c", "import slubtla"]
        said = subprocess.run(argv, check=True, capture_output=True, text=True).stderr
        found = _CUMULATIVE.search(said)
        if found is None:
            raise RuntimeError(said[-500:])
        return int(found[1]) / 1e6
