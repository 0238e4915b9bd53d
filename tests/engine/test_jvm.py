"""What is the warm engine's own: one JVM for many runs, and what happens to it."""

from __future__ import annotations

import dataclasses
import os
import pickle
import re
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import psutil
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
from slubtla.errors import ToolchainError
from slubtla.tlc.engine import CheckJob, Ended, ProcessEngine, TlcOptions, pcal_argv, run_supervised
from slubtla.tlc.engine.jvm_engine import JvmEngine
from slubtla.tlc.engine.jvm_pool import JvmPool, libjvm_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from slubtla.tlc.tools import Toolchain

pytest.importorskip("jpype")

PLUSCAL = """---- MODULE Count ----
EXTENDS Naturals
(* --algorithm count   \\* äöü ∀
variables x = 0;
begin Step: while x < 3 do x := x + 1; end while;
end algorithm *)
====
"""


@pytest.fixture
def engine() -> Iterator[JvmEngine]:
    with JvmEngine(need_toolchain()) as warm:
        yield warm
    assert descendants() == []


def counter(folder: Path, following: str = "Turn", options: TlcOptions | None = None) -> CheckJob:
    spec, cfg = write_spec(folder, COUNTER, f"INIT Init\nNEXT {following}\nINVARIANT InRange\n")
    return CheckJob(spec, cfg, folder, options or TlcOptions(), timeout=60)


def endless(folder: Path) -> CheckJob:
    spec, cfg = write_spec(folder, ENDLESS, "INIT Init\nNEXT Next\n")
    return CheckJob(spec, cfg, folder, TlcOptions(check_deadlock=False), timeout=60)


def worker() -> psutil.Process:
    """The one worker that there is: the child of the guard."""
    guard, child = descendants()
    return child if child.ppid() == guard.pid else guard


def test_one_jvm_runs_many_and_forgets_each(engine: JvmEngine, tmp_path: Path) -> None:
    off = TlcOptions(check_deadlock=False, fp_index=3, coverage_minutes=0)
    jobs = [("Climb", TlcOptions(), 11), ("Climb", off, 0), ("Wild", off, 75)] * 5
    pids = set()
    for number, (following, options, code) in enumerate(jobs):
        run = engine.check(counter(tmp_path / str(number), following, options))
        assert run.returncode == code
        pids.add(worker().pid)
    assert len(pids) == 1  # what a run leaves behind would have made it end by now


def test_the_output_is_that_of_a_process(engine: JvmEngine, tmp_path: Path) -> None:
    options = TlcOptions(workers=1)
    warm = engine.check(counter(tmp_path / "a", options=options))
    cold = ProcessEngine(engine.toolchain).check(counter(tmp_path / "b", options=options))

    def told(path: Path) -> list[str]:
        text = path.read_text(encoding="utf-8").replace(str(path.parent), "HERE")
        text = re.sub(r"pid: \d+|\d\d:\d\d:\d\d|\d+ms|[\d,]+ d?s/min", "…", text)
        return text.splitlines()

    assert told(warm.stdout) == told(cold.stdout)
    assert (warm.argv, warm.returncode, warm.heap_mb) == (cold.argv, cold.returncode, cold.heap_mb)


def test_a_jvm_grows_old(tmp_path: Path) -> None:
    pids = []
    with JvmEngine(need_toolchain(), pool=JvmPool(most_runs=2)) as engine:
        for number in range(3):
            engine.check(counter(tmp_path / str(number)))
            pids.append({process.pid for process in descendants()})
    assert pids[1] <= pids[0]  # the second run may have outlived its JVM already
    assert pids[2].isdisjoint(pids[0])


def test_a_jvm_without_work_ends(tmp_path: Path) -> None:
    with JvmEngine(need_toolchain(), pool=JvmPool(idle_seconds=0.1)) as engine:
        engine.check(counter(tmp_path / "a"))
        assert still_there([worker()]) == []
        assert engine.check(counter(tmp_path / "b")).returncode == 0


def test_another_heap_is_another_jvm(engine: JvmEngine, tmp_path: Path) -> None:
    engine.check(counter(tmp_path / "a"))
    first = worker()
    run = engine.check(counter(tmp_path / "b", options=TlcOptions(heap_mb=200)))
    assert first.is_running()
    assert re.search(r"with 19\dMB heap", run.stdout.read_text(encoding="utf-8"))


def test_a_crash_costs_one_worker_and_is_said(engine: JvmEngine, tmp_path: Path) -> None:
    def shoot(line: str) -> None:
        if UNDERWAY in line:
            worker().kill()

    run = engine.check(endless(tmp_path / "a"), on_line=shoot)
    assert (run.returncode, run.ended) == (-signal.SIGKILL, Ended.EXITED)
    assert "the warm JVM ended in mid-run, with -9" in run.stderr.read_text(encoding="utf-8")
    assert names_in(tmp_path / "a") == {"tlc.out", "tlc.err", "Endless.tla", "Endless.cfg"}
    assert engine.check(counter(tmp_path / "b")).returncode == 0


def test_a_worker_that_died_in_its_sleep_is_replaced(engine: JvmEngine, tmp_path: Path) -> None:
    engine.check(counter(tmp_path / "a"))
    dead = worker()
    os.kill(dead.pid, signal.SIGKILL)
    assert engine.check(counter(tmp_path / "b")).returncode == 0
    assert worker().pid != dead.pid


def test_a_refused_option_is_an_exit_code_and_the_jvm_lives(
    engine: JvmEngine, tmp_path: Path
) -> None:
    run = engine.check(counter(tmp_path / "a", options=TlcOptions(extra_tlc=("-nosuch",))))
    assert run.returncode == 1
    before = worker().pid
    assert engine.check(counter(tmp_path / "b")).returncode == 0
    assert worker().pid == before


def test_system_exit_is_the_end_of_the_run_only(engine: JvmEngine, tmp_path: Path) -> None:
    java, jar = engine.toolchain.java.path, engine.toolchain.jar.path
    argv = [str(java), "-cp", str(jar), "tla2sany.SANY", "-nosuch"]
    for engine_run, name in ((engine.pool.run, "warm"), (run_supervised, "cold")):
        room = tmp_path / name
        room.mkdir()
        result = engine_run(argv, cwd=room, stdout=room / "o", stderr=room / "e", timeout=60)
        assert (result.returncode, result.ended) == (255, Ended.EXITED)
        assert "Illegal switch: -nosuch" in (room / "o").read_text(encoding="utf-8")


def test_the_translator_runs_in_the_same_jvm(engine: JvmEngine, tmp_path: Path) -> None:
    argv = pcal_argv(
        java=engine.toolchain.java.path, jar=engine.toolchain.jar.path, spec="Count.tla"
    )
    texts = []
    for run, name in ((engine.run_translator, "wärm"), (run_supervised, "cold")):
        room = tmp_path / name
        (room / ".tlc/temp").mkdir(parents=True)
        (room / "Count.tla").write_text(PLUSCAL, encoding="utf-8")
        result = run(argv, cwd=room, stdout=room / "o", stderr=room / "e", timeout=60)
        assert result.returncode == 0
        assert "Translation completed." in (room / "o").read_text(encoding="utf-8")
        texts.append((room / "Count.tla").read_text(encoding="utf-8"))
    assert texts[0] == texts[1] != PLUSCAL
    before = worker().pid
    assert engine.check(counter(tmp_path)).returncode == 0
    assert worker().pid == before


def test_a_refusal_of_the_translator_is_an_exit_code(engine: JvmEngine, tmp_path: Path) -> None:
    java, jar = engine.toolchain.java.path, engine.toolchain.jar.path
    (tmp_path / "Count.tla").write_text(PLUSCAL.replace("x + 1", ":= 1"), encoding="utf-8")
    argv = pcal_argv(java=java, jar=jar, spec="Count.tla")
    out = tmp_path / "o"
    result = engine.run_translator(argv, cwd=tmp_path, stdout=out, stderr=tmp_path / "e")
    assert result.returncode == 255
    assert "Unrecoverable error" in out.read_text(encoding="utf-8")
    assert worker().is_running()


def test_without_jpype_it_says_so(
    toolchain: Toolchain, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "jpype", None)
    with pytest.raises(ToolchainError, match="needs JPype") as caught:
        JvmEngine(toolchain).check(counter(tmp_path))
    assert "pip install JPype1" in caught.value.next_step


def test_a_flag_that_java_refuses_is_a_toolchain_error(engine: JvmEngine, tmp_path: Path) -> None:
    job = counter(tmp_path, options=TlcOptions(extra_jvm=("-XX:+NoSuchFlag",)))
    with pytest.raises(ToolchainError, match="NoSuchFlag"):
        engine.check(job)
    assert descendants() == []


def test_the_jvm_is_found_behind_a_script(toolchain: Toolchain, tmp_path: Path) -> None:
    script = tmp_path / "java"
    script.write_text(f'#!/bin/sh\nexec "{toolchain.java.path}" "$@"\n', encoding="utf-8")
    script.chmod(0o755)
    assert libjvm_of(script).samefile(libjvm_of(toolchain.java.path))


def test_a_java_without_its_library_is_a_toolchain_error(
    toolchain: Toolchain, tmp_path: Path
) -> None:
    script = tmp_path / "java"
    script.write_text("#!/bin/sh\nexit 0\n", encoding="utf-8")
    script.chmod(0o755)
    java = dataclasses.replace(toolchain.java, path=script)
    with pytest.raises(ToolchainError, match="there is no lib/server/libjvm") as caught:
        JvmEngine(dataclasses.replace(toolchain, java=java)).check(counter(tmp_path))
    assert "process" in caught.value.next_step


def test_an_engine_travels_without_its_jvms(engine: JvmEngine, tmp_path: Path) -> None:
    engine.check(counter(tmp_path / "a"))
    with pickle.loads(pickle.dumps(engine)) as twin:  # noqa: S301  # ours
        assert twin.toolchain == engine.toolchain
        assert twin.check(counter(tmp_path / "b")).returncode == 0


PROGRAM = """
import sys
from pathlib import Path
from slubtla.tlc.engine import CheckJob, TlcOptions
from slubtla.tlc.engine.jvm_engine import JvmEngine
from slubtla.tlc.tools import find_toolchain

def underway(line):
    if "Finished computing initial states" in line:
        print("underway", flush=True)

spec, cfg, workdir, then = sys.argv[1:]
job = CheckJob(Path(spec), Path(cfg), Path(workdir), TlcOptions(check_deadlock=False), 60)
engine = JvmEngine(find_toolchain())
engine.check(job, on_line=underway)
if then == "wait":
    sys.stdin.read()
"""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_no_worker_outlives_its_parent_in_mid_run(
    tmp_path: Path, number: signal.Signals, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path / "temp"))
    (tmp_path / "temp").mkdir()
    spec, cfg = write_spec(tmp_path, ENDLESS, "INIT Init\nNEXT Next\n")
    run = tmp_path / "run"
    with subprocess.Popen(
        [sys.executable, "-c", PROGRAM, str(spec), str(cfg), str(run), ""],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as parent:
        assert parent.stdout is not None
        assert parent.stdout.readline() == "underway\n"
        family = descendants(parent.pid)
        assert len(family) == 2
        assert list((tmp_path / "temp").glob("slubtla-jvm-*"))
        parent.send_signal(number)
        parent.communicate(timeout=20)
    assert parent.returncode != 0
    assert still_there(family) == []
    assert names_in(run) == {"Endless.tla", "Endless.cfg", "tlc.out", "tlc.err"}
    assert list((tmp_path / "temp").glob("slubtla-jvm-*")) == []


@pytest.mark.parametrize("then", ["end", "wait"])
def test_no_idle_worker_outlives_its_parent(tmp_path: Path, then: str) -> None:
    need_toolchain()
    spec, cfg = write_spec(tmp_path, COUNTER, "INIT Init\nNEXT Turn\n")
    with subprocess.Popen(
        [sys.executable, "-W", "error", "-c", PROGRAM, str(spec), str(cfg), str(tmp_path), then],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as parent:
        assert parent.stdout is not None
        assert parent.stdout.readline() == "underway\n"
        family = descendants(parent.pid)
        if then == "wait":
            parent.kill()
        _, complaint = parent.communicate(timeout=20)
    assert complaint == ""
    assert still_there(family) == []
