"""Look up what a name means: one function per kind (strategy, label, property, ...)."""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Final

from pydantic import Field

from slubtla.barriers.entries import Entry
from slubtla.barriers.glossary.sources import (
    Excerpt,
    Shipped,
    Shown,
    broken,
    claims,
    cmpxchg_excerpts,
    default_model,
    definition_of,
    definitions_of,
    difference,
    label_excerpt,
    memory_of,
    models,
    mutants_of,
    own_labels,
    render_command,
    shown,
    spec_of,
    split,
    strategy_excerpts,
    used_macros,
    whole,
)
from slubtla.barriers.labels import Label, label_names, labels_of
from slubtla.barriers.machines import ARCHES, CMPXCHGS, MEMORY_MODELS
from slubtla.barriers.model import Model, make_model
from slubtla.barriers.protocol import PropertyKind, protocol
from slubtla.barriers.render import with_guards
from slubtla.errors import UnknownNameError
from slubtla.tlc.run.result import Record, Versioned
from slubtla.tlc.run.verdict import Verdict, VerdictKind

_NEAR: Final = 6
_VERDICT: Final = re.compile(r"([A-Z]+)\((\w+)\)")
_SAID: Final = frozenset({"summary", "source", "strategy"})
"""Facts of a kernel version that are said elsewhere."""

_FUNCTION: Final = re.compile(r"(\w+)\(\)")
_TERMS: Final = tomllib.loads(Path(__file__).with_name("terms.toml").read_text("utf-8"))


class Fact(Record):
    """A word or two, and a sentence or a list."""

    head: str
    text: str


class Meaning(Record):
    """A word of one kind.

    Attributes:
        kind: what it is a name of: ``"strategy"``, ``"label"`` ...
        name: the word.
        says: what it is, in one sentence without a full stop.
        source: where it comes from: kernel function and version, mail, paper.
        facts: what else is known of it.
        holds: models without anything broken that are PROVEN with it.
        falls: such models that are not.
        mutants: models in which it is removed or broken, or that it notices.
        excerpts: what it is in PlusCal or TLA+.
        related: words to look at next.
        commands: what shows it.
    """

    kind: str
    name: str
    says: str
    source: str
    facts: tuple[Fact, ...] = ()
    holds: tuple[Shown, ...] = ()
    falls: tuple[Shown, ...] = ()
    mutants: tuple[Shown, ...] = ()
    excerpts: tuple[Excerpt, ...] = ()
    related: tuple[str, ...] = ()
    commands: tuple[str, ...] = ()


class Explanation(Versioned):
    """All that a word means: one meaning for each kind of thing that is so named."""

    word: str
    meanings: tuple[Meaning, ...] = Field(min_length=1)


@cache
def _kinds() -> tuple[tuple[Iterable[str], Callable[[str], Meaning]], ...]:
    """Every kind of word: its names, and what explains one; the most asked for first."""
    ours = protocol()
    return (
        (tuple(ours.strategies), _strategy),
        (tuple(ours.properties), _property),
        (tuple(ours.guards), _guard),
        (tuple(ARCHES), _arch),
        (tuple(MEMORY_MODELS), _memory),
        (tuple(CMPXCHGS), _cmpxchg),
        (tuple(ours.kernels), _kernel),
        (tuple(VerdictKind), _verdict),
        (tuple(label_models()), _label),
        (tuple(_functions()), _function),
        (tuple(_definitions()), _definition),
    )


@cache
def all_words() -> tuple[str, ...]:
    """Return every word that can be explained, none twice."""
    return tuple(dict.fromkeys(str(name) for names, _ in _kinds() for name in names))


def explain(word: str) -> Explanation:
    """Return what a word means.

    Args:
        word: a strategy, property, guard, architecture, memory model, cmpxchg, kernel, verdict,
            label or action, kernel function (with or without brackets), or definition, in any case;
            ``VIOLATED(NAME)`` is the verdict and the property.

    Raises:
        UnknownNameError: it is none of them; names the nearest.
    """
    if verdict := _VERDICT.fullmatch(word):
        parts = [part for part in verdict.groups() if part in all_words()]
        if parts:
            both = tuple(meaning for part in parts for meaning in _meanings(part))
            return Explanation(word=word, meanings=both)
    name = word.removesuffix("()")
    cases = {each.lower(): each for each in reversed(all_words())}
    meanings = _meanings(name) or _meanings(cases.get(name.lower(), ""))
    if not meanings:
        near = difflib.get_close_matches(name.lower(), cases, n=_NEAR, cutoff=0.5)
        ours = protocol()
        known = [cases[one] for one in near] or [*ours.strategies, *ours.properties, *ours.guards]
        raise UnknownNameError("word", word, known)
    return Explanation(word=word, meanings=meanings)


def _meanings(name: str) -> tuple[Meaning, ...]:
    return tuple(meaning(name) for names, meaning in _kinds() if name in names)


def _entry(kind: str, entry: Entry, related: Iterable[str], **more: object) -> Meaning:
    """The meaning of an entry that says itself what it is; words related to it come once."""
    own = {"kind": kind, "name": entry.name, "says": entry.summary, "source": entry.source}
    return Meaning.model_validate({**own, **more, "related": tuple(dict.fromkeys(related))})


def _enough(field: str, name: str) -> dict[str, tuple[Shown, ...]]:
    """Where the models with this strategy, arch or the like are PROVEN, and where they are not."""
    holds, falls = split(whole(lambda each: getattr(each.model, field) == name), field)
    return {"holds": holds, "falls": falls}


def _strategy(name: str) -> Meaning:
    """What a strategy does step by step, and where it is enough."""
    ours, model = protocol(), make_model(strategy=name)
    steps, labels = own_labels(model), labels_of(model)
    kernels = [kernel for kernel in ours.kernels.values() if kernel.strategy == name]
    pieces = f"{ours.name}/barriers/"

    def breaks(each: Shipped) -> bool:
        edited = any(edit.template.startswith(pieces) for edit in each.claim.edits)
        lacks = not each.model.strategy.guards.isdisjoint(each.model.without)
        return each.model.strategy == name and (edited or lacks)

    return _entry(
        "strategy",
        ours.strategies[name],
        [*sorted(model.strategy.guards), *kernels, *steps, *_others(name, ours.strategies)],
        facts=(
            *(Fact(head=step, text=_who_does_what(labels[step])) for step in steps),
            *_fact("kernels", [kernel for kernel in kernels if kernel.has_strategies]),
        ),
        **_enough("strategy", name),
        mutants=shown(broken(breaks), "strategy"),
        excerpts=strategy_excerpts(model),
        commands=(model.command, ours.command(f"matrix --strategy {name}")),
    )


def _property(name: str) -> Meaning:
    """Where a property falls, and which mutants it notices."""
    ours = protocol().properties
    entry, goal = ours[name], ours[name].kind is PropertyKind.GOAL
    checked = (_TERMS["checked"][entry.kind], protocol().help.get(entry.kind))
    asked = whole(lambda each: name in each.model.invariants + each.model.liveness)
    fallen = [each for each in asked if str(each.claim.expect).endswith(f"({name})")]
    model = next((m for m in models() if definition_of(m, name)), None)
    excerpts = definition_of(model, name) if model is not None else ()
    if model is None and entry.action is not None:
        excerpts = label_excerpt(default_model(), entry.action)
    command = default_model().command
    if not goal:
        shows = next(iter(fallen or asked), None)
        command = shows.model.command if shows else f"{command} --property {name}"
    return _entry(
        "property",
        entry,
        [other for other in ours.values() if other.kind is entry.kind and other != entry],
        facts=(Fact(head="checked", text=": ".join(filter(None, checked))),),
        holds=() if goal else split(asked)[0],
        falls=shown(fallen),
        mutants=shown(broken(lambda each: str(each.claim.expect).endswith(f"({name})"))),
        excerpts=excerpts,
        commands=(command,),
    )


def _guard(name: str) -> Meaning:
    """What the specification loses without a guard, and what falls then."""
    ours = protocol()
    without = broken(lambda each: name in each.model.without)
    kernels = [kernel for kernel in ours.kernels.values() if name in kernel.guards]
    strategies = [strategy for strategy in ours.strategies.values() if name in strategy.guards]
    excerpts: tuple[Excerpt, ...] = ()
    if without:
        wrong = without[0].model
        kept = tuple(guard for guard in wrong.without if guard != name)
        right = with_guards(wrong, kept)
        excerpts = difference(right, wrong, "what goes with it (-), and what takes its place (+)")
    return _entry(
        "guard",
        ours.guards[name],
        [*kernels, *strategies],
        facts=(*_fact("kernels", kernels), *_fact("strategies", strategies)),
        mutants=shown(without),
        excerpts=excerpts,
        commands=tuple(each.model.command for each in without[:1]),
    )


def _arch(name: str) -> Meaning:
    """What an architecture fixes, and which strategies are enough on it."""
    arch = ARCHES[name]
    return _entry(
        "arch",
        arch,
        [arch.memory, arch.cmpxchg, *_others(name, ARCHES)],
        facts=(
            Fact(head="memory", text=f"{arch.memory}: {MEMORY_MODELS[arch.memory].summary}"),
            Fact(head="cmpxchg", text=f"{arch.cmpxchg}: {CMPXCHGS[arch.cmpxchg].summary}"),
        ),
        **_enough("arch", name),
        excerpts=cmpxchg_excerpts(_example(arch=name)),
        commands=(protocol().command(f"matrix --arch {name}"),),
    )


def _memory(name: str) -> Meaning:
    """Which strategies are enough under a memory model."""
    arches = [arch for arch in ARCHES.values() if arch.memory == name]
    template, model = f"memory/{name}/WeakMemory.tla", _example(memory=name)
    return _entry(
        "memory model",
        MEMORY_MODELS[name],
        [*arches, "drain_store"] if model.memory.buffers else [],
        facts=_fact("arches", arches),
        **_enough("memory", name),
        mutants=shown(broken(lambda each: any(e.template == template for e in each.claim.edits))),
        excerpts=memory_of(model),
        commands=(f"{default_model().command} --memory {name}", "slubtla litmus"),
    )


def _cmpxchg(name: str) -> Meaning:
    """Which strategies are enough with a kind of cmpxchg."""
    arches = [arch for arch in ARCHES.values() if arch.cmpxchg == name]
    return _entry(
        "cmpxchg",
        CMPXCHGS[name],
        [*arches, *_others(name, CMPXCHGS)],
        facts=_fact("arches", arches),
        **_enough("cmpxchg", name),
        excerpts=cmpxchg_excerpts(_example(cmpxchg=name)),
        commands=(f"{default_model().command} --cmpxchg {name}",),
    )


def _kernel(name: str) -> Meaning:
    """What a kernel version is like, and what is shown of it with its own strategy."""
    ours = protocol()
    kernel = ours.kernels[name]
    own = whole(lambda each: (each.model.kernel, each.model.strategy) == (name, kernel.strategy))
    holds, falls = split(own, "kernel", "strategy")
    invariants = ours.of_kind(PropertyKind.INVARIANT)
    strategy = f"{kernel.strategy}: {ours.strategies[kernel.strategy].summary}"
    return _entry(
        "kernel",
        kernel,
        [kernel.strategy, *_others(name, ours.kernels)],
        facts=(
            Fact(head="strategy", text=strategy),
            *(
                Fact(head=fact.replace("_", " "), text=value)
                for fact, value in vars(kernel).items()
                if isinstance(value, str) and value and fact not in _SAID
            ),
            *_fact("guards", sorted(kernel.guards)),
            *_fact("promises", [name for name in ours.promised(kernel) if name in invariants]),
        ),
        holds=holds,
        falls=falls,
        commands=(make_model(kernel=name).command, ours.command(f"render --kernel {name}")),
    )


def _verdict(name: str) -> Meaning:
    """What a verdict says, and what a command that wanted PROVEN exits with."""
    kind = VerdictKind(name)
    term = _TERMS["verdicts"][kind]
    code = Verdict(kind).exit_code
    expected = [each for each in claims() if each.claim.expect and each.claim.expect.kind is kind]
    shows = next((each for each in expected if not each.claim.edits), next(iter(expected), None))
    command = shows.model.command if shows else f"{default_model().command} --timeout 1"
    if shows and shows.claim.edits:
        file = shows.file.removeprefix("configs/").removesuffix(".toml")
        command = protocol().command(f"prove {file} --only {shows.claim.name}")
    return Meaning(
        kind="verdict",
        name=name,
        says=term["says"],
        source="slubtla's own word; the rules are in slubtla/tlc/run/verdict.py",
        facts=(
            *_fact("in brackets", [term.get("brackets", "")]),
            Fact(head="exit code", text=f"{int(code)}: {code.name.lower().replace('_', ' ')}"),
            Fact(head="expected", text=f"of {len(expected)} of {len(claims())} shipped models"),
        ),
        falls=shown(expected) if kind is VerdictKind.VACUOUS else (),
        related=_others(name, VerdictKind),
        commands=(command,) if shows or kind is VerdictKind.INCONCLUSIVE else (),
    )


@cache
def label_models() -> dict[str, Model]:
    """Return every label of every model that ships, each with the first model that has it."""
    found: dict[str, Model] = {}
    for model in models():
        for name in label_names(spec_of(model)):
            found.setdefault(name, model)
    return found


def _label(name: str) -> Meaning:
    """What a label does, as the comment above it says."""
    model = label_models()[name]
    label = labels_of(model)[name]
    names = label_names(spec_of(model))
    at = names.index(name)
    beside = (*names[max(0, at - 1) : at], *names[at + 1 : at + 2])
    return Meaning(
        kind="label",
        name=name,
        says=_does(label),
        source=label.who or "the model's own; see its comment",
        facts=tuple(_label_facts(name, label, model)),
        mutants=shown(mutants_of(name)),
        excerpts=(*label_excerpt(model, name), *used_macros(model, name)),
        related=(*beside, *_FUNCTION.findall(label.who)[:1]),
        commands=(render_command(model), model.command),
    )


def _label_facts(name: str, label: Label, model: Model) -> Iterator[Fact]:
    yield Fact(head="action", text=f"{name} is one step of TLC, and its name in traces")
    if model != default_model():
        yield Fact(head="only in", text=f"models such as: {model.command}")
    seen = {(label.function, _does(label))}
    for other in models():
        twin = labels_of(other).get(name)
        if twin is not None and (twin.function, _does(twin)) not in seen:
            seen.add((twin.function, _does(twin)))
            yield Fact(head="elsewhere", text=f"{_who_does_what(twin)} ({other.command})")
    goals = [p for p in protocol().properties.values() if p.action == name]
    yield from _fact("goal", [f"{', '.join(goals)}: it must be reached"] if goals else [])


@cache
def _functions() -> dict[str, tuple[str, ...]]:
    """The kernel functions that the comments name, each with its labels."""
    found: dict[str, list[str]] = {}
    for name, model in label_models().items():
        for function in _FUNCTION.findall(labels_of(model)[name].who):
            found.setdefault(function, []).append(name)
    return {function: tuple(names) for function, names in found.items()}


def _function(name: str) -> Meaning:
    """What a kernel function does in the model: its labels, in order."""
    labels = {label: labels_of(label_models()[label])[label] for label in _functions()[name]}
    first = next(iter(labels))
    return Meaning(
        kind="kernel function",
        name=name,
        says=f"{len(labels)} {'steps' if len(labels) > 1 else 'step'} of the model",
        source=labels[first].who,
        facts=tuple(Fact(head=name, text=_does(label)) for name, label in labels.items()),
        related=tuple(labels),
        commands=(protocol().command(f"explain {first}"),),
    )


@cache
def _definitions() -> dict[str, Model]:
    """The definitions behind the algorithm, each with the first model that has it."""
    found: dict[str, Model] = {}
    for model in models():
        for name in definitions_of(spec_of(model)):
            found.setdefault(name, model)
    return {name: model for name, model in found.items() if name not in protocol().properties}


def _definition(name: str) -> Meaning:
    """What a definition of the specification says, by the comment above it."""
    model = _definitions()[name]
    excerpts, of = definition_of(model, name), model.protocol
    files = (of.folder / file for file in ("properties.tla.j2", f"{of.module}.tla.j2"))
    file = next(file for file in files if file.is_file())
    comment = [
        line.removeprefix("\\*").strip()
        for line in excerpts[0].text.split("\n")
        if line.startswith("\\*")
    ]
    return Meaning(
        kind="definition",
        name=name,
        says=" ".join(comment).rstrip(".") or "a definition of the specification",
        source=file.relative_to(of.folder.parents[1]).as_posix(),
        excerpts=excerpts,
        commands=(render_command(model),),
    )


def _example(**parameters: str) -> Model:
    return make_model(strategy=protocol().example_strategy, **parameters)


def _others(name: str, names: Iterable[str]) -> tuple[str, ...]:
    return tuple(str(other) for other in names if other != name)


def _fact(head: str, names: Iterable[str]) -> tuple[Fact, ...]:
    text = ", ".join(names)
    return (Fact(head=head, text=text),) if text else ()


def _does(label: Label) -> str:
    return label.say(lambda name, _: name)


def _who_does_what(label: Label) -> str:
    return f"{label.who}: {_does(label)}" if label.who else _does(label)
