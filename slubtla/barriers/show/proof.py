"""Terminal output of ``prove`` and ``mutate``: tables, differences with next steps, totals."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Final

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.text import Text

from slubtla.barriers.suite.ci import headline
from slubtla.barriers.suite.compare import Kind
from slubtla.barriers.suite.proof import Checked, CheckedFile, Proof
from slubtla.barriers.table import Column, Table, TableCell, terminal_table
from slubtla.errors import ExitCode
from slubtla.tlc.run.verdict import VerdictKind

_MOST_NAMES: Final = 8
_MOST_ALIKE: Final = 3


def proof_view(proof: Proof) -> RenderableType:
    """Return the whole screen for ``slubtla prove``."""
    said = (*_differences(proof), *_warnings(proof), *_recorded(proof))
    return Group(*_screen(proof_tables(proof)), *said, _ended(headline(proof), proof))


def mutants_view(proof: Proof) -> RenderableType:
    """Return the whole screen for ``slubtla mutate``: what was broken, and what fell."""

    def row(each: Checked) -> list[str | TableCell]:
        mark = "✓" if _as_it_must(each) else "✗"
        return [_marked(each, mark), each.about, _falls(each), _number(each)]

    columns = [*map(Column, ("mutant", "what is broken", "falls")), Column("states", number=True)]
    said = (*_survivors(proof), *_differences(proof), *_warnings(proof))
    tables = _tables(proof, columns, row)
    return Group(*_screen(tables), *said, _ended(_mutants_sum(proof), proof))


def proof_tables(proof: Proof) -> list[tuple[str, Table]]:
    """Return the title of each file, and a row for each of its models."""

    def row(each: Checked) -> list[str | TableCell]:
        mark = "✗" if each.differences else "-" if each.found is None else "✓"
        seconds = "" if each.seconds is None else f"{each.seconds:.1f}"
        return [_marked(each, mark), _must_show(each), _number(each), seconds]

    numbers = (Column(head, number=True) for head in ("states", "s"))
    return _tables(proof, [Column("model"), Column("must show"), *numbers], row)


def _tables(
    proof: Proof, columns: Sequence[Column], row: Callable[[Checked], list[str | TableCell]]
) -> list[tuple[str, Table]]:
    return [
        (f"{file.title}  {file.file}", Table(columns, [*map(row, file.models)]))
        for file in proof.files
    ]


def _screen(tables: list[tuple[str, Table]]) -> Iterator[RenderableType]:
    for title, table in tables:
        yield Text(title, style="bold")
        yield terminal_table(table)


def _marked(model: Checked, mark: str) -> TableCell:
    return TableCell(f"{mark} {model.name}", {"-": "dim", "✗": VerdictKind.ERROR}.get(mark, ""))


def _as_it_must(model: Checked) -> bool:
    """Whether it shows what it must, whatever its pins say."""
    return model.found is not None and all(d.kind.recordable for d in model.differences)


def _must_show(model: Checked) -> TableCell:
    """The verdict that it must get, and below it what was found instead and why it differs."""
    found = f"found {model.found}" if model.found not in {None, model.expected} else ""
    below = "\n".join(filter(None, (found, _note(model))))
    if not model.expected:
        return TableCell("nothing", VerdictKind.ERROR, below)
    return TableCell(model.expected, VerdictKind(model.expected.partition("(")[0]), below)


def _note(model: Checked) -> str:
    if model.differences:
        return ", ".join(dict.fromkeys(difference.kind.value for difference in model.differences))
    return "equivalent" if model.equivalent else "shared run" if model.shares else ""


def _falls(model: Checked) -> TableCell:
    if model.found is None:
        return TableCell("refused" if model.differences else "not run", "dim")
    word, _, property_name = model.found.rstrip(")").partition("(")
    if word == VerdictKind.PROVEN:
        known = not model.mutant or model.equivalent
        style = VerdictKind.PROVEN if known else VerdictKind.ERROR
        return TableCell("nothing" if model.mutant else "PROVEN", style)
    shown = property_name if word in {VerdictKind.VIOLATED, VerdictKind.VACUOUS} else model.found
    if model.found == model.expected:
        return TableCell(shown)
    return TableCell(shown, VerdictKind.ERROR, f"not {model.expected}")


def _number(model: Checked) -> str:
    return "" if model.distinct is None else f"{model.distinct:,}"


def _differences(proof: Proof) -> Iterator[RenderableType]:
    """Each difference with its next step; texts that changed in many models stand once."""
    many = {
        (file.file, kind): names
        for file in proof.files
        for kind in (Kind.SPEC, Kind.CFG)
        if len(names := _models_with(file, kind)) > _MOST_ALIKE
    }
    shown: set[tuple[str, Kind]] = set()
    for file, model, difference in proof.differences:
        group = (file.file, difference.kind)
        if group in shown:
            continue
        line, name = difference.line or (model.line if model else 1), ""
        message = difference.message
        if group in many:
            shown.add(group)
            line = 1
            message = f"the texts of {len(many[group])} models changed: {', '.join(many[group])}"
        elif model:
            name = f" {model.name}"
        yield Text.assemble((f"{file.file}:{line}", "dim"), (name, "bold"), f" {difference.kind}")
        yield Padding(Text(message, style="red"), (0, 0, 0, 2))
        yield Padding(Text.assemble(("next: ", "bold"), difference.next_step), (0, 0, 1, 2))


def _warnings(proof: Proof) -> Iterator[RenderableType]:
    """What the runs were warned of: in red where it is why nothing is proven."""
    for file in proof.files:
        for model in file.models:
            style = "red" if model.spoiled else "yellow"
            for text in model.warnings:
                place = f"{file.file}:{model.line}"
                yield Text.assemble((place, "dim"), (f" {model.name}", "bold"), " warning")
                yield Padding(Text(text, style=style), (0, 0, 1, 2))


def _models_with(file: CheckedFile, kind: Kind) -> tuple[str, ...]:
    return tuple(m.name for m in file.models if any(d.kind is kind for d in m.differences))


def _recorded(proof: Proof) -> Iterator[RenderableType]:
    for file in proof.files:
        if file.recorded is not None:
            what = ", ".join(file.recorded) or "nothing changed"
            if len(file.recorded) > _MOST_NAMES:
                what = f"{len(file.recorded):,} pins; `git diff` shows them"
            yield Text.assemble(("recorded ", "bold"), f"{file.file}: {what}")


def _survivors(proof: Proof) -> Iterator[RenderableType]:
    known = [model for model in proof.models if model.equivalent and _as_it_must(model)]
    if known:
        yield Text("Survivors that are no different from the correct model:", style="bold")
        for model in known:
            name = (model.name, "bold")
            yield Padding(Text.assemble(name, f": {model.equivalent}."), (0, 0, 0, 2))
        yield Text()


def _mutants_sum(proof: Proof) -> str:
    mutants = [model for model in proof.models if model.mutant]
    equivalent = [model for model in mutants if model.equivalent and _as_it_must(model)]
    fell = [model for model in mutants if _as_it_must(model) and not model.equivalent]
    whole = f"{len(mutants)} mutant{'' if len(mutants) == 1 else 's'}"
    parts = [f"{whole}: {len(fell)} fell with the property that they break"]
    parts += [f"{len(equivalent)} equivalent"] if equivalent else []
    wrong = [model.name for model in proof.models if not _as_it_must(model)]
    parts += [f"not as expected: {', '.join(wrong)}"] if wrong else []
    pins = sum(_as_it_must(model) and not model.as_expected for model in proof.models)
    parts += [f"{pins} not as recorded"] if pins else []
    return "; ".join(parts)


def _ended(text: str, proof: Proof) -> Text:
    """The sum, with what it took."""
    runs = f"{proof.runs} run{'' if proof.runs == 1 else 's'} of TLC in {proof.wall_seconds:.0f} s"
    if proof.cached:
        runs += f"; {proof.cached} taken from the cache, --no-cache runs them again"
    codes = {ExitCode.AS_EXPECTED: "bold green", ExitCode.INCONCLUSIVE: "bold yellow"}
    style = codes.get(proof.exit_code, "bold red")
    return Text(f"{text} ({runs if proof.ran else 'nothing was run'})", style=style)
