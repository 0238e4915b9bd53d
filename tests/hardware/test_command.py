"""``slubtla hardware`` as a user meets it: exit codes, words, and nothing left running.

A made-up compiler stands for a machine that misbehaves: its "race" is a shell script that says so.
"""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import time
from pathlib import Path

import psutil
import pytest
from engine.tools import descendants, still_there

from hardware.tools import END, SLUBTLA, cell_line, environment, fake_compiler, need_race
from slubtla.protocols.slub.hardware.variants import PUTS, SHRINKS

SECONDS = 60
ONE = ["--put", "cmpxchg_mfence", "--shrink", "fence"]


def slubtla(*arguments: str, **changes: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*SLUBTLA, *arguments],
        capture_output=True,
        text=True,
        check=False,
        timeout=SECONDS,
        env=environment(**changes),
    )


def test_the_real_race_prints_its_table() -> None:
    need_race()
    done = slubtla("--runs", "2000", "--shrink", "fence", "--seconds-per-cell", "0.2", "--counts")
    assert done.returncode == 0, done.stderr
    for words in ("cost of a call", "smp_mb", "of 2,000", "forbidden, not seen", "only shrink"):
        assert words in done.stdout
    assert not done.stderr


def test_json_is_all_that_stdout_holds() -> None:
    need_race()
    done = slubtla("--runs", "2000", "--put", "store", "--shrink", "none", "--json")
    told = json.loads(done.stdout)
    assert done.returncode == told["exit_code"] == 0
    assert [cell["runs"] for cell in told["cells"]] == [2000]
    assert len(set(told["cpus"])) == 2


@pytest.mark.parametrize("as_json", [[], ["--json"]])
def test_a_forbidden_leak_is_exit_code_1_and_named(tmp_path: Path, as_json: list[str]) -> None:
    need_race()
    made_up = fake_compiler(tmp_path, cell_line("cmpxchg_mfence", "fence", 3), END)
    done = slubtla(*ONE, *as_json, CC=made_up)
    assert done.returncode == 1
    where = done.stderr if as_json else done.stdout
    assert "cmpxchg_mfence / fence: the leak was SEEN (3 of 1,000 runs)" in where
    if as_json:
        assert json.loads(done.stdout)["cells"][0]["standing"] == "forbidden_seen"


def test_an_allowed_leak_that_is_not_seen_is_said_plainly(tmp_path: Path) -> None:
    need_race()
    made_up = fake_compiler(tmp_path, cell_line("cmpxchg", "fence", 0), END)
    done = slubtla("--put", "cmpxchg", "--shrink", "fence", CC=made_up)
    assert done.returncode == 0
    assert "allowed, not seen in 1,000 runs: that proves nothing" in done.stdout


def test_columns_that_the_kernel_lacks_are_left_out_and_named(tmp_path: Path) -> None:
    need_race()
    made_up = fake_compiler(tmp_path, cell_line("cmpxchg_mfence", "fence", 0), END)
    done = slubtla(*ONE, "--shrink", "membarrier_global", CC=made_up)
    assert done.returncode == 0
    assert "Not run: cmpxchg_mfence / membarrier_global: Function not implemented." in done.stdout
    none = slubtla("--shrink", "membarrier_private", CC=made_up)
    assert none.returncode == 3
    assert "no shrink variant of those asked for can run here" in none.stderr


def test_the_time_limit_ends_the_race_with_what_it_has(tmp_path: Path) -> None:
    need_race()
    made_up = fake_compiler(tmp_path, cell_line("cmpxchg", "fence", 1), "exec sleep 600")
    done = slubtla("--timeout", "0.5", "--put", "cmpxchg", CC=made_up)
    assert done.returncode == 4
    assert "leak: 1" in done.stdout
    assert "Not run: cmpxchg / none: the time limit of 0.5 s came first." in done.stdout


def test_a_forbidden_leak_counts_also_in_a_cell_cut_short(tmp_path: Path) -> None:
    need_race()
    line = cell_line("cmpxchg_mfence", "fence", 3, event="progress")
    made_up = fake_compiler(tmp_path, line, "exec sleep 600")
    assert slubtla(*ONE, "--timeout", "0.5", CC=made_up).returncode == 1


def test_the_real_race_obeys_the_time_limit() -> None:
    need_race()
    began = time.monotonic()
    plan = ["--runs", "1000000000", "--seconds-per-cell", "600", "--timeout", "1"]
    done = slubtla(*plan, "--put", "store", "--shrink", "fence")
    assert done.returncode == 4, done.stderr
    assert time.monotonic() - began < SECONDS / 2


@pytest.mark.parametrize("commands", [["exit 1"], [END.replace("end", "other")], ["true"]])
def test_a_race_that_breaks_is_exit_code_3(tmp_path: Path, commands: list[str]) -> None:
    need_race()
    done = slubtla(*ONE, CC=fake_compiler(tmp_path, *commands))
    assert done.returncode == 3
    assert "slubtla: the race" in done.stderr
    assert "next:" in done.stderr


def test_a_missing_compiler_is_exit_code_3_with_a_next_step(tmp_path: Path) -> None:
    need_race()
    done = slubtla(PATH=str(tmp_path))
    assert done.returncode == 3
    assert "no C compiler" in done.stderr
    assert "next: install one" in done.stderr
    assert not done.stdout


def test_one_cpu_is_exit_code_3_with_a_next_step() -> None:
    need_race()
    allowed = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(allowed)})
    try:
        done = slubtla()
    finally:
        os.sched_setaffinity(0, allowed)
    assert done.returncode == 3
    assert "the race needs 2 CPUs" in done.stderr
    assert "next:" in done.stderr


@pytest.mark.parametrize(
    "wrong", [["--cpus", "0"], ["--cpus", "0,0"], ["--put", "cmpxchng"], ["--runs", "0"]]
)
def test_wrong_usage_is_exit_code_2(wrong: list[str]) -> None:
    need_race()
    assert slubtla(*wrong).returncode == 2


def test_the_page_tells_every_option_and_every_variant() -> None:
    page = (Path(__file__).parents[2] / "docs" / "hardware.md").read_text("utf-8")
    options = re.findall(r"^.\s*(--[a-z-]+)", slubtla("--help").stdout, re.MULTILINE)
    assert len(options) >= 10
    names = [name for puts in PUTS.values() for name in puts] + list(SHRINKS)
    assert [word for word in {*options, *names} - {"--help"} if f"`{word}" not in page] == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
def test_nothing_outlives_the_command(tmp_path: Path, number: signal.Signals) -> None:
    need_race()
    plan = ["--runs", "1000000000", "--seconds-per-cell", "600", "--shrink", "fence"]
    with subprocess.Popen(
        [*SLUBTLA, *plan],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment(TMPDIR=str(tmp_path)),
    ) as command:
        family = racing(command)
        command.send_signal(number)
        _, complaint = command.communicate(timeout=SECONDS)
    assert still_there(family) == []
    if number is signal.SIGINT:
        assert command.returncode == 130
        assert "interrupted; the race is stopped" in complaint
        assert list(tmp_path.iterdir()) == []


def racing(command: subprocess.Popen[str]) -> list[psutil.Process]:
    """Wait until the race is on; return all that was started."""
    deadline = time.monotonic() + SECONDS
    while time.monotonic() < deadline and command.poll() is None:
        family = descendants(command.pid)
        if any(is_race(process) for process in family):
            return family
        psutil.wait_procs([psutil.Process(command.pid)], timeout=0.05)
    pytest.fail("the race never began")


def is_race(process: psutil.Process) -> bool:
    try:
        return process.name() == "race" and process.num_threads() == 2
    except psutil.NoSuchProcess:
        return False
