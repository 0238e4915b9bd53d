"""``python -m benchmarks [--rounds N] [--out FILE]``."""

from __future__ import annotations

import argparse
import dataclasses
import json
import sys
import tempfile
from pathlib import Path
from typing import Final

from benchmarks.subjects import Bench
from benchmarks.timing import Summary, machine, measure_in_turn
from slubtla._version import __version__
from slubtla.engine.jvm_engine import JvmEngine
from slubtla.toolchain import find_toolchain

GOALS: Final = {"cold verify": 0.6, "second verify, engine jvm": 0.25}
"""Times the baseline, at most."""

LIMITS: Final = {"import slubtla": 0.150, "slubtla --version": 0.300}
"""Seconds, at most."""


def table(summaries: dict[str, Summary]) -> str:
    """The figures as text, with the goals, reached or missed."""
    base = summaries["by hand"].median
    lines = [f"{'':32}{'median':>8}{'min':>8}{'max':>8}{'ratio':>8}  goal"]
    for name, times in summaries.items():
        goal = "baseline" if name == "by hand" else ""
        if name in GOALS:
            met = times.median <= GOALS[name] * base
            goal = f"{GOALS[name]:g} x: {'reached' if met else 'MISSED'}"
        if name in LIMITS:
            met = times.median <= LIMITS[name]
            goal = f"{LIMITS[name]:g} s: {'reached' if met else 'MISSED'}"
        ratio = f"{times.median / base:8.2f}"
        figures = f"{times.median:8.3f}{times.least:8.3f}{times.most:8.3f}"
        lines.append(f"{name:32}{figures}{ratio}  {goal}")
    return "\n".join(lines)


def main() -> None:
    """Measure, print the table, write the JSON."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5, help="how often (default: 5)")
    parser.add_argument("--out", type=Path, default=Path("benchmarks.json"), help="the JSON")
    parser.add_argument("--java", type=Path, help="the java program, for all")
    parser.add_argument("--tla2tools", type=Path, help="tla2tools.jar, for all")
    asked = parser.parse_args()
    if asked.rounds < 1:
        parser.error("--rounds: 1 or more")
    toolchain = find_toolchain(jar=asked.tla2tools, java=asked.java)
    before = machine()

    def hear(name: str, number: int, seconds: float) -> None:
        print(f"round {number + 1}: {name}: {seconds:.3f} s", file=sys.stderr)  # noqa: T201

    room = tempfile.TemporaryDirectory(prefix="slubtla-bench-")
    with room as name, JvmEngine(toolchain) as warm:
        bench = Bench(Path(name), toolchain, warm)
        bench.warm_verify()  # the first, which starts the JVM, does not count
        summaries = measure_in_turn(bench.things(), asked.rounds, hear)
    report = {
        "slubtla": __version__,
        "machine": before | {"load_after": machine()["load"]},
        "java": f"{toolchain.java.version} ({toolchain.java.vendor})",
        "jar_sha256": toolchain.jar.sha256,
        "rounds": asked.rounds,
        "seconds": {name: dataclasses.asdict(times) for name, times in summaries.items()},
        "ratios": {
            name: times.median / summaries["by hand"].median for name, times in summaries.items()
        },
        "goals": {"ratios": GOALS, "seconds": LIMITS},
    }
    asked.out.write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")
    print(table(summaries))  # noqa: T201
    print(f"written: {asked.out}", file=sys.stderr)  # noqa: T201


if __name__ == "__main__":
    main()
