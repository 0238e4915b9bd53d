"""What is measured once, for it takes minutes: the whole matrix, a big model, the reductions."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import threading
from dataclasses import dataclass
from pathlib import Path

import psutil

from benchmarks.timing import clocked
from slubtla.barriers.machines import ARCHES
from slubtla.barriers.model import Model, make_model
from slubtla.barriers.render import render
from slubtla.protocols.slub import SLUB
from slubtla.tlc.tools import Toolchain

BIG = r"""---- MODULE Big ----
EXTENDS Naturals
VARIABLE f
Init == f = [i \in 1..7 |-> 0]
Next == \E i \in 1..7 : f' = [f EXCEPT ![i] = (@ + 1) % 8]
Spec == Init /\ [][Next]_f
Low == \A i \in 1..7 : f[i] < 8
====
"""
"""8 to the 7th: 2,097,152 states, each found seven times."""

BIG_STATES = 8**7

_FOUND = re.compile(r"([\d,]+) distinct states found")


@dataclass(frozen=True, slots=True)
class Pair:
    """One thing, by slubtla and by hand.

    Attributes:
        ours: seconds, or states.
        baseline: the same by hand, or unreduced.
        note: what else was seen.
    """

    ours: float
    baseline: float
    note: str = ""


@dataclass(frozen=True, slots=True)
class Scale:
    """Where and with what to measure."""

    room: Path
    toolchain: Toolchain

    def matrix(self) -> Pair:
        """Every strategy on every architecture, and under sequential consistency, by both."""
        models = [
            make_model(strategy=strategy, **where)
            for strategy in SLUB.strategies
            for where in ({"memory": "sc"}, *({"arch": arch} for arch in ARCHES))
        ]
        by_hand = sum(self._by_hand(model) for model in models)
        argv = [*_slubtla(), "matrix", "--json", "--no-cache", *self._tools()]
        ours = clocked(lambda: _run(argv, self.room))
        return Pair(ours, by_hand, f"{len(models)} cells")

    def big(self) -> Pair:
        """A search of two million states: the very same command line of TLC, alone and below us."""
        spec = self.room / "Big.tla"
        spec.write_text(BIG, encoding="utf-8")
        spec.with_suffix(".cfg").write_text("SPECIFICATION Spec\nINVARIANT Low\n", encoding="utf-8")
        out = self.room / "big"
        argv = [*_slubtla(), "check", str(spec), "--out-dir", str(out), *self._tools()]
        peaks: list[int] = []
        ours = clocked(lambda: _run(argv, self.room, peaks))
        same = json_argv(out)
        (out / ".tlc/temp").mkdir(parents=True)
        (out / ".tlc/meta").mkdir()
        bare = clocked(lambda: _run(same, out))
        found = _FOUND.findall((out / "tlc.out").read_text(encoding="utf-8"))[-1]
        if int(found.replace(",", "")) != BIG_STATES:
            raise RuntimeError(f"{found} states")
        return Pair(ours, bare, f"slubtla's own memory {max(peaks) >> 20} MiB at most")

    def reduced(self) -> Pair:
        """Distinct states of 3 CPUs and 3 slabs, one task: with symmetry, and without."""
        reduced, whole = (
            self._states(
                make_model(
                    strategy="synchronize_sched", cpus=3, slabs=3, tasks=1, symmetry=symmetry
                )
            )
            for symmetry in (True, False)
        )
        return Pair(reduced, whole, "states, both PROVEN")

    def _states(self, model: Model) -> int:
        out = self.room / f"sizes-{model.symmetry}"
        options = ["--cpus", "3", "--slabs", "3", "--tasks", "1"]
        options += [] if model.symmetry else ["--no-symmetry"]
        argv = [*_slubtla(), "verify", "--strategy", model.strategy, *options]
        said = _run([*argv, "--json", "--out-dir", str(out), *self._tools()], self.room)
        verdict, distinct = (
            re.search(r'"kind": "(\w+)"', said),
            re.search(r'"distinct": (\d+)', said),
        )
        if verdict is None or verdict[1] != "PROVEN" or distinct is None:
            raise RuntimeError(said[:500])
        return int(distinct[1])

    def _by_hand(self, model: Model) -> float:
        folder = self.room / "by-hand-matrix"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        spec, cfg = render(model).write_to(folder)
        java = [str(self.toolchain.java.path), "-cp", str(self.toolchain.jar.path)]

        def run() -> None:
            _run([*java, "pcal.trans", "-nocfg", spec.name], folder)
            _run([*java, "tlc2.TLC", "-config", cfg.name, spec.name], folder, codes=(0, 12))

        return clocked(run)

    def _tools(self) -> list[str]:
        jar, java = self.toolchain.jar.path, self.toolchain.java.path
        return ["--tla2tools", str(jar), "--java", str(java)]


def json_argv(run_dir: Path) -> list[str]:
    """The command line of TLC that a run used."""
    import json  # noqa: PLC0415  # only here

    return [str(word) for word in json.loads((run_dir / "argv.json").read_text(encoding="utf-8"))]


def _slubtla() -> list[str]:
    return [str(Path(sys.executable).with_name("slubtla"))]


def _run(
    argv: list[str], cwd: Path, peaks: list[int] | None = None, codes: tuple[int, ...] = (0,)
) -> str:
    """Run a command; note the memory of its own process, without its children, twice a second."""
    with subprocess.Popen(
        argv, cwd=cwd, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=_quiet()
    ) as process:
        ended = threading.Event()
        if peaks is not None:
            watcher = threading.Thread(target=_watch, args=(process.pid, peaks, ended))
            watcher.start()
        said = process.communicate()[0]
        ended.set()
        if peaks is not None:
            watcher.join()
    if process.returncode not in codes:
        raise RuntimeError(f"{argv}: {process.returncode}: {said[-500:]}")
    return said


def _watch(pid: int, peaks: list[int], ended: threading.Event) -> None:
    while not ended.wait(0.5):
        try:
            peaks.append(psutil.Process(pid).memory_info().rss)
        except psutil.Error:
            return


def _quiet() -> dict[str, str]:
    return dict(os.environ, NO_COLOR="1")
