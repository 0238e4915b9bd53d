"""The named models of ``configs/`` and their specifications, read once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache

from slubtla.barriers.data import data_dir
from slubtla.barriers.glossary.meaning import Shown
from slubtla.barriers.labels import Label, read_labels
from slubtla.barriers.model import Model, make_model
from slubtla.barriers.protocol import protocol
from slubtla.barriers.render import render
from slubtla.barriers.suite.config import Claim, read_config
from slubtla.tlc.run.verdict import VerdictKind


@dataclass(frozen=True, slots=True)
class Told:
    """A claim about a model of ours, and the file that makes it."""

    file: str
    claim: Claim
    model: Model


@cache
def claims() -> tuple[Told, ...]:
    """Return every shipped claim about a model of ours that states a verdict, file by file."""
    return tuple(
        Told(f"configs/{path.name}", claim, claim.subject)
        for path in sorted(data_dir("configs").glob("*.toml"))
        for claim in read_config(path).claims
        if isinstance(claim.subject, Model) and claim.expect is not None
    )


@cache
def default_model() -> Model:
    """Return the model whose text stands for all, wherever it has what is looked for."""
    return make_model(strategy=protocol().example_strategy)


@cache
def spec_of(model: Model) -> str:
    """Return the specification of a model, before its translation."""
    return render(model).spec


@cache
def labels_of(model: Model) -> Mapping[str, Label]:
    """Return the labels of a model's specification."""
    return read_labels(spec_of(model))


@cache
def models() -> tuple[Model, ...]:
    """Return every model that ships, none twice: the default one, then the simple ones."""
    shipped = [told.model for told in claims()]
    shipped.sort(key=lambda model: (bool(model.without), model.command.count("--")))
    return tuple(dict.fromkeys([default_model(), *shipped]))


def whole(wanted: Callable[[Told], bool]) -> Iterator[Told]:
    """Yield the claims about models in which nothing is broken."""
    return (told for told in claims() if not told.claim.mutant and wanted(told))


def broken(wanted: Callable[[Told], bool]) -> Iterator[Told]:
    """Yield the claims about mutants."""
    return (told for told in claims() if told.claim.mutant and wanted(told))


def shown(told: Iterable[Told], *skip: str) -> tuple[Shown, ...]:
    """Return claims as they are told.

    Args:
        told: the claims.
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
        for each in told
    )


def split(told: Iterable[Told], *skip: str) -> tuple[tuple[Shown, ...], tuple[Shown, ...]]:
    """Return claims as they are told: those that hold, and those that fall."""
    both = list(told)
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
    parts += [f"with {name}" for name in ("allocations", "interrupts") if getattr(model, name)]
    parts += [f"with a task stuck in {model.stuck}"] if model.stuck else []
    return " ".join(part for part in parts if part) or model.protocol.default_arch


def _asks(model: Model) -> tuple[str, ...]:
    """What must hold in a model, where that is not what must hold in the default one."""
    asked = model.invariants + model.liveness
    return () if asked == default_model().invariants else asked
