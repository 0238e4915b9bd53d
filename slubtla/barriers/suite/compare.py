"""Compare models with their expectations and pins. Pure functions; nothing is run."""

from __future__ import annotations

import enum
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import product
from typing import Final

from slubtla.barriers.model import Model, make_model, vocabularies
from slubtla.barriers.protocol import protocol
from slubtla.barriers.suite.config import COUNTS, Claim, Config, Pin
from slubtla.barriers.suite.plan import Planned, named
from slubtla.errors import ExitCode, UnknownNameError, UsageError
from slubtla.tlc.jobs import Finding
from slubtla.tlc.run.result import Record, Result
from slubtla.tlc.run.verdict import Verdict, VerdictKind

_DIGITS: Final = 12
_OF_ARCH: Final = ("memory", "cmpxchg")
_RECORD: Final = "review what changed; if it is right: slubtla prove {file} --record"
_FINISHED: Final = frozenset({VerdictKind.PROVEN, VerdictKind.VACUOUS})


class Kind(enum.StrEnum):
    """The kinds of difference, as they are printed."""

    EXPECTATION = "no expectation"
    VERDICT = "verdict"
    PROPERTY = "property"
    SURVIVOR = "survivor"
    AT_LEAST = "at least"
    INCONCLUSIVE = "inconclusive"
    REFUSED = "refused"
    CANNOT_RUN = "could not run"
    UNCOVERED = "not covered"
    UNLISTED = "unlisted"
    DELETED = "deleted"
    INVARIANT = "invariant"
    CFG = "cfg"
    SPEC = "spec"
    COUNT = "count"
    JAR = "jar"

    @property
    def recordable(self) -> bool:
        """Whether ``--record`` removes it: it is about a pin, not about an expectation."""
        return self in _PINS

    @property
    def exit_code(self) -> ExitCode:
        """The exit code of the command where this is the only difference."""
        return _EXIT_CODES.get(self, ExitCode.NOT_AS_EXPECTED)


_PINS = frozenset(
    {Kind.UNLISTED, Kind.DELETED, Kind.INVARIANT, Kind.CFG, Kind.SPEC, Kind.COUNT, Kind.JAR}
)
_EXIT_CODES = {
    Kind.REFUSED: ExitCode.USAGE,
    Kind.CANNOT_RUN: ExitCode.CANNOT_RUN,
    Kind.INCONCLUSIVE: ExitCode.INCONCLUSIVE,
}


class Difference(Record):
    """One difference: what was expected, what was found, and what to do about it.

    ``line`` is its line in the file, if not that of the model.
    """

    kind: Kind
    message: str
    next_step: str
    line: int | None = None


def compare_pins(planned: Planned) -> tuple[Difference, ...]:
    """Compare a model's specification and cfg with its pin."""
    claim, pins = planned.claim, planned.config.pins
    found = list(_missing_invariants(planned))
    if claim.expect is None:
        found.insert(0, _no_expectation())
    pin = pins.models.get(claim.name) if pins else None
    if pins and pin is None:
        found.append(
            Difference(
                kind=Kind.UNLISTED,
                message="the model is not pinned, so its removal would go unnoticed",
                next_step=f"if it belongs here: slubtla prove {planned.config.path} --record",
            )
        )
    if pin is not None:
        found += _changed_texts(planned, pin)
    return tuple(found)


def compare_run(planned: Planned, finding: Finding) -> tuple[Difference, ...]:
    """Compare a run with the model's expectation and its pinned counts."""
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
    """Return the counts of a finished search: those are the same in every run."""
    finished = result.verdict.kind in _FINISHED
    if not (finished or str(result.verdict) == "BOUNDED(constraint)"):
        return {}
    numbers = {name: getattr(result.stats, name) for name in COUNTS}
    return {name: value for name, value in numbers.items() if value is not None}


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


def _verdict(claim: Claim, result: Result) -> tuple[Difference, ...]:
    verdict, expect = result.verdict, claim.expect
    same = expect is not None and (verdict.kind, verdict.detail) == (expect.kind, expect.detail)
    if same:
        return ()
    if verdict.kind in {VerdictKind.INCONCLUSIVE, VerdictKind.BOUNDED}:
        return (_undecided(claim, verdict),)
    if expect is None:
        return ()  # compare_pins() reports it
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
        changes = (
            f"{_number(pin.counts, n)} {n} states pinned, {_number(now, n)} found" for n in changed
        )
        yield Difference(kind=Kind.COUNT, message="; ".join(changes), next_step=_record(planned))


def _number(counts: Mapping[str, int], name: str) -> str:
    return f"{counts[name]:,}" if name in counts else "no"


def _length(result: Result) -> str:
    return f", in {result.trace_length} states" if result.trace_length else ""


def _place(result: Result) -> str:
    return str(result.run_dir) if result.run_dir else "slubtla prove --out DIR keeps it"


def compare_file(
    config: Config, jar_sha256: str | None, only: Sequence[str] = ()
) -> tuple[Difference, ...]:
    """Compare a file as a whole: its jar, pins without a model, what it must cover.

    Args:
        config: the file.
        jar_sha256: digest of the jar; None to leave it out.
        only: patterns of model names; other models are not compared.

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
