"""Terminal views: a table of tests, one test in herd7's format, a comparison with herd7."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Final

from rich import box
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from slubtla.barriers.litmus.comparison import Agreement, Compared, Comparison
from slubtla.barriers.litmus.outcome import Outcome
from slubtla.barriers.litmus.suite import Conformance
from slubtla.barriers.litmus.syntax import Observation, Quantifier

_STYLES: Final = {
    Observation.NEVER: "green",
    Observation.SOMETIMES: "yellow",
    Observation.ALWAYS: "cyan",
}
_ASKED: Final = {
    Quantifier.EXISTS: "Allowed",
    Quantifier.NOT_EXISTS: "Forbidden",
    Quantifier.FORALL: "Required",
}
_MARKS: Final = {Agreement.AGREE: "", Agreement.STRONGER: " *"}
_WORST_LAST: Final = tuple(Agreement)
_WORDS: Final = {
    Agreement.UNEXPLAINED: "is stronger than herd7's {herd}, and no comment says why",
    Agreement.WEAKER: "allows what herd7 ({herd}) does not",
}


def _table(columns: Iterable[Text | str]) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0))
    for column in columns:
        table.add_column(column, no_wrap=True)
    return table


def _bold(words: Iterable[str]) -> list[Text]:
    return [Text(word, style="bold") for word in words]


def table_view(conformance: Conformance) -> RenderableType:
    """Return the table of tests and models, and what is not as expected."""
    table = _table(["test", Text("LKMM", style="dim"), *_bold(conformance.memories)])
    for test, row in zip(conformance.tests, conformance.outcomes, strict=True):
        lkmm = Text(test.lkmm or "", style="dim")
        cells = {outcome.memory: _cell(outcome) for outcome in row}
        shown = (cells.get(memory, Text("-", style="dim")) for memory in conformance.memories)
        table.add_row(Text(test.name), lkmm, *shown)
    return Group(table, *_summary(conformance))


def _verdict(verdict: Observation) -> Text:
    return Text(verdict, style=_STYLES[verdict])


def _cell(outcome: Outcome) -> Text:
    cell = _verdict(outcome.verdict)
    if not outcome.as_expected:
        cell = Text(f"{outcome.verdict} (!)", style="bold red")
    elif outcome.litmus.because and outcome.memory == "relaxed":
        cell.append(" *", style="dim")
    return cell


def _wanted(outcome: Outcome) -> str:
    return str(outcome.expected or outcome.litmus.lkmm)


def _summary(conformance: Conformance) -> Iterator[Text]:
    tests, models = len(conformance.tests), len(conformance.memories)
    if any(test.because for test in conformance.tests) and "relaxed" in conformance.memories:
        yield Text("* stronger than LKMM; the test says why: see docs/memory.md", style="dim")
    states = sum(conformance.distinct.values())
    seconds = sum(conformance.seconds.values())
    yield Text(f"{tests} tests on {models} models: {states:,} states in {seconds:.1f} s")
    if not conformance.surprises and not conformance.failures:
        yield Text("All as expected.", style="bold green")
    yield from _surprises(conformance)
    yield from _not_judged(conformance)


def _surprises(conformance: Conformance) -> Iterator[Text]:
    if surprises := conformance.surprises:
        yield Text(f"{len(surprises)} not as expected:", style="bold red")
    yield from _surprise_lines(conformance)


def _surprise_lines(conformance: Conformance) -> Iterator[Text]:
    for outcome in conformance.surprises:
        ours = f"{outcome.litmus.name} on {outcome.memory}: {outcome.verdict}"
        yield Text(f"  {ours}, not {_wanted(outcome)}", style="red")


def _not_judged(conformance: Conformance) -> Iterator[Text]:
    if failures := conformance.failures:
        yield Text(f"{len(failures)} not judged:", style="bold red")
    for failure in failures:
        memory = f" on {failure.memory}" if failure.memory else ""
        at = failure.to_json()
        line = f":{at['line']}:{at['column']}" if at["line"] else ""
        yield Text(f"  {failure.file}{line}{memory}: {at['reason']}", style="red")


def outcomes_view(conformance: Conformance) -> RenderableType:
    """Return each test on each model in the words of herd7."""
    blocks = [_herd(outcome) for row in conformance.outcomes for outcome in row]
    text = Text("\n").join(blocks)
    text.rstrip()
    return Group(text, *_surprises(conformance), *_not_judged(conformance))


def _herd(outcome: Outcome) -> Text:
    litmus, condition = outcome.litmus, outcome.litmus.condition
    text = Text()
    text.append(f"Test {litmus.name} {_ASKED[condition.quantifier]}")
    text.append(f" on {outcome.memory}\n", style="bold")
    text.append(f"States {len(outcome.states)}\n")
    for state in outcome.states:
        text.append(" ".join(f"{variable}={value};" for variable, value in state) + "\n")
    text.append("Ok\n" if outcome.ok else "No\n")
    text.append(f"Witnesses\nPositive: {outcome.positive} Negative: {outcome.negative}\n")
    if litmus.only is not None:
        text.append(f"Filter ({litmus.only})\n")
    text.append(f"Condition {condition}\n")
    text.append(f"Observation {litmus.name} ")
    text.append(outcome.verdict, style=f"bold {_STYLES[outcome.verdict]}")
    text.append(f" {outcome.positive} {outcome.negative}\n")
    if outcome.vacuous:
        text.append("The filter leaves no final state: this says nothing.\n", style="bold red")
    elif not outcome.as_expected:
        text.append(f"Expected {_wanted(outcome)}\n", style="bold red")
    elif litmus.lkmm not in {None, outcome.verdict}:
        text.append(f"LKMM says {litmus.lkmm}: this model is stronger here\n", style="dim")
    return text


def comparison_view(comparison: Comparison) -> RenderableType:
    """Return the table of tests, our models and herd7, and what is wrong."""
    table = _table(["test", *_bold([*comparison.conformance.memories, "herd7"]), ""])
    for test, row, herd in zip(
        comparison.conformance.tests, comparison.rows, comparison.herd, strict=True
    ):
        worst = max((one.agreement for one in row), key=_WORST_LAST.index)
        word = Text(worst, style="green" if all(one.fine for one in row) else "bold red")
        cells = {one.ours.memory: _compared_cell(one) for one in row}
        shown = (cells.get(memory, Text("-")) for memory in comparison.conformance.memories)
        table.add_row(Text(test.name), *shown, _verdict(herd.verdict), word)
    return Group(table, *_compared_summary(comparison))


def _compared_cell(one: Compared) -> Text:
    if one.fine:
        return _verdict(one.ours.verdict).append(_MARKS[one.agreement], style="dim")
    return Text(f"{one.ours.verdict} (!)", style="bold red")


def _compared_summary(comparison: Comparison) -> Iterator[Text]:
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
    for test, verdict in comparison.wrong_comments:
        yield Text(f"  {test.name} says Result: {test.lkmm}, herd7 {verdict}", style="red")
    yield from _surprise_lines(conformance)
    yield from _not_judged(conformance)
