"""The verdicts, as :mod:`slubtla.tlc.run.verdict` gives them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from slubtla.barriers.glossary.meaning import Fact, Meaning
from slubtla.barriers.glossary.sources import claims, shown
from slubtla.tlc.run.verdict import Verdict, VerdictKind

_SAYS: Final[Mapping[VerdictKind, str]] = {
    VerdictKind.PROVEN: "TLC has searched the whole bounded model, and nothing that was asked for "
    "falls",
    VerdictKind.VIOLATED: "a property falls, and there is a counterexample",
    VerdictKind.BOUNDED: "no violation within a bound of the search, which is no proof",
    VerdictKind.INCONCLUSIVE: "the search was cut short, or its result is in doubt",
    VerdictKind.VACUOUS: "nothing falls, but something that must happen never does, so the model "
    "is smaller than it is believed to be",
    VerdictKind.ERROR: "the model could not be checked",
}
_DETAILS: Final[Mapping[VerdictKind, str]] = {
    VerdictKind.VIOLATED: "the property that falls",
    VerdictKind.VACUOUS: "the goal that is not reached, or an action that never fires",
    VerdictKind.BOUNDED: "the bound: time, depth, simulation, queue",
    VerdictKind.INCONCLUSIVE: "why: timeout, memory, cancelled, truncated, uncounted, warning",
    VerdictKind.ERROR: "what failed: parse, config, evaluation, tlc",
}
_COMMANDS: Final[Mapping[VerdictKind, str]] = {
    VerdictKind.PROVEN: "slubtla verify --strategy synchronize_sched",
    VerdictKind.VIOLATED: "slubtla verify --strategy smp_mb",
    VerdictKind.INCONCLUSIVE: "slubtla verify --strategy synchronize_sched --slabs 4 --timeout 5",
    VerdictKind.VACUOUS: "slubtla prove mutants --only store-never-drains",
}


def verdict_meaning(name: str) -> Meaning:
    """Return what a verdict says, and what a command that wanted PROVEN exits with."""
    kind = VerdictKind(name)
    detail = _DETAILS.get(kind)
    code = Verdict(kind).exit_code
    expected = [told for told in claims() if told.claim.expect and told.claim.expect.kind is kind]
    odd = kind is VerdictKind.VACUOUS
    return Meaning(
        kind="verdict",
        name=name,
        says=_SAYS[kind],
        source="slubtla's own word; the rules are in slubtla/tlc/run/verdict.py",
        facts=(
            *((Fact(head="in brackets", text=detail),) if detail else ()),
            Fact(head="exit code", text=f"{int(code)}: {code.name.lower().replace('_', ' ')}"),
            Fact(head="expected", text=f"of {len(expected)} of {len(claims())} shipped models"),
        ),
        falls=shown(expected) if odd else (),
        related=tuple(other.value for other in VerdictKind if other is not kind),
        commands=(_COMMANDS[kind],) if kind in _COMMANDS else (),
    )
