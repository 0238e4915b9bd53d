"""What was proven, on a terminal: a table, then each difference with its next step, then a sum."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from rich import box
from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from slubtla.barriers.show.text import STYLES
from slubtla.barriers.suite.differences import Kind
from slubtla.barriers.suite.github import headline
from slubtla.barriers.suite.report import Checked, CheckedFile, Proof
from slubtla.errors import ExitCode
from slubtla.tlc.run.verdict import VerdictKind

_MOST_NAMES: Final = 8
_MOST_ALIKE: Final = 3


def proof_view(proof: Proof) -> RenderableType:
    """Return the whole screen for ``slubtla prove``."""
    parts: list[RenderableType] = []
    for file in proof.files:
        table = _table("", "model", "must show", "states", "s")
        for model in file.models:
            table.add_row(
                Text.assemble(_seen(model)),
                model.name,
                _must_show(model),
                _number(model),
                _seconds(model),
            )
        parts += [_heading(file), table]
    said = (*_differences(proof), *_warnings(proof), *_recorded(proof))
    return Group(*parts, *said, _sum(proof))


def mutants_view(proof: Proof) -> RenderableType:
    """Return the whole screen for ``slubtla mutate``: what was broken, and what fell."""
    parts: list[RenderableType] = []
    for file in proof.files:
        table = _table("mutant", "what is broken", "falls", "states")
        for model in file.models:
            table.add_row(
                Text.assemble(_mark(model), " ", model.name),
                model.about,
                _falls(model),
                _number(model),
            )
        parts += [_heading(file), table]
    said = (*_survivors(proof), *_differences(proof), *_warnings(proof))
    return Group(*parts, *said, _mutants_sum(proof))


def _table(*columns: str) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0))
    for column in columns:
        number = column in {"states", "s"}
        table.add_column(
            column,
            justify="right" if number else "left",
            no_wrap=number,
            overflow="fold",
        )
    return table


def _heading(file: CheckedFile) -> Text:
    return Text.assemble((file.title, "bold"), (f"  {file.file}", "dim"))


def _verdict(text: str) -> Text:
    return Text(text, style=STYLES[VerdictKind(text.partition("(")[0])])


def _must_show(model: Checked) -> Text:
    """The verdict that it must get, and below it what is to be said of that."""
    text = _verdict(model.expected) if model.expected else Text("nothing", style="bold red")
    if model.found not in {None, model.expected}:
        text.append("\nfound ", style="bold red").append_text(_verdict(model.found or ""))
    note = _note(model)
    return text.append("\n").append_text(note) if note else text


def _seen(model: Checked) -> tuple[str, str]:
    """A mark: as it must be, or not, or not seen."""
    if model.found is None and not model.differences:
        return ("-", "dim")
    return ("✗", "bold red") if model.differences else ("✓", "green")


def _mark(model: Checked) -> tuple[str, str]:
    return ("✓", "green") if _as_it_must(model) else ("✗", "bold red")


def _as_it_must(model: Checked) -> bool:
    """Whether it shows what it must, whatever its pins say."""
    return model.found is not None and all(d.kind.recordable for d in model.differences)


def _falls(model: Checked) -> Text:
    if model.found is None:
        return Text("refused" if model.differences else "not run", style="dim")
    word, _, property_name = model.found.rstrip(")").partition("(")
    if word == VerdictKind.PROVEN:
        known = not model.mutant or model.equivalent
        return Text("nothing" if model.mutant else "PROVEN", style="green" if known else "bold red")
    shown = property_name if word in {VerdictKind.VIOLATED, VerdictKind.VACUOUS} else model.found
    right = model.found == model.expected
    text = Text(shown, style="" if right else "bold red")
    if not right:
        text.append(f"\nnot {model.expected}", style="dim")
    return text


def _number(model: Checked) -> str:
    return "" if model.distinct is None else f"{model.distinct:,}"


def _seconds(model: Checked) -> str:
    return "" if model.seconds is None else f"{model.seconds:.1f}"


def _note(model: Checked) -> Text:
    if model.differences:
        kinds = dict.fromkeys(difference.kind.value for difference in model.differences)
        return Text(", ".join(kinds), style="bold red")
    if model.equivalent:
        return Text("equivalent", style="dim")
    return Text("shared run" if model.shares else "", style="dim")


def _differences(proof: Proof) -> Iterator[RenderableType]:
    """Each difference with its next step; texts that changed in many models are told once."""
    many = {
        (file.file, kind): names
        for file in proof.files
        for kind in (Kind.SPEC, Kind.CFG)
        if len(names := _models_with(file, kind)) > _MOST_ALIKE
    }
    told: set[tuple[str, Kind]] = set()
    for file, model, difference in proof.differences:
        group = (file.file, difference.kind)
        if group in told:
            continue
        if group in many:
            told.add(group)
            changed = ", ".join(many[group])
            whole = f"the texts of {len(many[group])} models changed: {changed}"
            difference = difference.model_copy(update={"message": whole, "line": 1})  # noqa: PLW2901
            model = None  # noqa: PLW2901
        line = difference.line or (model.line if model else 1)
        name = f" {model.name}" if model else ""
        yield Text.assemble((f"{file.file}:{line}", "dim"), (name, "bold"), f" {difference.kind}")
        yield Padding(Text(difference.message, style="red"), (0, 0, 0, 2))
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
        yield Padding(Text.assemble((model.name, "bold"), f": {model.equivalent}."), (0, 0, 0, 2))
    if known:
        yield Text()


def _mutants_sum(proof: Proof) -> Text:
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
    return Text(_with_time("; ".join(parts), proof), style=_style(proof))


def _sum(proof: Proof) -> Text:
    return Text(_with_time(headline(proof), proof), style=_style(proof))


def _with_time(text: str, proof: Proof) -> str:
    runs = f"{proof.runs} run{'' if proof.runs == 1 else 's'} of TLC in {proof.wall_seconds:.0f} s"
    if proof.cached:
        runs += (
            f"; {proof.cached} kept from earlier runs of the very same, --no-cache runs them anew"
        )
    return f"{text} ({runs if proof.ran else 'nothing was run'})"


def _style(proof: Proof) -> str:
    codes = {ExitCode.AS_EXPECTED: "bold green", ExitCode.INCONCLUSIVE: "bold yellow"}
    return codes.get(proof.exit_code, "bold red")
