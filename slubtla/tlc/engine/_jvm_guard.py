"""The guard of one warm JVM: as :mod:`slubtla.tlc.engine._guard`, and sweeps up after the last run.

Run as a script, ``python -I -S _jvm_guard.py CONTROL_FD GRACE_SECONDS FOLDER COMMAND...``. When the
worker is gone, the scratch that a run has left (``FOLDER/scratch`` is a link to it while a run is
under way) and ``FOLDER`` are removed; so a parent that dies leaves nothing behind.
"""

from __future__ import annotations

import contextlib
import os
import runpy
import shutil
import signal
import socket
import sys

SCRATCH_LINK = "scratch"


def sweep(folder: str) -> None:
    """Remove what a run has left, and the worker's folder; a link is never followed further."""
    with contextlib.suppress(OSError):  # no run was under way
        shutil.rmtree(os.readlink(os.path.join(folder, SCRATCH_LINK)), ignore_errors=True)  # noqa: PTH115, PTH118
    shutil.rmtree(folder, ignore_errors=True)


def main() -> None:
    """Guard the command of ``sys.argv``; the last act ends all that is left of the group."""
    fd, grace, folder, *command = sys.argv[1:]
    guard = runpy.run_path(os.path.join(os.path.dirname(__file__), "_guard.py"))["guard"]  # noqa: PTH118, PTH120
    with socket.socket(fileno=int(fd)) as control:
        os.set_inheritable(control.fileno(), False)
        report = guard(control, float(grace), command)
        sweep(folder)
        with contextlib.suppress(OSError):  # nobody may be left to read it
            control.sendall(report.encode("utf-8", "replace"))
    if os.getpgrp() == os.getpid():
        os.killpg(0, signal.SIGKILL)


if __name__ == "__main__":
    main()
