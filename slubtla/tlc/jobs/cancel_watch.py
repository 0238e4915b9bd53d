"""Cancel a remote job when nobody waits for it any more."""

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
def watching(wanted: Path, cancel: Event) -> Iterator[None]:
    """Set ``cancel`` when nobody waits any more.

    That is so when the file ``wanted`` vanishes (the sender is on this machine and is done), when
    the process dies that made this one (as that of a process pool does), or when Dask has forgotten
    the task (the sender cancelled it, or is gone).

    Args:
        wanted: a file of the sender's; on another machine it is not there, and says nothing.
        cancel: what ends the run.
    """
    signs = [_file_gone(wanted), _parent_gone(), _task_forgotten()]
    over = Event()

    def look() -> None:
        while not over.wait(_EVERY):
            if any(gone() for gone in signs):
                cancel.set()
                return

    watcher = Thread(target=look, name="slubtla-wanted", daemon=True)
    watcher.start()
    try:
        yield
    finally:
        over.set()
        watcher.join()


def _never() -> bool:
    return False


def _file_gone(wanted: Path) -> Callable[[], bool]:
    return (lambda: not wanted.exists()) if wanted.exists() else _never


def _parent_gone() -> Callable[[], bool]:
    parent = multiprocessing.parent_process()
    return (lambda: not parent.is_alive()) if parent is not None else _never


def _task_forgotten() -> Callable[[], bool]:
    worker = sys.modules.get("distributed.worker")
    if worker is None:
        return _never
    try:
        tasks, key = worker.get_worker().state.tasks, worker.thread_state.key
    except (ValueError, AttributeError):  # this is no task of Dask's
        return _never

    def forgotten() -> bool:
        task = tasks.get(key)
        return task is None or task.state == "cancelled"

    return forgotten
