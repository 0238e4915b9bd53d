"""The parts of one search, read together: real output of a run that was killed after a minute."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from slubtla.tlc.engine import Ended
from slubtla.tlc.output import TlcReport, add_coverage, read_report
from slubtla.tlc.run.judge import Criteria, judge
from slubtla.tlc.run.unfinished import Earlier, set_aside
from slubtla.tlc.text.cfg import Cfg

OUTPUTS = Path(__file__).parent / "outputs"
INVARIANT = Cfg(invariants=("Inv",))


def report_of(name: str, *, until: str | None = None) -> TlcReport:
    """Read a captured output, cut after the first line that holds ``until``."""
    lines = (OUTPUTS / name).read_text(encoding="utf-8").splitlines(keepends=True)
    end = next((n for n, line in enumerate(lines, 1) if until and until in line), len(lines))
    return read_report(lines[:end])


KILLED = report_of("killed.out")
RESUMED = report_of("resumed.out")


def totals(report: TlcReport) -> dict[str, int]:
    """How often each action fired."""
    assert report.coverage is not None
    return {action.name: action.total for action in report.coverage.actions if not action.initial}


def verdict(report: TlcReport, earlier: Earlier, *, goal: str) -> str:
    """What is said of a model with that goal."""
    asked = Criteria(cfg=INVARIANT, goals={"Goal": goal}, uncounted=earlier.uncounted)
    return str(judge(report, returncode=0, ended=Ended.EXITED, criteria=asked))


def test_the_reader_knows_of_checkpoints_and_recoveries() -> None:
    assert (KILLED.checkpoints, KILLED.recovered) == (1, None)
    assert (RESUMED.checkpoints, RESUMED.recovered) == (0, 4_976_116)
    assert KILLED.checkpoint_coverage == KILLED.coverage


def test_the_parts_are_added_up() -> None:
    earlier = Earlier((KILLED,), ((),))
    whole = earlier.join(RESUMED)
    assert totals(KILLED) == {"Start": 1, "Step": 33_468_934}
    assert totals(RESUMED) == {"Start": 0, "Step": 6_084_553}
    assert totals(whole) == {"Start": 1, "Step": 33_468_934 + 6_084_553}
    assert RESUMED.initial_states is None
    assert whole.initial_states == 1
    assert whole.stats.distinct == 7**8 + 1


def test_what_fired_before_the_kill_has_fired() -> None:
    earlier = Earlier((KILLED,), ((),))
    assert earlier.uncounted == ""
    alone = dataclasses.replace(RESUMED, initial_states=1)
    assert verdict(alone, earlier, goal="Start") == "VACUOUS(Goal)"
    assert verdict(earlier.join(RESUMED), earlier, goal="Start") == "PROVEN"
    assert verdict(earlier.join(RESUMED), earlier, goal="Absent") == "VACUOUS(Goal)"


@pytest.mark.parametrize("until", ["STARTMSG 2195", "ENDMSG 2196", "ENDMSG 2772", "STARTMSG 2202"])
def test_nothing_is_said_of_what_was_not_counted(until: str) -> None:
    """Killed after the checkpoint was begun, and before the counts were told to their end."""
    earlier = Earlier((report_of("killed.out", until=until),), ((),))
    whole = earlier.join(RESUMED)
    assert verdict(whole, earlier, goal="Start") == "INCONCLUSIVE(uncounted)"
    assert verdict(whole, earlier, goal="Step") == "PROVEN"


def test_a_part_that_wrote_no_checkpoint_counts_for_nothing() -> None:
    """All that it did is done again."""
    cut = report_of("resumed.out", until="ENDMSG 2202")
    earlier = Earlier((KILLED, cut), ((), ()))
    assert earlier.uncounted == ""
    assert totals(earlier.join(RESUMED)) == totals(Earlier((KILLED,), ((),)).join(RESUMED))


def test_an_idle_action_is_no_defect_where_firings_were_not_counted() -> None:
    def judged(uncounted: str) -> str:
        asked = Criteria(cfg=INVARIANT, idle={}, uncounted=uncounted)
        whole = dataclasses.replace(RESUMED, initial_states=1)
        return str(judge(whole, returncode=0, ended=Ended.EXITED, criteria=asked))

    assert judged("") == "VACUOUS(Start)"
    assert judged("it was killed") == "INCONCLUSIVE(uncounted)"


def test_coverage_of_nothing() -> None:
    assert add_coverage([]).actions == ()


def test_a_checkpoint_after_a_violation_is_known_as_such() -> None:
    """TLC writes one when a violation has ended the search, if its time has come."""
    lines = (OUTPUTS / "killed.out").read_text(encoding="utf-8").splitlines(keepends=True)
    begun = next(n for n, line in enumerate(lines) if "STARTMSG 2195" in line)
    violation = [
        "@!@!@STARTMSG 2110:1 @!@!@\n",
        "Invariant Inv is violated.\n",
        "@!@!@ENDMSG 2110 @!@!@\n",
    ]
    assert not read_report(lines).checkpoint_spoiled
    assert not read_report([*lines, *violation]).checkpoint_spoiled
    assert read_report([*lines[:begun], *violation, *lines[begun:]]).checkpoint_spoiled


def test_a_part_that_was_set_aside_by_half_is_set_aside_whole(tmp_path: Path) -> None:
    """A kill may fall between two renames."""
    for name in ("tlc.out", "tlc.err", "argv.json"):
        (tmp_path / name).write_text(name, encoding="utf-8")
    (tmp_path / "part-1").mkdir()
    (tmp_path / "tlc.err").rename(tmp_path / "part-1" / "tlc.err")
    set_aside(tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {"part-1"}
    assert {p.name for p in (tmp_path / "part-1").iterdir()} == {"tlc.out", "tlc.err", "argv.json"}
    set_aside(tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {"part-1"}
