"""Facts about the machine, the compiler and what the race prints."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from hardware.tools import need_race
from slubtla.errors import CannotRunError, UsageError
from slubtla.protocols.slub.hardware.build import SOURCES, Compiler, compile_race, find_compiler
from slubtla.protocols.slub.hardware.machine import (
    choose_cpus,
    read_cpu_list,
    read_cpuinfo,
    read_machine,
    thread_siblings,
)
from slubtla.protocols.slub.hardware.reading import Counted, Finished, Listed, read_event
from slubtla.protocols.slub.hardware.results import CallCost


def test_this_machine_can_be_read() -> None:
    need_race()
    machine = read_machine()
    assert set(machine.cpus) == os.sched_getaffinity(0)
    assert machine.processor
    assert machine.cpus[0] in thread_siblings(machine.cpus[0])


def test_cpuinfo() -> None:
    x86 = "processor : 0\nmodel name\t: Fast  CPU\nflags\t\t: fpu hypervisor sse\n"
    assert read_cpuinfo(x86) == ("Fast CPU", True)
    assert read_cpuinfo(x86.replace("hypervisor", "")) == ("Fast CPU", False)
    assert read_cpuinfo("processor : 0\nCPU part : 0xd0c\n") == ("", None)


def test_cpu_lists() -> None:
    assert read_cpu_list("0,4-6\n") == {0, 4, 5, 6}
    assert read_cpu_list("") == set()


def test_two_cores_are_chosen_rather_than_two_threads_of_one() -> None:
    siblings = {0: {0, 1}, 1: {0, 1}, 2: {2, 3}, 3: {2, 3}}
    assert choose_cpus({0, 1, 2, 3}, siblings=siblings.__getitem__) == (0, 2)
    assert choose_cpus({0, 1}, siblings=siblings.__getitem__) == (0, 1)
    assert choose_cpus({1, 3}, wanted=(3, 1)) == (3, 1)


def test_one_cpu_cannot_race() -> None:
    with pytest.raises(CannotRunError, match="needs 2 CPUs") as caught:
        choose_cpus({5})
    assert "taskset" in caught.value.next_step


@pytest.mark.parametrize("wanted", [(0, 0), (0, 9)])
def test_cpus_must_be_two_that_may_be_used(wanted: tuple[int, int]) -> None:
    with pytest.raises(UsageError, match="not two different CPUs") as caught:
        choose_cpus({0, 1}, wanted)
    assert "0, 1" in caught.value.next_step


def program(folder: Path, name: str, text: str = "#!/bin/sh\n") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    path.chmod(0o755)
    return path


def test_the_compiler_is_cc_from_the_environment_then_cc_gcc_clang(tmp_path: Path) -> None:
    path = {"PATH": str(tmp_path)}
    for name in ("clang", "gcc", "cc"):  # each found before the one that was there
        found = program(tmp_path, name)
        assert find_compiler(path) == Compiler((str(found),), f"{name} on PATH")
    mine = program(tmp_path, "mine")
    chosen = find_compiler(path | {"CC": "mine -m64 '-DA=b c'"})
    assert chosen == Compiler((str(mine), "-m64", "-DA=b c"), "$CC")
    assert find_compiler(path | {"CC": " "}).origin == "cc on PATH"


@pytest.mark.parametrize("environ", [{}, {"CC": "no-such-cc"}, {"CC": "'"}])
def test_no_compiler_is_said_with_a_next_step(environ: dict[str, str], tmp_path: Path) -> None:
    with pytest.raises(CannotRunError, match="no C compiler") as caught:
        find_compiler({"PATH": str(tmp_path)} | environ)
    assert "CC" in caught.value.next_step


def test_a_compiler_that_refuses_is_quoted(tmp_path: Path) -> None:
    refusing = program(tmp_path, "cc", "#!/bin/sh\necho 'race.c:1: no such standard' >&2; exit 1\n")
    with pytest.raises(CannotRunError, match=r"ended with 1:\nrace.c:1: no such standard"):
        compile_race(Compiler((str(refusing),), "a test"), tmp_path)


def test_the_sources_are_in_the_package() -> None:
    assert [path.is_file() for path in SOURCES] == [True] * 3


COUNTS = '"leak": 1, "put_flushes": 2, "shrink_flushes": 3, "both_flush": 4, "seconds": 0.5'


def test_events_are_read() -> None:
    assert read_event('{"event": "end"}') == Finished()
    cost = '{"event": "cost", "shrink": "fence", "nanoseconds": 20.5, "calls": 64}'
    assert read_event(cost) == CallCost(shrink="fence", nanoseconds=20.5, calls=64)
    listed = (
        '{"event": "list", "arch": "c11", "put": [], "shrink": [{"name": "a", "missing": "b"}]}'
    )
    assert read_event(listed) == Listed("c11", {}, {"a": "b"})
    cell = f'{{"event": "cell", "put": "store", "shrink": "none", "runs": 10, {COUNTS}}}'
    event = read_event(cell)
    assert isinstance(event, Counted)
    assert (event.put, event.shrink, event.counts.runs, event.final) == ("store", "none", 10, True)


@pytest.mark.parametrize(
    "line",
    [
        "",
        '{"event": "cell", "put": "sto',
        "[]",
        '{"event": "other"}',
        '{"event": "cost", "shrink": "fence"}',
        f'{{"event": "cell", "put": "store", "shrink": "none", "runs": 11, {COUNTS}}}',
        f'{{"event": "cell", "put": "a", "shrink": "b", "runs": 10, {COUNTS}}}'.replace("2", "2.0"),
        f'{{"event": "cell", "put": "a", "shrink": "b", "runs": 10, {COUNTS}}}'.replace("2", "-2"),
    ],
)
def test_half_read_output_is_an_error(line: str) -> None:
    with pytest.raises(CannotRunError, match="cannot be read"):
        read_event(line)
