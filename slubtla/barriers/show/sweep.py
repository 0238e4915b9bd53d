"""A sweep as tables: the sizes, and what the next ones may cost."""

from __future__ import annotations

from typing import Final

from rich.console import Group, RenderableType
from rich.text import Text

from slubtla.barriers.campaigns.sweep import BoundGrowth, Size, Sweep
from slubtla.barriers.show.matrix import cached_note
from slubtla.barriers.table import Column, Table, TableCell, mebibytes, terminal_table, verdict_cell

_MINUTE: Final = 60
_HOUR: Final = 3600
_DAY: Final = 86400
TIMES: Final = "\N{MULTIPLICATION SIGN}"

_SIZES: Final = (
    "Time and memory are TLC's. In brackets: the search ended early, so how many states there are "
    "is not known, and nothing is concluded from it."
)
_GROWTH: Final = (
    "Factor: least squares on the logarithms, the other bounds held fixed; from and to are the "
    "smallest and the largest step. The next size is an estimate: the largest finished one times "
    "the factor, at its pace. The factor may change with the size, so the span is no limit."
)


def sweep_view(sweep: Sweep) -> RenderableType:
    """Return a sweep for a terminal."""
    parts: list[RenderableType] = [Text(sweep.name, style="bold")]
    parts.append(terminal_table(sizes_table(sweep)))
    parts += [Text(line, style="yellow") for line in left_out(sweep)]
    parts.append(Text(_SIZES, style="dim"))
    if sweep.growth:
        parts += [Text(), terminal_table(growth_table(sweep)), Text(_GROWTH, style="dim")]
    else:
        parts.append(Text("No bound has two finished sizes, so there is no estimate.", "yellow"))
    if note := cached_note([size.result for size in sweep.sizes]):
        parts.append(Text(note, style="dim"))
    return Group(*parts)


def about_seconds(seconds: float) -> str:
    """Return a time in one unit that suits it: ``7 s``, ``12 min``, ``3.5 h``, ``2.1 days``."""
    if seconds < 2 * _MINUTE:
        return f"{max(1, round(seconds))} s"
    if seconds < 2 * _HOUR:
        return f"{seconds / _MINUTE:.0f} min"
    return f"{seconds / _HOUR:.1f} h" if seconds < 2 * _DAY else f"{seconds / _DAY:,.1f} days"


def sizes_table(sweep: Sweep) -> Table:
    """Return a row for each size."""
    heads = ("distinct", "generated", "depth", "time", "memory")
    columns = [
        *(Column(bound.replace("_", "\n"), number=True) for bound in sweep.swept),
        Column("verdict"),
        *(Column(head, number=True) for head in heads),
    ]
    rows: list[list[str | TableCell]] = []
    for size in sweep.sizes:
        bounds = [str(size.bounds[bound]) for bound in sweep.swept]
        rows.append([*bounds, verdict_cell(size.result.verdict), *_numbers(size)])
    new = {at for at in range(1, len(rows)) if rows[at][0] != rows[at - 1][0]}
    return Table(columns, rows, frozenset(new if len(sweep.swept) > 1 else ()), (_SIZES,))


def _numbers(size: Size) -> list[str]:
    stats, ran = size.result.stats, size.result.provenance
    counts = ["" if n is None else f"{n:,}" for n in (stats.distinct, stats.generated, stats.depth)]
    if size.states is None:
        counts = [f"({count})" if count else "" for count in counts]
    return [*counts, f"{ran.wall_seconds:,.1f} s", mebibytes(ran.peak_memory_bytes)]


def left_out(sweep: Sweep) -> list[str]:
    """Return which sizes were left out, and why, a sentence for each reason."""
    whys: dict[str, list[str]] = {}
    for each in sweep.left_out:
        whys.setdefault(each.why, []).append(_bounds(each.bounds))
    return [f"left out: {'; '.join(sizes)}: {why}" for why, sizes in whys.items()]


def growth_table(sweep: Sweep) -> Table:
    """Return a row for each bound: by what it multiplies the states, and the next size."""
    numbers = (Column(head, number=True) for head in ("states", "from, to"))
    columns = [Column("one more of"), *numbers, Column("the next size (estimate)")]
    rows = []
    for growth in sweep.growth:
        factor, span = f"{TIMES} {growth.factor:.1f}", f"{growth.least:.1f}, {growth.most:.1f}"
        rows.append([growth.bound.replace("_", " "), factor, span, _next(growth)])
    return Table(columns, rows, notes=(_GROWTH,))


def _next(growth: BoundGrowth) -> str:
    if growth.next is None:
        return "none that makes sense"
    states = f"about {_about(growth.next.states)} states"
    if growth.steps > 1:
        states += f" ({_about(growth.next.least)} to {_about(growth.next.most)})"
    seconds = about_seconds(growth.next.seconds)
    return f"{_bounds(growth.next.bounds)}: {states}, about {seconds}"


def _bounds(bounds: dict[str, int]) -> str:
    return ", ".join(f"{name.replace('_', ' ')} {value}" for name, value in bounds.items())


def _about(states: int) -> str:
    """A number that claims no more than two digits."""
    return f"{round(states, 2 - len(str(states))):,}"
