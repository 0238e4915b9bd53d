"""A table of races on a terminal: counts, what the model allows, what the barriers cost."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from rich import box
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from slubtla.protocols.slub.hardware.results import HardwareResult, RaceCell, Standing
from slubtla.protocols.slub.hardware.variants import PUTS, SHRINKS

STYLES: Final = {
    Standing.ALLOWED_SEEN: "bold yellow",
    Standing.ALLOWED_UNSEEN: "yellow",
    Standing.FORBIDDEN_UNSEEN: "green",
    Standing.FORBIDDEN_SEEN: "bold red",
    Standing.NOT_RUN: "dim",
}
"""One colour for each standing; the words always stand beside it."""

_MICROSECOND: Final = 1e3
_MILLISECOND: Final = 1e6
_FEW: Final = 10


def hardware_view(result: HardwareResult, *, counts: bool = False) -> RenderableType:
    """Return the whole screen.

    Args:
        result: what was counted.
        counts: show all four outcomes, too.
    """
    parts: list[RenderableType] = [_races(result)]
    if counts:
        parts += [_outcomes(result), Text()]
    parts += [Text(sentence, style=style) for sentence, style in sentences(result)]
    parts += [Text(), Text(_facts(result), style="dim")]
    return Group(*parts)


def sentences(result: HardwareResult) -> Iterable[tuple[str, str]]:
    """Yield what the table means, a sentence and its style at a time; errors come last."""
    seen = result.standing_at(Standing.ALLOWED_SEEN)
    if seen:
        yield f"Leaked, as the model allows: {_pairs(seen)}. Seen is proof.", ""
    for cell in result.standing_at(Standing.ALLOWED_UNSEEN):
        runs = cell.counts.runs if cell.counts is not None else 0
        hint = "" if result.busy else " `--busy 24` makes it more likely."
        text = f"{cell.name}: allowed, not seen in {runs:,} runs: that proves nothing.{hint}"
        yield text, STYLES[Standing.ALLOWED_UNSEEN]
    kept = result.standing_at(Standing.FORBIDDEN_UNSEEN)
    if kept:
        yield f"Forbidden, and not seen: {len(kept)} of {len(result.cells)} cells.", ""
    machine = result.machine
    if machine.busy and result.costs:
        text = (
            f"The machine was busy (load {machine.load:.1f} on {len(machine.cpus)} CPUs): what a "
            "call cost may be noise. Run it again when nothing else runs."
        )
        yield text, "yellow"
    elif ratios := _ratios(result):
        yield ratios, ""
    for reason, cells in _not_run(result).items():
        yield f"Not run: {_pairs(cells)}: {reason}.", "yellow"
    for cell in result.standing_at(Standing.FORBIDDEN_SEEN):
        yield forbidden(cell), STYLES[Standing.FORBIDDEN_SEEN]


def forbidden(cell: RaceCell) -> str:
    """Name a leak that the model forbids, and what to do about it."""
    leaks = f"{cell.counts.leak:,} of {cell.counts.runs:,}" if cell.counts is not None else "some"
    return (
        f"{cell.name}: the leak was SEEN ({leaks} runs), and the model forbids it: "
        f"{cell.ruling.reason}. Run it again; if it stays, the model, this program or the machine "
        "is wrong: report it with the output of --json."
    )


def _races(result: HardwareResult) -> Table:
    columns = list(dict.fromkeys(cell.shrink for cell in result.cells))
    costs = {cost.shrink: cost.nanoseconds for cost in result.costs}
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column(Text("put / shrink", style="bold"))
    for name in columns:
        table.add_column(Text.assemble((name, "bold"), (f"\n{SHRINKS[name].twin}", "dim")))
    for name in dict.fromkeys(cell.put for cell in result.cells):
        row = [_race(cell) for cell in result.cells if cell.put == name]
        kind = PUTS[result.arch][name].cmpxchg
        table.add_row(Text.assemble((name, "bold"), (f"\n{kind}" if kind else "", "dim")), *row)
    table.add_section()
    table.add_row(
        Text("cost of a call", style="bold"),
        *(Text(duration(costs[name]) if name in costs else "-") for name in columns),
    )
    return table


def _race(cell: RaceCell) -> Text:
    style = STYLES[cell.standing]
    if cell.counts is None:
        return Text.assemble(("not run\n", style), (_word(cell), style))
    return Text.assemble(
        (f"leak: {cell.counts.leak:,}\n", style),
        (f"of {cell.counts.runs:,}\n", "dim"),
        (str(cell.standing), style),
    )


def _word(cell: RaceCell) -> str:
    return "leak: allowed" if cell.ruling.allowed else "leak: forbidden"


def _outcomes(result: HardwareResult) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, title_justify="left")
    table.add_column("put / shrink", style="bold")
    for heading in ("nobody flushes:\nthe leak", "only put\nflushes", "only shrink\nflushes"):
        table.add_column(heading, justify="right")
    table.add_column("both\nflush", justify="right")
    table.add_column("seconds", justify="right", style="dim")
    for cell in result.cells:
        c = cell.counts
        if c is not None:
            numbers = (c.leak, c.put_flushes, c.shrink_flushes, c.both_flush)
            shown = (f"{number:,}" for number in numbers)
            table.add_row(cell.name, *shown, f"{cell.seconds or 0:.2f}")
    return table


def _ratios(result: HardwareResult) -> str:
    """What the slow barriers cost, counted in fences."""
    costs = {cost.shrink: cost.nanoseconds for cost in result.costs}
    fence = costs.get("fence", 0.0)
    slow = [name for name in ("membarrier_private", "membarrier_global") if name in costs]
    if not fence or not slow:
        return ""
    text = " and ".join(f"a {name} {_rounded(costs[name] / fence)}" for name in slow)
    return f"Counted in fences, {text}."


def _rounded(ratio: float) -> str:
    digits = len(str(int(ratio))) - 2
    return f"{round(ratio, -digits) if digits > 0 else ratio:,.0f}"


def _not_run(result: HardwareResult) -> dict[str, list[RaceCell]]:
    reasons: dict[str, list[RaceCell]] = {}
    for cell in result.standing_at(Standing.NOT_RUN):
        reasons.setdefault(cell.not_run or "no reason was given", []).append(cell)
    return reasons


def _pairs(cells: Iterable[RaceCell]) -> str:
    return ", ".join(cell.name for cell in cells)


def duration(nanoseconds: float) -> str:
    """Write a duration in its natural unit."""
    for size, unit in ((_MILLISECOND, "ms"), (_MICROSECOND, "µs"), (1.0, "ns")):
        if nanoseconds >= size or unit == "ns":
            value = nanoseconds / size
            return f"{value:.1f} {unit}" if value < _FEW else f"{value:.0f} {unit}"
    raise AssertionError


def _facts(result: HardwareResult) -> str:
    machine = result.machine
    virtual = ", a virtual machine" if machine.virtual else ""
    busy = f"{result.busy} older stores to cold lines" if result.busy else "no older stores"
    return (
        f"{result.arch}: {machine.processor}{virtual}, {machine.kernel}; put on CPU "
        f"{result.cpus[0]}, shrink on CPU {result.cpus[1]}; {busy} (--busy); {result.compiler}"
    )
