"""``slubtla hardware``: the race on the machine at hand."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable, Iterator
from functools import partial
from typing import Final

from slubtla.cli import options as opt
from slubtla.cli.app import command
from slubtla.cli.exits import print_view, stderr, stdout, write
from slubtla.errors import ExitCode, UsageError
from slubtla.protocols.slub.hardware.results import Standing
from slubtla.protocols.slub.hardware.run import Plan, RaceProgress, run_hardware
from slubtla.protocols.slub.hardware.view import forbidden, hardware_view

_USUAL: Final = Plan()
_race = partial(opt.own, panel="The race")
_plan_options = opt.option_group(
    "plan",
    {
        "runs": _race(int, "Races for each cell.", default=_USUAL.runs, metavar="N"),
        "seconds_per_cell": _race(
            float,
            "End a cell after so long, with fewer races: a grace period takes milliseconds.",
            default=_USUAL.seconds_per_cell,
            metavar="SECONDS",
        ),
        "busy": _race(
            int,
            "Older stores to cold cache lines before each put: they keep its store buffer busy, "
            "and the leak is seen far more often. Try 24.",
            default=_USUAL.busy,
            metavar="N",
        ),
        "puts": _race(
            list[str], "Only this put variant. Repeatable.", "--put", default=(), metavar="NAME"
        ),
        "shrinks": _race(
            list[str],
            "Only this shrink variant. Repeatable.",
            "--shrink",
            default=(),
            metavar="NAME",
        ),
        "cpus": _race(
            str | None, "The CPUs of the two sides; of two cores by default.", metavar="PUT,SHRINK"
        ),
        "timeout": _race(
            float,
            "End the race after so long, with what it has: exit code 4.",
            default=_USUAL.timeout,
            metavar="SECONDS",
        ),
    },
    lambda *, cpus, puts, shrinks, **numbers: Plan(
        cpus=read_cpus(cpus), puts=tuple(puts), shrinks=tuple(shrinks), **numbers
    ),
)


@command("hardware")
@_plan_options
def hardware_command(
    plan: Plan,
    counts: bool = opt.param(
        "Show all four outcomes of each cell.", "--counts", panel=opt.OUTPUT, default=False
    ),
    as_json: bool = opt.JSON,
) -> ExitCode:
    """Run the put/shrink race on this machine, and count the leaks.

    Compiles a small C program with the system's compiler. Beside each count stands what the model
    allows: a leak that is allowed and not seen proves nothing, one that is forbidden and seen is an
    error (exit code 1).

    [dim]Example: slubtla hardware --busy 24[/dim]
    """
    try:
        with _progress(plan.runs) as on_progress:
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
def _progress(wanted: int) -> Iterator[Callable[[RaceProgress], None] | None]:
    """Show how far the table is, on stderr, if that is a terminal."""
    console = stderr()
    if not console.is_terminal:
        yield None
        return
    with console.status("compiling the race") as status:

        def show(at: RaceProgress) -> None:
            with contextlib.suppress(Exception):  # progress is never worth a run
                status.update(
                    f"{at.put} / {at.shrink}: {at.runs:,} of {wanted:,} races "
                    f"({at.done} of {at.cells} cells done)"
                )

        yield show
