"""The clock of the system jumps back and forth while slubtla and TLC run."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from faults.tools import MODEST, run, whole_runs
from slubtla.errors import CannotRunError
from slubtla.protocols.slub.hardware.build import find_compiler

if TYPE_CHECKING:
    from pathlib import Path

JUMPING = r"""
#define _GNU_SOURCE
#include <dlfcn.h>
#include <sys/time.h>
#include <time.h>
static _Atomic int calls;
int clock_gettime(clockid_t clock, struct timespec *now) {
    int (*real)(clockid_t, struct timespec *) = dlsym(RTLD_NEXT, "clock_gettime");
    int result = real(clock, now);
    if (clock == CLOCK_REALTIME) now->tv_sec += (calls++ % 3 - 1) * 86400;
    return result;
}
int gettimeofday(struct timeval *restrict now, void *restrict zone) {
    struct timespec told;
    (void)zone;
    clock_gettime(CLOCK_REALTIME, &told);
    now->tv_sec = told.tv_sec;
    now->tv_usec = told.tv_nsec / 1000;
    return 0;
}
time_t time(time_t *now) {
    struct timespec told;
    clock_gettime(CLOCK_REALTIME, &told);
    if (now) *now = told.tv_sec;
    return told.tv_sec;
}
"""
"""A library that goes a day back or forth with each look at the time of day; in Java, too."""


@pytest.fixture
def jumping(tmp_path: Path) -> dict[str, str]:
    """The environment in which every process has that clock."""
    if sys.platform != "linux":
        pytest.skip("LD_PRELOAD is Linux's")
    try:
        compiler = find_compiler()
    except CannotRunError as error:
        if os.environ.get("CI"):
            pytest.fail(f"CI must have a C compiler: {error}")
        pytest.skip(str(error))
    source, library = tmp_path / "jumping.c", tmp_path / "jumping.so"
    source.write_text(JUMPING, encoding="utf-8")
    argv = [*compiler.command, "-shared", "-fPIC", "-o", str(library), str(source), "-ldl"]
    subprocess.run(argv, check=True, capture_output=True)
    told = [sys.executable, "-c", "import time; print(*(int(time.time()) for _ in range(3)))"]
    environ = {"LD_PRELOAD": str(library)}
    said = subprocess.run(told, check=True, capture_output=True, env=os.environ | environ)
    times = [int(word) for word in said.stdout.split()]
    assert max(times) - min(times) > 86400, "the clock jumps"
    return environ


def test_a_proof_does_not_depend_on_the_clock(
    tmp_path: Path, engine: str, jumping: dict[str, str]
) -> None:
    model = ["--strategy", "smp_mb_paired", "--slabs", "1", "--engine", engine]
    kept = tmp_path / "kept"
    ran = run("verify", *model, *MODEST, "--out-dir", kept / "run", environ=jumping)
    assert (ran.code, ran.err) == (0, "")
    assert whole_runs(kept) == {"run": "PROVEN"}


def test_a_time_limit_does_not_depend_on_the_clock(
    endless: Path, tmp_path: Path, engine: str, jumping: dict[str, str]
) -> None:
    """A day is neither over at once, nor is it waited for: there is a report after 3 s."""
    kept = tmp_path / "kept"
    options = ["--no-deadlock", *MODEST, "--timeout", "10", "--engine", engine]
    ran = run("check", endless, *options, "--out-dir", kept / "run", environ=jumping)
    assert (ran.code, ran.err) == (4, "")
    assert "so far, at TLC's last report" in ran.said
    assert whole_runs(kept) == {"run": "INCONCLUSIVE(timeout)"}
