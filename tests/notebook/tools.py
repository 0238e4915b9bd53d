"""A real kernel, driven as a notebook drives it."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import psutil
from jupyter_client.blocking.client import BlockingKernelClient
from jupyter_client.manager import KernelManager

PATIENCE: Final = 120.0
"""Seconds to wait for a message; only a broken kernel takes so long."""

Heard = dict[str, Any]


class Kernel:
    """A kernel, and all that it says."""

    def __init__(self, manager: KernelManager, client: BlockingKernelClient) -> None:
        self.manager = manager
        self.client = client

    def begin(self, code: str) -> str:
        """Send a cell, and return the name by which its messages are known."""
        name: str = self.client.execute(code)
        return name

    def follow(self, cell: str, until: Callable[[Heard], bool]) -> list[Heard]:
        """What the kernel says of a cell, up to a message."""
        heard: list[Heard] = []
        while True:
            message = self.client.get_iopub_msg(timeout=PATIENCE)
            if message["parent_header"].get("msg_id") == cell:
                heard.append(message)
                if until(message):
                    return heard

    def end_of(self, cell: str) -> list[Heard]:
        """What the kernel says of a cell, up to its end."""
        return self.follow(
            cell, lambda m: m["msg_type"] == "status" and m["content"]["execution_state"] == "idle"
        )

    def run(self, code: str) -> list[Heard]:
        """Run a cell to its end."""
        return self.end_of(self.begin(code))

    def java(self) -> list[psutil.Process]:
        """The processes below the kernel that run a JVM, by their own or in their address space."""
        provider = self.manager.provisioner
        assert provider is not None
        below = psutil.Process(provider.pid).children(recursive=True)  # type: ignore[attr-defined]
        return [each for each in below if _is_java(each)]


def _is_java(process: psutil.Process) -> bool:
    try:
        return process.status() != psutil.STATUS_ZOMBIE and (
            process.name() == "java"
            or any(map_.path.endswith("libjvm.so") for map_ in process.memory_maps())
        )
    except psutil.Error:  # it has just ended
        return False


@contextmanager
def kernel(home: Path) -> Iterator[Kernel]:
    """Start a kernel of this very environment, with a home of its own; it ends with the block."""
    names = (
        "XDG_STATE_HOME",
        "XDG_CONFIG_HOME",
        "XDG_CACHE_HOME",
        "IPYTHONDIR",
        "JUPYTER_DATA_DIR",
    )
    environment = os.environ | {name: str(home / name) for name in names}
    with tempfile.TemporaryDirectory(prefix="kernel-") as short:  # a socket's name has 107 bytes
        manager = KernelManager(kernel_name="python3", transport="ipc", ip=f"{short}/socket")
        manager.connection_file = f"{short}/connection.json"
        manager.start_kernel(env=environment)
        client = manager.client()
        try:
            client.start_channels()
            client.wait_for_ready(timeout=PATIENCE)
            yield Kernel(manager, client)
        finally:
            client.stop_channels()
            manager.shutdown_kernel(now=True)
            manager.cleanup_resources()


def texts(heard: list[Heard], kind: str = "text/html") -> list[str]:
    """What a cell has shown, of one kind."""
    return [
        message["content"]["data"][kind]
        for message in heard
        if kind in message["content"].get("data", {})
    ]


def failure(heard: list[Heard]) -> Heard | None:
    """The error that a cell ended with; None where it did not."""
    return next((m["content"] for m in heard if m["msg_type"] == "error"), None)


def no_error(heard: list[Heard]) -> list[Heard]:
    """The same, but not of a cell that failed."""
    assert failure(heard) is None, failure(heard)
    return heard
