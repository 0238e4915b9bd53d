"""What the tests of the hardware room share."""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from slubtla.errors import CannotRunError
from slubtla.protocols.slub.hardware.build import Compiler, find_compiler
from slubtla.protocols.slub.hardware.machine import RaceHost
from slubtla.protocols.slub.hardware.results import Counts, HardwareResult, RaceCell
from slubtla.protocols.slub.hardware.variants import PUTS, SHRINKS, rule

SLUBTLA = [
    *(sys.executable, "-c"),
    "import sys; from slubtla.cli import main; sys.argv[0] = 'slubtla'; main()",
    "hardware",
]
"""What the console script does, with this Python."""

MACHINE = RaceHost(kernel="Linux 6.0", processor="a CPU", virtual=True, cpus=(0, 1))


def need_race() -> Compiler:
    """A compiler and two CPUs: without them a test is skipped here; CI must have a compiler."""
    try:
        compiler = find_compiler()
    except CannotRunError as error:
        if os.environ.get("CI"):
            pytest.fail(f"CI must have a C compiler: {error}")
        pytest.skip(str(error))
    if sys.platform != "linux" or len(os.sched_getaffinity(0)) < 2:
        pytest.skip("the race needs Linux and 2 CPUs")
    return compiler


def cell(put: str, shrink: str, counts: Counts | None, not_run: str | None = None) -> RaceCell:
    """A cell of x86-64 with made-up counts."""
    ruling = rule(PUTS["x86-64"][put], SHRINKS[shrink])
    return RaceCell(put=put, shrink=shrink, ruling=ruling, counts=counts, not_run=not_run)


def leaks(number: int, of: int = 1000) -> Counts:
    """Made-up counts."""
    return Counts(leak=number, put_flushes=0, shrink_flushes=of - number, both_flush=0)


def result(*cells: RaceCell, timed_out: bool = False, busy: int = 0) -> HardwareResult:
    """A made-up result."""
    return HardwareResult(
        arch="x86-64",
        machine=MACHINE,
        compiler="a compiler",
        sources_sha256="0" * 64,
        cpus=(0, 1),
        runs=1000,
        seconds_per_cell=1.0,
        busy=busy,
        timed_out=timed_out,
        cells=cells,
        costs=(),
    )


def environment(**changes: str) -> Mapping[str, str]:
    """This environment, with plain output and changes."""
    kept = {name: value for name, value in os.environ.items() if name != "CC"}
    return kept | {"NO_COLOR": "1", "COLUMNS": "200"} | changes


LIST = """echo '{"event": "list", "arch": "x86-64",
 "put": [{"name": "store", "missing": null}, {"name": "cmpxchg", "missing": null},
 {"name": "lock_cmpxchg", "missing": null}, {"name": "cmpxchg_mfence", "missing": null}],
 "shrink": [{"name": "none", "missing": null}, {"name": "fence", "missing": null},
 {"name": "membarrier_private", "missing": "Function not implemented"},
 {"name": "membarrier_global", "missing": "Function not implemented"}]}' | tr -d '\\n'; echo"""


def cell_line(put: str, shrink: str, leak: int, runs: int = 1000, event: str = "cell") -> str:
    """A line of the race, as a shell command that prints it."""
    return (
        f'echo \'{{"event": "{event}", "put": "{put}", "shrink": "{shrink}", "runs": {runs}, '
        f'"leak": {leak}, "put_flushes": 0, "shrink_flushes": {runs - leak}, "both_flush": 0, '
        '"seconds": 0.5}\''
    )


END = 'echo \'{"event": "end"}\''


def fake_compiler(folder: Path, *commands: str) -> str:
    """A "compiler" whose race is a shell script that says what a machine might.

    Returns:
        What to put into CC.
    """
    race = "\n".join(["#!/bin/sh", f'if [ "$1" = list ]; then {LIST}; exit; fi', *commands])
    (folder / "race.sh").write_text(race + "\n", encoding="utf-8")
    compiler = folder / "made_up_cc"
    compiler.write_text(
        "#!/bin/sh\n"
        'if [ "$1" = --version ]; then echo made up 1.0; exit; fi\n'
        'while [ "$1" != -o ]; do shift; done\n'
        f'cp \'{folder}/race.sh\' "$2"; chmod +x "$2"\n',
        encoding="utf-8",
    )
    compiler.chmod(compiler.stat().st_mode | stat.S_IXUSR)
    return str(compiler)
