"""Which plots a report shows: those that its runs have the numbers for."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Final

from slubtla.barriers.show.html import inline_svg
from slubtla.errors import UsageError
from slubtla.tlc.run.verdict import VerdictKind

if TYPE_CHECKING:
    from markupsafe import Markup
    from matplotlib.axes import Axes

    from slubtla.barriers.show.report.sections import Section

_MOST_LANES: Final = 3
_MOST_LINES: Final = 7
_FEWEST_GROWING: Final = 2


@dataclass(frozen=True, slots=True)
class ReportPlot:
    """A picture with its caption."""

    caption: str
    svg: Markup


def plots_of(sections: Sequence[Section], featured: Section | None) -> tuple[ReportPlot, ...]:
    """Return the plots of a report.

    Swim lanes and coverage of each run, where there are few, else of the featured one. The search
    over time, where there are few runs. The growth, where the finished runs differ in one bound.
    """
    return tuple(_plots(sections, featured))


def _plots(sections: Sequence[Section], featured: Section | None) -> Iterator[ReportPlot]:
    from slubtla.barriers.show.plots.coverage import coverage_bars  # noqa: PLC0415 - only where one is drawn
    from slubtla.barriers.show.plots.growth import growth_lines  # noqa: PLC0415 - likewise
    from slubtla.barriers.show.plots.lanes import draw_lanes  # noqa: PLC0415 - likewise
    from slubtla.barriers.show.plots.progress import search_progress  # noqa: PLC0415 - likewise

    few = len(sections) <= _MOST_LANES
    chosen = list(sections) if few else [featured] if featured else []
    for section in chosen:
        if section.story and section.result.protocol:
            caption = f"Swim lanes: {section.result.verdict}, {section.subject}. Time goes down."
            yield from _drawn(
                partial(draw_lanes, section.story, titled=False), f"lanes-{section.id}", caption
            )
    for section in chosen:
        if section.actions:
            caption = f"How often each action fired: {section.subject}."
            draw = partial(coverage_bars, section.result)
            yield from _drawn(draw, f"coverage-{section.id}", caption)
    results = [section.result for section in sections]
    if len(results) <= _MOST_LINES:
        draw = partial(search_progress, *results)
        yield from _drawn(draw, "progress", "States and queue over time.")
    proven = [result for result in results if result.verdict.kind is VerdictKind.PROVEN]
    if len(proven) >= _FEWEST_GROWING:
        draw = partial(growth_lines, *proven)
        yield from _drawn(draw, "growth", "States against the bound that differs.")


def _drawn(draw: Callable[[], Axes], name: str, caption: str) -> Iterator[ReportPlot]:
    """One plot, or none where the runs lack what it needs: a plot can never fail a report."""
    try:
        axes = draw()
    except UsageError:
        return
    yield ReportPlot(caption, inline_svg(axes, name.replace("_", "-").replace(".", "-"), caption))
