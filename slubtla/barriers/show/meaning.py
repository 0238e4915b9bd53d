"""Terminal view of ``slubtla explain``."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from slubtla.barriers.glossary import Excerpt, Explanation, Meaning, Shown


def explanation_view(explanation: Explanation, width: int) -> RenderableType:
    """Return all meanings of a word, one under the other, with code broken to the width."""
    parts: list[RenderableType] = []
    if len(explanation.meanings) > 1:
        kinds = ", ".join(f"{m.name} ({m.kind})" for m in explanation.meanings)
        parts += [Text(f"{explanation.word}: {len(explanation.meanings)} meanings: {kinds}"), ""]
    for meaning in explanation.meanings:
        parts += [*_meaning(meaning, width), Text()]
    return Group(*parts[:-1])


def _meaning(meaning: Meaning, width: int) -> Iterator[RenderableType]:
    yield Text.assemble((meaning.name, "bold"), "  ", (meaning.kind, "dim"))
    yield Text(_sentence(meaning.says))
    yield Text()
    yield _rows(meaning)
    for excerpt in meaning.excerpts:
        yield Text()
        yield from _excerpt(excerpt, width)


def _sentence(says: str) -> str:
    """A sentence with a full stop; a name at its beginning is left as it is."""
    first = says.split(maxsplit=1)[0]
    begun = f"{says[0].upper()}{says[1:]}" if first.isalpha() else says
    return f"{begun}."


def _rows(meaning: Meaning) -> Table:
    table = Table.grid(padding=(0, 2))
    table.add_column(style="dim")
    table.add_column(ratio=1, overflow="fold")
    table.add_row("from", Text(meaning.source))
    for fact in meaning.facts:
        table.add_row(Text(fact.head), Text(fact.text))
    for head, style, models in (("holds", "green", meaning.holds), ("falls", "red", meaning.falls)):
        for expect, lines in _grouped(models):
            table.add_row(head, Text.assemble((expect, style), *(f"\n{line}" for line in lines)))
    for mutant in meaning.mutants:
        survives = mutant.expect == "PROVEN"
        text = Text.assemble((mutant.expect, "green" if survives else "red"))
        text.append(f" {mutant.name}: {mutant.on} — {mutant.file}")
        text.append(f"\n{'survives: ' * survives}{mutant.about}", style="dim")
        table.add_row("mutant", text)
    if meaning.related:
        table.add_row("see also", Text(", ".join(meaning.related)))
    for command in meaning.commands:
        table.add_row("shown by", Text(command, style="bold"))
    return table


def _grouped(models: Sequence[Shown]) -> Iterator[tuple[str, list[str]]]:
    """Each verdict, with a line for each file and the properties of its models."""
    for expect in dict.fromkeys(model.expect for model in models):
        own = [model for model in models if model.expect == expect]
        lines = []
        for file, asks in dict.fromkeys((model.file, model.asks) for model in own):
            there = [m.on for m in own if (m.file, m.asks) == (file, asks)]
            asked = f", asked for {', '.join(asks)}" if asks else ""
            lines.append(f"{_together(there)}{asked} — {file}")
        yield expect, lines


def _together(places: Sequence[str]) -> str:
    """What models are on: what they have in common is said once."""
    groups: dict[str, dict[str, None]] = {}
    for place in places:
        strategy, on, rest = place.partition(" on ")
        groups.setdefault(strategy if on else "", {})[rest if on else strategy] = None
    return "; ".join(
        f"{strategy} on {', '.join(rests)}" if strategy else ", ".join(rests)
        for strategy, rests in groups.items()
    )


def _excerpt(excerpt: Excerpt, width: int) -> Iterator[Text]:
    at = "" if excerpt.line is None else f", line {excerpt.line}"
    yield Text.assemble((excerpt.title, "underline"), (f"  {excerpt.model}{at}", "dim"))
    for line in excerpt.text.split("\n"):
        comment = line.lstrip("+- ").startswith("\\*")
        for part in _broken(line, width):
            yield Text(part, style="dim" if comment else "", no_wrap=True)


def _broken(line: str, width: int) -> list[str]:
    """A line of code, broken where it is wider than the terminal; a comment stays a comment."""
    indent = line[: len(line) - len(line.lstrip())]
    more = f"{indent}\\* " if line.lstrip().startswith("\\*") else f"{indent}    "
    wrapper = textwrap.TextWrapper(width, subsequent_indent=more, replace_whitespace=False)
    wrapper.break_long_words = wrapper.break_on_hyphens = False
    return wrapper.wrap(line) or [""]
