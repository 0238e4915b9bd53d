"""An error that only the distributed search saw is a doubt, and no proof stands beside it."""

from __future__ import annotations

import threading
from dataclasses import replace
from pathlib import Path

import pytest
from engine.tools import COUNTER, need_toolchain, write_spec

from slubtla.tlc.engine import Ended
from slubtla.tlc.output import TlcReport
from slubtla.tlc.run import distributed as distributing
from slubtla.tlc.run.check import check_spec
from slubtla.tlc.run.judge import Criteria, judge
from slubtla.tlc.run.run import Run, run_tlc
from slubtla.tlc.run.settings import Settings


def test_a_doubt_spoils_a_proof() -> None:
    asked = Criteria(doubt="somebody saw an error")
    report = TlcReport(started=True, finished=True, success=True, initial_states=1)
    stats = replace(report.stats, generated=4, distinct=4, queue=0)
    report = replace(report, stats=stats)

    def verdict(asked: Criteria) -> str:
        return str(judge(report, returncode=0, ended=Ended.EXITED, criteria=asked))

    assert verdict(replace(asked, doubt="")) == "PROVEN"
    assert verdict(asked) == "INCONCLUSIVE(warning)"


def test_an_error_that_only_the_distributed_search_saw(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A real search stands for the server, and is said to have ended without success."""

    def found_an_error(run: Run) -> Run:
        here = replace(run, engine=alone.find_engine(toolchain), distributed=False)
        found = run_tlc(here)
        return replace(found, report=replace(found.report, success=False))

    toolchain = need_toolchain()
    alone = Settings(toolchain=toolchain)
    monkeypatch.setattr(distributing, "run_tlc", found_an_error)
    spec, _ = write_spec(tmp_path, COUNTER, "INIT Init\nNEXT Turn\nINVARIANT InRange\n")
    settings = Settings(
        toolchain=toolchain,
        distributed=True,
        port=10_996,
        out_dir=tmp_path / "run",
        cancel=threading.Event(),
    )
    result = check_spec(spec, settings=settings)
    assert str(result.verdict) == "INCONCLUSIVE(warning)"
    assert "a search on this machine found none" in result.verdict.because
    assert any("a distributed search by" in text for text in result.warnings)
    assert (tmp_path / "run" / "server.out").is_file()
