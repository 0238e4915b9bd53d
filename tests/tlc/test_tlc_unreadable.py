"""Garbage in TLC's output costs what it replaces, never the rest and never the run."""

from __future__ import annotations

import json

import pytest
from captured import NEW, OLD, lines_of

from slubtla.tlc.engine import Ended
from slubtla.tlc.output import TlcReport, read_report, trace_to_itf
from slubtla.tlc.run.judge import Criteria, judge
from slubtla.tlc.run.verdict import VerdictKind

GARBAGE = [
    "\x00\ufffd garbage /\\ x = {{ \n",
    "@!@!@ENDMSG 2110 @!@!@\n",
    "@!@!@ENDMSG 99999 @!@!@\n",
    "@!@!@STARTMSG 99999:1 @!@!@\n",
    "@!@!@STARTMSG 2217:4 @!@!@\n",
    "\n",
]
VIOLATED = {"invariant": 12, "deadlock": 11, "lasso": 13, "stuttering": 13, "invariant_initial": 12}
FILES = [
    *((f"{OLD}/{name}.txt", code) for name, code in VIOLATED.items()),
    (f"{OLD}/coverage.txt", 0),
    (f"{OLD}/assertion.txt", 75),
    (f"{NEW}/assertion.txt", 14),
    (f"{NEW}/holds.txt", 0),
]


def conclude(report: TlcReport, code: int) -> str:
    """All that is made of a report: the verdict, and the trace as other programs read it."""
    if report.trace is not None:
        json.dumps(trace_to_itf(report.trace))
        for state in report.trace.states:
            assert len(dict(state)) == len(state)
    return str(judge(report, returncode=code, ended=Ended.EXITED, criteria=Criteria()))


@pytest.mark.parametrize("garbage", GARBAGE, ids=range(len(GARBAGE)))
@pytest.mark.parametrize(("file", "code"), FILES)
def test_no_line_of_garbage_loses_a_violation(file: str, code: int, garbage: str) -> None:
    lines = lines_of(file)
    whole = conclude(read_report(lines), code)
    after = 1 + max(
        (at for at, line in enumerate(lines) if line.startswith(("Invariant ", "The first arg"))),
        default=len(lines),
    )
    for at in range(len(lines)):
        for damaged in (
            [*lines[:at], garbage, *lines[at:]],
            [*lines[:at], garbage, *lines[at + 1 :]],
        ):
            said = conclude(read_report(damaged), code)
            if at > after:
                assert said == whole, f"{garbage!r} at line {at + 1}"
            elif said == "PROVEN":
                assert whole == "PROVEN"


@pytest.mark.parametrize("at", ["2217:4", "2772:0", "2199:0", "2194:0", "2193:0"])
def test_what_cannot_be_read_is_no_proof_and_says_where(at: str) -> None:
    name = f"{OLD}/{'invariant' if at == '2217:4' else 'coverage'}.txt"
    lines = lines_of(name)
    place = next(n for n, line in enumerate(lines) if f"STARTMSG {at}" in line)
    lines[place + 1] = "in Worten, die niemand kennt\n"
    if at == "2193:0":
        lines[place + 1 : place + 5] = [
            "No error has been found. calculated (optimistic):  val = viel\n"
        ]
    report = read_report(lines)
    assert report.unreadable
    assert f"line {place + 1} of TLC's output" in report.unreadable[0]
    code = 12 if at == "2217:4" else 0
    verdict = judge(report, returncode=code, ended=Ended.EXITED, criteria=Criteria())
    if at == "2217:4":
        assert str(verdict).startswith("VIOLATED(")
    else:
        assert (verdict.kind, verdict.detail) == (VerdictKind.ERROR, "tlc")
        assert verdict.because == report.unreadable[0].partition("\n")[0]


def test_only_the_first_places_are_listed() -> None:
    report = read_report(["@!@!@ENDMSG 7 @!@!@"] * 5000)
    assert len(report.unreadable) < 30
    assert report.unreadable[-1] == "4,980 more such places"


def test_a_message_that_never_ends_hides_no_violation() -> None:
    lines = lines_of(f"{OLD}/invariant.txt")
    report = read_report(["@!@!@STARTMSG 424242:0 @!@!@\n", *lines])
    assert report.cut
    assert report.violations == read_report(["\n", *lines]).violations


def test_a_state_that_cannot_be_read_ends_the_steps_and_not_the_violation() -> None:
    lines = lines_of(f"{OLD}/invariant.txt")
    states = [at for at, line in enumerate(lines) if "STARTMSG 2217" in line]
    lines[states[1] + 1] = "?\n"
    report = read_report(lines)
    whole = read_report(lines_of(f"{OLD}/invariant.txt"))
    assert report.trace is not None
    assert whole.trace is not None
    assert report.trace.steps == whole.trace.steps[:1]
    assert [v.properties for v in report.violations] == [v.properties for v in whole.violations]


def test_an_initial_state_that_cannot_be_read_leaves_the_violation() -> None:
    lines = lines_of(f"{OLD}/invariant_initial.txt")
    at = next(n for n, line in enumerate(lines) if "STARTMSG 2107" in line)
    del lines[at + 2]
    lines.insert(at + 2, "?\n")
    report = read_report(lines)
    assert [v.properties for v in report.violations] == [("Positive",)]
    assert report.unreadable
