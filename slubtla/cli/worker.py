"""``slubtla worker``: take part in a distributed search."""

from __future__ import annotations

import dataclasses
import json
import shlex
import sys
from pathlib import Path
from typing import Annotated

import typer

from slubtla.cli import options as opt
from slubtla.cli.exits import exits, stdout, write
from slubtla.errors import ExitCode
from slubtla.tlc.engine import JvmProfile, default_heap_mb, this_machine
from slubtla.tlc.engine.distributed import DEFAULT_PORT, UNAUTHENTICATED, Place, is_loopback
from slubtla.tlc.engine.joining import join, own_address
from slubtla.tlc.run.result import SCHEMA_VERSION
from slubtla.tlc.tools import find_toolchain

WAIT_SECONDS = 60.0
"""How long to wait for a server that is not there yet."""


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("worker")(worker_command)


def warn_of(address: str) -> None:
    """Say on stderr what it means to listen where other machines can reach it."""
    if not is_loopback(address):
        _say(f"warning: {UNAUTHENTICATED.format(address=address)}")


def tell_how_to_join(command: str) -> None:
    """Say on stderr how workers join the server that is ready now."""
    warn_of(shlex.split(command)[2])
    _say(f"the server waits for workers: {command}")


def _say(text: str) -> None:
    """Say it on stderr, above what is drawn there: a console of our own would write into that."""
    sys.stderr.write(f"slubtla: {text}\n")
    sys.stderr.flush()


@exits
@opt.tool_options
def worker_command(  # noqa: PLR0913, PLR0917  # the options of a command
    tools: dict[str, Path | None],
    host: Annotated[str, typer.Argument(metavar="HOST", help="Where the server runs.")],
    port: Annotated[int, typer.Option(min=1, max=65535, help="Its port.")] = DEFAULT_PORT,
    threads: Annotated[
        int | None,
        typer.Option(min=1, help="Worker threads. (default: the cores)", show_default=False),
    ] = None,
    heap: Annotated[
        str | None,
        typer.Option(
            metavar="SIZE",
            help="Java heap, e.g. 4g. (default: by the machine's memory)",
            show_default=False,
        ),
    ] = None,
    listen: Annotated[
        str | None,
        typer.Option(
            metavar="ADDRESS",
            help="The address of this machine that the server comes back to. (default: that of "
            "the way to HOST)",
            show_default=False,
        ),
    ] = None,
    wait: Annotated[
        float,
        typer.Option(metavar="SECONDS", min=0, help="Wait so long for the server to open."),
    ] = WAIT_SECONDS,
    as_json: opt.JsonOption = False,
) -> ExitCode:
    """Take part in a search that was begun with --distributed, until it is done.

    The specification comes from the server, which tells the verdict, too. Exit code 0 only if the
    server dismissed the worker: the search is at its end, or was stopped there in good order.

    [dim]Example: slubtla worker 127.0.0.1[/dim]
    """
    server = Place(host, port)
    own = own_address(server, listen)
    warn_of(own)
    machine = this_machine()
    count = threads or machine.cores
    joined = join(
        find_toolchain(jar=tools["tla2tools"], java=tools["java"]),
        server,
        own=own,
        threads=count,
        heap_mb=opt.heap_in_mib(heap) or default_heap_mb(machine.memory_bytes, JvmProfile.SMALL),
        wait=wait,
        on_ready=lambda: _say(f"joined {host}:{port}"),
    )
    if as_json:
        told = {"schema_version": SCHEMA_VERSION, **dataclasses.asdict(joined)}
        write(json.dumps(told, indent=2) + "\n")
    else:
        shown = f"the server said goodbye; computed {joined.computed:,} states, with repetitions,"
        stdout().print(f"{shown} in {joined.wall_seconds:.1f} s")
    return ExitCode.AS_EXPECTED
