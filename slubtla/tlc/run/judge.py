"""Judge a run: from what TLC reported to a verdict.

PROVEN means: TLC exited with 0, said "No error has been found", left nothing on its queue, printed
no error and no warning that spoils a proof, had no bound on time or depth, every property that was
asked for stood in the cfg, and everything that had to happen did happen.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from slubtla.tlc.engine import OUT_OF_MEMORY_EXIT, Ended, TlcOptions
from slubtla.tlc.output import Code, Message, Mode, TlcReport, Violation, ViolationKind
from slubtla.tlc.output.codes import PROOF_SPOILERS
from slubtla.tlc.output.problems import cause_of
from slubtla.tlc.run.caveats import Caveats
from slubtla.tlc.run.verdict import Verdict, VerdictKind
from slubtla.tlc.text.antecedents import Antecedent
from slubtla.tlc.text.cfg import Cfg
from slubtla.tlc.tools.java import NO_MEMORY


@dataclass(frozen=True, slots=True)
class Criteria:
    """What a run is judged by: what was asked of it, and what else is known of its search.

    Attributes:
        properties: names that must stand in the cfg; None for whatever stands there.
        goals: action that must have fired, for each goal.
        idle: actions that may never fire, each with the reason; None where any may.
        idle_antecedents: antecedents that may never hold, as ``property: antecedent``, each with
            the reason.
        symmetric: whether it is known that the SYMMETRY of the cfg is one.
        cfg: what the cfg says.
        options: TLC's options; some of them bound the search.
        instrumented: the actions whose firing the specification itself prints; None where TLC
            counts them.
        uncounted: why an action may have fired without being counted; ``""`` where all were.
        watched: the constraints of which the report says whether they excluded something; None
            where it says nothing of any.
        antecedents: those of which the report says whether they ever held.
        doubt: why "no error has been found" would be no proof; ``""`` where it is.
        foreign: why the output is not that of this run; see :class:`slubtla.tlc.engine.EngineRun`.
        caveats: what the texts of the cfg and of the modules say against a proof.
    """

    properties: tuple[str, ...] | None = None
    goals: Mapping[str, str] = field(default_factory=dict)
    idle: Mapping[str, str] | None = None
    idle_antecedents: Mapping[str, str] = field(default_factory=dict)
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

    def reason(self, antecedent: Antecedent) -> str | None:
        """Return why an antecedent may never hold; None where no reason is known."""
        return self.idle_antecedents.get(f"{antecedent.property_name}: {antecedent.text}")


_EXIT_OF: Final = {
    ViolationKind.ASSUMPTION: {10},
    ViolationKind.DEADLOCK: {11},
    ViolationKind.INVARIANT: {12},
    ViolationKind.ACTION_PROPERTY: {12, 13},
    ViolationKind.INITIAL_PROPERTY: {12, 13},
    ViolationKind.TEMPORAL_PROPERTY: {13},
    ViolationKind.ASSERTION: {10, 14, 75, 76, 77},  # in an assumption, an action, a property
    ViolationKind.POSTCONDITION: {10},
}
"""TLC's exit codes (tlc2.output.EC.ExitStatus) for each kind of violation."""

_ASSUMPTION_EXIT: Final = 10
_SAID_AT_LENGTH: Final = frozenset({ViolationKind.ASSERTION, ViolationKind.ASSUMPTION})
"""Where TLC's first line alone says nothing; that of the others names the property."""

_UNNAMED: Final = {
    ViolationKind.ASSUMPTION: "Assumption",
    ViolationKind.DEADLOCK: "Deadlock",
    ViolationKind.ASSERTION: "Assertion",
    ViolationKind.POSTCONDITION: "Postcondition",
    ViolationKind.INVARIANT: "Invariant",
    ViolationKind.ACTION_PROPERTY: "ActionProperty",
    ViolationKind.INITIAL_PROPERTY: "Property",
    ViolationKind.TEMPORAL_PROPERTY: "TemporalProperty",
}

_MEMORY_CODES: Final = frozenset({1001, 1002, 1003, 1005})
_NO_MEMORY: Final = (
    "insufficient memory for the Java Runtime Environment",
    "Caused by: java.lang.OutOfMemoryError",
)
"""On stdout: HotSpot, when mmap or malloc failed; TLC, when its own allocation did."""

_CAUSE: Final = re.compile(
    r"Too many open files|No space left on device|Disk quota exceeded|File too large"
    r"|UnsupportedClassVersionError[^\n]*"
)
"""What the operating system, or Java, says deep in a message: it belongs into the first line."""

_NO_START: Final = "Error occurred during initialization of VM"

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
"""What failed, by TLC's exit codes and its messages: its exit code 255 may be any of them."""


def judge(
    report: TlcReport, *, returncode: int, ended: Ended, criteria: Criteria, stderr: str = ""
) -> Verdict:
    """Decide what a run says.

    Args:
        report: what TLC printed.
        returncode: what it exited with; negative for a signal.
        ended: who ended it.
        criteria: what it is judged by.
        stderr: what the JVM wrote there; newest builds tell only there that memory ran out.
    """
    return (
        _foreign(criteria)
        or _violated(report, returncode, ended, criteria)
        or _simulated(report, ended, criteria)
        or _periodically(report, returncode, ended, criteria)
        or _stopped(report, returncode, ended, stderr)
        or _failed(report, returncode, stderr)
        or _unread(report)
        or _unfinished(report, criteria)
        or _spoiled(report, criteria)
        or _assumed(criteria)
        or _left_out(criteria)
        or _vacuous(report, criteria)
        or _empty(report, criteria)
        or _cut(report, criteria)
        or Verdict(VerdictKind.PROVEN, because="the search of the bounded model is complete")
    )


def _foreign(criteria: Criteria) -> Verdict | None:
    return Verdict(VerdictKind.ERROR, "tlc", criteria.foreign) if criteria.foreign else None


def _violated(
    report: TlcReport, returncode: int, ended: Ended, criteria: Criteria
) -> Verdict | None:
    violation = report.violation
    if violation is None:
        return None
    expected = _EXIT_OF[violation.kind]
    if criteria.options.keep_going:  # 0, or the code of a later violation
        expected = {0}.union(*(_EXIT_OF[found.kind] for found in report.violations))
    if ended is Ended.EXITED and returncode not in expected:
        return Verdict(
            VerdictKind.ERROR,
            "tlc",
            f"TLC reported a violation but exited with {returncode}, not {sorted(expected)}",
        )
    return Verdict(VerdictKind.VIOLATED, name_of(violation, criteria.cfg), because_of(violation))


def because_of(violation: Violation) -> str:
    """Return TLC's words of a violation, on one line, without a state that may stand in them."""
    if violation.kind in _SAID_AT_LENGTH:
        return cause_of(violation.text)
    return _first_line(violation.text)


def _periodically(
    report: TlcReport, returncode: int, ended: Ended, criteria: Criteria
) -> Verdict | None:
    """TLC ends without a word, but with its code for assumptions, where _PERIODIC is false.

    Source: ``tlc2.tool.ModelChecker.doPeriodicWork``.
    """
    names = criteria.cfg.periodic
    silent = ended is Ended.EXITED and returncode == _ASSUMPTION_EXIT and report.finished
    if not names or not silent or report.errors or report.success:
        return None
    because = f"{names[-1]} (_PERIODIC) was false when TLC reported its progress"
    return Verdict(VerdictKind.VIOLATED, names[-1], because)


def name_of(violation: Violation, cfg: Cfg) -> str:
    """Return the property that a violation falls on, or the kind where TLC names none.

    TLC 2.15 does not say which temporal property falls (message 2116): where the cfg has but one,
    it is that one.
    """
    named = violation.properties
    if not named and violation.kind is ViolationKind.TEMPORAL_PROPERTY and len(cfg.properties) == 1:
        named = cfg.properties
    return "+".join(named) or _UNNAMED[violation.kind]


def _simulated(report: TlcReport, ended: Ended, criteria: Criteria) -> Verdict | None:
    """A simulation that its time limit ended did what it was asked for, if it had begun."""
    begun = report.last_progress is not None and report.last_progress.generated > 0
    if (
        criteria.options.simulate is None
        or ended is not Ended.TIMEOUT
        or report.errors
        or not begun
    ):
        return None
    return Verdict(VerdictKind.BOUNDED, "simulation", _tried(criteria))


def _stopped(report: TlcReport, returncode: int, ended: Ended, stderr: str) -> Verdict | None:
    """Ended from outside, or out of memory: nothing is known of the rest of the model."""
    if ended is Ended.TIMEOUT:
        return Verdict(VerdictKind.INCONCLUSIVE, "timeout", "the time limit ended the search")
    if ended is not Ended.EXITED:
        return Verdict(VerdictKind.INCONCLUSIVE, "cancelled", "the search was cancelled")
    codes = {code for error in report.errors for code in _codes(error)}
    if returncode == OUT_OF_MEMORY_EXIT or codes & _MEMORY_CODES or "OutOfMemoryError" in stderr:
        return Verdict(VerdictKind.INCONCLUSIVE, "memory", "the Java heap or stack was too small")
    if returncode != 0 and any(words in line for line in report.output for words in _NO_MEMORY):
        because = "the system gave Java no memory beside its heap"
        return Verdict(VerdictKind.INCONCLUSIVE, "memory", because)
    said = [*report.output, *stderr.splitlines()]
    if returncode != 0 and any(_NO_START in line for line in said):
        for line in said:
            if NO_MEMORY.search(line):
                because = f"Java got too little memory to start ({line.strip()}): give it less heap"
                return Verdict(VerdictKind.INCONCLUSIVE, "memory", f"{because}, or a higher limit")
    return None


def _failed(report: TlcReport, returncode: int, stderr: str) -> Verdict | None:
    parsing = [str(error) for error in report.parse_errors]
    failures = [str(error) for error in report.parse_errors if error.module] or parsing
    failures += [error.innermost.text.strip() for error in report.errors]
    if returncode == 0 and not failures:
        return None
    if report.cut and not failures and report.run.version is not None:
        return Verdict(
            VerdictKind.INCONCLUSIVE,
            "truncated",
            f"TLC ended with exit code {returncode} in the middle of its work",
        )
    said = [stderr.strip(), *report.output, f"TLC exited with {returncode}"]
    because = next(filter(None, (*map(cause_of, failures), *map(_first_line, said))))
    found = (_CAUSE.search(text) for text in (*failures, *said))
    cause = next((match[0] for match in found if match), "")
    if cause not in because:
        because = f"{because} ({cause})"
    codes = {code for error in report.errors for code in _codes(error)}
    for detail, exit_codes, message_codes in _FAILURES:
        if returncode in exit_codes or codes & message_codes:
            return Verdict(VerdictKind.ERROR, detail, because)
    return Verdict(VerdictKind.ERROR, "tlc", because)


def _unread(report: TlcReport) -> Verdict | None:
    """What was passed over may be the error: the rest of the output proves nothing."""
    if not report.unreadable:
        return None
    return Verdict(VerdictKind.ERROR, "tlc", _first_line(report.unreadable[0]))


def _unfinished(report: TlcReport, criteria: Criteria) -> Verdict | None:
    options, mode = criteria.options, report.run.mode
    simulated = options.simulate is not None or mode is Mode.SIMULATION
    depth_first = options.depth_first is not None or mode is Mode.DEPTH_FIRST
    if report.cut or not (report.success or simulated or depth_first):
        return Verdict(VerdictKind.INCONCLUSIVE, "truncated", "TLC's output ends before its result")
    for bounded, detail, what in (
        (simulated, "simulation", _tried(criteria)),
        (depth_first, "depth", "the search went to a fixed depth"),
        (options.stop_after_seconds is not None, "time", "TLC may have stopped at its time bound"),
    ):
        if bounded:
            return Verdict(VerdictKind.BOUNDED, detail, what)
    if None in (report.initial_states, report.stats.distinct, report.stats.queue):
        return Verdict(
            VerdictKind.INCONCLUSIVE, "truncated", "TLC did not say how many states it found"
        )
    if report.stats.queue:
        return Verdict(
            VerdictKind.BOUNDED,
            "queue",
            f"{report.stats.queue:,} states were found but not searched",
        )
    return None


def _tried(criteria: Criteria) -> str:
    simulate = criteria.options.simulate
    if simulate is None:
        return "random behaviours are not all behaviours"
    number = "the" if simulate.behaviours is None else f"{simulate.behaviours:,}"
    each = f" by each of {criteria.options.workers} workers" if criteria.options.workers > 1 else ""
    return (
        f"no violation in {number} random behaviours of at most {simulate.depth:,} states{each}: "
        "they are not all behaviours"
    )


def _spoiled(report: TlcReport, criteria: Criteria) -> Verdict | None:
    missing = [name for name in criteria.properties or () if name not in criteria.cfg.checked]
    if missing:
        return Verdict(
            VerdictKind.ERROR,
            "config",
            f"{', '.join(missing)} was asked for but does not stand in the cfg",
        )
    for reason in (criteria.doubt, *spoilers(report, criteria)):
        if reason:
            return Verdict(VerdictKind.INCONCLUSIVE, "warning", reason)
    return None


def _assumed(criteria: Criteria) -> Verdict | None:
    """A specification without a behaviour is its assumptions; TLC ends at the first false one."""
    number = criteria.cfg.assumptions
    if not number:
        return None
    because = f"the assumption{'s' if number > 1 else ''} ({number}) hold; there is no behaviour"
    return Verdict(VerdictKind.PROVEN, because=because)


def _left_out(criteria: Criteria) -> Verdict | None:
    """What the specification itself leaves out, nobody knows how much."""
    for detail, because in criteria.caveats.bounds:
        if detail in {"exit", "random"}:
            return Verdict(VerdictKind.BOUNDED, detail, because)
    return None


def _cut(report: TlcReport, criteria: Criteria) -> Verdict | None:
    """What the cfg leaves out of the search."""
    if names := cutting(report, criteria):
        sure = "excluded" if criteria.watched is not None else "may have excluded"
        because = f"{', '.join(names)} of the cfg {sure} states or steps: no violation within it"
        return Verdict(VerdictKind.BOUNDED, "constraint", because)
    for detail, because in criteria.caveats.bounds:
        return Verdict(VerdictKind.BOUNDED, detail, because)
    return None


def _empty(report: TlcReport, criteria: Criteria) -> Verdict | None:
    """An implication whose antecedent never holds says nothing."""
    for number, each in enumerate(criteria.antecedents, 1):
        if str(number) not in report.reached and criteria.reason(each) is None:
            return Verdict(
                VerdictKind.VACUOUS,
                each.property_name,
                f"its antecedent `{each.text}` ({each.module}.tla:{each.line}) never holds, so the "
                "implication says nothing",
            )
    return None


def _vacuous(report: TlcReport, criteria: Criteria) -> Verdict | None:
    if not report.initial_states:
        return Verdict(VerdictKind.VACUOUS, "Init", "the model has no initial state")
    if not criteria.cfg.checked and not (
        criteria.cfg.check_deadlock and criteria.options.check_deadlock
    ):
        return Verdict(VerdictKind.VACUOUS, "properties", "the cfg names nothing to check")
    seen = _seen(report, criteria)
    if (criteria.goals or criteria.idle is not None) and seen is None:
        return Verdict(
            VerdictKind.INCONCLUSIVE,
            "uncounted" if criteria.uncounted else "truncated",
            criteria.uncounted or "TLC did not say how often each action fired",
        )
    seen = seen or {}
    for goal, action in criteria.goals.items():
        if not seen.get(action):
            return _uncounted(action, criteria) or Verdict(
                VerdictKind.VACUOUS, goal, f"{action} is never reached in the bounded model"
            )
    if criteria.idle is not None:
        for name, fired in seen.items():
            if not fired and name not in criteria.idle:
                return _uncounted(name, criteria) or Verdict(
                    VerdictKind.VACUOUS,
                    name,
                    f"{name} never fires in the bounded model, and no reason is known for that",
                )
    return None


def _seen(report: TlcReport, criteria: Criteria) -> dict[str, bool] | None:
    """Whether each action fired, in the order of the spec; None where nobody says."""
    if criteria.instrumented is not None:
        return {name: name in report.fired for name in criteria.instrumented}
    if report.coverage is None:
        return None
    seen: dict[str, bool] = {}
    for action in report.coverage.actions:
        if not action.initial:
            seen[action.name] = seen.get(action.name, False) or action.total > 0
    return seen


def _uncounted(action: str, criteria: Criteria) -> Verdict | None:
    """What may be said of an action that was not seen, where not all firings were counted."""
    if not criteria.uncounted:
        return None
    because = f"whether {action} ever fires is not known: {criteria.uncounted}"
    return Verdict(VerdictKind.INCONCLUSIVE, "uncounted", because)


def _first_line(text: str) -> str:
    return text.partition("\n")[0]


def _codes(message: Message) -> Iterator[int]:
    yield message.code
    for inner in message.nested:
        yield from _codes(inner)


def spoilers(report: TlcReport, criteria: Criteria) -> tuple[str, ...]:
    """Return why "no error has been found" would be no proof: TLC's warnings, and the texts'.

    Newer builds no longer warn of liveness under a constraint, so the cfg decides; and a constraint
    that never excluded anything is no reason, though TLC 2.15 warns of it.
    """
    under_constraint = PROOF_SPOILERS[Code.LIVENESS_WITH_CONSTRAINT]
    found = list(report.spoilers)
    if criteria.cfg.constraints and not cutting(report, criteria):
        found = [reason for reason in found if not reason.startswith(under_constraint)]
    elif criteria.cfg.constraints and criteria.caveats.liveness:
        found.append(under_constraint)
    for reason in criteria.caveats.doubts:
        found.append(reason)
    found = [reason for reason in found if not _is_of_an_edited_translation(reason, criteria)]
    return tuple(
        reason
        for place, reason in enumerate(found)
        if not any(other.startswith(reason) for other in found[:place])
    )


def cutting(report: TlcReport, criteria: Criteria) -> tuple[str, ...]:
    """Return the constraints of the cfg that excluded something, or may have."""
    if criteria.watched is None:
        return criteria.cfg.constraints
    return tuple(
        name
        for name in criteria.cfg.constraints
        if name not in criteria.watched or name in report.excluding
    )


def _is_of_an_edited_translation(reason: str, criteria: Criteria) -> bool:
    """Whether SANY says of a translation that was edited by hand that it was: that is known."""
    return any(
        f"TLA+ translation in module {name} has changed" in reason
        for name in criteria.caveats.edited
    )
