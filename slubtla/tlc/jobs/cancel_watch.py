"""Cancel a remote job when its sender is gone (marker file, parent process, Dask task)."""

from __future__ import annotations

import contextlib
import multiprocessing
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Event, Thread
from typing import Final

_EVERY: Final = 0.5
"""Seconds between two looks."""


@contextlib.contextmanager
def cancel_without_sender(marker: Path, cancel: Event) -> Iterator[None]:
    """Set ``cancel`` when nobody waits for the job any more.

    That is so when a marker file of the sender vanishes (on another machine there is none), when
    the process dies that made this one (as that of a process pool does), or when Dask has forgotten
    the task (the sender cancelled it, or is gone).
    """
    signs = [_task_forgotten()]
    if marker.exists():
        signs.append(lambda: not marker.exists())
    if (parent := multiprocessing.parent_process()) is not None:
        signs.append(lambda: not parent.is_alive())
    over = Event()

    def watch() -> None:
        while not over.wait(_EVERY):
            if any(gone() for gone in signs):
                cancel.set()
                return

    watcher = Thread(target=watch, name="slubtla-cancel-watch", daemon=True)
    watcher.start()
    try:
        yield
    finally:
        over.set()
        watcher.join()


def _task_forgotten() -> Callable[[], bool]:
    worker = sys.modules.get("distributed.worker")
    try:
        if worker is None:
            return lambda: False
        tasks, key = worker.get_worker().state.tasks, worker.thread_state.key
    except (ValueError, AttributeError):  # this is no task of Dask's
        return lambda: False

    def forgotten() -> bool:
        task = tasks.get(key)
        return task is None or task.state == "cancelled"

    return forgotten
