"""Runs that several tests look at: one of each kind of picture, made once."""

from __future__ import annotations

from collections.abc import Callable

from typer.testing import CliRunner
from typer.testing import Result as Ran

from slubtla.cli.app import app
from slubtla.tlc.run.result import Result

Verified = Callable[..., Result]


def run(*words: object) -> Ran:
    """Run a command line."""
    return CliRunner().invoke(app, [str(word) for word in words])


def leak(verified: Verified) -> Result:
    """A store waits while the other CPU looks."""
    return verified(strategy="smp_mb", slabs=1, workers=1)


def good(verified: Verified) -> Result:
    """The same with a cmpxchg that drains: it holds."""
    return verified(strategy="smp_mb", cmpxchg="full", slabs=1, workers=1)


def kicked(verified: Verified) -> Result:
    """An IPI goes and is acknowledged."""
    return verified(
        strategy="kick_all_cpus_sync", without=("post_check",), slabs=1, tasks=1, workers=1
    )


def graced(verified: Verified) -> Result:
    """A grace period passes, and two old values are read."""
    return verified(
        strategy="synchronize_sched", without=("gp_fence",), slabs=1, tasks=1, workers=1
    )


def locked(verified: Verified) -> Result:
    """A CPU waits for the lock that it holds; on the way it reads its own waiting store."""
    return verified(kernel="v4.0", allocations=1, workers=1)


def stuck(verified: Verified) -> Result:
    """A grace period that never ends."""
    return verified(
        strategy="synchronize_sched",
        properties=("ShrinkTerminates",),
        stuck="preempt_off",
        workers=1,
    )
