"""Judge a run: from what TLC reported to a verdict.

PROVEN is said only when TLC exited with 0, said "No error has been found", left nothing on its
queue, printed no error, no warning that spoils a proof, was not bounded in time or depth, every
property that was asked for stood in the cfg, and everything that had to happen did happen. All
else has its own word, and no word but PROVEN exits with 0.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from slubtla.tlc.engine import OUT_OF_MEMORY_EXIT, Ended
from slubtla.tlc.output import Code, Message, Mode, TlcReport, Violation, ViolationKind
from slubtla.tlc.output.problems import cause_of
from slubtla.tlc.run.criteria import Asked, cutting, spoilers
from slubtla.tlc.run.verdict import Verdict, VerdictKind
from slubtla.tlc.text.cfg import Cfg
from slubtla.tlc.tools.java import NO_MEMORY

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
    report: TlcReport, *, returncode: int, ended: Ended, asked: Asked, stderr: str = ""
) -> Verdict:
    """Decide what a run says.

    Args:
        report: what TLC printed.
        returncode: what it exited with; negative for a signal.
        ended: who ended it.
        asked: what it was asked to do.
        stderr: what the JVM wrote there; newest builds tell only there that memory ran out.
    """
    return (
        _foreign(asked)
        or _violated(report, returncode, ended, asked)
        or _simulated(report, ended, asked)
        or _periodically(report, returncode, ended, asked)
        or _stopped(report, returncode, ended, stderr)
        or _failed(report, returncode, stderr)
        or _unread(report)
        or _unfinished(report, asked)
        or _spoiled(report, asked)
        or _assumed(asked)
        or _left_out(asked)
        or _vacuous(report, asked)
        or _empty(report, asked)
        or _cut(report, asked)
        or Verdict(VerdictKind.PROVEN, because="the search of the bounded model is complete")
    )


def _foreign(asked: Asked) -> Verdict | None:
    return Verdict(VerdictKind.ERROR, "tlc", asked.foreign) if asked.foreign else None


def _violated(report: TlcReport, returncode: int, ended: Ended, asked: Asked) -> Verdict | None:
    violation = report.violation
    if violation is None:
        return None
    expected = _EXIT_OF[violation.kind]
    if asked.options.keep_going:  # 0, or the code of a later violation
        expected = {0}.union(*(_EXIT_OF[found.kind] for found in report.violations))
    if ended is Ended.EXITED and returncode not in expected:
        return Verdict(
            VerdictKind.ERROR,
            "tlc",
            f"TLC reported a violation but exited with {returncode}, not {sorted(expected)}",
        )
    return Verdict(VerdictKind.VIOLATED, name_of(violation, asked.cfg), because_of(violation))


def because_of(violation: Violation) -> str:
    """Return TLC's words of a violation, on one line, without a state that may stand in them."""
    if violation.kind in _SAID_AT_LENGTH:
        return cause_of(violation.text)
    return _first_line(violation.text)


def _periodically(report: TlcReport, returncode: int, ended: Ended, asked: Asked) -> Verdict | None:
    """TLC ends without a word, but with its code for assumptions, where _PERIODIC is false.

    Source: ``tlc2.tool.ModelChecker.doPeriodicWork``.
    """
    names = asked.cfg.periodic
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


def _simulated(report: TlcReport, ended: Ended, asked: Asked) -> Verdict | None:
    """A simulation that its time limit ended did what it was asked for, if it had begun."""
    begun = report.last_progress is not None and report.last_progress.generated > 0
    if asked.options.simulate is None or ended is not Ended.TIMEOUT or report.errors or not begun:
        return None
    return Verdict(VerdictKind.BOUNDED, "simulation", _tried(asked))


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


def _unfinished(report: TlcReport, asked: Asked) -> Verdict | None:
    options, mode = asked.options, report.run.mode
    simulated = options.simulate is not None or mode is Mode.SIMULATION
    depth_first = options.depth_first is not None or mode is Mode.DEPTH_FIRST
    if report.cut or not (report.success or simulated or depth_first):
        return Verdict(VerdictKind.INCONCLUSIVE, "truncated", "TLC's output ends before its result")
    for bounded, detail, what in (
        (simulated, "simulation", _tried(asked)),
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


def _tried(asked: Asked) -> str:
    simulate = asked.options.simulate
    if simulate is None:
        return "random behaviours are not all behaviours"
    number = "the" if simulate.behaviours is None else f"{simulate.behaviours:,}"
    each = f" by each of {asked.options.workers} workers" if asked.options.workers > 1 else ""
    return (
        f"no violation in {number} random behaviours of at most {simulate.depth:,} states{each}: "
        "they are not all behaviours"
    )


def _spoiled(report: TlcReport, asked: Asked) -> Verdict | None:
    missing = [name for name in asked.properties if name not in asked.cfg.checked]
    if missing:
        return Verdict(
            VerdictKind.ERROR,
            "config",
            f"{', '.join(missing)} was asked for but does not stand in the cfg",
        )
    for reason in (asked.doubt, *spoilers(report, asked)):
        if reason:
            return Verdict(VerdictKind.INCONCLUSIVE, "warning", reason)
    return None


def _assumed(asked: Asked) -> Verdict | None:
    """A specification without a behaviour is its assumptions; TLC ends at the first false one."""
    number = asked.cfg.assumptions
    if not number:
        return None
    because = f"the assumption{'s' if number > 1 else ''} ({number}) hold; there is no behaviour"
    return Verdict(VerdictKind.PROVEN, because=because)


def _left_out(asked: Asked) -> Verdict | None:
    """What the specification itself leaves out, nobody knows how much."""
    for detail, because in asked.caveats.bounds:
        if detail in {"exit", "random"}:
            return Verdict(VerdictKind.BOUNDED, detail, because)
    return None


def _cut(report: TlcReport, asked: Asked) -> Verdict | None:
    """What the cfg leaves out of the search."""
    if names := cutting(report, asked):
        sure = "excluded" if asked.watched is not None else "may have excluded"
        because = f"{', '.join(names)} of the cfg {sure} states or steps: no violation within it"
        return Verdict(VerdictKind.BOUNDED, "constraint", because)
    for detail, because in asked.caveats.bounds:
        return Verdict(VerdictKind.BOUNDED, detail, because)
    return None


def _empty(report: TlcReport, asked: Asked) -> Verdict | None:
    """An implication whose antecedent never holds says nothing."""
    for number, each in enumerate(asked.antecedents, 1):
        key = f"{each.property_name}: {each.text}"
        if str(number) not in report.reached and key not in asked.idle_antecedents:
            return Verdict(
                VerdictKind.VACUOUS,
                each.property_name,
                f"its antecedent `{each.text}` ({each.module}.tla:{each.line}) never holds, so the "
                "implication says nothing",
            )
    return None


def _vacuous(report: TlcReport, asked: Asked) -> Verdict | None:
    if not report.initial_states:
        return Verdict(VerdictKind.VACUOUS, "Init", "the model has no initial state")
    if not asked.cfg.checked and not (asked.cfg.check_deadlock and asked.options.check_deadlock):
        return Verdict(VerdictKind.VACUOUS, "properties", "the cfg names nothing to check")
    seen = _seen(report, asked)
    if (asked.goals or asked.idle is not None) and seen is None:
        return Verdict(
            VerdictKind.INCONCLUSIVE,
            "uncounted" if asked.uncounted else "truncated",
            asked.uncounted or "TLC did not say how often each action fired",
        )
    seen = seen or {}
    for goal, action in asked.goals.items():
        if not seen.get(action):
            return _uncounted(action, asked) or Verdict(
                VerdictKind.VACUOUS, goal, f"{action} is never reached in the bounded model"
            )
    if asked.idle is not None:
        for name, fired in seen.items():
            if not fired and name not in asked.idle:
                return _uncounted(name, asked) or Verdict(
                    VerdictKind.VACUOUS,
                    name,
                    f"{name} never fires in the bounded model, and no reason is known for that",
                )
    return None


def _seen(report: TlcReport, asked: Asked) -> dict[str, bool] | None:
    """Whether each action fired, in the order of the spec; None where nobody says."""
    if asked.told is not None:
        return {name: name in report.fired for name in asked.told}
    if report.coverage is None:
        return None
    seen: dict[str, bool] = {}
    for action in report.coverage.actions:
        if not action.initial:
            seen[action.name] = seen.get(action.name, False) or action.total > 0
    return seen


def _uncounted(action: str, asked: Asked) -> Verdict | None:
    """What may be said of an action that was not seen, where not all firings were counted."""
    if not asked.uncounted:
        return None
    because = f"whether {action} ever fires is not known: {asked.uncounted}"
    return Verdict(VerdictKind.INCONCLUSIVE, "uncounted", because)


def _first_line(text: str) -> str:
    return text.partition("\n")[0]


def _codes(message: Message) -> Iterator[int]:
    yield message.code
    for inner in message.nested:
        yield from _codes(inner)
