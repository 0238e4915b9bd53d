"""The one place where an error becomes a message with a next step, and an exit code."""

from __future__ import annotations

import functools
import os
import sys
import traceback
from collections.abc import Callable
from typing import IO, ParamSpec

import typer
from rich.console import Console
from rich.text import Text

from slubtla.errors import CannotRunError, ExitCode, SlubtlaError

P = ParamSpec("P")


def stdout() -> Console:
    """A console for results. Piped output is 100 columns wide, unless COLUMNS says otherwise."""
    return _console(stderr=False)


def stderr() -> Console:
    """A console for progress and diagnostics."""
    return _console(stderr=True)


def write(text: str) -> None:
    """Write machine-readable text on stdout; a reader that has left is no error."""
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except BrokenPipeError:
        _hush(sys.stdout)


class _PatientConsole(Console):
    """A console whose reader may leave early, as ``head`` does: the exit code stays ours."""

    def on_broken_pipe(self) -> None:
        self.quiet = True
        _hush(self.file)


def _hush(stream: IO[str]) -> None:
    """Let what is still to be written, at exit too, vanish in silence."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def _console(*, stderr: bool) -> Console:
    console = _PatientConsole(stderr=stderr, highlight=False, soft_wrap=False)
    if not console.is_terminal and "COLUMNS" not in os.environ:
        console.width = 100
    return console


def exits(command: Callable[P, ExitCode | None]) -> Callable[P, None]:
    """Turn what a command returns or raises into an exit code.

    Args:
        command: returns an exit code, or None for 0.
    """

    @functools.wraps(command)
    def wrapped(*args: P.args, **kwargs: P.kwargs) -> None:
        try:
            code = command(*args, **kwargs) or ExitCode.AS_EXPECTED
        except SlubtlaError as error:
            complain(error)
            code = error.exit_code
        except KeyboardInterrupt:
            stderr().print("slubtla: interrupted; TLC is stopped", style="yellow")
            code = ExitCode.INTERRUPTED
        except OSError as error:
            complain(_failed_file(error))
            _hush(sys.stdout)  # it may be the one that failed
            code = ExitCode.CANNOT_RUN
        except Exception:  # noqa: BLE001 - Python's own exit code would say "violated"
            traceback.print_exc()
            stderr().print("slubtla: this is a defect of slubtla: please report it", style="red")
            code = ExitCode.CANNOT_RUN
        raise typer.Exit(int(code))

    return wrapped


def _failed_file(error: OSError) -> CannotRunError:
    what = f"{error.filename}: " if error.filename else ""
    failed = CannotRunError(
        f"{what}{error.strerror or error}",
        next_step="see that the disk is not full and the files can be read and written",
    )
    for note in getattr(error, "__notes__", ()):
        failed.add_note(note)
    return failed


def complain(error: SlubtlaError) -> None:
    """Print an error, its notes and its next step on stderr."""
    console = stderr()
    console.print(Text.assemble(("slubtla: ", "bold red"), error.message))
    for note in getattr(error, "__notes__", ()):
        console.print(Text(f"  {note}"))
    if error.next_step:
        console.print(Text.assemble(("  next: ", "bold"), error.next_step))
