"""Collect models and specification excerpts for ``slubtla explain``."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final

from slubtla.barriers.data import data_dir
from slubtla.barriers.labels import label_names
from slubtla.barriers.model import Model, make_model
from slubtla.barriers.protocol import protocol
from slubtla.barriers.render import render, with_guards
from slubtla.barriers.suite.config import Claim, Edit
from slubtla.barriers.suite.reading import read_config
from slubtla.tlc.run.result import Record
from slubtla.tlc.run.verdict import VerdictKind

_LABEL: Final = re.compile(r"^(\w+)(?::(?!=)|(?:\(cpu\))? ==$)", re.MULTILINE)
_ENDS: Final = re.compile(r"^(?:\w+:(?!=)|\\\*|\}|<%|process |procedure |$)")
_MACRO: Final = re.compile(r"^macro (\w+)\(")
_MACROS: Final = "\\* --- Memory accesses"


class Shown(Record):
    """A named model of ``configs/`` that shows something of a word.

    Attributes:
        file: the file, e.g. ``configs/arches.toml``.
        name: the model's name there.
        expect: the verdict that it must get.
        on: what it is on, without the word itself: ``"x86"``.
        asks: the properties that it asks for, where these are not the usual ones.
        about: what the file says about it; of a mutant that survives, why it does.
    """

    file: str
    name: str
    expect: str
    on: str
    asks: tuple[str, ...] = ()
    about: str = ""


class Excerpt(Record):
    """Lines of a rendered specification.

    Attributes:
        title: what they are.
        model: the command of the model that they were rendered for, as ``slubtla render`` takes it.
        line: where the first one stands there, from 1; None where they stand in several places.
        text: the lines.
    """

    title: str
    model: str
    line: int | None
    text: str


@dataclass(frozen=True, slots=True)
class Shipped:
    """A claim about a model of ours, and the file that makes it."""

    file: str
    claim: Claim
    model: Model


@cache
def claims() -> tuple[Shipped, ...]:
    """Return every shipped claim about a model of ours that states a verdict, file by file."""
    return tuple(
        Shipped(f"configs/{path.name}", claim, claim.subject)
        for path in sorted(protocol().configs.glob("*.toml"))
        for claim in read_config(path).claims
        if isinstance(claim.subject, Model) and claim.expect is not None
    )


@cache
def default_model() -> Model:
    """Return the model whose text is shown, wherever it has what is looked for."""
    return make_model(strategy=protocol().example_strategy)


@cache
def models() -> tuple[Model, ...]:
    """Return every model that ships, none twice: the default one, then the simple ones."""
    shipped = [each.model for each in claims()]
    shipped.sort(key=lambda model: (bool(model.without), model.command.count("--")))
    return tuple(dict.fromkeys([default_model(), *shipped]))


@cache
def spec_of(model: Model) -> str:
    """Return the specification of a model, before its translation."""
    return render(model).spec


def whole(wanted: Callable[[Shipped], bool]) -> list[Shipped]:
    """Return the claims about models in which nothing is broken."""
    return [each for each in claims() if not each.claim.mutant and wanted(each)]


def broken(wanted: Callable[[Shipped], bool]) -> list[Shipped]:
    """Return the claims about mutants."""
    return [each for each in claims() if each.claim.mutant and wanted(each)]


def shown(found: Iterable[Shipped], *skip: str) -> tuple[Shown, ...]:
    """Return claims for display.

    Args:
        found: the claims.
        skip: fields of the model that need not be said.
    """
    return tuple(
        Shown(
            file=each.file,
            name=each.claim.name,
            expect=str(each.claim.expect),
            on=_on(each.model, skip),
            asks=_asks(each.model),
            about=each.claim.equivalent or each.claim.about,
        )
        for each in found
    )


def split(found: Iterable[Shipped], *skip: str) -> tuple[tuple[Shown, ...], tuple[Shown, ...]]:
    """Return claims for display: those that are PROVEN, and the others."""
    both = list(found)
    holds = [t for t in both if t.claim.expect and t.claim.expect.kind is VerdictKind.PROVEN]
    return shown(holds, *skip), shown([t for t in both if t not in holds], *skip)


def _on(model: Model, skip: tuple[str, ...]) -> str:
    """What a model is on: strategy, architecture, and what is not the default there."""
    strategy = "" if "strategy" in skip else model.strategy
    arch = "" if "arch" in skip else model.arch
    parts = [" on ".join(part for part in (strategy, arch) if part)]
    if model.kernel != model.protocol.default_kernel and "kernel" not in skip:
        parts.append(f"in {model.kernel}")
    parts += [f"with {of} {name}" for name, of in model.overridden.items() if name not in skip]
    given = [p for p in model.protocol.parameters.values() if getattr(model, p)]
    parts += [f"with {p}" for p in given if p.type is int and p.default == 0]
    chosen = (p for p in given if p.choices)
    parts += [p.on.format(getattr(model, p)) for p in chosen]
    return " ".join(part for part in parts if part) or model.protocol.default_arch


def _asks(model: Model) -> tuple[str, ...]:
    """What must hold in a model, where that is not what must hold in the default one."""
    asked = model.invariants + model.liveness
    return () if asked == default_model().invariants else asked


def mutants_of(label: str) -> list[Shipped]:
    """Return the mutants that change a label: by their edits, or by the guards they lack."""
    return broken(
        lambda each: (
            any(label in _edited(edit) for edit in each.claim.edits)
            or (bool(each.model.without) and label in _guarded(each.model))
        )
    )


def _edited(edit: Edit) -> frozenset[str]:
    """The labels that an edit of a template touches: those in it, and the one that it begins in."""
    text = (data_dir("specs") / edit.template).read_text(encoding="utf-8")
    begin = text.index(edit.right)
    end = begin + len(edit.right.rstrip())
    inside = {m[1] for m in _LABEL.finditer(text) if begin <= m.start() < end}
    above = [m[1] for m in _LABEL.finditer(text) if m.start() < begin]
    own_comment = edit.right.lstrip().startswith("\\*")
    return frozenset(inside if own_comment or not above else inside | {above[-1]})


@cache
def _guarded(model: Model) -> frozenset[str]:
    """The labels that are other with the guards that a model lacks, or exist only with them."""
    return changed_labels(with_guards(model), model)


def changed_labels(model: Model, other: Model) -> frozenset[str]:
    """Return the labels of a model that another one has not, or has in another form."""
    ours, theirs = spec_of(model), spec_of(other)
    return frozenset(n for n in label_names(ours) if _block(ours, n)[1] != _block(theirs, n)[1])


def _block(spec: str, label: str) -> tuple[int, Sequence[str]]:
    """A label with its comment and its steps, and the line of the first; nothing if there is none.

    It ends before the next label, comment, or end of its procedure.
    """
    lines = spec.split("--algorithm", 1)[-1].split("\n")
    offset = spec.count("\n") - len(lines) + 2
    for at, line in enumerate(lines):
        named = _LABEL.match(line)
        if named and named[1] == label:
            first = _comment_above(lines, at)
            last = next(n for n in range(at + 1, len(lines) + 1) if _ENDS.match(lines[n]))
            return offset + first, lines[first:last]
    return 0, ()


def _comment_above(lines: Sequence[str], at: int) -> int:
    while at and lines[at - 1].startswith("\\*") and not lines[at - 1].startswith("\\* ="):
        at -= 1
    return at


def label_excerpt(model: Model, label: str) -> tuple[Excerpt, ...]:
    """Return a label as it stands in a model; nothing where it has none of that name."""
    line, lines = _block(spec_of(model), label)
    return (_excerpt(f"the label {label}", model, line, lines),) if lines else ()


def cmpxchg_excerpts(model: Model) -> tuple[Excerpt, ...]:
    """Return the labels of a model that its kind of cmpxchg brings."""
    place = model.protocol.folder / "cmpxchg" / f"{model.cmpxchg}.pcal.j2"
    labels = _LABEL.findall(place.read_text(encoding="utf-8")) if place.is_file() else ()
    return tuple(one for label in labels for one in label_excerpt(model, label))


def own_labels(model: Model) -> tuple[str, ...]:
    """Return the labels that a strategy brings or changes, beside the first of all strategies."""
    changed = changed_labels(model, make_model(strategy=next(iter(protocol().strategies))))
    return tuple(name for name in label_names(spec_of(model)) if name in changed)


def strategy_excerpts(model: Model) -> tuple[Excerpt, ...]:
    """Return what a strategy puts at the open point, where that is marked, and its other labels."""
    lines = spec_of(model).split("\n")
    marker = f"\\* ---- Strategy {model.strategy} ----"
    if marker not in lines:
        return tuple(one for label in own_labels(model) for one in label_excerpt(model, label))
    begin = lines.index(marker)
    end = lines.index(f"\\* ---- End of strategy {model.strategy} ----")
    first = next(n for n in range(begin + 1, end) if lines[n])
    inside = lines[first:end]
    found = [_excerpt("at the open point", model, first + 1, inside)]
    for label in own_labels(model):
        if f"{label}:" not in inside:
            found += label_excerpt(model, label)
    return tuple(found)


def definition_of(model: Model, name: str) -> tuple[Excerpt, ...]:
    """Return a definition with the comment above it; nothing where there is none."""
    lines = spec_of(model).split("\n")
    for at, line in enumerate(lines):
        if re.match(rf"{re.escape(name)}(?:\([\w, ]*\))? ==", line):
            first = _comment_above(lines, at)
            last = next(n for n in range(at, len(lines)) if not lines[n] or lines[n][0] == "=")
            return (_excerpt(f"the definition of {name}", model, first + 1, lines[first:last]),)
    return ()


def memory_of(model: Model) -> tuple[Excerpt, ...]:
    """Return the operators of a memory model, from the module WeakMemory."""
    lines = render(model).memory.split("\n")
    first = next(n for n, line in enumerate(lines) if line.startswith("EXTENDS")) + 2
    last = next(n for n, line in enumerate(lines) if line.startswith("MemoryTypeOK")) - 2
    return (_excerpt("its memory accesses", model, first + 1, lines[first:last]),)


def _macros_of(model: Model) -> list[str]:
    lines = spec_of(model).split("\n")
    first = next((n for n, line in enumerate(lines) if line.startswith(_MACROS)), len(lines))
    return lines[first : next((n for n in range(first, len(lines)) if not lines[n]), first)]


def used_macros(model: Model, label: str) -> tuple[Excerpt, ...]:
    """Return the macros of the memory model that a label calls: what the access is on its CPU."""
    called = set(re.findall(r"\b(\w+)\(", "\n".join(_block(spec_of(model), label)[1])))
    memory = _macros_of(model)
    taken: list[str] = []
    for at, line in enumerate(memory):
        named = _MACRO.match(line)
        if named and named[1] in called:
            last = at if line.rstrip().endswith("}") else memory.index("}", at)
            taken += memory[_comment_above(memory, at) : last + 1]
    title = f"what the access is ({model.memory})"
    return (_excerpt(title, model, None, taken),) if taken else ()


def difference(right: Model, wrong: Model, title: str) -> tuple[Excerpt, ...]:
    """Return the lines of two algorithms that differ, ``-`` for the right one, ``+`` for the other.

    Only the algorithm is compared: neither the header nor the properties take a step.
    """
    ours, theirs = (_algorithm(spec_of(model)) for model in (right, wrong))
    found = [
        line
        for line in difflib.unified_diff(ours, theirs, n=0, lineterm="")
        if line[:1] in {"+", "-"} and not line.startswith(("+++", "---"))
    ]
    return (_excerpt(title, right, None, found),) if found else ()


def _algorithm(spec: str) -> list[str]:
    return spec.split("--algorithm", 1)[-1].split("BEGIN TRANSLATION", 1)[0].split("\n")


def render_command(model: Model) -> str:
    """Return the command that prints the specification of a model."""
    verify, render = (model.protocol.command(word) for word in ("verify", "render"))
    return model.command.replace(verify, render, 1)


def _excerpt(title: str, model: Model, line: int | None, lines: Sequence[str]) -> Excerpt:
    text = "\n".join(lines).strip("\n")
    return Excerpt(title=title, model=render_command(model), line=line, text=text)


def definitions_of(spec: str) -> Iterator[str]:
    """Yield the names that are defined behind the algorithm."""
    behind = spec.split("BEGIN TRANSLATION", 1)[-1]
    yield from re.findall(r"^(\w+)(?:\([\w, ]*\))? ==", behind, re.MULTILINE)
