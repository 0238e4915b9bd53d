"""A cancel event that follows the caller's event without ever setting it."""

from __future__ import annotations

import math
import time
from threading import Event
from typing import Final

_POLL_SECONDS: Final = 0.1


class OwnCancel(Event):
    """Set when it was set itself, or when the caller's event is.

    What ends many runs at the first failure sets this one: the caller may use its own event for
    several calls.
    """

    def __init__(self, caller: Event | None = None) -> None:
        super().__init__()
        self._caller = caller

    def is_set(self) -> bool:
        """Whether runs are to end."""
        return super().is_set() or (self._caller is not None and self._caller.is_set())

    def wait(self, timeout: float | None = None) -> bool:
        """Wait until it is set, at most ``timeout`` seconds; return whether it is."""
        deadline = time.monotonic() + (math.inf if timeout is None else timeout)
        while not self.is_set():
            left = deadline - time.monotonic()
            if left <= 0:
                return False
            super().wait(min(left, _POLL_SECONDS))
        return True
