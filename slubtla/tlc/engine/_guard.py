"""Guard one program: end its process group when slubtla asks for it, or is gone.

Run as a script, in a session of its own, by :mod:`process`. It starts the command as its only
child and waits for the first of:

* the child ends: report how;
* the control socket reaches its end, because slubtla shut it down *or died in any way, SIGKILL
  included* (the kernel closes the sockets of the dead): SIGTERM to the group, then SIGKILL;
* a signal sent to the guard itself: likewise.

Why not ``prctl(PR_SET_PDEATHSIG)``: it is Linux only, needs code between fork and exec (unsafe with
threads, and a warning since Python 3.12), fires when the *thread* that forked ends, and misses what
a wrapper script starts. Why not ``wait4`` in slubtla itself: on Linux the peak memory of a child
begins at the size of the process that forked it, so a notebook of 4 GB would report a JVM of 4 GB;
this process has 10 MB.

Usage: ``python -I -S _guard.py CONTROL_FD GRACE_SECONDS SCRATCH COMMAND...``. The folder SCRATCH is
removed at the end, and so is the folder that the link ``SCRATCH/run-scratch`` names, if there is
one. The report, one line on the socket, is ``exited|stopped RETURNCODE PEAK_BYTES WALL_SECONDS`` or
``failed REASON``.
"""

from __future__ import annotations

import contextlib
import os
import select
import signal
import socket
import sys
import time

_PARENT_WATCH_SECONDS = 1.0


def guard(control: socket.socket, grace: float, command: list[str]) -> str:
    """Run ``command`` until it ends or is ended; return the report."""
    alarm, alarm_end = os.pipe()
    os.set_blocking(alarm_end, False)
    signal.set_wakeup_fd(alarm_end, warn_on_full_buffer=False)
    for number in (signal.SIGCHLD, signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, _noted)

    parent = os.getppid()
    began = time.monotonic()
    try:
        child = os.posix_spawn(
            command[0], command, os.environ, setsigdef=(signal.SIGPIPE, signal.SIGXFSZ)
        )
    except OSError as error:
        return f"failed {error.strerror}"

    kill_at: float | None = None
    killed = False
    while True:
        watched = [alarm] if kill_at is not None else [alarm, control.fileno()]
        left = _PARENT_WATCH_SECONDS if kill_at is None else max(0.0, kill_at - time.monotonic())
        ready, _, _ = select.select(watched, [], [], None if killed else left)
        signals = os.read(alarm, 64) if alarm in ready else b""

        pid, status, usage = os.wait4(child, os.WNOHANG)
        if pid == child:
            how = "exited" if kill_at is None else "stopped"
            peak = usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024)
            wall = time.monotonic() - began
            return f"{how} {os.waitstatus_to_exitcode(status)} {peak} {wall:.6f}"

        asked = control.fileno() in ready or any(number != signal.SIGCHLD for number in signals)
        # A fork of the parent may hold the other end of the socket open: look at the parent, too.
        if kill_at is None and (asked or os.getppid() != parent):
            kill_at = time.monotonic() + grace
            os.killpg(0, signal.SIGTERM)  # this process has a handler, and lives on
        elif kill_at is not None and not killed and time.monotonic() >= kill_at:
            killed = True
            os.kill(child, signal.SIGKILL)  # not waited for yet, so the number is still its own


def _noted(_number: int, _frame: object) -> None:
    """Signals arrive through the wake-up pipe; the handler only keeps them from the default."""


def main() -> None:
    """Guard the command of ``sys.argv``; the last act ends all that is left of the group."""
    fd, grace, scratch, *command = sys.argv[1:]
    with socket.socket(fileno=int(fd)) as control:
        os.set_inheritable(control.fileno(), False)
        report = guard(control, float(grace), command)
        if scratch:
            import shutil  # noqa: PLC0415  # only now: it would delay the start of the JVM

            with contextlib.suppress(OSError):  # there is no such link
                shutil.rmtree(os.readlink(f"{scratch}/run-scratch"), ignore_errors=True)  # noqa: PTH115
            shutil.rmtree(scratch, ignore_errors=True)
        with contextlib.suppress(OSError):  # the reader may be gone
            control.sendall(report.encode("utf-8", "replace"))
    if os.getpgrp() == os.getpid():
        os.killpg(0, signal.SIGKILL)


if __name__ == "__main__":
    main()
