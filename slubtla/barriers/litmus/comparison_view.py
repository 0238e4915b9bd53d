"""Our verdicts and herd7's, side by side on a terminal."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Final

from rich import box
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from slubtla.barriers.litmus.comparison import Agreement, Compared, Comparison
from slubtla.barriers.litmus.syntax import Verdict
from slubtla.barriers.litmus.views import VERDICT_STYLES, not_judged

_MARKS: Final = {Agreement.AGREE: "", Agreement.STRONGER: " *"}
_WORST_LAST: Final = tuple(Agreement)
_WORDS: Final = {
    Agreement.UNEXPLAINED: "is stronger than herd7's {herd}, and no comment says why",
    Agreement.WEAKER: "allows what herd7 ({herd}) does not",
}


def comparison_view(comparison: Comparison) -> RenderableType:
    """Return the table of tests, our models and herd7, and what is wrong."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0))
    table.add_column("test", no_wrap=True)
    for memory in comparison.conformance.memories:
        table.add_column(Text(memory, style="bold"), no_wrap=True)
    table.add_column(Text("herd7", style="bold"), no_wrap=True)
    table.add_column("", no_wrap=True)
    for test, row, herd in zip(
        comparison.conformance.tests, comparison.rows, comparison.herd, strict=True
    ):
        worst = max((one.agreement for one in row), key=_WORST_LAST.index)
        word = Text(worst, style="green" if all(one.fine for one in row) else "bold red")
        cells = {one.ours.memory: _cell(one) for one in row}
        shown = (cells.get(memory, Text("-")) for memory in comparison.conformance.memories)
        table.add_row(Text(test.name), *shown, _verdict(herd.verdict), word)
    return Group(table, *_summary(comparison))


def _verdict(verdict: Verdict) -> Text:
    return Text(verdict, style=VERDICT_STYLES[verdict])


def _cell(one: Compared) -> Text:
    if one.fine:
        return _verdict(one.ours.verdict).append(_MARKS[one.agreement], style="dim")
    return Text(f"{one.ours.verdict} (!)", style="bold red")


def _summary(comparison: Comparison) -> Iterator[Text]:
    conformance, tool = comparison.conformance, comparison.tool
    found = Counter(one.agreement for row in comparison.rows for one in row)
    if found[Agreement.STRONGER]:
        yield Text("* stronger than LKMM for a reason that docs/memory.md gives", style="dim")
    tests = len(conformance.tests)
    yield Text(f"{tests} {'test' if tests == 1 else 'tests'}; herd7 {tool.version}; {tool.conf}")
    for herd in comparison.herd:
        for line in herd.warnings:
            yield Text(f"herd7 on {herd.name}: {line}", style="yellow")
    if comparison.agree and not conformance.surprises and not conformance.failures:
        yield Text("herd7 agrees.", style="bold green")
    for one in comparison.differences:
        words = _WORDS[one.agreement].format(herd=one.herd.verdict)
        ours = f"{one.ours.litmus.name} on {one.ours.memory}: {one.ours.verdict}"
        yield Text(f"  {ours}: it {words}", style="red")
    for test, verdict in comparison.mistold:
        yield Text(f"  {test.name} says Result: {test.lkmm}, herd7 {verdict}", style="red")
    for outcome in conformance.surprises:
        wanted = outcome.expected or outcome.litmus.lkmm
        ours = f"{outcome.litmus.name} on {outcome.memory}: {outcome.verdict}"
        yield Text(f"  {ours}, not {wanted}", style="red")
    yield from not_judged(conformance)
