"""Commands for many sizes, long runs and several machines: sweep, resume, worker."""

from __future__ import annotations

import dataclasses
import shlex
import sys
from pathlib import Path
from typing import Any, Final

from slubtla.barriers.campaigns.sizes import MOST
from slubtla.barriers.campaigns.sweep import run_sweep
from slubtla.barriers.protocol import protocol
from slubtla.barriers.show.sweep import sweep_view
from slubtla.barriers.show.text import result_view
from slubtla.cli import options as opt
from slubtla.cli.app import command, show
from slubtla.cli.progress import live_progress, live_runs
from slubtla.errors import ExitCode
from slubtla.tlc.engine import JvmProfile, default_heap_mb, this_machine
from slubtla.tlc.engine.distributed import DEFAULT_PORT, UNAUTHENTICATED, ServerAddress, is_loopback
from slubtla.tlc.engine.joining import join, own_address
from slubtla.tlc.run.resume import locate_unfinished, resume
from slubtla.tlc.run.settings import Settings
from slubtla.tlc.run.unfinished import read_unfinished
from slubtla.tlc.tools import find_toolchain

WAIT_SECONDS: Final = 60.0
"""How long to wait for a server that is not there yet."""


@command("sweep")
@opt.sweep_options
@opt.run_options
def sweep_command(
    model: dict[str, Any],
    settings: Settings,
    most: int = opt.param("Refuse more sizes than this.", panel=opt.BOUNDS, min=1, default=MOST),
    dask: str | None = opt.DASK,
    as_json: bool = opt.JSON,
) -> ExitCode:
    """Check one model in many sizes: states, time, memory, and what the next size may cost.

    A bound takes one number, a range A..B, or A,B,C; every combination is a size. What the next
    size costs is an estimate, from a growth factor that is fitted to the finished ones.

    [dim]Example: slubtla sweep --strategy synchronize_sched --cpus 2..3 --slabs 1..3[/dim]
    """
    with live_runs("sweep", settings) as watched:
        sweep = run_sweep(settings=watched, executor=dask, most=most, **opt.given_only(model))
    show(sweep, lambda: sweep_view(sweep), as_json=as_json)
    return sweep.exit_code


@command("resume")
@opt.resume_options
def resume_command(
    settings: Settings,
    run: Path | None = opt.argument("The run. (default: the newest unfinished one)", metavar="RUN"),
    as_json: bool = opt.JSON,
) -> ExitCode:
    """Go on with a run that was begun with --checkpoint and killed, from its last checkpoint.

    It is finished in its own directory; its counts are those of a run that was not killed.

    [dim]Example: slubtla resume night.unfinished[/dim]
    """
    place = locate_unfinished(run)
    protocol(read_unfinished(place).spec.protocol)  # raises where it cannot be shown afterwards
    with live_progress("the rest", settings) as watched:
        result = resume(place, settings=watched)
    show(result, lambda: result_view(result), as_json=as_json)
    return result.verdict.exit_code


@command("worker")
@opt.tool_options
def worker_command(  # noqa: PLR0913, PLR0917  # the options of a command
    tools: dict[str, Path | None],
    host: str = opt.argument("Where the server runs.", metavar="HOST", default=...),
    port: int = opt.param("Its port.", min=1, max=65535, default=DEFAULT_PORT),
    threads: int | None = opt.param("Worker threads. (default: the cores)", min=1),
    heap: str | None = opt.param(opt.HEAP, metavar="SIZE"),
    listen: str | None = opt.param(
        "The address of this machine that the server comes back to. (default: that of "
        "the way to HOST)",
        metavar="ADDRESS",
    ),
    wait: float = opt.param(
        "Wait so long for the server to open.", metavar="SECONDS", min=0, default=WAIT_SECONDS
    ),
    as_json: bool = opt.JSON,
) -> ExitCode:
    """Take part in a search that was begun with --distributed, until it is done.

    The specification comes from the server, which tells the verdict, too. Exit code 0 only if the
    server dismissed the worker: the search is at its end, or was stopped there in good order.

    [dim]Example: slubtla worker 127.0.0.1[/dim]
    """
    server = ServerAddress(host, port)
    own = own_address(server, listen)
    warn_of(own)
    machine = this_machine()
    joined = join(
        find_toolchain(jar=tools["tla2tools"], java=tools["java"]),
        server,
        own=own,
        threads=threads or machine.cores,
        heap_mb=opt.heap_in_mib(heap) or default_heap_mb(machine.memory_bytes, JvmProfile.SMALL),
        wait=wait,
        on_ready=lambda: _say(f"joined {host}:{port}"),
    )
    shown = (
        f"the server said goodbye; computed {joined.computed:,} states, with repetitions, in "
        f"{joined.wall_seconds:.1f} s"
    )
    show(dataclasses.asdict(joined), lambda: shown, as_json=as_json)
    return ExitCode.AS_EXPECTED


def warn_of(address: str) -> None:
    """Warn on stderr when other machines can reach the address that is listened on."""
    if not is_loopback(address):
        _say(f"warning: {UNAUTHENTICATED.format(address=address)}")


def tell_how_to_join(join_command: str) -> None:
    """Print on stderr how workers join the server that is ready now."""
    warn_of(shlex.split(join_command)[2])
    _say(f"the server waits for workers: {join_command}")


def _say(text: str) -> None:
    """Print on stderr, above what is drawn there: a console of our own would write into that."""
    sys.stderr.write(f"slubtla: {text}\n")
    sys.stderr.flush()
