"""A Dask scheduler as an executor."""

from __future__ import annotations

import contextlib
import importlib
import re
import time
from collections.abc import Iterator
from concurrent.futures import Executor
from typing import Any, Final

from slubtla.errors import CannotRunError, UsageError

_ADDRESS: Final = re.compile(r"(tcp://)?[^/\s]+:\d+")

CONNECT_SECONDS: Final = 10
"""How long a scheduler, and then a first worker, is waited for."""

ALONE_SECONDS: Final = 30
"""How long a scheduler may be without workers: those that died may be started anew."""


class Cluster:
    """A scheduler with its workers.

    Attributes:
        executor: runs what can be pickled.

    Args:
        client: a connected ``distributed.Client``.
        address: the scheduler's.
        alone_seconds: see :data:`ALONE_SECONDS`.
    """

    def __init__(self, client: Any, address: str, alone_seconds: float = ALONE_SECONDS) -> None:  # noqa: ANN401 - distributed has no types
        self.executor: Executor = client.get_executor(pure=False)
        self._client = client
        self._address = address
        self._alone_seconds = alone_seconds
        self._seen = time.monotonic()

    def check(self) -> None:
        """See that somebody is there to work.

        Raises:
            CannotRunError: the scheduler is gone, or has had no workers for a while.
        """
        if self._client.status == "closed":
            raise CannotRunError(
                f"the Dask scheduler at {self._address} is gone",
                next_step="start it again: dask scheduler; what had finished is kept",
            )
        if self._client.status == "running" and self._client.scheduler_info()["workers"]:
            self._seen = time.monotonic()
        elif time.monotonic() - self._seen > self._alone_seconds:
            raise _no_workers(self._address)


@contextlib.contextmanager
def connect(address: str) -> Iterator[Cluster]:
    """Connect to a Dask scheduler, and wait for its first worker.

    Args:
        address: such as ``tcp://HOST:PORT``.

    Raises:
        UsageError: Dask is not installed, or the address is none.
        CannotRunError: the scheduler is not reached, or has no workers.
    """
    if _ADDRESS.fullmatch(address) is None:
        raise UsageError(
            f"{address!r} is no address of a Dask scheduler",
            next_step="write tcp://HOST:PORT, as `dask scheduler` prints it; for any other "
            "transport, give a connected client's get_executor() as executor= in Python",
        )
    try:
        distributed = importlib.import_module("distributed")
    except ImportError as error:
        raise UsageError(
            f"a Dask scheduler ({address}) needs the package distributed: {error}",
            next_step="pip install 'slubtla[dask]'",
        ) from error
    with contextlib.ExitStack() as stack:
        try:
            client = stack.enter_context(
                distributed.Client(address, timeout=CONNECT_SECONDS, set_as_default=False)
            )
        except OSError as error:  # a timeout, too
            raise CannotRunError(
                f"no Dask scheduler answers at {address} within {CONNECT_SECONDS} s: {error}",
                next_step="start one: dask scheduler; then give the address that it prints",
            ) from error
        try:
            client.wait_for_workers(1, timeout=CONNECT_SECONDS)
        except TimeoutError as error:
            raise _no_workers(address) from error
        yield Cluster(client, address)


def _no_workers(address: str) -> CannotRunError:
    return CannotRunError(
        f"the Dask scheduler at {address} has no workers",
        next_step=f"start some, on each machine: dask worker {address}; what had finished is kept",
    )
