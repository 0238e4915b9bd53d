"""The words of the vocabulary, each with what the shipped models show of it."""

from __future__ import annotations

from collections.abc import Iterable

from slubtla.barriers.entries import Entry
from slubtla.barriers.glossary.excerpts import (
    definition_of,
    difference,
    label_excerpt,
    macros_of,
    own_labels,
    strategy_excerpts,
)
from slubtla.barriers.glossary.meaning import Excerpt, Fact, Meaning, Shown
from slubtla.barriers.glossary.sources import (
    Told,
    broken,
    default_model,
    labels_of,
    models,
    shown,
    split,
    whole,
)
from slubtla.barriers.machines import ARCHES, CMPXCHGS, MEMORY_MODELS
from slubtla.barriers.model import Model, make_model
from slubtla.barriers.protocol import PropertyKind, protocol

_CMPXCHG_LABELS = ("put_cmpxchg_partial", "put_cmpxchg_fail", "put_cmpxchg_store")
_BARRIERS = "slub/barriers/"
_CHECKED = {
    PropertyKind.INVARIANT: "in every reachable state",
    PropertyKind.GOAL: "an action that must be reached; else the verdict is VACUOUS",
    PropertyKind.ARGUMENT: "in every reachable state, if asked for: a sentence of the mail",
    PropertyKind.LIVENESS: "on every fair behaviour, if asked for",
}


def strategy_meaning(name: str) -> Meaning:
    """Return what a strategy is, what it does step by step, and where it is enough."""
    model = make_model(strategy=name)
    steps = own_labels(model)
    guards = sorted(model.strategy.guards)
    kernels = [kernel.name for kernel in protocol().kernels.values() if kernel.strategy == name]
    holds, falls = split(whole(lambda told: told.model.strategy == name), "strategy")
    return _meaning(
        "strategy",
        protocol().strategies[name],
        facts=(
            *(Fact(head=step, text=_said(model, step)) for step in steps),
            *_fact("kernels", [k for k in kernels if protocol().kernels[k].has_strategies]),
        ),
        holds=holds,
        falls=falls,
        mutants=shown(broken(lambda told: _breaks(told, name)), "strategy"),
        excerpts=strategy_excerpts(model),
        related=(
            *guards,
            *kernels,
            *steps,
            *(other for other in protocol().strategies if other != name),
        ),
        commands=(model.command, f"slubtla matrix --strategy {name}"),
    )


def _breaks(told: Told, strategy: str) -> bool:
    """Whether a mutant breaks the strategy itself: its template, or a guard that comes with it."""
    own = told.model.strategy.guards
    edited = any(edit.template.startswith(_BARRIERS) for edit in told.claim.edits)
    return told.model.strategy == strategy and (edited or not own.isdisjoint(told.model.without))


def property_meaning(name: str) -> Meaning:
    """Return what a property says, where it falls, and which mutants it notices."""
    entry = protocol().properties[name]
    asked = [told for told in whole(lambda _: True) if _asks(told, name)]
    holds, others = split(asked)
    falls = tuple(one for one in others if one.expect.endswith(f"({name})"))
    model = next((m for m in models() if definition_of(m, name)), None)
    excerpts = definition_of(model, name) if model is not None else ()
    if model is None and entry.action is not None:
        model = default_model()
        excerpts = label_excerpt(model, entry.action)
    asks = f"{default_model().command} --property {name}"
    goal = entry.kind is PropertyKind.GOAL
    return _meaning(
        "property",
        entry,
        facts=(Fact(head="checked", text=_CHECKED[entry.kind]),),
        holds=() if goal else holds,
        falls=falls,
        mutants=shown(broken(lambda told: str(told.claim.expect).endswith(f"({name})"))),
        excerpts=excerpts,
        related=tuple(
            p.name for p in protocol().properties.values() if p.kind is entry.kind and p != entry
        ),
        commands=(_command(asked, falls) or asks,) if not goal else (default_model().command,),
    )


def guard_meaning(name: str) -> Meaning:
    """Return what a guard is for: what the specification loses with it, and what falls then."""
    without = list(broken(lambda told: name in told.model.without))
    mutants = shown(without)
    kernels = [k.name for k in protocol().kernels.values() if name in k.guards]
    strategies = [s.name for s in protocol().strategies.values() if name in s.guards]
    excerpts: tuple[Excerpt, ...] = ()
    if without:
        wrong = without[0].model
        kept = tuple(guard for guard in wrong.without if guard != name)
        right = wrong.model_copy(update={"without": kept})
        excerpts = difference(right, wrong, "what goes with it (-), and what takes its place (+)")
    return _meaning(
        "guard",
        protocol().guards[name],
        facts=(*_fact("kernels", kernels), *_fact("strategies", strategies)),
        mutants=mutants,
        excerpts=excerpts,
        related=(*kernels, *strategies),
        commands=tuple(told.model.command for told in without[:1]),
    )


def arch_meaning(name: str) -> Meaning:
    """Return what an architecture fixes, and which strategies are enough on it."""
    arch = ARCHES[name]
    holds, falls = split(whole(lambda told: told.model.arch == name), "arch")
    model = make_model(strategy=protocol().example_strategy, arch=name)
    return _meaning(
        "arch",
        arch,
        facts=(
            Fact(head="memory", text=f"{arch.memory}: {MEMORY_MODELS[arch.memory].summary}"),
            Fact(head="cmpxchg", text=f"{arch.cmpxchg}: {CMPXCHGS[arch.cmpxchg].summary}"),
        ),
        holds=holds,
        falls=falls,
        excerpts=_cmpxchg(model),
        related=(arch.memory, arch.cmpxchg, *(a for a in ARCHES if a != name)),
        commands=(f"slubtla matrix --arch {name}",),
    )


def memory_meaning(name: str) -> Meaning:
    """Return what a memory model is, and which strategies are enough under it."""
    arches = [arch.name for arch in ARCHES.values() if arch.memory == name]
    holds, falls = split(whole(lambda told: told.model.memory == name), "memory")
    model = make_model(strategy=protocol().example_strategy, memory=name)
    template = f"memory/{name}.pcal.j2"
    return _meaning(
        "memory model",
        MEMORY_MODELS[name],
        facts=_fact("arches", arches),
        holds=holds,
        falls=falls,
        mutants=shown(broken(lambda told: any(e.template == template for e in told.claim.edits))),
        excerpts=macros_of(model),
        related=(*arches, "drain_store") if model.memory.buffers else (),
        commands=(f"slubtla verify --strategy smp_mb --memory {name}", "slubtla litmus"),
    )


def cmpxchg_meaning(name: str) -> Meaning:
    """Return what a kind of ``this_cpu_cmpxchg()`` is, and which strategies are enough with it."""
    arches = [arch.name for arch in ARCHES.values() if arch.cmpxchg == name]
    holds, falls = split(whole(lambda told: told.model.cmpxchg == name), "cmpxchg")
    model = make_model(strategy=protocol().example_strategy, cmpxchg=name)
    return _meaning(
        "cmpxchg",
        CMPXCHGS[name],
        facts=_fact("arches", arches),
        holds=holds,
        falls=falls,
        excerpts=_cmpxchg(model),
        related=(*arches, *(other for other in CMPXCHGS if other != name)),
        commands=(f"slubtla verify --strategy smp_mb --cmpxchg {name}",),
    )


def kernel_meaning(name: str) -> Meaning:
    """Return what a kernel version is like, and what is shown of it."""
    kernel = protocol().kernels[name]
    shape = (name, kernel.strategy)
    own = whole(lambda told: (told.model.kernel, told.model.strategy) == shape)
    holds, falls = split(own, "kernel", "strategy")
    model = make_model(kernel=name)
    invariants = protocol().of_kind(PropertyKind.INVARIANT)
    kept = [name for name in protocol().promised(kernel) if name in invariants]
    return _meaning(
        "kernel",
        kernel,
        facts=(
            Fact(
                head="strategy",
                text=f"{kernel.strategy}: {protocol().strategies[kernel.strategy].summary}",
            ),
            Fact(head="put side", text=f"{kernel.put}; {kernel.about}"),
            Fact(head="flush", text=f"flush_all() by {kernel.flush}"),
            *_fact("guards", sorted(kernel.guards)),
            Fact(head="promises", text=", ".join(kept)),
        ),
        holds=holds,
        falls=falls,
        related=(kernel.strategy, *(other for other in protocol().kernels if other != name)),
        commands=(model.command, f"slubtla render --kernel {name}"),
    )


def _meaning(kind: str, entry: Entry, **told: object) -> Meaning:
    said = {"kind": kind, "name": entry.name, "says": entry.summary, "source": entry.source}
    related = told.pop("related", ())
    once = tuple(dict.fromkeys(related)) if isinstance(related, tuple) else ()
    return Meaning.model_validate({**said, **told, "related": once})


def _fact(head: str, names: Iterable[str]) -> tuple[Fact, ...]:
    text = ", ".join(names)
    return (Fact(head=head, text=text),) if text else ()


def _said(model: Model, label: str) -> str:
    """Who does what in a step."""
    told = labels_of(model)[label]
    words = told.say(lambda name, _: name)
    return f"{told.who}: {words}" if told.who else words


def _asks(told: Told, name: str) -> bool:
    return name in told.model.invariants + told.model.liveness


def _command(asked: Iterable[Told], falls: Iterable[Shown]) -> str:
    """The command of the first model in which a property falls; else of the first that asks."""
    first = next(iter(falls), None)
    for told in asked:
        if first is None or (told.file, told.claim.name) == (first.file, first.name):
            return told.model.command
    return ""


def _cmpxchg(model: Model) -> tuple[Excerpt, ...]:
    return tuple(one for label in _CMPXCHG_LABELS for one in label_excerpt(model, label))
