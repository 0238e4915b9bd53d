"""A Java that is none: it says what a Java says of itself, and then something else."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest
from engine.tools import descendants, names_in

from faults.tools import TINY, run, script, whole_runs
from slubtla.errors import TlcOutputError
from slubtla.tlc.engine import CheckJob, ProcessEngine
from slubtla.tlc.tools import find_toolchain

if TYPE_CHECKING:
    from pathlib import Path

PASTED = "Model checking completed. No error has been found."
START, END = "@!@!@STARTMSG 2193:0 @!@!@", "@!@!@ENDMSG 2193 @!@!@"


@pytest.mark.parametrize(
    ("does", "code", "words"),
    [
        (":", 4, "INCONCLUSIVE(truncated) Counter TLC's output ends before its result"),
        ("exit 1", 3, "ERROR(tlc) Counter TLC exited with 1"),
        ("echo oh no >&2; exit 7", 3, "ERROR(tlc) Counter oh no"),
        ("head -c 300000 /dev/urandom", 4, "INCONCLUSIVE(truncated) Counter"),
        ("head -c 300000 /dev/urandom; exit 1", 3, "ERROR(tlc) Counter"),
        (f"echo '{PASTED}'; echo '4 distinct states found, 0 states left on queue.'", 4, "TRUNC"),
        (f"echo '{START}'; echo '{PASTED}'; echo '{END}'", 4, "INCONCLUSIVE(truncated) Counter"),
        (f"echo '{END}'", 3, f"line 1 of TLC's output: expected no end: '{END}'"),
        ("kill -9 $$", 3, "ERROR(tlc) Counter TLC exited with -9"),
    ],
)
def test_garbage_is_never_a_proof(
    counter: Path, tmp_path: Path, does: str, code: int, words: str
) -> None:
    ran = run("check", counter, "--java", script(tmp_path / "java", does))
    assert ran.code == code
    assert (words if words != "TRUNC" else "INCONCLUSIVE(truncated)") in ran.said


def test_a_line_without_end_is_refused_and_the_memory_bounded(
    counter: Path, tmp_path: Path
) -> None:
    """400 MB of it, as one line; the program that prints them is ended."""
    peak = (
        "import atexit, pathlib, sys; atexit.register(lambda: sys.stderr.write("
        "pathlib.Path('/proc/self/status').read_text() if sys.platform == 'linux' else '')); "
    )
    java = script(tmp_path / "java", "head -c 400000000 /dev/zero; echo end >&2; exec sleep 600")
    ran = run("check", counter, "--java", java, "--out-dir", tmp_path / "kept/run", before=peak)
    assert (ran.code, ran.out) == (3, "")
    assert "a line of more than 16 million characters" in ran.err
    if sys.platform == "linux":
        (high,) = [line.split()[1] for line in ran.err.splitlines() if line.startswith("VmHWM")]
        assert int(high) < 250_000, "kB"
    assert names_in(tmp_path / "kept") == set()


def test_lines_without_end_are_ended_with_the_time(counter: Path, tmp_path: Path) -> None:
    java = script(tmp_path / "java", "while echo more; do :; done")
    options = ["--timeout", "1", "--java", java, "--out-dir", tmp_path / "kept/run"]
    ran = run("check", counter, *options)
    assert ran.code == 4
    assert whole_runs(tmp_path / "kept") == {"run": "INCONCLUSIVE(timeout)"}


def test_an_end_without_beginning_ends_the_program(counter: Path, tmp_path: Path) -> None:
    toolchain = find_toolchain(java=script(tmp_path / "java", f"echo '{END}'; exec sleep 600"))
    heard: list[str] = []

    def hear(line: str) -> None:
        heard.append(line)
        raise TlcOutputError("no end", line_number=1, text=line)

    job = CheckJob(counter, counter.with_suffix(".cfg"), tmp_path / "run", timeout=60)
    with pytest.raises(TlcOutputError):
        ProcessEngine(toolchain).check(job, on_line=hear)
    assert heard == [END]
    assert descendants() == []


def test_what_it_did_not_translate_is_told_and_not_kept(tmp_path: Path) -> None:
    """The next run, with a Java, must not find it in the cache."""
    java = script(tmp_path / "java", "echo Translation completed.")
    model = ["verify", "--strategy", "none", *TINY, "--out-dir", tmp_path / "kept" / "run"]
    ran = run(*model, "--java", java)
    assert (ran.code, ran.out) == (3, "")
    assert f"{java}: as the PlusCal translator it ended with 0, but translated nothing" in ran.said
    assert names_in(tmp_path / "kept") == set()
    assert run(*model).code == 1
    assert whole_runs(tmp_path / "kept") == {"run": "VIOLATED(NoLeak)"}
