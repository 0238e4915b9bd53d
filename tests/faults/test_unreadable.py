"""A run of TLC whose output is damaged in the middle is kept, and says what was not read.

The real TLC runs; a ``sed`` behind it damages what it prints.
"""

from __future__ import annotations

import json
import shlex
from typing import TYPE_CHECKING

import pytest
from engine.tools import write_spec

from faults.tools import run, script
from slubtla import load_run
from slubtla.tlc.output import Unparsed
from slubtla.tlc.run import record, rundir
from slubtla.tlc.run.check import check_spec
from slubtla.tlc.run.rundir import RESULT, TRACE_ITF
from slubtla.tlc.run.settings import Settings

if TYPE_CHECKING:
    from pathlib import Path

    from slubtla.tlc.tools import Toolchain

UP = r"""
---- MODULE Up ----
EXTENDS Naturals
VARIABLES x, s
Init == x = 0 /\ s = {}
Next == x < 5 /\ x' = x + 1 /\ s' = s \cup {x}
Inv == x < 3
====
"""


@pytest.fixture
def falls(tmp_path: Path) -> Path:
    """A spec whose invariant falls in its fourth state."""
    return write_spec(tmp_path / "spec", UP, "INIT Init\nNEXT Next\nINVARIANT Inv\n")[0]


def damaging(path: Path, sed: str) -> Path:
    """A Java that runs the real one and damages its output."""
    return script(
        path,
        'case "$*" in *tlc2.TLC*) ;; *) exec "$JAVA" "$@";; esac\n'
        f'"$JAVA" "$@" > raw; code=$?; sed {shlex.quote(sed)} raw; rm raw; exit $code',
    )


@pytest.mark.parametrize(
    ("sed", "steps", "unread"),
    [
        (r"s/^.. s = {0, 1}$/\/\\ s = {-1} \\cup Nat/", 4, False),  # a value of a newer build
        (r"s/^.. s = {0, 1}$/\/\\ s = {0, {/", 4, False),  # a value, torn
        (r"s/^3: <Next.*/3 garbage/", 2, True),  # the head of a state
        (r"s/^.. s = {0, 1}$/garbage/", 2, True),  # the first part of a state
        (r"s/^<Next line.*: [0-9]*:[0-9]*$/garbage/", 4, True),  # coverage
        (r"s/states generated, .*/garbage/", 4, True),  # the numbers
        (r"s/^@!@!@ENDMSG 2121.*/&\n@!@!@ENDMSG 4711 @!@!@/", 4, True),  # the form itself
        (r"s/^@!@!@STARTMSG 2201.*/@!@!@STARTMSG 4711:0 @!@!@\n&/", 4, False),
    ],
)
def test_a_violated_run_stays_violated_and_is_kept(
    falls: Path, tmp_path: Path, sed: str, steps: int, *, unread: bool
) -> None:
    place = tmp_path / "kept"
    java = damaging(tmp_path / "java", sed)
    ran = run("check", falls, "--no-cache", "--java", java, "--out-dir", place)
    assert (ran.code, ran.out.split()[0]) == (1, "VIOLATED(Inv)")
    assert ("not read, and kept in tlc.out: line" in ran.said) == unread
    result = load_run(place)
    assert (str(result.verdict), result.trace_length) == ("VIOLATED(Inv)", steps)
    assert len(json.loads((place / TRACE_ITF).read_text())["states"]) == steps


def test_the_value_that_cannot_be_read_is_shown_as_it_is(falls: Path, tmp_path: Path) -> None:
    java = damaging(tmp_path / "java", r"s/^.. s = {0, 1}$/\/\\ s = {-1} \\cup Nat/")
    place = tmp_path / "kept"
    ran = run("check", falls, "--no-cache", "--java", java, "--out-dir", place)
    assert r"s = {-1} \cup Nat" in ran.out
    trace = load_run(place).trace
    assert trace is not None
    assert [state["s"] for state in trace.states][2] == Unparsed(r"{-1} \cup Nat")
    for kind in ("text", "md", "json", "csv", "html"):
        shown = run("trace", place, "--format", kind)
        assert shown.code == 0
        assert "1} " in shown.out
    itf = run("trace", place, "--format", "itf").out
    assert json.loads(itf)["states"][2]["s"] == {"#unserializable": r"{-1} \cup Nat"}


def test_a_proof_that_cannot_be_read_is_none_but_is_kept(counter: Path, tmp_path: Path) -> None:
    java = damaging(tmp_path / "java", "s/^.*: 4:8$/garbage/;s/^<Turn.*/garbage/")
    place = tmp_path / "kept"
    ran = run("check", counter, "--no-cache", "--java", java, "--out-dir", place)
    assert ran.code == 3
    assert "ERROR(tlc)" in ran.out
    assert "expected the coverage of an action: 'garbage'" in ran.said
    assert "garbage" in (place / "tlc.out").read_text()
    assert load_run(place).stats.distinct == 4


def test_whatever_fails_after_tlc_has_ended_leaves_what_tlc_printed(
    counter: Path, tmp_path: Path, engine_at_hand: Toolchain, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("a defect in the judge")

    monkeypatch.setattr(record, "record", fail)
    settings = Settings(toolchain=engine_at_hand, out_dir=tmp_path / "kept", cache=False)
    with pytest.raises(RuntimeError, match="a defect") as caught:
        check_spec(counter, settings=settings)
    assert "No error has been found" in (tmp_path / "kept" / "tlc.out").read_text()
    assert not (tmp_path / "kept" / RESULT).exists()
    (note,) = caught.value.__notes__
    assert note == f"what TLC printed is kept: {tmp_path / 'kept' / 'tlc.out'}"


def test_what_fails_before_leaves_nothing(tmp_path: Path) -> None:
    def fail() -> None:
        with rundir.run_directory("x", tmp_path / "kept") as directory:
            (directory.work / "tlc.out").write_text("half")
            raise RuntimeError("TLC did not end")

    with pytest.raises(RuntimeError, match="did not end"):
        fail()
    assert list(tmp_path.iterdir()) == []
