"""Turn errors into a message with a next step and an exit code."""

from __future__ import annotations

import contextlib
import functools
import os
import sys
import traceback
from collections.abc import Callable, Iterator
from typing import IO, Any, Final, ParamSpec

import typer
from rich.console import Console, RenderableType
from rich.text import Text

from slubtla.errors import ExitCode, OutputError, SlubtlaError, failed_file

P = ParamSpec("P")

WIDEST: Final = 120
"""Columns of a view at most."""


def stdout() -> Console:
    """A console for results. Piped output is 100 columns wide, unless COLUMNS says otherwise."""
    return _console(_Results, stderr=False)


def stderr() -> Console:
    """A console for progress and diagnostics."""
    return _console(_PatientConsole, stderr=True)


def print_view(view: RenderableType, console: Console) -> None:
    """Print a view, as wide as the terminal but never wider than is easy to read."""
    console.print(view, width=min(console.width, WIDEST), soft_wrap=False)


def write(content: str | bytes) -> None:
    """Write machine-readable text, or a picture, on stdout; a reader that has left is no error.

    Raises:
        OutputError: stdout is closed, or cannot be written.
    """
    with _writing():
        if isinstance(content, bytes):
            sys.stdout.buffer.write(content)
        else:
            sys.stdout.write(content)
        sys.stdout.flush()


@contextlib.contextmanager
def _writing() -> Iterator[None]:
    if sys.stdout is None:  # it was closed when Python started
        raise _unwritable_output("it is closed")
    try:
        yield
    except BrokenPipeError:
        _hush(sys.stdout)
    except OSError as error:
        raise _unwritable_output(error.strerror or str(error)) from error


class _PatientConsole(Console):
    """A console whose reader may leave early, as ``head`` does: the exit code stays ours."""

    def on_broken_pipe(self) -> None:
        self.quiet = True
        _hush(self.file)


class _Results(_PatientConsole):
    """A console for results: what cannot be shown on stdout is an OutputError."""

    def print(self, *objects: Any, **options: Any) -> None:  # noqa: ANN401 - as Console.print
        """Print as a console does."""
        with _writing():
            super().print(*objects, **options)


def _unwritable_output(why: str) -> OutputError:
    """Return the error that says why stdout cannot be written, and where what was found is kept."""
    from slubtla.tlc.run.rundir import committed, is_run  # noqa: PLC0415 - it loads the records

    place = committed()
    kept = f"; what was found is kept in {place}" if place else ""
    return OutputError(
        f"the standard output cannot be written: {why}{kept}",
        next_step="send it somewhere else"
        + (f"; or see it again: slubtla trace {place}" if place and is_run(place) else ""),
    )


def _hush(stream: IO[str]) -> None:
    """Let what is still to be written, at exit too, vanish in silence."""
    with contextlib.suppress(OSError, AttributeError, ValueError):  # closed: nothing vanishes
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def _console(kind: type[Console], *, stderr: bool) -> Console:
    console = kind(stderr=stderr, highlight=False, soft_wrap=False)
    if not console.is_terminal and "COLUMNS" not in os.environ:
        console.width = 100
    return console


def exits(command: Callable[P, ExitCode | None]) -> Callable[P, None]:
    """Turn what a command returns (None is 0) or raises into an exit code."""

    @functools.wraps(command)
    def wrapped(*args: P.args, **kwargs: P.kwargs) -> None:
        try:
            code = command(*args, **kwargs) or ExitCode.AS_EXPECTED
        except SlubtlaError as error:
            complain(error)
            code = error.exit_code
            if isinstance(error, OutputError):
                _hush(sys.stdout)  # or Python would try again at its end
        except KeyboardInterrupt:
            _say("slubtla: interrupted; TLC is stopped", style="yellow")
            code = ExitCode.INTERRUPTED
        except OSError as error:
            complain(failed_file(error))
            _hush(sys.stdout)  # it may be the one that failed
            code = ExitCode.CANNOT_RUN
        except Exception:  # noqa: BLE001 - Python's own exit code would say "violated"
            with contextlib.suppress(OSError):
                traceback.print_exc()
            _say("slubtla: this is a defect of slubtla: please report it", style="red")
            code = ExitCode.CANNOT_RUN
        raise typer.Exit(int(code))

    return wrapped


@contextlib.contextmanager
def errors_as_exits() -> Iterator[None]:
    """Turn a stdout that cannot be written, outside of our commands, into a message and an exit."""
    try:
        yield
    except (OSError, OutputError) as error:
        failed = error
        if not isinstance(failed, OutputError):
            failed = _unwritable_output(failed.strerror or str(failed))
        complain(failed)
        _hush(sys.stdout)
        sys.exit(int(failed.exit_code))


def complain(error: SlubtlaError) -> None:
    """Print an error, its notes and its next step on stderr."""
    _say(Text.assemble(("slubtla: ", "bold red"), error.message))
    for words in getattr(error, "__notes__", ()):
        _say(Text(f"  {words}"))
    if error.next_step:
        _say(Text.assemble(("  next: ", "bold"), error.next_step))


def note(words: str) -> None:
    """Print a remark on stderr."""
    _say(Text.assemble(("slubtla: ", "bold yellow"), words))


def _say(words: str | Text, style: str | None = None) -> None:
    """Print on stderr; where that cannot be written, the exit code must say it all."""
    try:
        stderr().print(words, style=style)
    except OSError:
        _hush(sys.stderr)
