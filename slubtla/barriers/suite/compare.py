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


def _differ(kind: Kind, message: str, next_step: str, line: int | None = None) -> Difference:
    return Difference(kind=kind, message=message, next_step=next_step, line=line)


def compare_pins(planned: Planned) -> tuple[Difference, ...]:
    """Compare a model's specification and cfg with its pin."""
    return tuple(_against_pins(planned))


def _against_pins(planned: Planned) -> Iterator[Difference]:
    claim, pin = planned.claim, planned.pin
    if claim.expect is None:
        yield _differ(
            Kind.EXPECTATION,
            "the model states no expectation, so no result could be wrong",
            'write expect = "PROVEN", "VIOLATED(the property that falls)" or "VACUOUS(goal)"',
        )
    yield from _missing_invariants(planned)
    if planned.config.pins and pin is None:
        yield _differ(
            Kind.UNLISTED,
            "the model is not pinned, so its removal would go unnoticed",
            f"if it belongs here: slubtla prove {planned.config.path} --record",
        )
    if pin is not None:
        yield from _changed_texts(planned, pin)


def compare_run(planned: Planned, finding: Finding) -> tuple[Difference, ...]:
    """Compare a run with the model's expectation and its pinned counts."""
    if not isinstance(finding, Result):
        kind = Kind.REFUSED if isinstance(finding, UsageError) else Kind.CANNOT_RUN
        return (_differ(kind, finding.message, finding.next_step or "report it"),)
    wrong = _verdict(planned.claim, finding)
    return (
        *([wrong] if wrong else []),
        *_floor(planned.claim, finding),
        *([] if wrong else _counts(planned, finding)),
    )


def counts_of(result: Result) -> dict[str, int]:
    """Return the counts of a finished search: those are the same in every run."""
    finished = result.verdict.kind in _FINISHED
    if not (finished or str(result.verdict) == "BOUNDED(constraint)"):
        return {}
    numbers = {name: getattr(result.stats, name) for name in COUNTS}
    return {name: value for name, value in numbers.items() if value is not None}


def _missing_invariants(planned: Planned) -> Iterator[Difference]:
    """What the model asks for, or the pin has, and the cfg no longer names."""
    subject, pin = planned.claim.subject, planned.pin
    invariants, liveness = (
        (subject.invariants, subject.liveness) if isinstance(subject, Model) else ((), ())
    )
    wanted = {
        "INVARIANT": (*invariants, *(pin.invariants if pin else ())),
        "PROPERTY": (*liveness, *(pin.properties if pin else ())),
    }
    for word, names in wanted.items():
        for name in dict.fromkeys(names):
            if name not in planned.cfg.checked:
                asked = name in (*invariants, *liveness)
                who = "asked for" if asked else "pinned"
                yield _differ(
                    Kind.INVARIANT,
                    f"{word} {name} is gone: it is {who}, but the cfg no longer checks it",
                    f"put {name} back into the cfg"
                    + ("" if asked else f"; if it has to go: {_record(planned)}"),
                )


def _changed_texts(planned: Planned, pin: Pin) -> Iterator[Difference]:
    for kind, what, was, now in (
        (Kind.SPEC, "specification", pin.spec_sha256, planned.spec_sha256),
        (Kind.CFG, "configuration", pin.cfg_sha256, planned.cfg_sha256),
    ):
        if was != now:
            changed = f"pinned {was[:_DIGITS]}…, now {now[:_DIGITS]}…"
            yield _differ(kind, f"the {what} changed: {changed}", _record(planned))
    added = [name for name in planned.cfg.checked if name not in (*pin.invariants, *pin.properties)]
    if added:
        message = f"the cfg now checks {', '.join(added)}, which is not pinned"
        yield _differ(Kind.INVARIANT, message, _record(planned))


def _record(planned: Planned) -> str:
    path = planned.config.path
    return f"review what changed; if it is right: slubtla prove {path} --record"


def _verdict(claim: Claim, result: Result) -> Difference | None:
    verdict, expect = result.verdict, claim.expect
    if expect is not None and (verdict.kind, verdict.detail) == (expect.kind, expect.detail):
        return None
    found = f"expected {expect}, found {verdict}"
    place = str(result.run_dir) if result.run_dir else "slubtla prove --out DIR keeps it"
    if verdict.kind in {VerdictKind.INCONCLUSIVE, VerdictKind.BOUNDED}:
        more = {"timeout": "more time: timeout = …, or --timeout", "memory": "more memory: --heap"}
        return _differ(
            Kind.INCONCLUSIVE,
            f"{found}: {verdict.because}; nothing is known",
            f"give it {more.get(verdict.detail, 'another run, and look at its tlc.out')}",
        )
    if expect is None:
        return None  # compare_pins() reports it
    if verdict.kind is VerdictKind.ERROR:
        kind = Kind.CANNOT_RUN if verdict.detail == "tlc" else Kind.VERDICT
        return _differ(kind, f"{found}: {verdict.because}", f"look at the run: {place}")
    if verdict.kind is VerdictKind.PROVEN:
        return _nothing_fell(claim, expect)
    length = f", in {result.trace_length} states" if result.trace_length else ""
    kin = verdict.kind is expect.kind
    return _differ(
        Kind.PROPERTY if kin else Kind.VERDICT,
        found + (": another property falls" if kin else length),
        f"see why: slubtla trace {place}"
        if verdict.kind is VerdictKind.VIOLATED
        else f"{verdict.because}: see that the model still does what it should",
    )


def _nothing_fell(claim: Claim, expect: Verdict) -> Difference:
    if claim.mutant:
        what = claim.about.rstrip(".") or "see what it breaks"
        return _differ(
            Kind.SURVIVOR,
            f"the mutant survives: {expect.detail} should fall, and nothing does ({what})",
            "either a property has gone blind: find out which; or the mutant is no different: "
            'expect "PROVEN", with equivalent = "the reason"',
        )
    return _differ(
        Kind.VERDICT,
        f"expected {expect}, found PROVEN: what should fall no longer does",
        "see that the property still says what it should, and the model still does what it should, "
        "before you change `expect`",
    )


def _floor(claim: Claim, result: Result) -> Iterator[Difference]:
    for name, least in claim.at_least.items():
        found = getattr(result.stats, name)
        if found is None or found < least:
            shown = "no number" if found is None else f"{found:,}"
            yield _differ(
                Kind.AT_LEAST,
                f"at least {least:,} {name} states expected, {shown} found: the search was smaller "
                "than it must be",
                "see what bounds or disables the search: a bound, a guard, a constraint",
            )


def _counts(planned: Planned, result: Result) -> Iterator[Difference]:
    if planned.pin is None:
        return
    was, now = planned.pin.counts, counts_of(result)
    if changed := [name for name in COUNTS if was.get(name) != now.get(name)]:
        changes = (f"{_number(was, n)} {n} states pinned, {_number(now, n)} found" for n in changed)
        yield _differ(Kind.COUNT, "; ".join(changes), _record(planned))


def _number(counts: Mapping[str, int], name: str) -> str:
    return f"{counts[name]:,}" if name in counts else "no"


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
    return tuple(_of_file(config, jar_sha256, only))


def _of_file(config: Config, jar_sha256: str | None, only: Sequence[str]) -> Iterator[Difference]:
    pins, record = config.pins, f"slubtla prove {config.path} --record"
    names = {claim.name for claim in config.claims}
    for name in pins.models if pins else ():
        if name not in names and named(name, only):
            message = f"[model.{name}] is pinned, but no longer in the file"
            line = pins.lines.get(name) if pins else None
            yield _differ(Kind.DELETED, message, f"put it back; if it has to go: {record}", line)
    if not only:
        yield from _uncovered(config)
    if pins is None:
        message = "nothing in this file is pinned yet"
        yield _differ(Kind.UNLISTED, message, f"run it once, and review: {record}", 1)
    elif jar_sha256 is not None and pins.jar_sha256 != jar_sha256:
        pinned = pins.jar_sha256
        was = f"recorded with the jar {pinned[:_DIGITS]}…" if pinned else "recorded without a jar"
        message = f"{was}, run with the tla2tools.jar {jar_sha256[:_DIGITS]}…"
        meant = "use that jar: --tla2tools; if the new one is meant: " if pinned else ""
        yield _differ(Kind.JAR, message, meant + record, 1)


def _uncovered(config: Config) -> Iterator[Difference]:
    for group in config.complete:
        lists = [_names(config, parameter) for parameter in group]
        covered = {combination for claim in config.claims for combination in _covers(claim, group)}
        missing = [" with ".join(each) for each in product(*lists) if each not in covered]
        if missing:
            yield _differ(
                Kind.UNCOVERED,
                f"complete = {' with '.join(group)}, but no model has {', '.join(missing)}",
                "write a [model.…] for each, with what it must show",
                1,
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
    if claim.edits or not isinstance(model, Model) or (claim.mutant and "without" not in group):
        return ()
    if "arch" in group:  # its memory model and cmpxchg are what an architecture is
        given = ("strategy", "kernel", "arch")
        own = make_model(**{name: getattr(model, name, None) for name in given})
        if any(getattr(model, n) != getattr(own, n) for n in _OF_ARCH if n not in group):
            return ()
    values = [getattr(model, parameter, ()) for parameter in group]
    return product(*((value,) if isinstance(value, str) else value for value in values))
