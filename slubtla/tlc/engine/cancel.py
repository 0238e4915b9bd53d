"""An event of our own that ends runs, and heeds the caller's without ever setting it."""

from __future__ import annotations

import math
import time
from threading import Event
from typing import Final

_POLL_SECONDS: Final = 0.1


class OwnCancel(Event):
    """Is set when it was set itself, or when the caller's event is; leaves that one alone.

    What ends many runs at the first failure must not set ``Settings.cancel``: the caller may use
    one event for several calls, and would find it set though nobody cancelled.

    Args:
        caller: the caller's event; None where there is none.
    """

    def __init__(self, caller: Event | None = None) -> None:
        super().__init__()
        self._caller = caller

    def is_set(self) -> bool:
        """Whether runs are to end."""
        return super().is_set() or (self._caller is not None and self._caller.is_set())

    def wait(self, timeout: float | None = None) -> bool:
        """Wait until runs are to end, at most ``timeout`` seconds; return whether they are."""
        deadline = time.monotonic() + (math.inf if timeout is None else timeout)
        while not self.is_set():
            left = deadline - time.monotonic()
            if left <= 0:
                return False
            super().wait(min(left, _POLL_SECONDS))
        return True
