"""``slubtla hardware``: the race on the machine at hand."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Annotated, Final

from slubtla.cli import options as opt
from slubtla.cli.commands import command
from slubtla.cli.exits import stderr, stdout, write
from slubtla.errors import ExitCode, UsageError

if TYPE_CHECKING:
    from slubtla.protocols.slub.hardware import Progress

RACE: Final = "The race"


@command("hardware")
def hardware_command(  # noqa: PLR0913, PLR0917  # an option each
    runs: Annotated[int, opt.option("Races for each cell.", panel=RACE, metavar="N")] = 1_000_000,
    seconds_per_cell: Annotated[
        float,
        opt.option(
            "End a cell after so long, with fewer races: a grace period takes milliseconds.",
            panel=RACE,
            metavar="SECONDS",
        ),
    ] = 1.0,
    busy: Annotated[
        int,
        opt.option(
            "Older stores to cold cache lines before each put: they keep its store buffer "
            "busy, and the leak is seen far more often. Try 24.",
            panel=RACE,
            metavar="N",
        ),
    ] = 0,
    put: Annotated[
        list[str] | None,
        opt.option("Only this put variant. Repeatable.", panel=RACE, metavar="NAME"),
    ] = None,
    shrink: Annotated[
        list[str] | None,
        opt.option("Only this shrink variant. Repeatable.", panel=RACE, metavar="NAME"),
    ] = None,
    cpus: Annotated[
        str | None,
        opt.option(
            "The CPUs of the two sides; of two cores by default.", panel=RACE, metavar="PUT,SHRINK"
        ),
    ] = None,
    timeout: Annotated[
        float,
        opt.option(
            "End the race after so long, with what it has: exit code 4.",
            panel=RACE,
            metavar="SECONDS",
        ),
    ] = 300.0,
    counts: Annotated[
        bool,
        opt.option("Show all four outcomes of each cell.", "--counts", panel=opt.OUTPUT),
    ] = False,
    as_json: opt.JsonOption = False,
) -> ExitCode:
    """Run the put/shrink race on this machine, and count the leaks.

    Compiles a small C program with the system's compiler. Beside each count stands what the model
    allows: a leak that is allowed and not seen proves nothing, one that is forbidden and seen is an
    error (exit code 1).

    [dim]Example: slubtla hardware --busy 24[/dim]
    """
    from slubtla.barriers.show.text import print_view  # noqa: PLC0415
    from slubtla.protocols.slub.hardware.results import Standing  # noqa: PLC0415  # only this command
    from slubtla.protocols.slub.hardware.run import Plan, run_hardware  # noqa: PLC0415
    from slubtla.protocols.slub.hardware.view import forbidden, hardware_view  # noqa: PLC0415

    plan = Plan(
        runs=runs,
        seconds_per_cell=seconds_per_cell,
        busy=busy,
        puts=tuple(put or ()),
        shrinks=tuple(shrink or ()),
        cpus=read_cpus(cpus),
        timeout=timeout,
    )
    try:
        with _progress(runs) as on_progress:
            result = run_hardware(plan, on_progress=on_progress)
    except KeyboardInterrupt:
        stderr().print("slubtla: interrupted; the race is stopped", style="yellow")
        return ExitCode.INTERRUPTED
    if as_json:
        write(result.to_json() + "\n")
        for cell in result.standing_at(Standing.FORBIDDEN_SEEN):
            stderr().print(f"slubtla: {forbidden(cell)}", style="red")
    else:
        print_view(hardware_view(result, counts=counts), stdout())
    return result.exit_code


def read_cpus(text: str | None) -> tuple[int, int] | None:
    """Read two CPU numbers, such as ``0,2``.

    Raises:
        UsageError: it is something else.
    """
    if text is None:
        return None
    match = re.fullmatch(r"\s*(\d{1,6})\s*,\s*(\d{1,6})\s*", text)
    if match is None:
        raise UsageError(
            f"--cpus {text!r} is not two CPU numbers", next_step="write the put's first: --cpus 0,1"
        )
    return int(match[1]), int(match[2])


@contextlib.contextmanager
def _progress(wanted: int) -> Iterator[Callable[[Progress], None] | None]:
    """Show how far the table is, on stderr, if that is a terminal."""
    console = stderr()
    if not console.is_terminal:
        yield None
        return
    with console.status("compiling the race") as status:

        def show(at: Progress) -> None:
            with contextlib.suppress(Exception):  # progress is never worth a run
                status.update(
                    f"{at.put} / {at.shrink}: {at.runs:,} of {wanted:,} races "
                    f"({at.done} of {at.cells} cells done)"
                )

        yield show
