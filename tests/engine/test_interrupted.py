"""Ctrl-C in the moment in which a run comes to its end by itself: it stays Ctrl-C."""

from __future__ import annotations

from typing import TYPE_CHECKING

import psutil
import pytest

from engine.tools import COUNTER, descendants, need_toolchain, write_spec
from slubtla.tlc.engine import CheckJob, Ended, Engine, JvmEngine, ProcessEngine, RunInterrupted
from slubtla.tlc.engine.process import run_supervised

if TYPE_CHECKING:
    from pathlib import Path

FINISHED = "@!@!@ENDMSG 2186 @!@!@"


def test_a_program_that_had_ended_when_it_was_interrupted(tmp_path: Path) -> None:
    """Its exit code is its own; and yet the caller must stop."""

    def press(_line: str) -> None:
        program = [each for each in descendants() if "sleep" in each.name()]
        program += [each for each in descendants() if each.name() == "sh"]
        psutil.wait_procs(program, timeout=60)
        raise KeyboardInterrupt

    result = run_supervised(
        ["/bin/sh", "-c", "echo up; exit 7"],
        cwd=tmp_path,
        stdout=tmp_path / "out",
        stderr=tmp_path / "err",
        on_line=press,
    )
    assert (result.ended, result.returncode) == (Ended.INTERRUPTED, 7)


@pytest.mark.parametrize("kind", [ProcessEngine, JvmEngine])
def test_a_check_that_was_interrupted_at_its_last_word(
    tmp_path: Path, kind: type[ProcessEngine | JvmEngine]
) -> None:
    engine: Engine = kind(need_toolchain())
    spec, cfg = write_spec(tmp_path, COUNTER, "INIT Init\nNEXT Turn\nINVARIANT InRange\n")

    def press(line: str) -> None:
        if line == FINISHED:
            raise KeyboardInterrupt

    with pytest.raises(RunInterrupted) as caught:
        engine.check(CheckJob(spec, cfg, tmp_path, timeout=60), on_line=press)
    assert caught.value.run.ended is Ended.INTERRUPTED
    assert FINISHED in caught.value.run.stdout.read_text("utf-8")
