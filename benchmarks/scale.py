"""What is measured once, for it takes minutes."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import psutil

from benchmarks.running import BASELINE, SLUBTLA, by_hand, new_folder, run, tools
from benchmarks.timing import clocked
from slubtla.barriers.machines import ARCHES
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

ARGUE_SECONDS = 60.0
"""What `slubtla argue` may take."""

_FOUND = re.compile(r"([\d,]+) distinct states found")


@dataclass(frozen=True, slots=True)
class Pair:
    """One thing, by slubtla and by hand.

    Attributes:
        ours: seconds.
        baseline: the same by hand, or by an older slubtla.
        note: what else was seen.
    """

    ours: float
    baseline: float
    note: str = ""


@dataclass(frozen=True, slots=True)
class Scale:
    """Where and with what to measure.

    Attributes:
        room: a temporary directory.
        toolchain: the Java and the jar, the same for all.
        older: the program ``slubtla`` of an older commit; without it there is no baseline for the
            matrix and for ``prove``.
    """

    room: Path
    toolchain: Toolchain
    older: str | None

    def things(self) -> dict[str, Callable[[], Pair]]:
        """What is measured, by name."""
        own = {
            "3 CPUs x 3 slabs": self.three_by_three,
            "six strategies": self.strategies,
            "argue": self.argue,
            "big model": self.big,
        }
        return own | ({"matrix": self.matrix, "prove": self.prove} if self.older else {})

    def three_by_three(self) -> Pair:
        """3 CPUs, 3 slabs, 1 task, with synchronize_sched."""
        bounds = ["--cpus", "3", "--slabs", "3", "--tasks", "1"]
        ours = self._slubtla("verify", "--strategy", "synchronize_sched", *bounds)
        return Pair(ours, self._by_hand(BASELINE / "3x3"), "by hand")

    def strategies(self) -> Pair:
        """Six strategies to their verdicts, one after another, nothing kept."""
        models = [path for path in sorted(BASELINE.iterdir()) if path.name != "3x3"]
        ours = sum(self._slubtla("verify", "--strategy", path.name) for path in models)
        return Pair(ours, sum(map(self._by_hand, models)), "by hand")

    def argue(self) -> Pair:
        """All architectures of the argument."""
        return Pair(self._slubtla("argue"), ARGUE_SECONDS, "the baseline is the goal")

    def matrix(self) -> Pair:
        """Every strategy on every architecture, and under sequential consistency, by both."""
        cells = [
            [self.older or "", "render", "--strategy", strategy, *where]
            for strategy in SLUB.strategies
            for where in (["--memory", "sc"], *(["--arch", arch] for arch in ARCHES))
        ]
        hand = 0.0
        for cell in cells:
            model = new_folder(self.room, "cell") / "model"
            run([*cell, "--out", str(model)], self.room)
            hand += self._by_hand(model)
        return Pair(self._slubtla("matrix"), hand, f"{len(cells)} cells, by hand one by one")

    def prove(self) -> Pair:
        """The shipped files of models, by both."""
        ours = self._slubtla("prove")
        return Pair(ours, self._slubtla("prove", program=self.older), "by the older slubtla")

    def big(self) -> Pair:
        """A search of two million states: the very same command line of TLC, alone and below us."""
        spec = self.room / "Big.tla"
        spec.write_text(BIG, encoding="utf-8")
        spec.with_suffix(".cfg").write_text("SPECIFICATION Spec\nINVARIANT Low\n", encoding="utf-8")
        out = self.room / "big"
        peaks: list[int] = []
        ended = threading.Event()
        watcher = threading.Thread(target=_watch, args=(peaks, ended))
        watcher.start()
        argv = [SLUBTLA, "check", str(spec), "--out", str(out), *tools(self.toolchain)]
        ours = clocked(lambda: run(argv, self.room))
        ended.set()
        watcher.join()
        same = [str(word) for word in json.loads((out / "argv.json").read_text(encoding="utf-8"))]
        (out / ".tlc/temp").mkdir(parents=True)
        (out / ".tlc/meta").mkdir()
        bare = clocked(lambda: run(same, out))
        found = _FOUND.findall((out / "tlc.out").read_text(encoding="utf-8"))[-1]
        if int(found.replace(",", "")) != BIG_STATES:
            raise RuntimeError(f"{found} states")
        return Pair(ours, bare, f"slubtla's own memory {max(peaks) >> 20} MiB at most")

    def _by_hand(self, model: Path) -> float:
        return by_hand(self.toolchain, model, self.room)

    def _slubtla(self, *words: str, program: str | None = None) -> float:
        """Seconds of a command with an empty cache; a violation is an answer."""
        empty = {"XDG_CACHE_HOME": str(new_folder(self.room, "empty"))}
        argv = [program or SLUBTLA, *words, *tools(self.toolchain)]
        return clocked(lambda: run(argv, self.room, empty, codes=(0, 1)))


def _watch(peaks: list[int], ended: threading.Event) -> None:
    """Note the memory of the Python that we started, without its children, twice a second."""
    while not ended.wait(0.5):
        for child in psutil.Process().children():
            try:
                peaks.append(child.memory_info().rss)
            except psutil.Error:
                continue
