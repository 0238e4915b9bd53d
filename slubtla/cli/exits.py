"""The one place where an error becomes a message with a next step, and an exit code."""

from __future__ import annotations

import functools
import os
import sys
from collections.abc import Callable
from typing import ParamSpec

import typer
from rich.console import Console
from rich.text import Text

from slubtla.errors import ExitCode, SlubtlaError

P = ParamSpec("P")


def stdout() -> Console:
    """A console for results. Piped output is 100 columns wide, unless COLUMNS says otherwise."""
    return _console(stderr=False)


def stderr() -> Console:
    """A console for progress and diagnostics."""
    return _console(stderr=True)


def _console(*, stderr: bool) -> Console:
    console = Console(stderr=stderr, highlight=False, soft_wrap=False)
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
            sys.stdout.flush()
        except SlubtlaError as error:
            complain(error)
            code = error.exit_code
        except KeyboardInterrupt:
            stderr().print("slubtla: interrupted; TLC is stopped", style="yellow")
            code = ExitCode.INTERRUPTED
        except BrokenPipeError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            code = ExitCode.AS_EXPECTED
        raise typer.Exit(int(code))

    return wrapped


def complain(error: SlubtlaError) -> None:
    """Print an error and its next step on stderr."""
    console = stderr()
    console.print(Text.assemble(("slubtla: ", "bold red"), error.message))
    if error.next_step:
        console.print(Text.assemble(("  next: ", "bold"), error.next_step))
