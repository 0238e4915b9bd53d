"""Compare what a model must be and show with what it is and shows: pure, and without Java."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from slubtla.barriers.model import Model
from slubtla.barriers.suite.config import COUNTS, Claim, Pin
from slubtla.barriers.suite.differences import Difference, Kind
from slubtla.barriers.suite.planning import Planned
from slubtla.barriers.suite.running import Finding
from slubtla.errors import UsageError
from slubtla.tlc.run.result import Result
from slubtla.tlc.run.verdict import Verdict, VerdictKind

_DIGITS: Final = 12
_RECORD: Final = "review what changed; if it is right: slubtla prove {file} --record"
_FINISHED: Final = frozenset({VerdictKind.PROVEN, VerdictKind.VACUOUS})


def compare_pins(planned: Planned) -> tuple[Difference, ...]:
    """Compare a model's texts with its pin; needs no run."""
    claim, pins = planned.claim, planned.config.pins
    found = list(_missing_invariants(planned))
    if claim.expect is None:
        found.insert(0, _no_expectation())
    pin = pins.models.get(claim.name) if pins else None
    if pins and pin is None:
        found.append(
            Difference(
                kind=Kind.UNLISTED,
                message="the model is not pinned: nobody would notice if it went away",
                next_step=f"if it belongs here: slubtla prove {planned.config.path} --record",
            )
        )
    if pin is not None:
        found += _changed_texts(planned, pin)
    return tuple(found)


def compare_run(planned: Planned, finding: Finding) -> tuple[Difference, ...]:
    """Compare what a run gave with what the model must show, and with its pin."""
    claim = planned.claim
    if not isinstance(finding, Result):
        kind = Kind.REFUSED if isinstance(finding, UsageError) else Kind.CANNOT_RUN
        return (
            Difference(
                kind=kind, message=finding.message, next_step=finding.next_step or "report it"
            ),
        )
    if wrong := _verdict(claim, finding):
        return (*wrong, *_floor(claim, finding))
    return (*_floor(claim, finding), *_counts(planned, finding))


def counts_of(result: Result) -> dict[str, int]:
    """Return the counts worth pinning: of a finished search, the same in every run."""
    finished = result.verdict.kind in _FINISHED
    if not (finished or str(result.verdict) == "BOUNDED(constraint)"):
        return {}
    numbers = {name: getattr(result.stats, name) for name in COUNTS}
    return {name: value for name, value in numbers.items() if value is not None}


# A model's texts.


def _no_expectation() -> Difference:
    return Difference(
        kind=Kind.EXPECTATION,
        message="the model states no expectation, so no result could be wrong",
        next_step='write expect = "PROVEN", "VIOLATED(the property that falls)" or "VACUOUS(goal)"',
    )


def _missing_invariants(planned: Planned) -> Iterator[Difference]:
    """What the model asks for, or the pin has, and the cfg no longer names."""
    claim, cfg, pins = planned.claim, planned.cfg, planned.config.pins
    pin = pins.models.get(claim.name) if pins else None
    model = claim.subject if isinstance(claim.subject, Model) else None
    asked = (*model.invariants, *model.liveness) if model else ()
    wanted = {
        "INVARIANT": (*(model.invariants if model else ()), *(pin.invariants if pin else ())),
        "PROPERTY": (*(model.liveness if model else ()), *(pin.properties if pin else ())),
    }
    for word, names in wanted.items():
        for name in dict.fromkeys(names):
            if name not in cfg.checked:
                who = "asked for" if name in asked else "pinned"
                yield Difference(
                    kind=Kind.INVARIANT,
                    message=f"{word} {name} is gone: it is {who}, but the cfg no longer checks it",
                    next_step=f"put {name} back into the cfg"
                    + ("" if name in asked else f"; if it has to go: {_record(planned)}"),
                )


def _changed_texts(planned: Planned, pin: Pin) -> Iterator[Difference]:
    for kind, what, was, now in (
        (Kind.SPEC, "specification", pin.spec_sha256, planned.spec_sha256),
        (Kind.CFG, "configuration", pin.cfg_sha256, planned.cfg_sha256),
    ):
        if was != now:
            yield Difference(
                kind=kind,
                message=f"the {what} changed: pinned {was[:_DIGITS]}…, now {now[:_DIGITS]}…",
                next_step=_record(planned),
            )
    added = [name for name in planned.cfg.checked if name not in (*pin.invariants, *pin.properties)]
    if added:
        yield Difference(
            kind=Kind.INVARIANT,
            message=f"the cfg now checks {', '.join(added)}, which is not pinned",
            next_step=_record(planned),
        )


def _record(planned: Planned) -> str:
    return _RECORD.format(file=planned.config.path)


# A run.


def _verdict(claim: Claim, result: Result) -> tuple[Difference, ...]:
    verdict, expect = result.verdict, claim.expect
    same = expect is not None and (verdict.kind, verdict.detail) == (expect.kind, expect.detail)
    if same:
        return ()
    if verdict.kind in {VerdictKind.INCONCLUSIVE, VerdictKind.BOUNDED}:
        return (_undecided(claim, verdict),)
    if expect is None:
        return ()  # told already: see compare_pins
    if verdict.kind is VerdictKind.ERROR:
        crashed = verdict.detail == "tlc"
        return (
            Difference(
                kind=Kind.CANNOT_RUN if crashed else Kind.VERDICT,
                message=f"expected {expect}, found {verdict}: {verdict.because}",
                next_step=f"look at the run: {_place(result)}",
            ),
        )
    if verdict.kind is VerdictKind.PROVEN:
        return (_nothing_fell(claim, expect),)
    kin = verdict.kind is expect.kind
    return (
        Difference(
            kind=Kind.PROPERTY if kin else Kind.VERDICT,
            message=f"expected {expect}, found {verdict}"
            + (": another property falls" if kin else _length(result)),
            next_step=f"see why: slubtla trace {_place(result)}"
            if verdict.kind is VerdictKind.VIOLATED
            else f"{verdict.because}: see that the model still does what it should",
        ),
    )


def _undecided(claim: Claim, verdict: Verdict) -> Difference:
    more = {"timeout": "more time: timeout = …, or --timeout", "memory": "more memory: --heap"}
    return Difference(
        kind=Kind.INCONCLUSIVE,
        message=f"expected {claim.expect}, found {verdict}: {verdict.because}; nothing is known",
        next_step=f"give it {more.get(verdict.detail, 'another run, and look at its tlc.out')}",
    )


def _nothing_fell(claim: Claim, expect: Verdict) -> Difference:
    what = claim.about.rstrip(".") or "see what it breaks"
    if claim.mutant:
        return Difference(
            kind=Kind.SURVIVOR,
            message=f"the mutant survives: {expect.detail} should fall, and nothing does ({what})",
            next_step="either a property has gone blind: find out which; or the mutant is no "
            'different: expect "PROVEN", with equivalent = "the reason"',
        )
    return Difference(
        kind=Kind.VERDICT,
        message=f"expected {expect}, found PROVEN: what should fall no longer does",
        next_step="see that the property still says what it should, and the model still does what "
        "it should, before you change `expect`",
    )


def _floor(claim: Claim, result: Result) -> Iterator[Difference]:
    for name, least in claim.at_least.items():
        found = getattr(result.stats, name)
        if found is None or found < least:
            shown = "no number" if found is None else f"{found:,}"
            yield Difference(
                kind=Kind.AT_LEAST,
                message=f"at least {least:,} {name} states expected, {shown} found: the search "
                "was smaller than it must be",
                next_step="see what bounds or disables the search: a bound, a guard, a constraint",
            )


def _counts(planned: Planned, result: Result) -> Iterator[Difference]:
    pins = planned.config.pins
    pin = pins.models.get(planned.claim.name) if pins else None
    if pin is None:
        return
    now = counts_of(result)
    if changed := [name for name in COUNTS if pin.counts.get(name) != now.get(name)]:
        told = (
            f"{_number(pin.counts, n)} {n} states pinned, {_number(now, n)} found" for n in changed
        )
        yield Difference(kind=Kind.COUNT, message="; ".join(told), next_step=_record(planned))


def _number(counts: Mapping[str, int], name: str) -> str:
    return f"{counts[name]:,}" if name in counts else "no"


def _length(result: Result) -> str:
    return f", in {result.trace_length} states" if result.trace_length else ""


def _place(result: Result) -> str:
    return str(result.run_dir) if result.run_dir else "slubtla prove --out DIR keeps it"
