"""slubtla itself is interrupted or killed in the middle of many runs."""

from __future__ import annotations

import signal
from typing import TYPE_CHECKING

import pytest
from engine.tools import COUNTER, ENDLESS, UNDERWAY, descendants, still_there, write_spec

from faults.tools import (
    HEEDING_SIGINT,
    MODEST,
    TINY,
    hidden,
    run,
    script,
    start,
    underway,
    wait_until,
    whole_runs,
)
from slubtla.tlc.engine import this_machine
from slubtla.tlc.run.rundir import RESULT

if TYPE_CHECKING:
    import subprocess
    from pathlib import Path

SIGNALS = [signal.SIGINT, signal.SIGTERM, signal.SIGKILL]
MODELS = """
title = "two"
about = "One that ends, and one that does not."
[model.ends]
about = "It ends."
spec = "Counter.tla"
expect = "PROVEN"
[model.endless]
about = "It does not."
spec = "Endless.tla"
deadlock = false
expect = "PROVEN"
"""


def hit(process: subprocess.Popen[str], kept: Path, number: signal.Signals) -> tuple[int, str]:
    """Send a signal when one run has finished and another is searching; nothing may be left."""
    wait_until(process, lambda: bool(list(kept.glob(f"[!.]*/{RESULT}"))) and underway(kept))
    family = descendants(process.pid)
    assert family
    process.send_signal(number)
    with process:
        out, err = process.communicate(timeout=60)
    assert still_there(family) == []
    assert out == ""
    return process.returncode, err


def check_end(code: int, err: str, number: signal.Signals, kept: Path) -> None:
    if number is signal.SIGINT:
        assert (code, err) == (130, "slubtla: interrupted; TLC is stopped\n")
        assert hidden(kept) == []
    else:
        assert (code, err) == (-number, "")
        assert len(hidden(kept)) == 1, "of the run that did not end, under a name that nobody reads"


@pytest.mark.parametrize("number", SIGNALS)
def test_prove_leaves_no_jvm_and_what_had_finished(
    tmp_path: Path, engine: str, number: signal.Signals
) -> None:
    write_spec(tmp_path, COUNTER, "INIT Init\nNEXT Turn\nINVARIANT InRange\n")
    write_spec(tmp_path, ENDLESS, "INIT Init\nNEXT Next\n")
    (tmp_path / "two.toml").write_text(MODELS, encoding="utf-8")
    kept = tmp_path / "kept"
    options = ["--jobs", "2", *MODEST, "--engine", engine, "--out-dir", kept]
    process = start("prove", tmp_path / "two.toml", *options, before=HEEDING_SIGINT)
    code, err = hit(process, kept, number)
    check_end(code, err, number, kept)
    found = whole_runs(kept)
    assert found.pop("two-ends") == "PROVEN"
    cut = {"two-endless": "INCONCLUSIVE(cancelled)"}
    assert found == (cut if number is signal.SIGINT else {})


@pytest.mark.skipif(this_machine().cores < 2, reason="two cells at once need two cores")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
def test_matrix_leaves_no_jvm_and_the_cells_that_had_finished(
    tmp_path: Path, number: signal.Signals
) -> None:
    """The cell under sc, a Java that says nothing more, does not end."""
    kept = tmp_path / "kept"
    java = script(
        tmp_path / "java",
        'case "$*" in *tlc2.TLC*) grep -q "sequential consistency" WeakMemory.tla && '
        f'echo "{UNDERWAY}" && exec sleep 600;; esac; exec "$JAVA" "$@"',
    )
    options = ["--strategy", "none", "--arch", "x86", *TINY, "--java", java, "--out-dir", kept]
    code, err = hit(start("matrix", *options, before=HEEDING_SIGINT), kept, number)
    check_end(code, err, number, kept)
    found = whole_runs(kept)
    assert found.pop("none-x86") == "VIOLATED(NoLeak)"
    assert run("trace", kept / "none-x86").code == 0
    assert found == ({"none-sc": "INCONCLUSIVE(cancelled)"} if number is signal.SIGINT else {})
