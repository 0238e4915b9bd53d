"""Make every picture of the documentation from real runs: ``python docs/make_gallery.py [RUNS]``.

RUNS is a directory that keeps the runs; one that is there already is not made again. One worker, so
that TLC finds the same counterexample every time. The picture of the report needs Chromium.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any, Final

from terminal_picture import terminal_picture

import slubtla
from slubtla.barriers.campaigns.cost import Costs, measure_costs
from slubtla.barriers.explore.witness import find_witness, witness_behaviour
from slubtla.barriers.show.matrix import matrix_view
from slubtla.barriers.show.plots.cost import cost_bars
from slubtla.barriers.show.plots.coverage import coverage_bars
from slubtla.barriers.show.plots.graph import state_graph
from slubtla.barriers.show.plots.growth import growth_lines
from slubtla.barriers.show.plots.lanes import lanes_picture
from slubtla.barriers.show.plots.matrix import verdict_matrix
from slubtla.barriers.show.plots.style import picture
from slubtla.barriers.show.report import write_report
from slubtla.barriers.show.text import result_view
from slubtla.barriers.stategraph import make_graph, open_part, small_model
from slubtla.barriers.trace.counterexample import counterexample_of
from slubtla.tlc.run.result import Result

PICTURES: Final = Path(__file__).parent / "pictures"

LANES: Final[dict[str, dict[str, Any]]] = {
    "leak": {"strategy": "smp_mb"},
    "kick": {"strategy": "kick_all_cpus_sync", "without": ("post_check",)},
    "grace-period": {"strategy": "synchronize_sched", "without": ("gp_fence",)},
    "self-deadlock": {"kernel": "v4.0", "allocations": 1},
}
"""Counterexamples: a picture's name, and the model."""


def run(place: Path, name: str, **parameters: Any) -> Result:  # noqa: ANN401 - fields of Model
    """Return a run, made where it is not yet there."""
    where = place / name
    if (where / "result.json").is_file():
        return slubtla.load_run(where)
    return slubtla.verify(**parameters, workers=1, out_dir=where)


def costs(place: Path) -> Costs:
    """Return the costs of the barriers that were in a kernel, and of the mail's idea."""
    kept = place / "cost.json"
    if not kept.is_file():
        strategies = ("smp_mb", "kick_all_cpus_sync", "synchronize_sched", "call_rcu_sched")
        kept.write_text(measure_costs(strategies).model_dump_json(), encoding="utf-8")
    return Costs.model_validate(json.loads(kept.read_text(encoding="utf-8")), strict=False)


def save(name: str, content: bytes) -> None:
    """Write one picture."""
    (PICTURES / name).write_bytes(content)


GRAPHS: Final[dict[str, dict[str, Any]]] = {
    "graph": {"strategy": "smp_mb"},
    "graph-sc": {"strategy": "smp_mb", "memory": "sc"},
}
"""State graphs: a picture's name, and the model."""


def graphs() -> None:
    """Draw the state graphs: until the leak is ruled out, or whole where there is none."""
    for name, parameters in GRAPHS.items():
        graph = make_graph(small_model(**parameters))
        drawn = state_graph(open_part(graph))
        save(f"{name}.svg", picture(drawn, "svg", title="State graph"))


def report(place: Path, cells: slubtla.Matrix) -> None:
    """Photograph the top of the report on the matrix."""
    browser = shutil.which("chromium") or shutil.which("google-chrome")
    if browser is None:
        sys.exit("no Chromium: the picture of the report was not made")
    page, shot = place / "report.html", place / "report.png"
    write_report([cells], page)
    flags = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking"]
    flags += [
        "--hide-scrollbars",
        "--window-size=1200,2100",
        f"--user-data-dir={place / 'browser'}",
    ]
    subprocess.run([browser, *flags, f"--screenshot={shot}", page.as_uri()], check=True)
    save("report.png", shot.read_bytes())


def main(place: Path) -> None:
    """Make all pictures."""
    for name, parameters in LANES.items():
        story = counterexample_of(run(place, name, **parameters))
        save(f"{name}.svg", lanes_picture(story, "svg"))
    graphs()
    leak = run(place, "leak")
    save("leak-dark.svg", lanes_picture(counterexample_of(leak), "svg", theme="dark"))
    sizes = [
        run(place, f"slabs-{slabs}", strategy="synchronize_sched", slabs=slabs)
        for slabs in (1, 2, 3)
    ]
    saved = witness_behaviour(sizes[1], find_witness(leak, sizes[1]))
    save("saved.svg", lanes_picture(saved, "svg"))
    save("growth.svg", picture(growth_lines(*sizes), "svg", title="States against slabs"))
    counted = run(place, "counted", strategy="synchronize_sched", coverage=True)
    save("coverage.svg", picture(coverage_bars(counted), "svg", title="Actions"))
    save("cost.svg", picture(cost_bars(costs(place)), "svg", title="What a barrier costs"))
    matrix = place / "matrix.json"
    if matrix.is_file():
        cells = slubtla.Matrix.model_validate_json(matrix.read_text(encoding="utf-8"))
    else:
        cells = slubtla.run_matrix(settings=slubtla.Settings(out_dir=place / "matrix"))
        matrix.write_text(cells.model_dump_json(), encoding="utf-8")
    save("verdicts.svg", picture(verdict_matrix(cells), "svg", title="Strategies, architectures"))
    save("smp_mb.svg", terminal_picture("smp_mb", leak.command, result_view(leak), place))
    save("matrix.svg", terminal_picture("matrix", "slubtla matrix", matrix_view(cells), place))
    report(place, cells)


if __name__ == "__main__":
    if len(sys.argv) > 1:
        main(Path(sys.argv[1]))
    else:
        with tempfile.TemporaryDirectory() as temporary:
            main(Path(temporary))
