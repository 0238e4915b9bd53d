"""What may be said after a run: every exit code and every trap of TLC, on its own words.

The outputs are real (``tlc/outputs``). Where TLC has never been caught saying something, a real
output is cut or changed in one place.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slubtla.errors import ExitCode
from slubtla.tlc.engine import OUT_OF_MEMORY_EXIT, Ended, Simulation, TlcOptions
from slubtla.tlc.output import HARMLESS_WARNINGS, PROOF_SPOILERS, TlcReport, read_report
from slubtla.tlc.run.caveats import Caveats
from slubtla.tlc.run.judge import Criteria, judge
from slubtla.tlc.run.verdict import SET_BOUNDS, Verdict, VerdictKind
from slubtla.tlc.text.antecedents import Antecedent
from slubtla.tlc.text.cfg import Cfg

OUTPUTS = Path(__file__).parent / "tlc" / "outputs"
OLD, NEW = "tlc-2.15", "tlc-2026.04.29"
FILES = sorted(path.relative_to(OUTPUTS).as_posix() for path in OUTPUTS.glob("tlc-*/*.txt"))
END = re.compile(r"@!@!@ENDMSG (\d+) @!@!@\n")

PLAIN = TlcOptions()
CONTINUE = TlcOptions(keep_going=True)
SIMULATE = TlcOptions(simulate=Simulation(depth=5, behaviours=3))
DEPTH_FIRST = TlcOptions(depth_first=3)
STOP_AFTER = TlcOptions(stop_after_seconds=1)


def lines_of(file: str) -> list[str]:
    with (OUTPUTS / file).open(encoding="utf-8") as output:
        return list(output)


def message(code: int, text: str, severity: int = 0) -> list[str]:
    return [f"@!@!@STARTMSG {code}:{severity} @!@!@\n", f"{text}\n", f"@!@!@ENDMSG {code} @!@!@\n"]


def before(code: int, lines: Iterable[str], inserted: Iterable[str]) -> list[str]:
    """``lines`` with ``inserted`` before the first message ``code``."""
    result = list(lines)
    at = next(n for n, line in enumerate(result) if line.startswith(f"@!@!@STARTMSG {code}:"))
    return [*result[:at], *inserted, *result[at:]]


def said(
    report: TlcReport | Iterable[str],
    returncode: int = 0,
    *,
    ended: Ended = Ended.EXITED,
    asked: Criteria | None = None,
    stderr: str = "",
) -> str:
    """The verdict, as the user reads it."""
    if not isinstance(report, TlcReport):
        report = read_report(report)
    asked = asked or Criteria(cfg=Cfg(invariants=("TypeOK",)))
    return str(judge(report, returncode=returncode, ended=ended, criteria=asked, stderr=stderr))


CAPTURED: dict[str, tuple[int, str, TlcOptions]] = {
    # the exit code that TLC gave (tlc/outputs/capture.py checks it), what may be said, the options
    f"{OLD}/action_property": (13, "VIOLATED(Jumps)", PLAIN),
    f"{OLD}/assertion": (75, "VIOLATED(Assertion)", PLAIN),
    f"{OLD}/assumption": (10, "VIOLATED(Assumption)", PLAIN),
    f"{OLD}/assumption_error": (10, "ERROR(evaluation)", PLAIN),
    f"{OLD}/command_line": (1, "ERROR(tlc)", PLAIN),
    f"{OLD}/config_keyword": (255, "ERROR(config)", PLAIN),
    f"{OLD}/config_missing": (255, "ERROR(config)", PLAIN),
    f"{OLD}/config_undefined": (151, "ERROR(config)", PLAIN),
    f"{OLD}/constraint_liveness": (0, "INCONCLUSIVE(warning)", PLAIN),
    f"{OLD}/continue": (0, "VIOLATED(BelowTwo)", CONTINUE),
    f"{OLD}/continue_two": (0, "VIOLATED(Small)", CONTINUE),
    f"{OLD}/coverage": (0, "PROVEN", PLAIN),
    f"{OLD}/deadlock": (11, "VIOLATED(Deadlock)", PLAIN),
    f"{OLD}/depth_first": (0, "BOUNDED(depth)", DEPTH_FIRST),
    f"{OLD}/disjuncts": (0, "PROVEN", PLAIN),
    f"{OLD}/evaluation_error": (75, "ERROR(evaluation)", PLAIN),
    f"{OLD}/holds": (0, "PROVEN", PLAIN),
    f"{OLD}/incomplete_state": (75, "ERROR(evaluation)", PLAIN),
    f"{OLD}/initial_property": (13, "VIOLATED(Property)", PLAIN),
    f"{OLD}/invariant": (12, "VIOLATED(Shown)", PLAIN),
    f"{OLD}/invariant_actions": (12, "VIOLATED(Alone)", PLAIN),
    f"{OLD}/invariant_depth_first": (12, "VIOLATED(BelowThree)", TlcOptions(depth_first=6)),
    f"{OLD}/invariant_error": (76, "ERROR(evaluation)", PLAIN),
    f"{OLD}/invariant_initial": (12, "VIOLATED(Positive)", PLAIN),
    f"{OLD}/invariant_simulation": (12, "VIOLATED(BelowThree)", SIMULATE),
    f"{OLD}/lasso": (13, "VIOLATED(TemporalProperty)", PLAIN),
    f"{OLD}/lexical_error": (150, "ERROR(parse)", PLAIN),
    f"{OLD}/missing_module": (150, "ERROR(parse)", PLAIN),
    f"{OLD}/no_initial_states": (0, "VACUOUS(Init)", PLAIN),
    f"{OLD}/parse_error": (150, "ERROR(parse)", PLAIN),
    f"{OLD}/printing": (11, "VIOLATED(Deadlock)", PLAIN),
    f"{OLD}/semantic_error": (150, "ERROR(parse)", PLAIN),
    f"{OLD}/simulation": (0, "BOUNDED(simulation)", SIMULATE),
    f"{OLD}/stop_after": (0, "BOUNDED(time)", STOP_AFTER),
    f"{OLD}/stuttering": (13, "VIOLATED(TemporalProperty)", PLAIN),
    f"{OLD}/symmetry_liveness": (0, "INCONCLUSIVE(warning)", PLAIN),
    f"{OLD}/terminated": (143, "INCONCLUSIVE(truncated)", PLAIN),
    f"{NEW}/assertion": (14, "VIOLATED(Assertion)", PLAIN),
    f"{NEW}/deadlock": (11, "VIOLATED(Deadlock)", PLAIN),
    f"{NEW}/holds": (0, "PROVEN", PLAIN),  # with 2300, which is harmless
    f"{NEW}/invariant": (12, "VIOLATED(DeadCacheDrained)", PLAIN),
    f"{NEW}/lasso": (13, "VIOLATED(Reaches)", PLAIN),
    f"{NEW}/parse_error": (150, "ERROR(parse)", PLAIN),
    f"{NEW}/semantic_error": (150, "ERROR(parse)", PLAIN),
    f"{NEW}/stuttering": (13, "VIOLATED(Reaches)", PLAIN),
}


def judged(
    name: str, returncode: int | None = None, *, ended: Ended = Ended.EXITED, stderr: str = ""
) -> str:
    """The verdict on one captured run, perhaps with another end than it had."""
    code, _, options = CAPTURED[name]
    return said(
        lines_of(f"{name}.txt"),
        code if returncode is None else returncode,
        ended=ended,
        asked=Criteria(cfg=Cfg(invariants=("TypeOK",)), options=options),
        stderr=stderr,
    )


def test_every_captured_output_is_judged_here() -> None:
    assert {file.removesuffix(".txt") for file in FILES} == CAPTURED.keys()


@pytest.mark.parametrize("name", CAPTURED)
def test_what_each_captured_run_says(name: str) -> None:
    assert judged(name) == CAPTURED[name][1]


@pytest.mark.parametrize("file", FILES)
def test_no_part_of_an_output_proves_anything(file: str) -> None:
    """Cut it after each message, and in the middle of the line that follows."""
    lines = lines_of(file)
    ends = [n for n, line in enumerate(lines, 1) if END.match(line)]
    for end in [0, *ends[:-1]]:
        for part in (lines[:end], [*lines[:end], lines[end][:9]], lines[: end + 1]):
            assert not said(part).startswith("PROVEN")


# one condition after another is taken away from a proof

PROOF = lines_of(f"{OLD}/coverage.txt")
ASKED = Criteria(
    properties=("TypeOK", "Drains"),
    cfg=Cfg(invariants=("TypeOK",), properties=("Drains", "Monotone")),
    goals={"Sends": "Send"},
)


class Changes(SimpleNamespace):
    """What is otherwise than in a proof; two are put together by ``|``."""

    def __or__(self, other: Changes) -> Changes:
        return Changes(**vars(self) | vars(other))


def asked(**changed: Any) -> Changes:
    return Changes(asked=dataclasses.replace(ASKED, **changed))


def ends(returncode: int = 0, ended: Ended = Ended.EXITED, stderr: str = "") -> Changes:
    return Changes(returncode=returncode, ended=ended, stderr=stderr)


def reads(**changed: Any) -> Changes:
    report = dataclasses.replace(read_report(PROOF), **changed)
    return Changes(report=report)


def prints(code: int, text: str, severity: int) -> Changes:
    return Changes(report=before(2186, PROOF, message(code, text, severity)))


STATS = read_report(PROOF).stats
KNOCKED_OUT = {
    "the exit code": (ends(1), "ERROR(tlc)"),
    "an unknown exit code": (ends(99), "ERROR(tlc)"),
    "a crash": (ends(-11), "ERROR(tlc)"),
    "the end was not its own: timeout": (ends(ended=Ended.TIMEOUT), "INCONCLUSIVE(timeout)"),
    "the end was not its own: cancel": (ends(ended=Ended.CANCELLED), "INCONCLUSIVE(cancelled)"),
    "the end was not its own: Ctrl-C": (ends(ended=Ended.INTERRUPTED), "INCONCLUSIVE(cancelled)"),
    "memory, on stderr only": (
        ends(stderr="Exception: java.lang.OutOfMemoryError: Java heap space\n"),
        "INCONCLUSIVE(memory)",
    ),
    "no error has been found": (reads(success=False), "INCONCLUSIVE(truncated)"),
    "finished": (reads(finished=False), "INCONCLUSIVE(truncated)"),
    "states left": (reads(stats=dataclasses.replace(STATS, queue=1)), "BOUNDED(queue)"),
    "no queue": (reads(stats=dataclasses.replace(STATS, queue=None)), "INCONCLUSIVE(truncated)"),
    "no count": (reads(stats=dataclasses.replace(STATS, distinct=None)), "INCONCLUSIVE(truncated)"),
    "no initial count": (reads(initial_states=None), "INCONCLUSIVE(truncated)"),
    "no initial state": (reads(initial_states=0), "VACUOUS(Init)"),
    "an error": (prints(1000, "Something.", 1), "ERROR(tlc)"),
    "a defect of TLC": (prints(2128, "This is a TLC bug.", 2), "ERROR(tlc)"),
    "an unknown error": (prints(9999, "Something new.", 1), "ERROR(tlc)"),
    "an error without words": (prints(9999, "", 1), "ERROR(tlc)"),
    "an unknown warning": (prints(9998, "Beware.", 3), "INCONCLUSIVE(warning)"),
    "a violation": (prints(2110, "Invariant TypeOK is violated.", 1), "ERROR(tlc)"),
    "a time bound": (asked(options=STOP_AFTER), "BOUNDED(time)"),
    "depth-first": (asked(options=DEPTH_FIRST), "BOUNDED(depth)"),
    "simulation": (asked(options=SIMULATE), "BOUNDED(simulation)"),
    "a property that is not in the cfg": (asked(properties=("Other",)), "ERROR(config)"),
    "one of two is not in the cfg": (asked(properties=("TypeOK", "Other")), "ERROR(config)"),
    "a deleted INVARIANT line": (asked(cfg=Cfg(properties=("Drains",))), "ERROR(config)"),
    "nothing to check": (
        asked(properties=(), cfg=Cfg(), options=TlcOptions(check_deadlock=False)),
        "VACUOUS(properties)",
    ),
    "nothing to check, by the cfg": (
        asked(properties=(), cfg=Cfg(check_deadlock=False)),
        "VACUOUS(properties)",
    ),
    "a goal that never fires": (asked(goals={"Overflows": "Overflow"}), "VACUOUS(Overflows)"),
    "a goal that is no action": (asked(goals={"Sends": "Snd"}), "VACUOUS(Sends)"),
    "the second of two goals": (
        asked(goals={"Sends": "Send", "Overflows": "Overflow"}),
        "VACUOUS(Overflows)",
    ),
    "no coverage": (reads(coverage=None), "INCONCLUSIVE(truncated)"),
    "an action that never fires": (asked(idle={}), "VACUOUS(Overflow)"),
    "a reason for another action": (asked(idle={"Send": "a reason"}), "VACUOUS(Overflow)"),
    "the output of another run": (asked(foreign="it says so"), "ERROR(tlc)"),
}


NEVER = Antecedent("TypeOK", "x = 7", "M", 12, (("Told_1", "x = 7"),))
UNDER = Cfg(invariants=("TypeOK",), properties=("Drains",), constraints=("Small",))
LIVE = Caveats(liveness=True)
BY_THE_TEXTS = {
    "liveness under a constraint that cut, without TLC's warning": (
        asked(cfg=UNDER, caveats=LIVE, watched=("Small",)) | reads(excluding=frozenset({"Small"})),
        "INCONCLUSIVE(warning)",
    ),
    "liveness under a constraint that nobody watched": (
        asked(cfg=UNDER, caveats=LIVE),
        "INCONCLUSIVE(warning)",
    ),
    "safety alone under a constraint that cut": (
        asked(cfg=UNDER, watched=("Small",)) | reads(excluding=frozenset({"Small"})),
        "BOUNDED(constraint)",
    ),
    "a constraint that nobody watched": (asked(cfg=UNDER), "BOUNDED(constraint)"),
    "one of two that nobody watched": (
        asked(cfg=dataclasses.replace(UNDER, constraints=("Small", "B")), watched=("Small",)),
        "BOUNDED(constraint)",
    ),
    "a view": (asked(caveats=Caveats(bounds=(("view", "V"),))), "BOUNDED(view)"),
    "an exit": (asked(caveats=Caveats(bounds=(("exit", "E"),))), "BOUNDED(exit)"),
    "a doubt": (asked(caveats=Caveats(doubts=("who knows",))), "INCONCLUSIVE(warning)"),
    "an exit, and a doubt": (
        asked(caveats=Caveats(bounds=(("exit", "E"),), doubts=("who knows",))),
        "INCONCLUSIVE(warning)",
    ),
    "an exit, perhaps before an antecedent held": (
        asked(caveats=Caveats(bounds=(("exit", "E"),)), antecedents=(NEVER,)),
        "BOUNDED(exit)",
    ),
    "an antecedent that never held": (asked(antecedents=(NEVER,)), "VACUOUS(TypeOK)"),
    "the second of two antecedents": (
        asked(antecedents=(NEVER, dataclasses.replace(NEVER, property_name="Drains")))
        | reads(reached=frozenset({"1"})),
        "VACUOUS(Drains)",
    ),
    "the first of two antecedents": (
        asked(antecedents=(NEVER, dataclasses.replace(NEVER, property_name="Drains")))
        | reads(reached=frozenset({"2"})),
        "VACUOUS(TypeOK)",
    ),
    "an antecedent that never held, under a constraint that cut": (
        asked(cfg=UNDER, watched=("Small",), antecedents=(NEVER,))
        | reads(excluding=frozenset({"Small"})),
        "VACUOUS(TypeOK)",
    ),
}


@pytest.mark.parametrize("condition", BY_THE_TEXTS)
def test_what_the_texts_say_against_a_proof(condition: str) -> None:
    changed, expected = BY_THE_TEXTS[condition]
    arguments: dict[str, Any] = {"report": PROOF, "asked": ASKED} | vars(changed)
    assert said(**arguments) == expected


def test_what_they_do_not_say_against_it() -> None:
    for changed in (
        asked(cfg=UNDER, caveats=LIVE, watched=("Small",)),  # it excluded nothing
        asked(antecedents=(NEVER,)) | reads(reached=frozenset({"1"})),
        asked(idle={"Overflow": "the buffer is large"}),
    ):
        arguments: dict[str, Any] = {"report": PROOF, "asked": ASKED} | vars(changed)
        assert said(**arguments) == "PROVEN"


def test_success_is_said_in_words_and_not_by_the_code_of_the_message_alone() -> None:
    words = "No error has been found."
    assert any(words in line for line in PROOF)
    other = [line.replace(words, "It has ended.") for line in PROOF]
    assert said(other, asked=ASKED) == "INCONCLUSIVE(truncated)"


def test_a_constraint_that_excluded_nothing_spoils_nothing_though_tlc_warns() -> None:
    warned = before(2190, PROOF, message(2284, "Warning: liveness and a constraint.", 3))
    of = dataclasses.replace(ASKED, cfg=UNDER, caveats=LIVE)
    assert said(warned, asked=dataclasses.replace(of, watched=("Small",))) == "PROVEN"
    assert said(warned, asked=of) == "INCONCLUSIVE(warning)"
    assert said(warned, asked=ASKED) == "INCONCLUSIVE(warning)"


def test_bounds_that_are_meant_are_no_failure() -> None:
    for detail in SET_BOUNDS:
        verdict = Verdict(VerdictKind.BOUNDED, detail)
        assert verdict.exit_code_within(bounds_meant=True) == ExitCode.AS_EXPECTED
        assert verdict.exit_code_within(bounds_meant=False) == ExitCode.INCONCLUSIVE
    for verdict in (
        Verdict(VerdictKind.BOUNDED, "time"),
        Verdict(VerdictKind.INCONCLUSIVE, "view"),
        Verdict(VerdictKind.VACUOUS, "constraint"),
    ):
        assert verdict.exit_code_within(bounds_meant=True) == verdict.exit_code != 0


def test_with_all_conditions_it_is_a_proof() -> None:
    assert said(PROOF, asked=ASKED) == "PROVEN"
    only_deadlock = Criteria(cfg=Cfg())
    assert said(PROOF, asked=only_deadlock) == "PROVEN"


@pytest.mark.parametrize("condition", KNOCKED_OUT)
def test_without_one_condition_it_is_none(condition: str) -> None:
    changed, expected = KNOCKED_OUT[condition]
    arguments: dict[str, Any] = {"report": PROOF, "asked": ASKED} | vars(changed)
    assert said(**arguments) == expected


def test_a_symmetry_set_of_one_element_is_harmless_and_told() -> None:
    words = "The set P has been defined to be a symmetry set but contains less than two elements."
    report = read_report(before(2190, PROOF, message(2300, words, 3)))
    assert said(report) == "PROVEN"
    assert report.remarks == (f"{words} (harmless)",)


@pytest.mark.parametrize("code", sorted({*PROOF_SPOILERS, 2253, 2255, 2257, 2258, 2259}))
def test_each_spoiling_warning_spoils(code: int) -> None:
    assert said(before(2190, PROOF, message(code, "Warning: so.", 3))) == "INCONCLUSIVE(warning)"


def test_harmless_warnings_do_not() -> None:
    for code in HARMLESS_WARNINGS:
        assert said(before(2190, PROOF, message(code, "Please run with …", 3))) == "PROVEN"


def test_a_translation_older_than_its_algorithm_spoils() -> None:
    stale = "!! WARNING: The PlusCal algorithm in module Holds has changed since its translation.\n"
    assert said(before(2219, PROOF, [stale])) == "INCONCLUSIVE(warning)"


def test_a_translation_that_is_known_to_be_edited_is_no_surprise() -> None:
    edited = (
        "!! WARNING: The TLA+ translation in module M has changed since its last translation.\n"
    )
    both = edited.replace("The TLA+", "Both the PlusCal algorithm and its TLA+")
    known = dataclasses.replace(ASKED, caveats=Caveats(edited=("M",)))
    assert said(before(2219, PROOF, [edited]), asked=ASKED) == "INCONCLUSIVE(warning)"
    assert said(before(2219, PROOF, [edited]), asked=known) == "PROVEN"
    other = both.replace("has changed", "have changed")
    assert said(before(2219, PROOF, [other]), asked=known) == "INCONCLUSIVE(warning)"


def test_a_bounded_search_is_known_even_where_nobody_says_that_it_was_asked_for() -> None:
    assert said(lines_of(f"{OLD}/stop_after.txt")) == "BOUNDED(queue)"
    assert said(lines_of(f"{OLD}/depth_first.txt")) == "BOUNDED(depth)"
    assert said(lines_of(f"{OLD}/simulation.txt")) == "BOUNDED(simulation)"


VIOLATED = sorted(name for name, (_, verdict, _) in CAPTURED.items() if "VIOL" in verdict)


@pytest.mark.parametrize("name", VIOLATED)
@pytest.mark.parametrize("returncode", [0, 1, 3, 99, 150, 255, -9])
def test_a_violation_with_another_exit_code_is_an_error(name: str, returncode: int) -> None:
    """Any non-zero code counted as "the expected counterexample" is how a missing jar passed."""
    expected = "VIOLATED" if (returncode, CAPTURED[name][2]) == (0, CONTINUE) else "ERROR(tlc)"
    assert judged(name, returncode).startswith(expected)


@pytest.mark.parametrize("ended", [Ended.TIMEOUT, Ended.CANCELLED, Ended.INTERRUPTED])
@pytest.mark.parametrize("name", VIOLATED)
def test_a_violation_stands_though_the_run_was_ended(name: str, ended: Ended) -> None:
    assert judged(name, 143, ended=ended) == CAPTURED[name][1]


@pytest.mark.parametrize("returncode", [130, 137, 143, -2, -9, -15])
def test_a_signal_from_outside_leaves_the_search_open(returncode: int) -> None:
    assert judged(f"{OLD}/terminated", returncode) == "INCONCLUSIVE(truncated)"
    assert judged(f"{OLD}/terminated", returncode, ended=Ended.TIMEOUT) == "INCONCLUSIVE(timeout)"


def test_memory() -> None:
    part = lines_of(f"{OLD}/terminated.txt")
    assert said(part, OUT_OF_MEMORY_EXIT) == "INCONCLUSIVE(memory)"
    assert said(part, 1, stderr="java.lang.OutOfMemoryError: heap") == "INCONCLUSIVE(memory)"
    for code in (1001, 1002, 1003, 1005):
        plain = message(code, "Java ran out of memory.", 1)
        assert said(before(2200, part, plain), 255) == "INCONCLUSIVE(memory)"
        nested = "".join(message(1000, f"TLC threw: {''.join(plain)}", 1))
        nested_lines = nested.splitlines(keepends=True)
        assert said(before(2200, part, nested_lines), 255) == "INCONCLUSIVE(memory)"


def test_exit_code_255_is_told_apart_by_the_messages() -> None:
    """The newest TLC gives it for an evaluation error with a trace."""
    for name in ("evaluation_error", "invariant_error", "incomplete_state", "assumption_error"):
        assert judged(f"{OLD}/{name}", 255) == "ERROR(evaluation)"
    for name in ("parse_error", "semantic_error", "missing_module"):
        assert judged(f"{OLD}/{name}", 255) == "ERROR(parse)"


def test_a_jvm_that_never_came_to_tlc_says_why() -> None:
    words = "Error: Could not create the Java Virtual Machine.\nmore\n"
    expected = "Error: Could not create the Java Virtual Machine."
    for lines, stderr in (([], words), (words.splitlines(keepends=True), "")):
        verdict = judge(
            read_report(lines),
            returncode=1,
            ended=Ended.EXITED,
            criteria=ASKED,
            stderr=stderr,
        )
        assert (str(verdict), verdict.because) == ("ERROR(tlc)", expected)
    assert said([], 0, asked=ASKED) == "INCONCLUSIVE(truncated)"


def test_a_parse_error_is_told_with_its_place() -> None:
    verdict = judge(
        read_report(lines_of(f"{OLD}/parse_error.txt")),
        returncode=150,
        ended=Ended.EXITED,
        criteria=ASKED,
    )
    assert re.match(r"Unparsable\.tla:\d+:\d+: ", verdict.because)


@given(
    changes=st.lists(
        st.tuples(st.integers(0, len(PROOF) - 1), st.sampled_from(["cut", "drop", "twice"])),
        min_size=1,
        max_size=3,
    ),
    returncode=st.sampled_from([0, 0, 0, 12, 255]),
)
def test_a_damaged_proof_is_never_worth_more_than_its_parts(
    changes: list[tuple[int, str]], returncode: int
) -> None:
    """Whatever lines are lost or repeated: PROVEN needs the success and the empty queue."""
    lines: list[str] = list(PROOF)
    for at, change in changes:
        match change:
            case "cut":
                del lines[at:]
            case "drop":
                del lines[at : at + 1]
            case _:
                lines[at:at] = lines[at : at + 1]
    report = read_report(lines)
    if said(report, returncode, asked=ASKED) == "PROVEN":
        text = "".join(lines)
        assert returncode == 0
        assert "No error has been found" in text
        assert "35 distinct states found, 0 states left on queue.\n@!@!@ENDMSG 2199" in text
        assert "@!@!@ENDMSG 2186 @!@!@" in text
        assert "<Send line" in text


EXIT_CODES = {
    (VerdictKind.PROVEN, ""): ExitCode.AS_EXPECTED,
    (VerdictKind.VIOLATED, "NoLeak"): ExitCode.NOT_AS_EXPECTED,
    (VerdictKind.VACUOUS, "Init"): ExitCode.NOT_AS_EXPECTED,
    (VerdictKind.BOUNDED, "queue"): ExitCode.INCONCLUSIVE,
    (VerdictKind.INCONCLUSIVE, "timeout"): ExitCode.INCONCLUSIVE,
    (VerdictKind.ERROR, "parse"): ExitCode.USAGE,
    (VerdictKind.ERROR, "config"): ExitCode.USAGE,
    (VerdictKind.ERROR, "evaluation"): ExitCode.USAGE,
    (VerdictKind.ERROR, "tlc"): ExitCode.CANNOT_RUN,
}


def test_the_exit_code_of_each_verdict_and_0_for_proven_alone() -> None:
    for (kind, detail), code in EXIT_CODES.items():
        assert Verdict(kind, detail).exit_code is code
    zero = {kind for kind in VerdictKind if Verdict(kind).exit_code == 0}
    assert zero == {VerdictKind.PROVEN}
    assert {kind for kind, _ in EXIT_CODES} == set(VerdictKind)
    conclusive = {kind for kind in VerdictKind if Verdict(kind).conclusive}
    assert conclusive == {VerdictKind.PROVEN, VerdictKind.VIOLATED}
