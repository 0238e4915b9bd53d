"""What a run was asked to do, and what is known against a proof before and after it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from slubtla.tlc.engine import TlcOptions
from slubtla.tlc.output import Code, TlcReport
from slubtla.tlc.output.codes import PROOF_SPOILERS
from slubtla.tlc.run.caveats import Caveats
from slubtla.tlc.text.antecedents import Antecedent
from slubtla.tlc.text.cfg import Cfg


@dataclass(frozen=True, slots=True)
class Asked:
    """What a run was asked to do.

    Attributes:
        properties: names that must stand in the cfg.
        cfg: what the cfg really says.
        options: TLC's options; some of them bound the search.
        goals: action that must have fired, for each goal.
        idle: actions that may never fire, each with the reason; None where any may.
        uncounted: why an action may have fired although it was not counted, one sentence; ``""``
            where every firing was.
        told: the actions whose firing the specification itself prints; None where TLC counts them.
        doubt: why "no error has been found" would be no proof, one sentence; ``""`` where it is.
        foreign: why the output is not that of this run; see :class:`slubtla.tlc.engine.EngineRun`.
        caveats: what the texts of the cfg and of the modules say against a proof.
        watched: the constraints of which the report says whether they excluded something; None
            where it says nothing of any.
        antecedents: those of which the report says whether they ever held.
        idle_antecedents: antecedents that may never hold, as ``property: antecedent``, each with
            the reason.
    """

    properties: tuple[str, ...] = ()
    cfg: Cfg = field(default_factory=Cfg)
    options: TlcOptions = field(default_factory=TlcOptions)
    goals: Mapping[str, str] = field(default_factory=dict)
    idle: Mapping[str, str] | None = None
    uncounted: str = ""
    told: tuple[str, ...] | None = None
    doubt: str = ""
    foreign: str = ""
    caveats: Caveats = field(default_factory=Caveats)
    watched: tuple[str, ...] | None = None
    antecedents: tuple[Antecedent, ...] = ()
    idle_antecedents: Mapping[str, str] = field(default_factory=dict)


def spoilers(report: TlcReport, asked: Asked) -> tuple[str, ...]:
    """Return why "no error has been found" would be no proof: TLC's warnings, and the texts'.

    Newer builds no longer warn of liveness under a constraint, so the cfg decides; and a constraint
    that never excluded anything is no reason, though TLC 2.15 warns of it.
    """
    under_constraint = PROOF_SPOILERS[Code.LIVENESS_WITH_CONSTRAINT]
    found = list(report.spoilers)
    if asked.cfg.constraints and not cutting(report, asked):
        found = [reason for reason in found if not reason.startswith(under_constraint)]
    elif asked.cfg.constraints and asked.caveats.liveness:
        found.append(under_constraint)
    for reason in asked.caveats.doubts:
        found.append(reason)
    found = [reason for reason in found if not _is_of_an_edited_translation(reason, asked)]
    return tuple(
        reason
        for place, reason in enumerate(found)
        if not any(other.startswith(reason) for other in found[:place])
    )


def cutting(report: TlcReport, asked: Asked) -> tuple[str, ...]:
    """Return the constraints of the cfg that excluded something, or may have."""
    if asked.watched is None:
        return asked.cfg.constraints
    return tuple(
        name
        for name in asked.cfg.constraints
        if name not in asked.watched or name in report.excluding
    )


def _is_of_an_edited_translation(reason: str, asked: Asked) -> bool:
    """Whether SANY says of a translation that was edited by hand that it was: that is known."""
    return any(
        f"TLA+ translation in module {name} has changed" in reason for name in asked.caveats.edited
    )
