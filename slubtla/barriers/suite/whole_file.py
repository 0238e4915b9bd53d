"""Compare what holds for a whole file: its jar, its names, what it must cover."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import product
from typing import Final

from slubtla.barriers.model import Model, make_model, vocabularies
from slubtla.barriers.protocol import protocol
from slubtla.barriers.suite.config import Claim, Config
from slubtla.barriers.suite.differences import Difference, Kind
from slubtla.barriers.suite.planning import named
from slubtla.errors import UnknownNameError, UsageError

_DIGITS: Final = 12
_OF_ARCH: Final = ("memory", "cmpxchg")


def compare_file(
    config: Config, jar_sha256: str | None, only: Sequence[str] = ()
) -> tuple[Difference, ...]:
    """Compare what holds for a whole file: its jar, its names, what it must cover.

    Args:
        config: the file.
        jar_sha256: digest of the jar at hand; None where it is not to be compared.
        only: the patterns of names that were asked for: the rest of the file stays out of it.

    Raises:
        UsageError: ``complete`` names what is no parameter with a list of names.
    """
    found = list(_gone(config, only))
    if not only:
        found += _uncovered(config)
    if config.pins is None:
        found.append(
            Difference(
                kind=Kind.UNLISTED,
                message="nothing in this file is pinned yet",
                next_step=f"run it once, and review: slubtla prove {config.path} --record",
                line=1,
            )
        )
    elif jar_sha256 is not None and config.pins.jar_sha256 != jar_sha256:
        pinned = config.pins.jar_sha256
        was = f"recorded with the jar {pinned[:_DIGITS]}…" if pinned else "recorded without a jar"
        found.append(
            Difference(
                kind=Kind.JAR,
                message=f"{was}, run with the tla2tools.jar {jar_sha256[:_DIGITS]}…",
                next_step=("use that jar: --tla2tools; if the new one is meant: " if pinned else "")
                + f"slubtla prove {config.path} --record",
                line=1,
            )
        )
    return tuple(found)


def _gone(config: Config, only: Sequence[str]) -> Iterator[Difference]:
    names = {claim.name for claim in config.claims}
    for name in config.pins.models if config.pins else ():
        if name not in names and named(name, only):
            yield Difference(
                kind=Kind.DELETED,
                message=f"[model.{name}] is pinned, but no longer in the file",
                next_step=f"put it back; if it has to go: slubtla prove {config.path} --record",
                line=config.pins.lines.get(name) if config.pins else None,
            )


def _uncovered(config: Config) -> Iterator[Difference]:
    for group in config.complete:
        lists = [_names(config, parameter) for parameter in group]
        covered = {combination for claim in config.claims for combination in _covers(claim, group)}
        missing = [
            " with ".join(combination)
            for combination in product(*lists)
            if combination not in covered
        ]
        if missing:
            yield Difference(
                kind=Kind.UNCOVERED,
                message=f"complete = {' with '.join(group)}, but no model has {', '.join(missing)}",
                next_step="write a [model.…] for each, with what it must show",
                line=1,
            )


def _names(config: Config, parameter: str) -> Iterable[str]:
    lists = vocabularies(protocol())
    if parameter not in lists:
        error = UnknownNameError("parameter with a list of names", parameter, lists)
        raise UsageError(f"{config.path}: complete: {error.message}", next_step=error.next_step)
    return lists[parameter]


def _covers(claim: Claim, group: tuple[str, ...]) -> Iterable[tuple[str, ...]]:
    """The combinations that a model stands for; a mutant stands for none."""
    model = claim.subject
    if claim.edits or not isinstance(model, Model):
        return ()
    if claim.mutant and "without" not in group:
        return ()
    if "arch" in group:  # its memory model and cmpxchg are what an architecture is
        given = ("strategy", "kernel", "arch")
        own = make_model(**{name: getattr(model, name, None) for name in given})
        if any(getattr(model, n) != getattr(own, n) for n in _OF_ARCH if n not in group):
            return ()
    values = [getattr(model, parameter, ()) for parameter in group]
    return product(*((value,) if isinstance(value, str) else value for value in values))
