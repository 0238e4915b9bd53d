"""Running one program to its end: small shell programs stand for Java."""

from __future__ import annotations

import os
import signal
from typing import TYPE_CHECKING, Any

import psutil
import pytest

from engine.tools import descendants, still_there
from slubtla.errors import CannotRunError, ToolchainError
from slubtla.tlc.engine import Ended, ProcessResult, run_supervised

if TYPE_CHECKING:
    from pathlib import Path


def sh(
    folder: Path, script: str, *arguments: str, program: str = "/bin/sh", **options: Any
) -> ProcessResult:
    return run_supervised(
        [program, "-c", script, "sh", *arguments],
        cwd=folder,
        stdout=folder / "out",
        stderr=folder / "err",
        **{"timeout": 30, **options},
    )


def test_output_is_heard_and_kept(tmp_path: Path) -> None:
    lines: list[str] = []
    result = sh(
        tmp_path, r"printf 'a\nb\377c\n'; echo oops >&2; printf end; exit 7", on_line=lines.append
    )
    assert (result.returncode, result.ended) == (7, Ended.EXITED)
    assert lines == ["a", "b\ufffdc", "end"]
    assert (tmp_path / "out").read_bytes() == b"a\nb\xffc\nend"
    assert (tmp_path / "err").read_bytes() == b"oops\n"


def test_a_long_output_is_heard_whole(tmp_path: Path) -> None:
    lines: list[str] = []
    sh(tmp_path, "i=0; while [ $i -lt 20000 ]; do echo $i; i=$((i+1)); done", on_line=lines.append)
    assert lines == [str(number) for number in range(20000)]


def test_arguments_are_never_a_shell_line(tmp_path: Path) -> None:
    odd = ["two words", "it's", '"', "$HOME", "größe", "", "-x", "a\nb"]
    sh(tmp_path, r'printf "%s\0" "$@"', *odd)
    assert (tmp_path / "out").read_text("utf-8").split("\0") == [*odd, ""]


def test_stdin_is_empty_and_the_environment_clean(tmp_path: Path) -> None:
    environ = {"_JAVA_OPTIONS": "-Xmx1k", "KEPT": "yes", "PATH": os.defpath, "LC_ALL": "C"}
    sh(tmp_path, "cat; env", environ=environ)
    said = (tmp_path / "out").read_text("utf-8").splitlines()
    assert {"KEPT=yes", "LC_ALL=C.UTF-8"} <= set(said)
    assert not any(line.startswith("_JAVA_OPTIONS") for line in said)


def test_a_program_has_a_session_of_its_own(tmp_path: Path) -> None:
    sessions: list[int] = []
    sh(
        tmp_path,
        "echo here",
        on_line=lambda _line: sessions.extend(os.getsid(p.pid) for p in descendants()),
    )
    assert sessions
    assert os.getsid(0) not in sessions


def test_who_dies_of_a_signal_has_a_negative_code(tmp_path: Path) -> None:
    result = sh(tmp_path, "kill -9 $$")
    assert (result.returncode, result.ended) == (-signal.SIGKILL, Ended.EXITED)


def test_a_program_that_ignores_sigterm_is_killed_with_its_children(tmp_path: Path) -> None:
    seen: set[psutil.Process] = set()
    result = sh(
        tmp_path,
        "trap '' TERM; sleep 600 & echo up; wait",
        timeout=0.3,
        grace=0.2,
        on_line=lambda _line: seen.update(descendants()),
    )
    assert (result.returncode, result.ended) == (-signal.SIGKILL, Ended.TIMEOUT)
    assert 0.2 <= result.wall_seconds < 5  # of the program; its guard started before it
    assert result.peak_memory_bytes is not None  # the guard lived to tell
    assert len(seen) >= 3  # the guard, the shell, and what the shell started
    assert still_there(seen) == []
    assert descendants() == []


def test_a_program_that_heeds_sigterm_ends_at_once(tmp_path: Path) -> None:
    result = sh(tmp_path, "exec sleep 600", timeout=0.3, grace=60)
    assert (result.returncode, result.ended) == (-signal.SIGTERM, Ended.TIMEOUT)
    assert result.wall_seconds < 5
    assert result.peak_memory_bytes is not None


def test_children_left_behind_are_swept_away(tmp_path: Path) -> None:
    result = sh(tmp_path, "sleep 600 & echo $!; exit 3")
    assert result.returncode == 3
    pid = int((tmp_path / "out").read_text("utf-8"))
    if psutil.pid_exists(pid):
        assert still_there([psutil.Process(pid)]) == []


def test_peak_memory_is_the_programs_own_not_the_callers(tmp_path: Path) -> None:
    ballast = bytearray(os.urandom(1 << 20) * 200)  # the caller is large, the program is not
    result = sh(tmp_path, "true")
    assert len(ballast) == 200 << 20
    assert result.peak_memory_bytes is not None
    assert 100 << 10 < result.peak_memory_bytes < 100 << 20


def test_a_program_that_is_not_there_is_a_toolchain_error(tmp_path: Path) -> None:
    with pytest.raises(ToolchainError, match="/no/such/java: it does not start: No such file"):
        run_supervised(
            ["/no/such/java"], cwd=tmp_path, stdout=tmp_path / "o", stderr=tmp_path / "e"
        )
    assert descendants() == []


def test_scratch_is_removed_with_all_that_is_in_it(tmp_path: Path) -> None:
    scratch = tmp_path / "scratch"
    sh(tmp_path, "mkdir -p scratch/deep; echo x > scratch/deep/file", scratch=scratch)
    assert not scratch.exists()


def test_a_killed_guard_takes_the_program_with_it(tmp_path: Path) -> None:
    seen: set[psutil.Process] = set()

    def shoot(_line: str) -> None:
        seen.update(descendants())
        psutil.Process().children()[0].kill()

    with pytest.raises(CannotRunError, match="killed from outside"):
        sh(tmp_path, "echo up; sleep 600", on_line=shoot)
    assert seen
    assert still_there(seen) == []


def test_a_second_ctrl_c_kills_at_once(tmp_path: Path) -> None:
    def press(_line: str) -> None:
        raise KeyboardInterrupt

    result = sh(
        tmp_path,
        "trap 'echo again' TERM; echo up; while :; do sleep 600 & wait $!; done",
        on_line=press,
        grace=60,
    )
    assert result.ended is Ended.INTERRUPTED
    assert result.returncode == -signal.SIGKILL
    assert descendants() == []
