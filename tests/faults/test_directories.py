"""Directories and files that may not be read or written, for root, too."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest
from engine.tools import names_in, need_toolchain

from faults.tools import TINY, Ran, run, start

AS_ANYBODY = f"""
import ctypes, os, sys
if sys.platform == "linux" and os.geteuid() == 0 and "AS_ANYBODY" not in os.environ:
    for capability in (1, 2):  # CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH
        ctypes.CDLL(None).prctl(24, capability, 0, 0, 0)  # PR_CAPBSET_DROP, until the next exec
    os.environ["AS_ANYBODY"] = "yes"
    os.execv({sys.executable!r}, [*sys.orig_argv])
"""
"""Python that makes root heed the modes of files."""


@pytest.fixture
def closed(tmp_path: Path) -> Path:
    """A directory that may be read, and not written; skips, or fails in CI, if root writes it."""
    folder = tmp_path / "closed"
    folder.mkdir()
    folder.chmod(0o555)
    probe = f"open({str(folder / 'x')!r}, 'w')\n"
    with start("--version", before=f"{AS_ANYBODY}\n{probe}") as process:
        _, err = process.communicate()
    if "PermissionError" not in err:
        message = "root cannot be made to heed modes here"
        if os.environ.get("CI"):
            pytest.fail(message)
        pytest.skip(message)
    return folder


@pytest.fixture
def barred(closed: Path, tmp_path: Path) -> Path:
    """A directory that may not even be looked into."""
    assert closed
    folder = tmp_path / "barred"
    folder.mkdir()
    folder.chmod(0)
    return folder


def as_anybody(*arguments: object, **environ: str) -> Ran:
    return run(*arguments, before=AS_ANYBODY, environ=environ)


def refused(ran: Ran, code: int, words: str) -> None:
    assert (ran.code, ran.out) == (code, "")
    assert words in ran.said
    assert "next: " in ran.said


def test_where_no_run_directory_can_be_made(closed: Path, barred: Path, counter: Path) -> None:
    for command in (["verify", "--strategy", "none"], ["check", counter]):
        told = as_anybody(*command, "--out-dir", closed / "run")
        refused(told, 2, f"no run directory can be made in {closed}: Permission denied")
    refused(as_anybody("check", counter, XDG_STATE_HOME=str(closed)), 2, "Permission denied")
    told = as_anybody("check", counter, "--out-dir", barred / "run")
    refused(told, 3, f"{barred}/run: Permission denied")
    assert names_in(closed) == set()


def test_what_cannot_be_read_is_named(barred: Path, counter: Path, tmp_path: Path) -> None:
    refused(as_anybody("check", barred / "S.tla"), 3, f"{barred}/S.tla: Permission denied")
    told = as_anybody("check", counter, XDG_CONFIG_HOME=str(barred))
    refused(told, 3, f"{barred}/slubtla/config.toml")
    told = as_anybody("check", counter, "--tla2tools", barred / "t.jar")
    refused(told, 3, f"{barred}/t.jar: it cannot be read: Permission denied")
    assert as_anybody("trace", barred).code == 2
    counter.with_suffix(".cfg").chmod(0)
    refused(as_anybody("check", counter), 2, "Counter.cfg cannot be read: [Errno 13] Permission")
    counter.chmod(0)
    told = as_anybody("check", counter)
    assert (told.code, told.out) == (2, "")
    assert "Counter.tla' is not readable" in told.said
    assert names_in(tmp_path) == {"closed", "barred", "spec"}


def test_caches_that_cannot_be_used_are_done_without(
    closed: Path, barred: Path, tmp_path: Path
) -> None:
    assert need_toolchain()
    for number, folder in enumerate((closed, barred)):
        ran = as_anybody(
            *("verify", "--strategy", "none", *TINY, "--out-dir", tmp_path / str(number)),
            XDG_CACHE_HOME=str(folder),
        )
        assert (ran.code, ran.err) == (1, "")
        assert ran.out.startswith("VIOLATED(NoLeak)")
    assert names_in(closed) == set()
