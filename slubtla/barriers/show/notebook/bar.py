"""Where runs stand, as a bar below the cell. It can never fail a run, and is quiet elsewhere."""

from __future__ import annotations

import contextlib
import contextvars
import secrets
import threading
from collections.abc import Iterator
from html import escape
from types import TracebackType
from typing import Any, Final, Self

from slubtla.barriers.show.progress import (
    board_words,
    clock_words,
    head_words,
    run_words,
    short_words,
)
from slubtla.tlc.run.environment import in_notebook
from slubtla.tlc.run.progress import Board, BoardView, RunView

_EVERY: Final = 0.5
"""Seconds between two looks."""


@contextlib.contextmanager
def watched(what: str) -> Iterator[Bar | None]:
    """Show a bar while the block runs.

    Only in a notebook, and only for the thread that runs the cell: what runs beside others is told
    by whoever started them.

    Args:
        what: what is being done, or checked.

    Yields:
        What hears of the runs; None where nobody looks on.
    """
    if not in_notebook() or threading.current_thread() is not threading.main_thread():
        yield None
        return
    with Bar(what) as bar:
        yield bar


class Bar:
    """A piece of a cell's output that is written anew until the block ends.

    Attributes:
        what: what is being done.
        board: hears of the runs.
    """

    def __init__(self, what: str) -> None:
        self.board = Board()
        self.what = what
        self._last = ""
        self._id = secrets.token_hex(8)
        self._over = threading.Event()
        # A new thread has a context of its own, and the output is to go below this cell.
        context = contextvars.copy_context()
        self._thread = threading.Thread(
            target=context.run, args=(self._go_on,), name="slubtla-bar", daemon=True
        )

    def __enter__(self) -> Self:
        self._show(self._view(), update=False)
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._over.set()
        self._thread.join()
        view = self.board.view()
        stopped = f"{self.what}: stopped after {clock_words(view.seconds)}"
        self._show(_line(stopped if kind else self._last or f"{self.what}: {board_words(view)}"))

    def tell_at_the_end(self, words: str) -> None:
        """Leave these words below the cell, instead of how many runs there were."""
        self._last = words

    def _go_on(self) -> None:
        while not self._over.wait(_EVERY):
            self._show(self._view())

    def _view(self) -> str:
        return bar_html(self.what, self.board.view())

    def _show(self, html: str, *, update: bool = True) -> None:
        with contextlib.suppress(Exception):  # progress is never worth a run
            from IPython.display import publish_display_data  # noqa: PLC0415 - only in a notebook

            data: dict[str, Any] = {"text/html": html, "text/plain": self.what}
            publish_display_data(  # type: ignore[no-untyped-call]
                data, transient={"display_id": self._id}, update=update
            )


def bar_html(what: str, view: BoardView) -> str:
    """Return where runs stand as HTML: a bar, and a line for each run that goes on."""
    if view.of is None and len(view.running) == 1:
        (run,) = view.running
        return "".join((_bar(run.share), _line(head_words(run)), *map(_line, run_words(run))))
    share = view.done / view.of if view.of else None
    lines = [f"{what}: {board_words(view)}", *map(_run_words, view.running)]
    return "".join((_bar(share), *map(_line, lines)))


def _run_words(run: RunView) -> str:
    return f"{run.name}  {clock_words(run.seconds)}  {short_words(run)}"


def _bar(share: float | None) -> str:
    value = "" if share is None else f' value="{share:.3f}"'
    return f'<progress max="1"{value} aria-label="progress" style="width: 20rem"></progress>'


def _line(text: str) -> str:
    style = "font: 13px/1.4 system-ui, sans-serif; white-space: pre-wrap"
    return f'<div style="{style}">{escape(text)}</div>'
