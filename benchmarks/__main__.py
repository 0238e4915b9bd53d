"""``python -m benchmarks [--rounds N] [--scale [--older SLUBTLA]] [--out FILE] [--plot FILE]``."""

from __future__ import annotations

import argparse
import dataclasses
import json
import sys
import tempfile
from pathlib import Path
from typing import Final

from benchmarks.picture import draw
from benchmarks.reading import MEGABYTE, long_output, long_trace, plain_trace, readers
from benchmarks.scale import Pair, Scale
from benchmarks.subjects import Bench
from benchmarks.timing import Summary, machine, measure_in_turn
from slubtla._version import __version__
from slubtla.tlc.engine.jvm_engine import JvmEngine
from slubtla.tlc.tools import find_toolchain

GOALS: Final = {
    "new process": 0.3,
    "new process, empty cache": 0.4,
    "second verify, engine jvm": 0.15,
    "one litmus test, empty cache": 1.5,
}
"""Times the baseline, at most."""

BASELINES: Final = {"one litmus test, empty cache": "by hand, an empty spec"}
"""What a thing is compared with, if not with the default model by hand."""

LIMITS: Final = {"import slubtla": 0.150, "slubtla --version": 0.300}
"""Seconds, at most."""

FASTER: Final = {
    "matrix": 10.0,
    "prove": 3.0,
    "3 CPUs x 3 slabs": 4.0,
    "argue": 1.0,
    "big model": 1 / 1.03,
}
"""Baseline over ours, at least. Of the six strategies the goal is 1.5 times the seconds of Spin,
which is not measured here."""

SPEED: Final = 30.0
"""Megabytes a second, at least, for what is read."""


def table(summaries: dict[str, Summary]) -> str:
    """The figures as text, with the goals, reached or missed."""
    lines = [f"{'':32}{'median':>8}{'min':>8}{'max':>8}{'ratio':>8}  goal"]
    for name, times in summaries.items():
        base = summaries[BASELINES.get(name, "by hand")].median
        goal = "baseline" if name.startswith("by hand") else ""
        if name in GOALS:
            met = times.median <= GOALS[name] * base
            goal = f"{GOALS[name]:g} x: {_word(met)}"
        if name in LIMITS:
            met = times.median <= LIMITS[name]
            goal = f"{LIMITS[name]:g} s: {_word(met)}"
        ratio = f"{times.median / base:8.2f}"
        figures = f"{times.median:8.3f}{times.least:8.3f}{times.most:8.3f}"
        lines.append(f"{name:32}{figures}{ratio}  {goal}")
    return "\n".join(lines)


def reading_table(summaries: dict[str, Summary], sizes: dict[str, int]) -> str:
    """The speed of the readers as text."""
    lines = [f"{'':32}{'median':>8}{'min':>8}{'max':>8}{'MB/s':>8}  goal"]
    for name, times in summaries.items():
        speed = sizes[name] / MEGABYTE / times.median
        goal = f"{SPEED:g} MB/s: {_word(speed >= SPEED)}" if name.startswith("read 1") else ""
        figures = f"{times.median:8.3f}{times.least:8.3f}{times.most:8.3f}"
        lines.append(f"{name:32}{figures}{speed:8.1f}  {goal}")
    return "\n".join(lines)


def scale_table(pairs: dict[str, Pair]) -> str:
    """What was measured once, as text."""
    lines = [f"{'':24}{'ours':>12}{'baseline':>12}{'factor':>10}  goal"]
    for name, pair in pairs.items():
        factor = pair.baseline / pair.ours
        goal = f"{FASTER[name]:.3g} x: {_word(factor >= FASTER[name])}; " if name in FASTER else ""
        lines.append(
            f"{name:24}{pair.ours:12,.1f}{pair.baseline:12,.1f}{factor:10.2f}  {goal}{pair.note}"
        )
    return "\n".join(lines)


def main() -> None:
    """Measure, print the tables, write the JSON and the plot."""
    asked = _arguments()
    toolchain = find_toolchain(jar=asked.tla2tools, java=asked.java)
    before = machine()
    with tempfile.TemporaryDirectory(prefix="slubtla-bench-") as name:
        room = Path(name)
        with JvmEngine(toolchain) as warm:
            bench = Bench(room, toolchain, warm)
            bench.prepare()
            starts = measure_in_turn(bench.things(), asked.rounds, _hear)
        output, trace = long_output(room / "long.out"), long_trace(room / "trace.out")
        plain = plain_trace(room / "plain.out")
        reads = measure_in_turn(readers(output, trace, plain), asked.rounds, _hear)
        sizes = dict.fromkeys(reads, plain.stat().st_size)
        sizes |= {"read 10,000 states": trace.stat().st_size}
        sizes |= {"read them with all values": trace.stat().st_size}
        sizes |= {"read 100 MB of output": output.stat().st_size}
        pairs = _scale(Scale(room, toolchain, asked.older)) if asked.scale else {}
    report = {
        "slubtla": __version__,
        "machine": before | {"load_after": machine()["load"]},
        "java": f"{toolchain.java.version} ({toolchain.java.vendor})",
        "jar_sha256": toolchain.jar.sha256,
        "rounds": asked.rounds,
        "seconds": {name: dataclasses.asdict(times) for name, times in starts.items()},
        "ratios": {
            name: times.median / starts[BASELINES.get(name, "by hand")].median
            for name, times in starts.items()
        },
        "reading": {name: dataclasses.asdict(times) for name, times in reads.items()},
        "bytes": sizes,
        "scale": {name: dataclasses.asdict(pair) for name, pair in pairs.items()},
        "goals": {"ratios": GOALS, "seconds": LIMITS, "faster": FASTER, "megabytes": SPEED},
    }
    asked.out.write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")
    tables = [table(starts), reading_table(reads, sizes)]
    print("\n\n".join([*tables, *([scale_table(pairs)] if pairs else [])]))  # noqa: T201
    print(f"written: {asked.out}", file=sys.stderr)  # noqa: T201
    if asked.plot is not None:
        others = {*LIMITS, *BASELINES, *BASELINES.values()}
        shown = {name: times for name, times in starts.items() if name not in others}
        draw(shown, GOALS, asked.plot)
        print(f"written: {asked.plot}", file=sys.stderr)  # noqa: T201


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5, help="how often (default: 5)")
    parser.add_argument(
        "--scale", action="store_true", help="also what takes minutes, once each: matrix, big model"
    )
    parser.add_argument(
        "--older", help="with --scale: the slubtla of an older commit, for matrix and prove"
    )
    parser.add_argument("--out", type=Path, default=Path("benchmarks.json"), help="the JSON")
    parser.add_argument("--plot", type=Path, help="a picture of the ratios: SVG, PNG, PDF")
    parser.add_argument("--java", type=Path, help="the java program, for all")
    parser.add_argument("--tla2tools", type=Path, help="tla2tools.jar, for all")
    asked = parser.parse_args()
    if asked.rounds < 1:
        parser.error("--rounds: 1 or more")
    return asked


def _scale(scale: Scale) -> dict[str, Pair]:
    pairs = {}
    for name, thing in scale.things().items():
        pairs[name] = thing()
        print(f"{name}: {pairs[name]}", file=sys.stderr)  # noqa: T201
    return pairs


def _hear(name: str, number: int, seconds: float) -> None:
    print(f"round {number + 1}: {name}: {seconds:.3f} s", file=sys.stderr)  # noqa: T201


def _word(met: bool) -> str:
    return "reached" if met else "MISSED"


if __name__ == "__main__":
    main()
