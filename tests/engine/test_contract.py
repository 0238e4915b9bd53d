"""What every engine must do, whichever way it runs TLC."""

from __future__ import annotations

import concurrent.futures
import os
import pickle
import threading
from typing import TYPE_CHECKING

import pytest

from engine.tools import (
    COUNTER,
    ENDLESS,
    UNDERWAY,
    descendants,
    names_in,
    need_toolchain,
    still_there,
    write_spec,
)
from slubtla.errors import SpecError, UsageError
from slubtla.tlc.engine import (
    OUT_OF_MEMORY_EXIT,
    CheckJob,
    Ended,
    Engine,
    ProcessEngine,
    RunInterrupted,
    Simulation,
    TlcOptions,
)

if TYPE_CHECKING:
    from pathlib import Path

    import psutil

RECORD = {"tlc.out", "tlc.err"}
NO_DEADLOCK = TlcOptions(check_deadlock=False)


@pytest.fixture(params=["process"])
def engine(request: pytest.FixtureRequest) -> Engine:
    engines = {"process": ProcessEngine}
    return engines[request.param](need_toolchain())


def counter(folder: Path, *, following: str = "Turn", more: str = "") -> CheckJob:
    spec, cfg = write_spec(folder, COUNTER, f"INIT Init\nNEXT {following}\n{more}\n")
    return CheckJob(spec, cfg, folder, timeout=60)


def endless(folder: Path, options: TlcOptions = NO_DEADLOCK, timeout: float = 60) -> CheckJob:
    spec, cfg = write_spec(folder, ENDLESS, "INIT Init\nNEXT Next\n")
    return CheckJob(spec, cfg, folder, options, timeout)


@pytest.mark.parametrize(
    ("following", "more", "code"),
    [
        ("Turn", "INVARIANT InRange", 0),
        ("Turn", "INVARIANT Below3", 12),
        ("Climb", "INVARIANT InRange", 11),
        ("Wild", "", 75),
        ("Turn", "INVARIANT Missing", 151),
    ],
)
def test_tlc_speaks_through_its_exit_code(
    engine: Engine, tmp_path: Path, following: str, more: str, code: int
) -> None:
    run = engine.check(counter(tmp_path, following=following, more=more))
    assert (run.returncode, run.ended) == (code, Ended.EXITED)
    assert names_in(tmp_path) == RECORD | {"Counter.tla", "Counter.cfg"}


def test_a_run_is_recorded_and_measured(engine: Engine, tmp_path: Path) -> None:
    lines: list[str] = []
    run = engine.check(counter(tmp_path), on_line=lines.append)
    assert any("4 distinct states found, 0 states left on queue." in line for line in lines)
    assert run.stdout.read_text(encoding="utf-8").splitlines() == lines
    assert run.stderr == tmp_path / "tlc.err"
    assert 0 < run.wall_seconds < 60
    assert run.peak_memory_bytes is not None
    assert 20 << 20 < run.peak_memory_bytes < 4 << 30
    assert f"-Xmx{run.heap_mb}m" in run.argv


def test_the_same_job_prints_the_same_seed_and_counts(engine: Engine, tmp_path: Path) -> None:
    def facts(folder: Path) -> list[str]:
        said = engine.check(counter(folder)).stdout.read_text(encoding="utf-8").splitlines()
        return [line.split(" with 1 worker")[0] for line in said if "with fp" in line] + [
            line for line in said if "distinct states found, 0" in line and "Progress" not in line
        ]

    first = facts(tmp_path / "a")
    assert first == facts(tmp_path / "b")
    assert "fp 0 and seed 0" in first[0]
    assert len(first) == 2


def test_a_parse_error_is_an_exit_code_not_an_exception(engine: Engine, tmp_path: Path) -> None:
    spec, cfg = write_spec(tmp_path, "---- MODULE Broken ----\nInit == = 0\n====\n", "INIT Init\n")
    assert engine.check(CheckJob(spec, cfg, tmp_path, timeout=60)).returncode == 150


def test_deadlock_is_checked_unless_told_otherwise(engine: Engine, tmp_path: Path) -> None:
    job = counter(tmp_path, following="Climb")
    assert engine.check(CheckJob(job.spec, job.cfg, tmp_path / "on", timeout=60)).returncode == 11
    off = CheckJob(job.spec, job.cfg, tmp_path / "off", NO_DEADLOCK, timeout=60)
    assert engine.check(off).returncode == 0


def test_options_reach_tlc(engine: Engine, tmp_path: Path) -> None:
    options = TlcOptions(workers=2, fp_index=7, seed=42, heap_mb=100, graph=True)
    job = counter(tmp_path)
    run = engine.check(CheckJob(job.spec, job.cfg, tmp_path, options, timeout=60))
    said = run.stdout.read_text(encoding="utf-8")
    assert "fp 7 and seed 42 with 2 workers" in said
    assert run.heap_mb == 100
    assert "<Turn line" in said  # coverage is on
    assert "->" in (tmp_path / "states.dot").read_text(encoding="utf-8")


def test_a_simulation_is_bounded(engine: Engine, tmp_path: Path) -> None:
    options = TlcOptions(simulate=Simulation(depth=9, behaviours=5))
    job = counter(tmp_path)
    run = engine.check(CheckJob(job.spec, job.cfg, tmp_path, options, timeout=60))
    assert (run.returncode, run.ended) == (0, Ended.EXITED)
    assert "Running Random Simulation" in run.stdout.read_text(encoding="utf-8")


def test_a_timeout_leaves_no_process_and_no_scratch(engine: Engine, tmp_path: Path) -> None:
    seen: set[psutil.Process] = set()
    run = engine.check(
        endless(tmp_path, timeout=2), on_line=lambda _line: seen.update(descendants())
    )
    assert run.ended is Ended.TIMEOUT
    assert run.returncode != 0
    assert 2 <= run.wall_seconds + 0.5 < 8
    assert run.peak_memory_bytes is not None
    assert seen
    assert still_there(seen, seconds=0.2) == []
    assert descendants() == []  # no zombie either
    assert names_in(tmp_path) == RECORD | {"Endless.tla", "Endless.cfg"}


def test_a_run_can_be_cancelled_by_another_thread(engine: Engine, tmp_path: Path) -> None:
    cancel, underway = threading.Event(), threading.Event()

    def cancel_when_underway() -> None:
        underway.wait(60)
        cancel.set()

    canceller = threading.Thread(target=cancel_when_underway)
    canceller.start()
    run = engine.check(
        endless(tmp_path),
        on_line=lambda line: underway.set() if UNDERWAY in line else None,
        cancel=cancel,
    )
    canceller.join()
    assert run.ended is Ended.CANCELLED
    assert descendants() == []


def test_a_cancel_that_is_already_set_ends_the_run(engine: Engine, tmp_path: Path) -> None:
    cancel = threading.Event()
    cancel.set()
    assert engine.check(endless(tmp_path), cancel=cancel).ended is Ended.CANCELLED
    assert descendants() == []


def test_ctrl_c_is_a_keyboard_interrupt_that_carries_the_run(
    engine: Engine, tmp_path: Path
) -> None:
    def press(line: str) -> None:
        if UNDERWAY in line:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt) as caught:
        engine.check(endless(tmp_path), on_line=press)
    assert isinstance(caught.value, RunInterrupted)
    assert caught.value.run.ended is Ended.INTERRUPTED
    assert UNDERWAY in caught.value.run.stdout.read_text(encoding="utf-8")
    assert pickle.loads(pickle.dumps(caught.value)).run == caught.value.run  # noqa: S301  # ours
    assert descendants() == []
    assert names_in(tmp_path) == RECORD | {"Endless.tla", "Endless.cfg"}


def test_what_the_callback_raises_ends_the_run_and_passes_on(
    engine: Engine, tmp_path: Path
) -> None:
    def stumble(line: str) -> None:
        if UNDERWAY in line:
            raise LookupError(line)

    with pytest.raises(LookupError, match=UNDERWAY):
        engine.check(endless(tmp_path), on_line=stumble)
    assert descendants() == []
    assert names_in(tmp_path) == RECORD | {"Endless.tla", "Endless.cfg"}


def test_memory_that_runs_out_ends_the_run(engine: Engine, tmp_path: Path) -> None:
    run = engine.check(endless(tmp_path, TlcOptions(check_deadlock=False, heap_mb=16)))
    assert (run.returncode, run.ended) == (OUT_OF_MEMORY_EXIT, Ended.EXITED)
    assert "OutOfMemoryError" in run.stdout.read_text(encoding="utf-8")


def test_two_runs_at_once_do_not_meet(engine: Engine, tmp_path: Path) -> None:
    job = counter(tmp_path / "spec")
    jobs = [CheckJob(job.spec, job.cfg, tmp_path / str(n), timeout=60) for n in range(4)]
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        assert [run.returncode for run in pool.map(engine.check, jobs)] == [0, 0, 0, 0]


@pytest.mark.parametrize(
    "name", ["two words", 'it\'s "quoted"', "größe ∀x", "-dash", "a:b,c*$HOME"]
)
def test_any_directory_will_do(engine: Engine, tmp_path: Path, name: str) -> None:
    assert engine.check(counter(tmp_path / name)).returncode == 0


def test_a_spec_elsewhere_is_copied_with_its_modules_and_left_alone(
    engine: Engine, tmp_path: Path
) -> None:
    home = tmp_path / "home"
    _, cfg = write_spec(home, COUNTER, "INIT Init\nNEXT Turn\nINVARIANT Even\n")
    spec = home / "MCounter.tla"
    spec.write_text("---- MODULE MCounter ----\nEXTENDS Counter\nEven == x \\in {0, 2}\n====\n")
    before = names_in(home)
    home.chmod(0o555)
    try:
        run = engine.check(CheckJob(spec, cfg, tmp_path / "run", timeout=60))
    finally:
        home.chmod(0o755)
    assert run.returncode == 12
    assert names_in(home) == before
    assert names_in(tmp_path / "run") == RECORD | {"MCounter.tla", "Counter.tla", "Counter.cfg"}


def test_a_directory_holds_one_run(engine: Engine, tmp_path: Path) -> None:
    job = counter(tmp_path)
    engine.check(job)
    record = (tmp_path / "tlc.out").read_bytes()
    with pytest.raises(UsageError, match="another run"):
        engine.check(job)
    assert (tmp_path / "tlc.out").read_bytes() == record
    assert names_in(tmp_path) == RECORD | {"Counter.tla", "Counter.cfg"}


def test_a_missing_file_is_an_error_before_java(engine: Engine, tmp_path: Path) -> None:
    job = counter(tmp_path)
    with pytest.raises(SpecError, match=r"Absent\.cfg: No such file"):
        engine.check(CheckJob(job.spec, tmp_path / "Absent.cfg", tmp_path))
    assert names_in(tmp_path) == {"Counter.tla", "Counter.cfg"}


def test_java_options_of_the_user_do_not_leak_in(
    engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("JAVA_TOOL_OPTIONS", "_JAVA_OPTIONS", "JDK_JAVA_OPTIONS"):
        monkeypatch.setenv(name, "-Xmx1k -Dno.such.thing")
    monkeypatch.setenv("LC_ALL", "C")
    run = engine.check(counter(tmp_path / "ä"))
    assert run.returncode == 0
    assert run.stderr.read_text(encoding="utf-8") == ""
    assert os.environ["LC_ALL"] == "C"
