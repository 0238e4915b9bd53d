"""A run that was killed goes on from its checkpoint, and says what a whole run says."""

from __future__ import annotations

import dataclasses
import fcntl
import json
import shutil
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from engine.tools import names_in
from typer.testing import CliRunner

from scale.tools import CHECKPOINT, DISTINCT, SECOND, kill_after_report
from slubtla import load_run
from slubtla.barriers.verify import verify
from slubtla.cli.app import app
from slubtla.errors import UsageError
from slubtla.tlc.engine import Ended, find_checkpoint
from slubtla.tlc.output import read_report
from slubtla.tlc.run.check import check_spec
from slubtla.tlc.run.judge import Criteria, judge
from slubtla.tlc.run.result import Result
from slubtla.tlc.run.resume import locate_unfinished, resume
from slubtla.tlc.run.rundir import RESULT, latest_run, runs_dir
from slubtla.tlc.run.settings import Settings
from slubtla.tlc.run.unfinished import MANIFEST, read_earlier, set_aside
from slubtla.tlc.run.verdict import VerdictKind
from slubtla.tlc.tools import Toolchain

FILES = {"Grid.tla", "Grid.cfg", "argv.json", "result.json", "tlc.out", "tlc.err"}


def checkpoint_of(work: Path) -> Path:
    """The folder of the only checkpoint."""
    (folder,) = (work / ".tlc" / "meta").iterdir()
    return folder


def without(result: Result) -> tuple[object, ...]:
    """What two runs of the same must agree on."""
    stats = result.stats
    return (result.verdict, stats.distinct, stats.queue, stats.depth, stats.initial, stats.final)


def test_a_killed_run_ends_with_the_counts_of_one_that_was_not(
    resumed: Result, uninterrupted: Result
) -> None:
    assert without(resumed) == without(uninterrupted)
    assert resumed.stats.distinct == DISTINCT
    assert resumed.verdict.kind is VerdictKind.PROVEN
    assert resumed.stats.generated is None
    assert resumed.stats.collision_calculated is None
    assert resumed.stats.collision_actual == uninterrupted.stats.collision_actual
    assert any("resumed from a checkpoint, part 2" in text for text in resumed.warnings)


def test_a_killed_run_is_finished_in_its_own_directory(killed_once: Path, resumed: Result) -> None:
    assert not (killed_once / RESULT).exists()
    assert resumed.run_dir is not None
    assert names_in(resumed.run_dir.parent) == {"run"}
    assert names_in(resumed.run_dir) == FILES | {"part-1"}
    assert load_run(resumed.run_dir) == resumed


def test_the_result_tells_of_both_parts(killed_once: Path, resumed: Result) -> None:
    first = json.loads((killed_once / "argv.json").read_text())
    provenance = resumed.provenance
    assert provenance.earlier_argv == (tuple(first),)
    checkpoint = checkpoint_of(killed_once).relative_to(killed_once)
    assert provenance.resumed_from == str(checkpoint)
    at = provenance.argv.index("-recover")
    assert provenance.argv[at + 1] == str(checkpoint)
    assert [*provenance.argv[:at], *provenance.argv[at + 2 :]] == first


def test_the_directory_one_stands_in_may_be_named(
    killed_once: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(killed_once)
    assert locate_unfinished(Path()) == killed_once
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UsageError, match="holds no unfinished run"):
        locate_unfinished(Path())


def test_a_run_that_is_killed_twice(killed: Path, uninterrupted: Result) -> None:
    """The second time before another checkpoint: it goes on from the first one again."""
    at_once = threading.Event()
    at_once.set()
    began = json.loads((killed / MANIFEST).read_text("utf-8"))["started_at"]
    stopped = resume(killed, settings=Settings(cancel=at_once))
    assert str(stopped.verdict) == "INCONCLUSIVE(cancelled)"
    assert any("slubtla resume" in text for text in stopped.warnings)
    assert stopped.run_dir is not None
    result = resume(stopped.run_dir)
    assert without(result) == without(uninterrupted)
    assert len(result.provenance.earlier_argv) == 2
    assert result.provenance.started_at == stopped.provenance.started_at == began
    assert names_in(result.run_dir or Path()) == FILES | {"part-1", "part-2"}


def test_a_violation_after_the_checkpoint_has_its_whole_trace(
    grid: Callable[[str], Path], engine_at_hand: Toolchain, tmp_path: Path
) -> None:
    """Whether it is found before the kill, when TLC writes one more checkpoint, or after it."""
    assert engine_at_hand
    spec = grid("INVARIANT NotAtTheEnd\n")
    result = resume(kill_after_report(spec, tmp_path / "run", checkpoint=SECOND))
    assert str(result.verdict) == "VIOLATED(NotAtTheEnd)"
    assert result.trace is not None
    steps = result.trace.steps
    assert len(steps) == result.trace_length == 7 * 5 + 2
    assert [step.action for step in steps] == [None, "Start", *["Step"] * 35]
    assert result.run_dir == tmp_path / "run"
    assert not names_in(result.run_dir) & {".tlc", MANIFEST}


def test_a_violation_that_was_told_before_the_kill_is_not_lost(
    grid: Callable[[str], Path], engine_at_hand: Toolchain, tmp_path: Path
) -> None:
    """TLC's checkpoint after it holds the bad state as one that was searched."""
    assert engine_at_hand
    spec = grid("INVARIANT Early\n")
    result = resume(kill_after_report(spec, tmp_path / "run", checkpoint=SECOND / 10))
    assert str(result.verdict) == "VIOLATED(Early)"
    assert result.trace_length == 3 + 2
    assert names_in(result.run_dir or Path()) == FILES | {"trace.itf.json"}


def test_a_checkpoint_after_an_error_is_refused(
    grid: Callable[[str], Path], engine_at_hand: Toolchain, tmp_path: Path
) -> None:
    """TLC writes one at its end, in which the state that it failed on counts as searched."""
    assert engine_at_hand
    spec = grid("INVARIANT Fails\n")
    killed = kill_after_report(spec, tmp_path / "run", checkpoint=SECOND / 10, before=CHECKPOINT)
    assert killed / find_checkpoint(killed) == checkpoint_of(killed), "it is whole, and was heard"
    with pytest.raises(UsageError, match="its last checkpoint was written after TLC had failed"):
        resume(killed)
    assert (killed / "tlc.out").exists()
    assert not (tmp_path / "run").exists()


def test_a_run_that_is_killed_twice_says_where_it_comes_from(
    grid: Callable[[str], Path], engine_at_hand: Toolchain, tmp_path: Path
) -> None:
    """Also where TLC had told of a violation before the second kill."""
    assert engine_at_hand
    spec = grid("INVARIANT NotAtTheEnd\n")
    for number in range(5):  # on a busy machine TLC may find the violation before the kill
        place = tmp_path / f"{number}" / "run"
        killed = kill_after_report(spec, place, checkpoint=SECOND, before=CHECKPOINT)
        if "@!@!@STARTMSG 2110" not in (killed / "tlc.out").read_text("utf-8"):
            break
    began = json.loads((killed / MANIFEST).read_text("utf-8"))["started_at"]
    first = tuple(json.loads((killed / "argv.json").read_text("utf-8")))
    checkpoint = str(checkpoint_of(killed).relative_to(killed))
    other = shutil.copytree(killed, tmp_path / "again" / killed.name)
    whole = resume(killed)
    assert whole.run_dir is not None
    set_aside(other)  # the second part, with all that it had said until the violation
    for name in ("argv.json", "tlc.err"):
        shutil.copy(whole.run_dir / name, other / name)
    said = (whole.run_dir / "tlc.out").read_text("utf-8")
    (other / "tlc.out").write_text(said[: said.rindex("@!@!@STARTMSG 2186")], encoding="utf-8")
    cut = resume(other)
    for result in (whole, cut):
        assert str(result.verdict) == "VIOLATED(NotAtTheEnd)"
        origin = result.provenance
        assert origin.started_at == began
        assert origin.earlier_argv == (first,)
        assert origin.resumed_from == checkpoint
    assert cut.provenance.argv == whole.provenance.argv
    assert cut.trace_length == whole.trace_length


def test_what_is_left_of_a_run_that_was_stopped_can_be_resumed(
    grid: Callable[[str], Path], engine_at_hand: Toolchain, uninterrupted: Result
) -> None:
    """It has a result, as any run; the next one takes its place."""
    enough = threading.Event()
    settings = Settings(
        workers=1,
        checkpoint=SECOND,
        toolchain=engine_at_hand,
        on_progress=lambda _: enough.set(),
        cancel=enough,
    )
    stopped = check_spec(grid("INVARIANT Within\n"), settings=settings, check_deadlock=False)
    assert str(stopped.verdict) == "INCONCLUSIVE(cancelled)"
    assert latest_run() == stopped.run_dir
    shown = CliRunner().invoke(app, ["resume", "--json"])
    assert shown.exit_code == 0
    result = Result.model_validate_json(shown.stdout)
    assert without(result) == without(uninterrupted)
    assert result.run_dir == stopped.run_dir
    assert load_run(latest_run()).verdict == result.verdict
    assert [path.name for path in runs_dir().iterdir()] == [latest_run().name]


def test_a_finished_run_keeps_nothing_of_its_checkpoints(
    engine_at_hand: Toolchain, tmp_path: Path
) -> None:
    result = verify(
        strategy="none", slabs=1, checkpoint=10, out_dir=tmp_path / "run", toolchain=engine_at_hand
    )
    assert result.verdict.kind is VerdictKind.VIOLATED
    assert not names_in(tmp_path / "run") & {".tlc", MANIFEST}
    assert names_in(tmp_path) == {"run"}


def test_a_run_that_is_killed_before_its_first_checkpoint_leaves_nothing(
    killed: Path, engine_at_hand: Toolchain, tmp_path: Path, grid: Callable[[str], Path]
) -> None:
    class Stop(Exception):  # noqa: N818
        pass

    def stop(_: object) -> None:
        raise Stop

    settings = Settings(
        workers=1,
        checkpoint=30,
        toolchain=engine_at_hand,
        out_dir=tmp_path / "other",
        on_progress=stop,
    )
    with pytest.raises(Stop):
        check_spec(grid("INVARIANT Within\n"), settings=settings, check_deadlock=False)
    assert names_in(tmp_path) == {killed.name}


def test_a_kill_while_another_checkpoint_is_written(killed: Path) -> None:
    """The one before stands."""
    folder = checkpoint_of(killed)
    for name in ("queue", "vars"):
        (folder / f"{name}.tmp").write_bytes(b"half")
    assert killed / find_checkpoint(killed) == folder


def test_a_checkpoint_that_tlc_was_not_heard_to_finish_is_refused(killed: Path) -> None:
    """It may be half renamed, or come after a violation that nobody heard of."""
    with (checkpoint_of(killed) / "queue.chkpt").open("ab") as queue:
        queue.write(b"further")
    with pytest.raises(UsageError, match="holds no whole checkpoint that TLC reported"):
        resume(killed)
    assert (killed / "tlc.out").exists()


@pytest.mark.parametrize("missing", ["queue.chkpt", "vars.chkpt"])
def test_a_checkpoint_that_is_not_whole_is_refused(killed: Path, missing: str) -> None:
    (checkpoint_of(killed) / missing).unlink()
    before = names_in(killed)
    with pytest.raises(UsageError, match="holds no whole checkpoint") as caught:
        resume(killed)
    assert caught.value.next_step == "run it again from the start"
    assert names_in(killed) == before


@pytest.mark.parametrize("name", ["Grid.tla", "Grid.cfg"])
def test_a_changed_file_is_refused(killed: Path, name: str) -> None:
    with (killed / name).open("a") as file:
        file.write("\n")
    with pytest.raises(UsageError, match=f"{name} is not what it was when the run began"):
        resume(killed)
    (killed / name).unlink()
    with pytest.raises(UsageError, match=f"{name} is not what it was when the run began"):
        resume(killed)
    assert (killed / "tlc.out").exists()


def test_another_jar_is_refused(killed: Path, engine_at_hand: Toolchain) -> None:
    jar = dataclasses.replace(engine_at_hand.jar, sha256="0" * 64)
    other = dataclasses.replace(engine_at_hand, jar=jar)
    with pytest.raises(UsageError, match=r"begun with the tla2tools\.jar whose SHA-256") as caught:
        resume(killed, settings=Settings(toolchain=other))
    assert "--tla2tools" in caught.value.next_step


def test_a_run_that_is_at_work_is_left_alone(killed: Path) -> None:
    with (killed / MANIFEST).open() as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        with pytest.raises(UsageError, match="is at work"):
            resume(killed)


def test_a_run_in_the_place_of_an_unfinished_one_is_refused(
    killed: Path, engine_at_hand: Toolchain
) -> None:
    with pytest.raises(UsageError, match=r"run\.unfinished exists: an unfinished run") as caught:
        verify(
            strategy="none", checkpoint=1, out_dir=killed.with_name("run"), toolchain=engine_at_hand
        )
    assert f"slubtla resume {killed}" in caught.value.next_step
    assert (killed / MANIFEST).exists()


def test_there_is_nothing_to_resume(uninterrupted: Result, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="is finished: PROVEN"):
        resume(uninterrupted.run_dir)
    with pytest.raises(UsageError, match="holds no unfinished run"):
        resume(tmp_path)
    with pytest.raises(UsageError, match="there is no unfinished run in"):
        resume()


def test_liveness_and_checkpoints_exclude_each_other(
    grid: Callable[[str], Path], engine_at_hand: Toolchain, tmp_path: Path
) -> None:
    """After a recovery TLC 2.15 checked 277,102 states of 279,937 for a temporal property."""
    settings = Settings(checkpoint=1, toolchain=engine_at_hand, out_dir=tmp_path / "run")
    with pytest.raises(UsageError, match="no checkpoints with temporal properties \\(Ends\\)"):
        check_spec(grid("PROPERTY Ends\n"), settings=settings)
    assert names_in(tmp_path) == set()


@pytest.mark.parametrize("minutes", [-1, float("nan"), float("inf")])
def test_an_interval_that_makes_no_sense(minutes: float) -> None:
    with pytest.raises(UsageError, match="make no sense"):
        Settings(checkpoint=minutes)


def test_an_action_that_fired_before_the_kill_only_is_not_called_idle(resumed: Result) -> None:
    """TLC had not told its counts when it was killed: nothing may be said of what is not seen."""
    assert resumed.run_dir is not None
    earlier = read_earlier(resumed.run_dir)
    assert earlier.uncounted
    with (resumed.run_dir / "tlc.out").open() as lines:
        report = earlier.join(read_report(lines))
    assert report.coverage is not None
    counts = {action.name: action.total for action in report.coverage.actions}
    assert counts["Start"] == 0
    assert counts["Step"] > 0

    def verdict(goal: str) -> str:
        asked = Criteria(goals={"Goal": goal}, uncounted=earlier.uncounted)
        asked = dataclasses.replace(asked, cfg=dataclasses.replace(asked.cfg, invariants=("I",)))
        return str(judge(report, returncode=0, ended=Ended.EXITED, criteria=asked))

    assert verdict("Start") == "INCONCLUSIVE(uncounted)"
    assert verdict("Step") == "PROVEN"


def test_the_command_line_says_what_cannot_be_resumed(uninterrupted: Result) -> None:
    shown = CliRunner(env={"COLUMNS": "500"}).invoke(app, ["resume", str(uninterrupted.run_dir)])
    assert shown.exit_code == 2
    assert "is finished: PROVEN" in shown.stderr
