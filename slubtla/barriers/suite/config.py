"""Data classes of a suite file: models, expectations, mutant edits, pins."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from slubtla.barriers.model import Model
from slubtla.errors import UsageError
from slubtla.tlc.run.verdict import SET_BOUNDS, Verdict, VerdictKind

COUNTS: Final = ("distinct", "generated")
"""The numbers that a file may ask for or pin; fields of :class:`slubtla.tlc.run.result.Stats`."""

_VERDICT: Final = re.compile(r"(\w+)(?:\(([^()]+)\))?")
_EXPECTABLE: Final = {
    str(kind): kind for kind in (VerdictKind.PROVEN, VerdictKind.VIOLATED, VerdictKind.VACUOUS)
}


@dataclass(frozen=True, slots=True)
class Edit:
    """One place of a template, broken on purpose.

    Attributes:
        template: path of the template below ``specs/``, e.g. ``memory/tso.pcal.j2``.
        right: what stands there, exactly once.
    """

    template: str
    right: str
    wrong: str


@dataclass(frozen=True, slots=True)
class UserSpec:
    """A specification of the user's own.

    ``deadlock`` says whether a state without successors is an error.
    """

    spec: Path
    cfg: Path
    deadlock: bool = True


@dataclass(frozen=True, slots=True)
class Claim:
    """A named model and what it must show.

    Attributes:
        line: where it stands in the file, from 1.
        expect: the verdict that it must get; None where the file states none.
        edits: what is broken in the templates.
        at_least: the fewest states that the search must find, by the names of :data:`COUNTS`.
        equivalent: why a mutant is no different from the correct model.
    """

    name: str
    line: int
    subject: Model | UserSpec
    expect: Verdict | None
    about: str = ""
    edits: tuple[Edit, ...] = ()
    at_least: Mapping[str, int] = field(default_factory=dict)
    equivalent: str = ""
    timeout: float | None = None

    @property
    def mutant(self) -> bool:
        """Whether it is the correct model with something broken: edited, or a guard taken away."""
        return bool(self.edits or getattr(self.subject, "without", ()))


@dataclass(frozen=True, slots=True)
class Pin:
    """What a model was when it was last recorded.

    Attributes:
        spec_sha256: digest of the specification, before its translation.
        cfg_sha256: digest of the configuration.
        invariants: what stood after INVARIANT, and ``properties`` after PROPERTY.
        counts: states of a finished search, by the names of :data:`COUNTS`; empty for a violated
            one, whose counts depend on the order of the search.
    """

    spec_sha256: str
    cfg_sha256: str
    invariants: tuple[str, ...]
    properties: tuple[str, ...] = ()
    counts: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Pins:
    """What a file was when it was last recorded.

    Attributes:
        jar_sha256: digest of the ``tla2tools.jar`` that it was recorded with.
    """

    jar_sha256: str | None
    models: Mapping[str, Pin]
    lines: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Config:
    """A file of models.

    Attributes:
        path: the file, as the user named it.
        pins: what was recorded; None where nothing ever was.
        complete: parameters of which every name must be covered by a model; of several together,
            every combination.
    """

    path: Path
    title: str
    claims: tuple[Claim, ...]
    pins: Pins | None = None
    about: str = ""
    complete: tuple[tuple[str, ...], ...] = ()

    def pin(self, name: str) -> Pin | None:
        """The pin of a model, if it has one."""
        return self.pins.models.get(name) if self.pins else None


def read_expectation(text: str) -> Verdict:
    """Read a verdict that a model may be expected to get.

    Args:
        text: ``PROVEN``, ``VIOLATED(property)`` or ``VACUOUS(goal)``; or ``BOUNDED(constraint)``
            and the other :data:`SET_BOUNDS`, of a cfg that means its bound.

    Raises:
        UsageError: it is no verdict, names no property, or is one that decides nothing.
    """
    match = _VERDICT.fullmatch(text.strip())
    word, detail = (match[1], match[2] or "") if match else (text, "")
    kind = _EXPECTABLE.get(word)
    if word == VerdictKind.BOUNDED and detail in SET_BOUNDS:
        return Verdict(VerdictKind.BOUNDED, detail)
    if kind is None and word in set(VerdictKind):
        wrong = ": nobody may expect that a search decides nothing"
    elif kind is None:
        wrong = " is no verdict"
    elif bool(detail) is (kind is VerdictKind.PROVEN):
        wrong = " names a property, where none falls" if detail else " names no property"
    else:
        return Verdict(kind, detail)
    raise UsageError(
        f"expect = {text!r}{wrong}",
        next_step='write "PROVEN", "VIOLATED(the property that falls)" or "VACUOUS(the goal)"',
    )
