"""Labels, the actions of TLC's traces, and the kernel functions that they belong to."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import Final

from slubtla.barriers.glossary.breaking import mutants_of
from slubtla.barriers.glossary.excerpts import definition_of, label_excerpt, used_macros
from slubtla.barriers.glossary.meaning import Fact, Meaning
from slubtla.barriers.glossary.sources import default_model, labels_of, models, shown, spec_of
from slubtla.barriers.labels import Label, label_names
from slubtla.barriers.model import Model
from slubtla.barriers.protocol import protocol

_FUNCTION: Final = re.compile(r"(\w+)\(\)")
_DEFINITION: Final = re.compile(r"^(\w+)(?:\([\w, ]*\))? ==", re.MULTILINE)


@cache
def label_models() -> dict[str, Model]:
    """Return every label of every model that ships, each with the first model that has it."""
    found: dict[str, Model] = {}
    for model in models():
        for name in label_names(spec_of(model)):
            found.setdefault(name, model)
    return found


@cache
def functions() -> dict[str, tuple[str, ...]]:
    """Return the kernel functions that the comments name, each with its labels."""
    found: dict[str, list[str]] = {}
    for name, model in label_models().items():
        for function in _FUNCTION.findall(labels_of(model)[name].who):
            found.setdefault(function, []).append(name)
    return {function: tuple(names) for function, names in found.items()}


def label_meaning(name: str) -> Meaning:
    """Return what a label is, as the comment above it says."""
    model = label_models()[name]
    label = labels_of(model)[name]
    return Meaning(
        kind="label",
        name=name,
        says=_words(label),
        source=label.who or "the model's own; see its comment",
        facts=tuple(_facts(name, label, model)),
        mutants=shown(mutants_of(name)),
        excerpts=(*label_excerpt(model, name), *used_macros(model, name)),
        related=tuple(_neighbours(name, label, model)),
        commands=(
            model.command.replace("slubtla verify", "slubtla render", 1),
            model.command,
        ),
    )


def _words(label: Label) -> str:
    return label.say(lambda name, _: name)


def _facts(name: str, label: Label, model: Model) -> Iterator[Fact]:
    yield Fact(head="action", text=f"{name} is one step of TLC, and its name in traces")
    if model != default_model():
        yield Fact(head="only in", text=f"models such as: {model.command}")
    seen = {(label.function, _words(label))}
    for other in models():
        twin = labels_of(other).get(name)
        if twin is not None and (twin.function, _words(twin)) not in seen:
            seen.add((twin.function, _words(twin)))
            yield Fact(head="elsewhere", text=f"{twin.who}: {_words(twin)} ({other.command})")
    goals = [p.name for p in protocol().properties.values() if p.action == name]
    if goals:
        yield Fact(head="goal", text=f"{', '.join(goals)}: it must be reached")


def _neighbours(name: str, label: Label, model: Model) -> Iterator[str]:
    """The labels before and behind it, and its function."""
    names = label_names(spec_of(model))
    at = names.index(name)
    yield from names[max(0, at - 1) : at]
    yield from names[at + 1 : at + 2]
    yield from _FUNCTION.findall(label.who)[:1]


def function_meaning(name: str) -> Meaning:
    """Return what a kernel function does in the model: its labels, in order."""
    names = functions()[name]
    first = labels_of(label_models()[names[0]])[names[0]]
    return Meaning(
        kind="kernel function",
        name=name,
        says=f"{len(names)} {'steps' if len(names) > 1 else 'step'} of the model",
        source=first.who,
        facts=tuple(
            Fact(head=label, text=_words(labels_of(label_models()[label])[label]))
            for label in names
        ),
        related=names,
        commands=(f"slubtla explain {names[0]}",),
    )


@cache
def definitions() -> dict[str, Model]:
    """Return the definitions that follow the algorithm, each with the first model that has it."""
    found: dict[str, Model] = {}
    for model in models():
        behind = spec_of(model).split("BEGIN TRANSLATION", 1)[-1]
        for name in _DEFINITION.findall(behind):
            found.setdefault(name, model)
    return {name: model for name, model in found.items() if name not in protocol().properties}


def definition_meaning(name: str) -> Meaning:
    """Return what a definition of the specification says, by the comment above it."""
    model = definitions()[name]
    excerpts = definition_of(model, name)
    comment = [
        line.removeprefix("\\*").strip()
        for line in excerpts[0].text.split("\n")
        if line.startswith("\\*")
    ]
    return Meaning(
        kind="definition",
        name=name,
        says=" ".join(comment).rstrip(".") or "a definition of the specification",
        source="specs/slub/properties.tla.j2",
        excerpts=excerpts,
        commands=(model.command.replace("slubtla verify", "slubtla render", 1),),
    )
