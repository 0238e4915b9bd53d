"""A progress bar below a notebook cell, shown while slubtla runs. It can never fail a run."""

from __future__ import annotations

import contextlib
import contextvars
import functools
import secrets
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from html import escape
from pathlib import Path
from typing import Any, Final

from slubtla.barriers.model import Model, make_model
from slubtla.barriers.show.progress import (
    board_words,
    clock_words,
    found_words,
    head_words,
    run_words,
    short_words,
)
from slubtla.errors import UsageError
from slubtla.tlc.run.environment import in_notebook
from slubtla.tlc.run.progress import Board, BoardView
from slubtla.tlc.run.result import Result
from slubtla.tlc.run.settings import Settings

Run = Callable[..., Any]

_INTERVAL: Final = 0.5
"""Seconds between two updates."""

_ONE_RUN: Final = frozenset(("verify", "check_spec"))

SLOW: Final = _ONE_RUN | {"argue", "measure_costs", "prove", "run_matrix", "run_sweep"}
"""The functions that take long."""


def with_bar(run: Run) -> Run:
    """Return one of :data:`SLOW` so that it shows a bar, unless the caller listens to progress."""

    @functools.wraps(run)
    def shown(*args: Any, **given: Any) -> Any:  # noqa: ANN401 - as the function has them
        here = in_notebook() and threading.current_thread() is threading.main_thread()
        subject = _subject(run, args, given) if here and not _has_listener(given) else None
        if subject is None:
            return run(*args, **given)
        what, expected = subject
        with Bar(what).shown() as bar:
            settings = given.get("settings")
            if run.__name__ not in _ONE_RUN:
                given["settings"] = replace(settings or Settings(), watch=bar.board)
                return run(*args, **given)
            bar.board.started("run", what, expected=expected)
            heard = partial(bar.board.heard, "run")
            if settings is None and run.__name__ == "verify":
                given["on_progress"] = heard
            else:
                given["settings"] = replace(settings or Settings(), on_progress=heard)
            result: Result = run(*args, **given)
            bar.board.finished("run", result)
            bar.last = found_words(what, result)
            return result

    return shown


class Bar:
    """A piece of a cell's output that is written anew until the runs end.

    ``last`` is what remains in the end; by default how many runs there were.
    """

    def __init__(self, what: str) -> None:
        self.what = what
        self.board = Board()
        self.last = ""
        self._id = secrets.token_hex(8)

    @contextlib.contextmanager
    def shown(self) -> Iterator[Bar]:
        """Show the bar while the block runs."""
        self._show(bar_html(self.what, self.board.view()), update=False)
        over = threading.Event()

        def update() -> None:
            while not over.wait(_INTERVAL):
                self._show(bar_html(self.what, self.board.view()))

        # A new thread has a context of its own, and the output is to go below this cell.
        context = contextvars.copy_context()
        thread = threading.Thread(target=context.run, args=(update,), daemon=True)
        thread.start()
        words = f"{self.what}: stopped after "
        try:
            yield self
            words = ""
        finally:
            over.set()
            thread.join()
            view = self.board.view()
            done = self.last or f"{self.what}: {board_words(view)}"
            self._show(_line(words + clock_words(view.seconds) if words else done))

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
        share, lines = run.share, [head_words(run), *run_words(run)]
    else:
        share = view.done / view.of if view.of else None
        lines = [f"{what}: {board_words(view)}"]
        lines += [
            f"{run.name}  {clock_words(run.seconds)}  {short_words(run)}" for run in view.running
        ]
    value = "" if share is None else f' value="{share:.3f}"'
    bar = f'<progress max="1"{value} aria-label="progress" style="width: 20rem"></progress>'
    return bar + "".join(map(_line, lines))


def _line(text: str) -> str:
    style = "font: 13px/1.4 system-ui, sans-serif; white-space: pre-wrap"
    return f'<div style="{style}">{escape(text)}</div>'


def _has_listener(given: dict[str, Any]) -> bool:
    settings = given.get("settings")
    own = (given.get("on_progress"), given.get("watch"))
    return any(own) or (settings is not None and bool(settings.on_progress or settings.watch))


def _subject(
    run: Run, args: tuple[Any, ...], given: dict[str, Any]
) -> tuple[str, int | None] | None:
    """What is run, and the states that a finished search of the same model has found.

    None where the arguments make no sense, as the function itself will say.
    """
    if run.__name__ not in _ONE_RUN:
        return run.__name__, None
    if run.__name__ == "check_spec":
        spec = args[0] if args else given.get("spec")
        return None if spec is None else (Path(spec).stem, None)
    from slubtla.barriers.suite.plan import known_states  # noqa: PLC0415 - only where it is shown

    model: Model | None = args[0] if args else given.get("model")
    own = {*Settings.__dataclass_fields__, "settings", "model"}
    try:
        model = model or make_model(**{name: it for name, it in given.items() if name not in own})
    except (UsageError, TypeError):
        return None
    return f"{model.strategy} on {model.arch}", known_states(model)
