"""Live progress on a terminal; silence elsewhere. It can never fail a run."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Final

from rich.console import Console, ConsoleOptions, RenderableType, RenderResult
from rich.live import Live
from rich.padding import Padding
from rich.progress_bar import ProgressBar
from rich.spinner import Spinner
from rich.table import Table
from rich.text import Text

from slubtla.barriers.model import Model
from slubtla.barriers.show.progress import (
    board_words,
    clock_words,
    found_words,
    head_words,
    run_words,
    short_words,
)
from slubtla.cli.exits import stderr
from slubtla.errors import SlubtlaError
from slubtla.tlc.run.progress import Board
from slubtla.tlc.run.result import Result
from slubtla.tlc.run.settings import Settings

_BAR_WIDTH: Final = 20
_A_SECOND: Final = 4
"""Times that the numbers are drawn anew, so that the clock is seen to move."""


@contextlib.contextmanager
def live_progress(
    what: str, settings: Settings, *, model: Model | None = None
) -> Iterator[Settings]:
    """Show on stderr where one run stands, while the block runs with the settings that it is given.

    Where stderr is no terminal, nothing is shown. Of a ``model`` an estimate is made.
    """
    console = stderr()
    if not _is_watched(console):
        yield settings
        return
    board = Board()
    board.started(what, what, expected=_known(model))
    with _live(console, _Screen(board, _alone, _spinner(console))):
        yield replace(settings, on_progress=partial(board.heard, what))


@contextlib.contextmanager
def live_runs(what: str, settings: Settings) -> Iterator[Settings]:
    """Show on stderr where many runs stand, as :func:`live_progress`; the finished ones remain."""
    console = stderr()
    if not _is_watched(console):
        yield settings
        return

    def tell(key: str, found: Result | SlubtlaError) -> None:
        with contextlib.suppress(Exception):  # progress is never worth a run
            console.print(Text(found_words(key, found), style="dim"))

    board = Board(on_finished=tell)
    with _live(console, _Screen(board, partial(_many, what), _spinner(console))):
        yield replace(settings, watch=board)


def _is_watched(console: Console) -> bool:
    """Whether somebody looks on: FORCE_COLOR makes a log file no terminal."""
    return console.is_interactive and console.file.isatty()


def _spinner(console: Console) -> Spinner:
    return Spinner("line" if console.options.ascii_only else "dots")


def _known(model: Model | None) -> int | None:
    from slubtla.barriers.suite.plan import known_states  # noqa: PLC0415 - only where it is shown

    with contextlib.suppress(Exception):  # progress is never worth a run
        return None if model is None else known_states(model)
    return None


@contextlib.contextmanager
def _live(console: Console, screen: RenderableType) -> Iterator[None]:
    look: dict[str, Any] = {"transient": True, "redirect_stdout": False}
    live = Live(screen, console=console, refresh_per_second=_A_SECOND, **look)
    with contextlib.suppress(Exception):  # the terminal may be gone
        live.start()
    try:
        yield
    finally:
        with contextlib.suppress(Exception):
            live.stop()


@dataclass(frozen=True, slots=True)
class _Screen:
    """What is drawn again and again."""

    board: Board
    draw: Callable[[Board, Spinner], RenderableType]
    spinner: Spinner

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        with contextlib.suppress(Exception):  # progress is never worth a run
            yield self.draw(self.board, self.spinner)


def _alone(board: Board, spinner: Spinner) -> RenderableType:
    (run,) = board.view().running
    table = Table.grid(padding=(0, 1))
    table.add_row(spinner, Text(head_words(run), style="bold", no_wrap=True))
    for line in run_words(run):
        table.add_row("", Text(line, style="dim"))
    return table


def _many(what: str, board: Board, spinner: Spinner) -> RenderableType:
    view = board.view()
    head = Table.grid(padding=(0, 2, 0, 0))
    bar = ProgressBar(total=view.of, completed=view.done, width=_BAR_WIDTH)
    head.add_row(Text(what, style="bold"), bar, Text(board_words(view)))
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(no_wrap=True, overflow="ellipsis")
    table.add_column(justify="right")
    table.add_column(no_wrap=True, overflow="ellipsis")
    for run in view.running:
        table.add_row(Text(run.name), clock_words(run.seconds), Text(short_words(run), style="dim"))
    grid = Table.grid()
    grid.add_row(head)
    beside = Table.grid(padding=(0, 1))
    beside.add_row(Padding(spinner, (0, 0, 0, 1)), table)
    grid.add_row(beside if view.running else "")
    return grid
