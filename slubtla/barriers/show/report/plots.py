"""Which plots a report shows: those that its runs have the numbers for, and no more than help."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from slubtla.barriers.show.report.pictures import inline_svg
from slubtla.errors import UsageError
from slubtla.tlc.run.verdict import VerdictKind

if TYPE_CHECKING:
    from markupsafe import Markup
    from matplotlib.axes import Axes

    from slubtla.barriers.show.report.content import Section

_MOST_LANES: Final = 3
_MOST_LINES: Final = 7
_FEWEST_GROWING: Final = 2


@dataclass(frozen=True, slots=True)
class Plot:
    """A picture with its caption."""

    caption: str
    svg: Markup


def plots_of(sections: Sequence[Section], featured: Section | None) -> tuple[Plot, ...]:
    """Return the plots of a report.

    The swim lanes and the coverage of each run, where there are few; of the featured one
    otherwise. The search over time, where there are few runs. The growth, where the runs that came
    to their end differ in one bound.
    """
    return tuple(_plots(sections, featured))


def _plots(sections: Sequence[Section], featured: Section | None) -> Iterator[Plot]:
    from slubtla.barriers.show.plots.coverage import coverage_bars  # noqa: PLC0415 - only where one is drawn
    from slubtla.barriers.show.plots.growth import growth_lines  # noqa: PLC0415 - likewise
    from slubtla.barriers.show.plots.lanes import lanes  # noqa: PLC0415 - likewise
    from slubtla.barriers.show.plots.progress import search_progress  # noqa: PLC0415 - likewise

    few = len(sections) <= _MOST_LANES
    chosen = list(sections) if few else [featured] if featured else []
    for section in chosen:
        if section.told and section.result.protocol:
            yield from _drawn(
                lambda: lanes(section.result),  # noqa: B023  # drawn at once
                f"lanes-{section.id}",
                f"Swim lanes: {section.result.verdict}, {section.subject}. Time goes down.",
            )
    for section in chosen:
        if section.actions:
            yield from _drawn(
                lambda: coverage_bars(section.result),  # noqa: B023  # drawn at once
                f"coverage-{section.id}",
                f"How often each action fired: {section.subject}.",
            )
    results = [section.result for section in sections]
    if len(results) <= _MOST_LINES:
        yield from _drawn(
            lambda: search_progress(*results), "progress", "States and queue over time."
        )
    proven = [result for result in results if result.verdict.kind is VerdictKind.PROVEN]
    if len(proven) >= _FEWEST_GROWING:
        yield from _drawn(
            lambda: growth_lines(*proven), "growth", "States against the bound that differs."
        )


def _drawn(draw: Callable[[], Axes], name: str, caption: str) -> Iterator[Plot]:
    """One plot, or none where the runs have not what it needs: a plot can never fail a report."""
    try:
        axes = draw()
    except UsageError:
        return
    yield Plot(caption, inline_svg(axes, name.replace("_", "-").replace(".", "-"), caption))
