"""Decide the verdict of a run from TLC's report, its exit code and the criteria.

PROVEN means: TLC exited with 0, printed "No error has been found", left nothing on its queue,
printed no error and no warning that spoils a proof, and had no bound on time or depth; every
requested property is in the cfg; there is an initial state; every goal's action, and every action
that is not listed as idle, fired; every examined antecedent held; no constraint or view left
anything out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from slubtla.tlc.engine import OUT_OF_MEMORY_EXIT, Ended, TlcOptions
from slubtla.tlc.output import Code, Mode, TlcReport, Violation, ViolationKind
from slubtla.tlc.output.codes import PROOF_SPOILERS
from slubtla.tlc.output.problems import cause_of
from slubtla.tlc.run.caveats import Caveats
from slubtla.tlc.run.verdict import Verdict
from slubtla.tlc.run.verdict import VerdictKind as Kind
from slubtla.tlc.text.antecedents import Antecedent
from slubtla.tlc.text.cfg import Cfg
from slubtla.tlc.tools.java import NO_MEMORY


@dataclass(frozen=True, slots=True)
class Criteria:
    """What a verdict depends on besides TLC's output.

    Attributes:
        properties: names that must be in the cfg; None for any.
        goals: action that must have fired, for each goal.
        idle: actions that are allowed never to fire, each with the reason; None for all.
        symmetric: whether the SYMMETRY of the cfg is known to be one of the specification.
        instrumented: the actions whose firing the specification itself prints; None where TLC
            counts them.
        uncounted: why an action may have fired without being counted; ``""`` where all were.
        watched: the instrumented constraints; None if none was.
        doubt: a reason why TLC's "no error" proves nothing; ``""`` for none.
        foreign: why the output is not that of this run; see :class:`slubtla.tlc.engine.EngineRun`.
        caveats: reasons against a proof, found in the cfg and the modules.
    """

    properties: tuple[str, ...] | None = None
    goals: Mapping[str, str] = field(default_factory=dict)
    idle: Mapping[str, str] | None = None
    symmetric: bool = False
    cfg: Cfg = field(default_factory=Cfg)
    options: TlcOptions = field(default_factory=TlcOptions)
    instrumented: tuple[str, ...] | None = None
    uncounted: str = ""
    watched: tuple[str, ...] | None = None
    antecedents: tuple[Antecedent, ...] = ()
    doubt: str = ""
    foreign: str = ""
    caveats: Caveats = field(default_factory=Caveats)


_KINDS: Final = {
    ViolationKind.ASSUMPTION: ("Assumption", {10}),
    ViolationKind.DEADLOCK: ("Deadlock", {11}),
    ViolationKind.INVARIANT: ("Invariant", {12}),
    ViolationKind.ACTION_PROPERTY: ("ActionProperty", {12, 13}),
    ViolationKind.INITIAL_PROPERTY: ("Property", {12, 13}),
    ViolationKind.TEMPORAL_PROPERTY: ("TemporalProperty", {13}),
    # in an assumption, an action, a property
    ViolationKind.ASSERTION: ("Assertion", {10, 14, 75, 76, 77}),
    ViolationKind.POSTCONDITION: ("Postcondition", {10}),
}
"""What a violation is called where TLC names none, and its exit codes (EC.ExitStatus)."""

_ASSUMPTION_EXIT: Final = 10
_SAID_AT_LENGTH: Final = frozenset({ViolationKind.ASSERTION, ViolationKind.ASSUMPTION})
"""Kinds whose reason is not in the message's first line; for the others it names the property."""

_MEMORY_CODES: Final = frozenset({1001, 1002, 1003, 1005})
_NO_MEMORY: Final = re.compile(
    "insufficient memory for the Java Runtime Environment|Caused by: java.lang.OutOfMemoryError"
)
"""On stdout: of HotSpot, when mmap or malloc fails; of TLC, when its own allocation fails."""

_NO_START: Final = "Error occurred during initialization of VM"
_CAUSE: Final = re.compile(
    r"Too many open files|No space left on device|Disk quota exceeded|File too large"
    r"|UnsupportedClassVersionError[^\n]*"
)
"""Root causes inside a long message; they are appended to the verdict's reason."""

_FAILURES: Final = (
    ("parse", {150}, {Code.PARSING_FAILED, Code.PARSING_FAILED_WITH_TEXT}),
    ("config", {151}, {*range(5001, 5007), *range(2222, 2246)}),
    (
        "evaluation",
        {75, 76, 77},
        {
            Code.NESTED_EXPRESSION,
            Code.ASSUMPTION_FAILED,
            Code.INITIAL_STATE_INCOMPLETE,
            Code.NEXT_STATE_INCOMPLETE,
            Code.INVARIANT_FAILED,
            Code.ACTION_PROPERTY_FAILED,
            Code.POSTCONDITION_FAILED,
        },
    ),
)
"""ERROR detail, exit codes, message codes. Exit code 255 fits any, so messages count, too."""


def judge(
    report: TlcReport, *, returncode: int, ended: Ended, criteria: Criteria, stderr: str = ""
) -> Verdict:
    """Return the verdict of a run; ``returncode`` is negative for a signal."""
    judged = _Judge(report, returncode, ended, criteria, stderr)
    proven = Verdict(Kind.PROVEN, because="the search of the bounded model is complete")
    return next(judged.objections(), proven)


@dataclass(frozen=True, slots=True)
class _Judge:
    """Checks in order: the first objection is the verdict; PROVEN if there is none."""

    report: TlcReport
    returncode: int
    ended: Ended
    criteria: Criteria
    stderr: str

    def objections(self) -> Iterator[Verdict]:
        if self.criteria.foreign:
            yield Verdict(Kind.ERROR, "tlc", self.criteria.foreign)
        yield from self._violated()
        yield from self._stopped()
        yield from self._failed()
        yield from self._unfinished()
        yield from self._spoiled()
        yield from self._vacuous()
        yield from self._cut()

    def _violated(self) -> Iterator[Verdict]:
        report, criteria, exited = self.report, self.criteria, self.ended is Ended.EXITED
        if (violation := report.violation) is not None:
            expected = _KINDS[violation.kind][1]
            if criteria.options.keep_going:  # 0, or the code of a later violation
                expected = {0}.union(*(_KINDS[found.kind][1] for found in report.violations))
            if exited and self.returncode not in expected:
                code = f"{self.returncode}, not {sorted(expected)}"
                yield Verdict(Kind.ERROR, "tlc", f"TLC reported a violation but exited with {code}")
            yield Verdict(Kind.VIOLATED, name_of(violation, criteria.cfg), because_of(violation))
        # A false _PERIODIC has no message (tlc2.tool.ModelChecker.doPeriodicWork).
        periodic = criteria.cfg.periodic if exited and report.finished else ()
        if self.returncode == _ASSUMPTION_EXIT and not (report.errors or report.success):
            for name in periodic[-1:]:
                because = f"{name} (_PERIODIC) was false when TLC reported its progress"
                yield Verdict(Kind.VIOLATED, name, because)

    def _stopped(self) -> Iterator[Verdict]:
        """Timed out, cancelled or out of memory: a part of the model was not searched."""
        code, lines, last = self.returncode, self.report.output, self.report.last_progress
        if self.ended is Ended.TIMEOUT:
            tried = last is not None and last.generated and not self.report.errors
            if self.criteria.options.simulate and tried:
                yield Verdict(Kind.BOUNDED, "simulation", self._tried())
            yield Verdict(Kind.INCONCLUSIVE, "timeout", "the time limit ended the search")
        if self.ended is not Ended.EXITED:
            yield Verdict(Kind.INCONCLUSIVE, "cancelled", "the search was cancelled")
        out_of_memory = code == OUT_OF_MEMORY_EXIT or "OutOfMemoryError" in self.stderr
        if out_of_memory or self._codes() & _MEMORY_CODES:
            yield Verdict(Kind.INCONCLUSIVE, "memory", "the Java heap or stack was too small")
        if code != 0 and any(map(_NO_MEMORY.search, lines)):
            because = "the system gave Java no memory beside its heap"
            yield Verdict(Kind.INCONCLUSIVE, "memory", because)
        said = [*lines, *self.stderr.splitlines()]
        if code != 0 and any(_NO_START in line for line in said):
            for line in filter(NO_MEMORY.search, said):
                because = f"Java got too little memory to start ({line.strip()}): give it less heap"
                yield Verdict(Kind.INCONCLUSIVE, "memory", f"{because}, or a higher limit")

    def _failed(self) -> Iterator[Verdict]:
        report, code = self.report, self.returncode
        failures = [str(error) for error in report.parse_errors if error.module]
        failures = failures or [str(error) for error in report.parse_errors]
        failures += [error.innermost.text.strip() for error in report.errors]
        if code != 0 or failures:
            if report.cut and not failures and report.run.version is not None:
                because = f"TLC ended with exit code {code} in the middle of its work"
                yield Verdict(Kind.INCONCLUSIVE, "truncated", because)
            said = [self.stderr.strip(), *report.output, f"TLC exited with {code}"]
            because = next(filter(None, (*map(cause_of, failures), *map(_first_line, said))))
            found = (_CAUSE.search(text) for text in (*failures, *said))
            cause = next((match[0] for match in found if match), "")
            if cause not in because:
                because = f"{because} ({cause})"
            for detail, exit_codes, message_codes in _FAILURES:
                if code in exit_codes or self._codes() & message_codes:
                    yield Verdict(Kind.ERROR, detail, because)
            yield Verdict(Kind.ERROR, "tlc", because)
        for place in report.unreadable:  # it may be the error: the rest proves nothing
            yield Verdict(Kind.ERROR, "tlc", _first_line(place))

    def _codes(self) -> set[int]:
        """The codes of TLC's errors, and of those within them."""
        messages, codes = [*self.report.errors], set[int]()
        while messages:
            message = messages.pop()
            codes.add(message.code)
            messages += message.nested
        return codes

    def _unfinished(self) -> Iterator[Verdict]:
        options, report = self.criteria.options, self.report
        simulated = options.simulate is not None or report.run.mode is Mode.SIMULATION
        depth_first = options.depth_first is not None or report.run.mode is Mode.DEPTH_FIRST
        if report.cut or not (report.success or simulated or depth_first):
            yield Verdict(Kind.INCONCLUSIVE, "truncated", "TLC's output ends before its result")
        if simulated:
            yield Verdict(Kind.BOUNDED, "simulation", self._tried())
        if depth_first:
            yield Verdict(Kind.BOUNDED, "depth", "the search went to a fixed depth")
        if options.stop_after_seconds is not None:
            yield Verdict(Kind.BOUNDED, "time", "TLC may have stopped at its time bound")
        if None in (report.initial_states, report.stats.distinct, report.stats.queue):
            because = "TLC did not say how many states it found"
            yield Verdict(Kind.INCONCLUSIVE, "truncated", because)
        if report.stats.queue:
            because = f"{report.stats.queue:,} states were found but not searched"
            yield Verdict(Kind.BOUNDED, "queue", because)

    def _tried(self) -> str:
        simulate, workers = self.criteria.options.simulate, self.criteria.options.workers
        if simulate is None:
            return "random behaviours are not all behaviours"
        number = "the" if simulate.behaviours is None else f"{simulate.behaviours:,}"
        each = f" by each of {workers} workers" if workers > 1 else ""
        return (
            f"no violation in {number} random behaviours of at most {simulate.depth:,} "
            f"states{each}: they are not all behaviours"
        )

    def _spoiled(self) -> Iterator[Verdict]:
        criteria = self.criteria
        asked = criteria.properties or ()
        if names := [name for name in asked if name not in criteria.cfg.checked]:
            because = f"{', '.join(names)} was asked for but does not stand in the cfg"
            yield Verdict(Kind.ERROR, "config", because)
        for reason in filter(None, (criteria.doubt, *spoilers(self.report, criteria))):
            yield Verdict(Kind.INCONCLUSIVE, "warning", reason)
        if number := criteria.cfg.assumptions:  # TLC ends at the first false one
            what = f"the assumption{'s' if number > 1 else ''} ({number})"
            yield Verdict(Kind.PROVEN, because=f"{what} hold; there is no behaviour")
        for detail, because in criteria.caveats.bounds:
            if detail in {"exit", "random"}:  # nobody knows how much they leave out
                yield Verdict(Kind.BOUNDED, detail, because)

    def _vacuous(self) -> Iterator[Verdict]:
        report, criteria = self.report, self.criteria
        if not report.initial_states:
            yield Verdict(Kind.VACUOUS, "Init", "the model has no initial state")
        deadlock = criteria.cfg.check_deadlock and criteria.options.check_deadlock
        if not (criteria.cfg.checked or deadlock):
            yield Verdict(Kind.VACUOUS, "properties", "the cfg names nothing to check")
        yield from self._never_fired()
        for number, each in enumerate(criteria.antecedents, 1):
            if str(number) not in report.reached:
                what = f"its antecedent `{each.text}` ({each.module}.tla:{each.line})"
                because = f"{what} never holds, so the implication says nothing"
                yield Verdict(Kind.VACUOUS, each.property_name, because)

    def _never_fired(self) -> Iterator[Verdict]:
        criteria, coverage = self.criteria, self.report.coverage
        if criteria.instrumented is not None:
            seen = {name: name in self.report.fired for name in criteria.instrumented}
        elif coverage is not None:
            seen = {name: total > 0 for name, (_, total) in coverage.totals.items()}
        else:
            if criteria.goals or criteria.idle is not None:
                because = criteria.uncounted or "TLC did not say how often each action fired"
                detail = "uncounted" if criteria.uncounted else "truncated"
                yield Verdict(Kind.INCONCLUSIVE, detail, because)
            return
        never = [
            (goal, action, f"{action} is never reached in the bounded model")
            for goal, action in criteria.goals.items()
            if not seen.get(action)
        ]
        if criteria.idle is not None:
            because = "never fires in the bounded model, and no reason is known for that"
            idle = [name for name, fired in seen.items() if not fired]
            never += [(n, n, f"{n} {because}") for n in idle if n not in criteria.idle]
        for detail, action, because in never:
            if criteria.uncounted:
                unknown = f"whether {action} ever fires is not known: {criteria.uncounted}"
                yield Verdict(Kind.INCONCLUSIVE, "uncounted", unknown)
            yield Verdict(Kind.VACUOUS, detail, because)

    def _cut(self) -> Iterator[Verdict]:
        """BOUNDED if a constraint or view left something out."""
        if names := cutting(self.report, self.criteria):
            sure = "excluded" if self.criteria.watched is not None else "may have excluded"
            what = f"{', '.join(names)} of the cfg {sure} states or steps"
            yield Verdict(Kind.BOUNDED, "constraint", f"{what}: no violation within it")
        for detail, because in self.criteria.caveats.bounds:
            yield Verdict(Kind.BOUNDED, detail, because)


def because_of(violation: Violation) -> str:
    """Return TLC's message for a violation as one line, without the state that it may contain."""
    at_length = violation.kind in _SAID_AT_LENGTH
    return cause_of(violation.text) if at_length else _first_line(violation.text)


def name_of(violation: Violation, cfg: Cfg) -> str:
    """Return the violated property, or the kind of the violation where TLC names none.

    TLC 2.15 does not say which temporal property falls (message 2116): where the cfg has but one,
    it is that one.
    """
    named = violation.properties
    if not named and violation.kind is ViolationKind.TEMPORAL_PROPERTY and len(cfg.properties) == 1:
        named = cfg.properties
    return "+".join(named) or _KINDS[violation.kind][0]


def spoilers(report: TlcReport, criteria: Criteria) -> tuple[str, ...]:
    """Return reasons why "no error" proves nothing: TLC's warnings and the caveats.

    Newer builds no longer warn of liveness under a constraint, so the cfg decides; and a constraint
    that never excluded anything is no reason, though TLC 2.15 warns of it. That a translation was
    edited by hand is known.
    """
    under_constraint = PROOF_SPOILERS[Code.LIVENESS_WITH_CONSTRAINT]
    found = list(report.spoilers)
    if criteria.cfg.constraints and not cutting(report, criteria):
        found = [reason for reason in found if not reason.startswith(under_constraint)]
    elif criteria.cfg.constraints and criteria.caveats.liveness:
        found.append(under_constraint)
    found += criteria.caveats.doubts
    edited = [f"TLA+ translation in module {m} has changed" for m in criteria.caveats.edited]
    found = [reason for reason in found if not any(words in reason for words in edited)]
    return tuple(
        reason
        for place, reason in enumerate(found)
        if not any(other.startswith(reason) for other in found[:place])
    )


def cutting(report: TlcReport, criteria: Criteria) -> tuple[str, ...]:
    """Return the constraints of the cfg that excluded something, or may have."""
    known = frozenset(criteria.watched or ()) - report.excluding
    return tuple(name for name in criteria.cfg.constraints if name not in known)


def _first_line(text: str) -> str:
    return text.partition("\n")[0]
