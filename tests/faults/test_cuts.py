"""TLC's output, cut anywhere: nothing but the whole of it is PROVEN.

``tests/test_verdict.py`` cuts the captured outputs at their messages. Here the output of a
real run that is PROVEN is cut at every message, in every line, and at every byte of the end.
"""

from __future__ import annotations

import dataclasses
import itertools
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from faults.tools import script, whole_runs
from slubtla import verify
from slubtla.tlc.engine import Ended
from slubtla.tlc.output import read_report
from slubtla.tlc.run import record
from slubtla.tlc.run.check import check_spec
from slubtla.tlc.run.judge import judge
from slubtla.tlc.run.settings import Settings
from slubtla.tlc.run.verdict import VerdictKind
from slubtla.tlc.tools import Toolchain

LAST = "@!@!@ENDMSG 2186 @!@!@"
"""The end of TLC's last message, "Finished in …"."""
MARK = re.compile(r"@!@!@(?:START|END)MSG [^@]*@!@!@\n")
PARSED = re.compile(r"Parsing file (.*)/Counter\.tla")
CODES = (0, -9, 137, 143, 255, 1, 3)

Judged = Callable[..., set[str]]


@dataclasses.dataclass
class Proof:
    """A real run that is PROVEN.

    Attributes:
        text: all that TLC printed.
        said: the verdicts on a part of it that ended with one of some exit codes.
    """

    text: str
    said: Judged


@pytest.fixture(scope="module")
def proof(engine_at_hand: Toolchain, tmp_path_factory: pytest.TempPathFactory) -> Proof:
    """A run of the model, judged on what it was really asked."""
    heard: dict[str, Any] = {}

    def listen(report: Any, **arguments: Any) -> Any:
        heard.update(arguments)
        return judge(report, **arguments)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(record, "judge", listen)
        settings = Settings(
            toolchain=engine_at_hand,
            workers=1,
            out_dir=tmp_path_factory.mktemp("proof") / "run",
        )
        result = verify(strategy="smp_mb_paired", slabs=1, tasks=1, settings=settings)
    assert result.verdict.kind is VerdictKind.PROVEN
    assert result.run_dir is not None

    def said(part: str, *codes: int) -> set[str]:
        report = read_report(part.splitlines(keepends=True))
        ends = ({"returncode": code, "ended": Ended.EXITED} for code in codes)
        return {str(judge(report, **heard | end)) for end in ends}

    return Proof((result.run_dir / "tlc.out").read_text("utf-8"), said)


def test_only_the_whole_is_proven(proof: Proof) -> None:
    assert proof.text.rstrip().endswith(LAST)
    whole = proof.text.index(LAST) + len(LAST)
    assert proof.said(proof.text, 0) == {"PROVEN"}
    assert proof.said(proof.text[:whole], 0) == {"PROVEN"}
    assert "PROVEN" not in proof.said(proof.text, *CODES[1:])


def test_no_cut_at_a_message_is_proven(proof: Proof) -> None:
    marks = [edge for mark in MARK.finditer(proof.text) for edge in mark.span()]
    cuts = sorted({edge for edge in marks if edge < proof.text.index(LAST) + len(LAST)})
    assert len(cuts) > 40
    for cut in cuts:
        assert "PROVEN" not in proof.said(proof.text[:cut], *CODES), cut


def test_no_cut_in_a_line_is_proven(proof: Proof) -> None:
    starts = [match.start() for match in re.finditer(r"^.", proof.text, re.MULTILINE)]
    for start in starts:
        end = proof.text.index("\n", start)
        for cut in {start + 1, (start + end) // 2, end} - {proof.text.index(LAST) + len(LAST)}:
            assert "PROVEN" not in proof.said(proof.text[:cut], 0), proof.text[start:end]


def test_no_cut_in_the_last_two_messages_is_proven(proof: Proof) -> None:
    """Each byte: of the statistics, of "Finished in …", and of the mark after it."""
    whole = proof.text.index(LAST) + len(LAST)
    for cut in range(proof.text.index("@!@!@STARTMSG 2199"), whole):
        assert "PROVEN" not in proof.said(proof.text[:cut], 0), proof.text[cut - 20 : cut]


def test_a_jvm_that_ends_at_a_message_proves_nothing(
    counter: Path, tmp_path: Path, engine_at_hand: Toolchain
) -> None:
    """By itself with exit code 0, or killed there: a program that prints a part of a real run."""
    real = check_spec(counter, settings=Settings(toolchain=engine_at_hand, workers=1))
    assert (real.verdict.kind, real.run_dir is None) == (VerdictKind.PROVEN, False)
    said = (real.run_dir or Path()) / "tlc.out"
    text = said.read_text("utf-8")
    there = re.escape(PARSED.search(text)[1])  # type: ignore[index]  # where that run was at work
    ends = [mark.end() for mark in MARK.finditer(text) if "END" in mark[0]]
    assert len(ends) > 8
    for number, (cut, end) in enumerate(itertools.product(ends, ("exit 0", "kill -9 $$"))):
        size = len(text[:cut].encode())
        path = script(
            tmp_path / "java", f"head -c {size} '{said}' | sed \"s|{there}|$PWD|\"; {end}"
        )
        toolchain = dataclasses.replace(
            engine_at_hand, java=dataclasses.replace(engine_at_hand.java, path=path)
        )
        settings = Settings(toolchain=toolchain, out_dir=tmp_path / "kept" / f"{number}")
        result = check_spec(counter, settings=settings)
        expected = "INCONCLUSIVE(truncated)"
        if cut == ends[-1]:  # the whole
            expected = "PROVEN" if end == "exit 0" else "ERROR(tlc)"
        assert str(result.verdict) == expected, number
    assert len(whole_runs(tmp_path / "kept")) == 2 * len(ends)
