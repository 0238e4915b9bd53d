"""What is measured."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from benchmarks.timing import clocked
from slubtla import verify
from slubtla.barriers.model import make_model
from slubtla.barriers.render import render
from slubtla.tlc.engine.jvm_engine import JvmEngine
from slubtla.tlc.run.settings import Settings
from slubtla.tlc.tools import Toolchain

STRATEGY = "synchronize_sched"
"""The default model with a barrier that holds: the whole search."""

_CUMULATIVE = re.compile(r"^import time:\s+\d+ \|\s+(\d+) \| slubtla$", re.MULTILINE)
_FINISHED = re.compile(r"(\d+) distinct states found, 0 states left")


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
            "by hand": self.by_hand,
            "new process": self.new_process,
            "new process, 1 worker": lambda: self.new_process("--workers", "1"),
            "new process, empty cache": self.empty_cache,
            "second verify, engine jvm": self.warm_verify,
            "second verify, engine process": self.process_verify,
            "import slubtla": self.import_time,
            "slubtla --version": self.version,
        }

    def by_hand(self) -> float:
        """``pcal.trans``, then ``tlc2.TLC``, with default flags."""
        folder = self._new("by-hand")
        spec, cfg = render(make_model(strategy=STRATEGY)).write_to(folder)
        java = [str(self.toolchain.java.path), "-cp", str(self.toolchain.jar.path)]

        def run() -> None:
            _run([*java, "pcal.trans", "-nocfg", spec.name], folder)
            said = _run([*java, "tlc2.TLC", "-config", cfg.name, spec.name], folder)
            if not _FINISHED.search(said):
                raise RuntimeError(said)

        return clocked(run)

    def prepare(self) -> None:
        """Make what is made once on a machine: class archives, and this model's translation."""
        _run([*_slubtla(), "doctor", *self._tools()], self.room, self._cache("kept"))
        self.new_process()

    def new_process(self, *options: str) -> float:
        """``slubtla verify``, from the start of the process to its end; the cache is there."""
        return self._verify(self._cache("kept"), *options)

    def empty_cache(self) -> float:
        """The same where nothing is kept: the first time on a machine."""
        shutil.rmtree(self.room / "empty", ignore_errors=True)
        return self._verify(self._cache("empty"))

    def _verify(self, cache: dict[str, str], *options: str) -> float:
        out = self._new("verify") / "run"
        argv = [*_slubtla(), "verify", "--strategy", STRATEGY, "--out-dir", str(out)]
        return clocked(lambda: _run([*argv, *self._tools(), *options], self.room, cache))

    def _cache(self, name: str) -> dict[str, str]:
        return {"XDG_CACHE_HOME": str(self.room / name)}

    def _tools(self) -> list[str]:
        jar, java = self.toolchain.jar.path, self.toolchain.java.path
        return ["--tla2tools", str(jar), "--java", str(java)]

    def warm_verify(self) -> float:
        """``slubtla.verify()`` in a Python that has done it before, with the warm engine."""
        settings = Settings(
            toolchain=self.toolchain, engine=self.warm, out_dir=self._new("warm") / "run"
        )
        return clocked(lambda: verify(strategy=STRATEGY, settings=settings))

    def process_verify(self) -> float:
        """The same, with a JVM for each run."""
        settings = Settings(toolchain=self.toolchain, out_dir=self._new("process") / "run")
        return clocked(lambda: verify(strategy=STRATEGY, settings=settings))

    def import_time(self) -> float:
        """``import slubtla``, as ``-X importtime`` counts it."""
        argv = [sys.executable, "-X", "importtime", "-c", "import slubtla"]
        said = subprocess.run(argv, check=True, capture_output=True, text=True).stderr
        found = _CUMULATIVE.search(said)
        if found is None:
            raise RuntimeError(said[-500:])
        return int(found[1]) / 1e6

    def version(self) -> float:
        """``slubtla --version``."""
        return clocked(lambda: _run([*_slubtla(), "--version"], self.room))

    def _new(self, name: str) -> Path:
        folder = self.room / name
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        return folder


def _slubtla() -> list[str]:
    return [str(Path(sys.executable).with_name("slubtla"))]


def _run(argv: list[str], cwd: Path, environment: Mapping[str, str] | None = None) -> str:
    done = subprocess.run(
        argv,
        cwd=cwd,
        check=False,
        capture_output=True,
        text=True,
        env=os.environ | (environment or {}),
    )
    if done.returncode != 0:
        raise RuntimeError(f"{argv}: {done.returncode}: {done.stdout[-500:]}{done.stderr[-500:]}")
    return done.stdout
