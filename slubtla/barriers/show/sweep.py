"""A sweep on a terminal: the sizes, and what the next ones may cost."""

from __future__ import annotations

from typing import Final

from rich import box
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from slubtla.barriers.campaigns.sweep import BoundGrowth, Size, Sweep
from slubtla.barriers.show.text import verdict_text

_MEBIBYTE: Final = 1 << 20
_MINUTE: Final = 60
_HOUR: Final = 3600
_DAY: Final = 86400
_TIMES: Final = "\N{MULTIPLICATION SIGN}"

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
    """Return the table of sizes, and below it the growth with the bounds."""
    parts: list[RenderableType] = [Text(sweep.name, style="bold"), _sizes(sweep)]
    parts += [_left_out(sweep)] if sweep.left_out else []
    parts.append(Text(_SIZES, style="dim"))
    if sweep.growth:
        parts += [Text(), _growths(sweep), Text(_GROWTH, style="dim")]
    else:
        parts.append(Text("No bound has two finished sizes, so there is no estimate.", "yellow"))
    cached = sum(size.result.provenance.cached_at is not None for size in sweep.sizes)
    if cached:
        told = (
            f"{cached} of {len(sweep.sizes)} results were kept from earlier runs of the very same, "
            "with their time and memory; --no-cache runs them anew."
        )
        parts.append(Text(told, style="dim"))
    return Group(*parts)


def about_seconds(seconds: float) -> str:
    """Return a time in one unit that suits it: ``7 s``, ``12 min``, ``3.5 h``, ``2.1 days``."""
    if seconds < 2 * _MINUTE:
        return f"{max(1, round(seconds))} s"
    if seconds < 2 * _HOUR:
        return f"{seconds / _MINUTE:.0f} min"
    return f"{seconds / _HOUR:.1f} h" if seconds < 2 * _DAY else f"{seconds / _DAY:,.1f} days"


def _sizes(sweep: Sweep) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for bound in sweep.swept:
        table.add_column(bound.replace("_", "\n"), justify="right")
    table.add_column("verdict", overflow="fold")
    for head in ("distinct", "generated", "depth", "time", "memory"):
        table.add_column(head, justify="right", no_wrap=True)
    first = None
    for size in sweep.sizes:
        values = [str(size.bounds[bound]) for bound in sweep.swept]
        if first is not None and values[0] != first and len(sweep.swept) > 1:
            table.add_section()
        first = values[0]
        table.add_row(*values, verdict_text(size.result.verdict), *_numbers(size))
    return table


def _numbers(size: Size) -> list[str]:
    stats, ran = size.result.stats, size.result.provenance
    counts = ["" if n is None else f"{n:,}" for n in (stats.distinct, stats.generated, stats.depth)]
    if size.states is None:
        counts = [f"({count})" if count else "" for count in counts]
    memory = ran.peak_memory_bytes
    return [
        *counts,
        f"{ran.wall_seconds:,.1f} s",
        "" if memory is None else f"{memory / _MEBIBYTE:,.0f} MiB",
    ]


def _left_out(sweep: Sweep) -> Text:
    whys: dict[str, list[str]] = {}
    for each in sweep.left_out:
        own = ", ".join(f"{name.replace('_', ' ')} {value}" for name, value in each.bounds.items())
        whys.setdefault(each.why, []).append(own)
    lines = [f"left out: {'; '.join(sizes)}: {why}" for why, sizes in whys.items()]
    return Text("\n".join(lines), style="yellow")


def _growths(sweep: Sweep) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("one more of")
    table.add_column("states", justify="right", no_wrap=True)
    table.add_column("from, to", justify="right", no_wrap=True)
    table.add_column("the next size (estimate)", overflow="fold")
    for growth in sweep.growth:
        table.add_row(
            growth.bound.replace("_", " "),
            f"{_TIMES} {growth.factor:.1f}",
            f"{growth.least:.1f}, {growth.most:.1f}",
            _next(growth),
        )
    return table


def _next(growth: BoundGrowth) -> str:
    if growth.next is None:
        return "none that makes sense"
    bounds = ", ".join(
        f"{name.replace('_', ' ')} {value}" for name, value in growth.next.bounds.items()
    )
    span = f"{_about(growth.next.least)} to {_about(growth.next.most)}"
    told = f"about {_about(growth.next.states)} states" + (f" ({span})" if growth.steps > 1 else "")
    return f"{bounds}: {told}, about {about_seconds(growth.next.seconds)}"


def _about(states: int) -> str:
    """A number that claims no more than two digits."""
    return f"{round(states, 2 - len(str(states))):,}"
