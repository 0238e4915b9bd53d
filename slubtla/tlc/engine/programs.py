"""Run a compiler or the race: bounded in time, ended as a group, its words kept.

The work is that of :func:`slubtla.tlc.engine.process.run_jvm`, which knows nothing of Java but its
name: a guard of its own, so that nothing is left running whatever happens to this process.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from slubtla.errors import CannotRunError, ToolchainError
from slubtla.tlc.engine.process import run_jvm
from slubtla.tlc.engine.protocol import Ended


@dataclass(frozen=True, slots=True)
class ProgramRun:
    """The end of a program.

    Attributes:
        returncode: its exit code; negative when a signal ended it.
        timed_out: was it ended because its time was up?
        stdout: what it printed.
        stderr: what it complained.
    """

    returncode: int
    timed_out: bool
    stdout: str
    stderr: str


def run_program(
    argv: Sequence[str],
    *,
    folder: Path,
    name: str,
    timeout: float,
    on_line: Callable[[str], None] | None = None,
) -> ProgramRun:
    """Run a program to its end, or end it.

    Args:
        argv: the program, by absolute path, and its arguments.
        folder: its working directory, where its output is kept.
        name: of the files of output; used once in a folder.
        timeout: seconds until it is ended.
        on_line: hears each line of stdout as it is printed.

    Raises:
        KeyboardInterrupt: Ctrl-C; the program is gone by then.
        CannotRunError: it does not start.
    """
    stdout, stderr = folder / f"{name}.out", folder / f"{name}.err"
    try:
        result = run_jvm(
            argv,
            cwd=folder,
            stdout=stdout,
            stderr=stderr,
            timeout=timeout,
            on_line=on_line,
        )
    except ToolchainError as error:
        raise CannotRunError(
            error.message,
            next_step="see that it is a program for this machine; where temporary directories "
            "hold no programs (noexec), set TMPDIR to one that does",
        ) from error
    if result.ended is Ended.INTERRUPTED:
        raise KeyboardInterrupt
    return ProgramRun(
        returncode=result.returncode,
        timed_out=result.ended is Ended.TIMEOUT,
        stdout=stdout.read_text(encoding="utf-8", errors="replace"),
        stderr=stderr.read_text(encoding="utf-8", errors="replace"),
    )
