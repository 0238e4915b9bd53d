"""Live progress on a terminal; silence elsewhere. It can never fail a run."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator

import rich.progress
from rich.markup import escape
from rich.progress import SpinnerColumn, TextColumn, TimeElapsedColumn

from slubtla.cli.exits import stderr
from slubtla.tlc import Progress


@contextlib.contextmanager
def live_progress(what: str) -> Iterator[Callable[[Progress], None] | None]:
    """Show a line that follows TLC's progress messages, on stderr, while the block runs.

    Args:
        what: what is being checked.

    Yields:
        What to give to :class:`slubtla.checking.Settings` as ``on_progress``; None when stderr is
        no terminal.
    """
    console = stderr()
    if not console.is_terminal:
        yield None
        return
    what = escape(what)
    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    with rich.progress.Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task(f"{what}: TLC is at work", total=None)

        def show(progress: Progress) -> None:
            parts = [
                f"{progress.distinct:,} distinct states" if progress.distinct is not None else "",
                f"{progress.queue:,} on queue" if progress.queue is not None else "",
                f"depth {progress.depth}" if progress.depth is not None else "",
            ]
            with contextlib.suppress(Exception):  # progress is never worth a run
                reached = ", ".join(part for part in parts if part)
                at = f" at {progress.at[-8:]}" if progress.at else ""
                bar.update(task, description=f"{what}: {reached}{at} (TLC reports each minute)")

        yield show
