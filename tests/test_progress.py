"""What is shown while runs go on: numbers, words, and a real terminal; nothing in a pipe."""

from __future__ import annotations

import errno
import io
import os
import pty
import re
import signal
import subprocess
import sys
import termios
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path

import pytest
from engine.tools import need_toolchain

from slubtla.barriers.model import Model, make_model
from slubtla.barriers.show.progress import (
    board_words,
    clock_words,
    found_words,
    head_words,
    run_words,
    short_words,
)
from slubtla.barriers.suite.plan import known_states
from slubtla.barriers.suite.reading import read_config, shipped_configs
from slubtla.barriers.verify import model_spec
from slubtla.cli.progress import live_progress, live_runs
from slubtla.errors import SlubtlaError, UsageError
from slubtla.tlc.jobs import Job, run_jobs
from slubtla.tlc.output import Progress
from slubtla.tlc.run.progress import Board, Phase, RunView
from slubtla.tlc.run.result import Result
from slubtla.tlc.run.settings import Settings
from slubtla.tlc.tools import Toolchain

Verified = Callable[..., Result]

COMMAND = (sys.executable, "-c", "from slubtla.cli.app import app; app()")
SMALL = ("--strategy", "smp_mb", "--workers", "1")
LARGE = ("--strategy", "synchronize_sched", "--cpus", "3", "--slabs", "3", "--workers", "1")
SECONDS = 120
SHOWS_THE_CURSOR = "\x1b[?25h"


class Clock:
    """A clock that moves when it is told to."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def report(generated: int, distinct: int, queue: int, depth: int = 7) -> Progress:
    return Progress(generated=generated, distinct=distinct, queue=queue, depth=depth, at=None)


def alone(board: Board) -> RunView:
    (run,) = board.view().running
    return run


@pytest.fixture
def clock() -> Clock:
    return Clock()


def test_before_the_first_report_there_are_no_numbers(clock: Clock) -> None:
    board = Board(clock)
    board.started("a", "smp_mb on x86", expected=1000)
    clock.now += 2
    run = alone(board)
    assert (run.phase, run.seconds, run.last, run.share) == (Phase.PREPARING, 2, None, None)
    assert head_words(run) == "smp_mb on x86  0:02  translating, starting TLC"
    assert run_words(run) == ("TLC reports 3 s after its search began, then each minute",)


def test_the_numbers_of_one_run(clock: Clock) -> None:
    board = Board(clock)
    board.started("a", "a", expected=14856)
    clock.now += 5
    board.heard("a", report(3000, 1485, 100))
    first = alone(board)
    assert (first.phase, first.age, first.queue_change) == (Phase.SEARCHING, 0, None)
    assert first.per_second == 1000, "TLC had searched for 3 s"
    clock.now += 60
    board.heard("a", report(123000, 9062, 40))
    clock.now += 7
    run = alone(board)
    assert (run.per_second, run.queue_change, run.age) == (2000, -60, 7)
    assert run_words(run) == (
        "9,062 distinct states, 123,000 generated, about 2,000 a second",
        "40 on queue and shrinking, depth 7, reported 0:07 ago",
        "about 61% (estimate: a finished search found 14,856 states)",
    )
    assert short_words(run) == "9,062 states, 0:07 ago"


def test_nothing_is_said_that_is_not_known(clock: Clock) -> None:
    board = Board(clock)
    board.started("a", "a")
    clock.now += 4
    board.heard("a", Progress(generated=10, distinct=None, queue=None, depth=None, at=None))
    assert run_words(alone(board)) == ("10 generated, about 3 a second", "reported 0:00 ago")
    clock.now += 60
    board.heard("a", Progress(generated=4, distinct=4, queue=0, depth=1, at=None))
    assert alone(board).per_second is None, "another search: the count fell"
    board.heard("unheard of", report(1, 1, 1))
    board.started("b", "b", expected=100)
    board.heard("b", report(1000, 101, 1))
    assert board.view().running[1].share is None, "more than the finished search: another model"


def test_what_is_left_is_estimated_from_the_runs_that_are_finished(
    clock: Clock, verified: Verified
) -> None:
    found = verified(strategy="none", slabs=1)
    board = Board(clock)
    assert board_words(board.view()) == "0 runs done, 0:00"
    board.expect(5, {"a": 100, "b": 200, "c": 300, "d": 400, "e": 0})
    for key, seconds in (("a", 20), ("b", 30), ("c", 40)):
        assert board.view().left is None
        board.started(key, key)
        clock.now += seconds
        board.finished(key, found)
    assert board.view().left == pytest.approx(50 + 20), "10 s a start, 0.1 s a weight; 20 at least"
    board.started("d", "d")
    clock.now += 15
    view = board.view()
    assert (view.done, view.of, [run.name for run in view.running]) == (3, 5, ["d"])
    assert view.left == pytest.approx(35 + 20)
    assert board_words(view) == "3 of 5 runs done, 1:45, about 55 s left (estimate)"
    board.started("e", "e")
    assert board.view().left == pytest.approx(35), "two at a time"
    board.finished("d", found)
    board.finished("e", UsageError("no", next_step=""))
    assert (board.view().done, board.view().left) == (5, None)


def test_of_kept_results_and_of_unknown_weights_nothing_is_concluded(
    clock: Clock, verified: Verified
) -> None:
    made = verified(strategy="none", slabs=1)
    provenance = made.provenance.model_copy(update={"cached_at": "2026-11-23"})
    kept = made.model_copy(update={"provenance": provenance})
    known, unknown = Board(clock), Board(clock)
    known.expect(9, {str(n): n for n in range(9)})
    unknown.expect(9)
    for key in "012345":
        for board, found in ((known, kept), (unknown, made)):
            board.started(key, key)
            clock.now += 1
            board.finished(key, found)
    assert (known.view().done, known.view().left, unknown.view().left) == (6, None, None)
    assert found_words("a", kept) == "a: VIOLATED(NoLeak), kept from before"
    assert found_words("a", UsageError("no", next_step="")) == "a: no"
    seconds = f"{made.provenance.wall_seconds:.1f} s"
    assert found_words("a", made) == f"a: VIOLATED(NoLeak), {seconds}"


def test_times_as_a_clock_shows_them() -> None:
    assert [clock_words(s) for s in (0, 59.9, 61, 3600, 36061)] == [
        "0:00",
        "0:59",
        "1:01",
        "1:00:00",
        "10:01:01",
    ]


def test_the_states_of_a_model_are_known_from_the_very_same_only() -> None:
    pinned = []
    for config in map(read_config, shipped_configs()):
        pins = config.pins.models if config.pins else {}
        for claim in config.claims:
            counts = pins[claim.name].counts if claim.name in pins else {}
            if isinstance(claim.subject, Model) and not claim.edits and "distinct" in counts:
                pinned.append((known_states(claim.subject), counts["distinct"]))
    known = [(found, count) for found, count in pinned if found is not None]
    assert len(set(known)) > 10  # fewer where a model was changed and not yet recorded
    assert all(found == count for found, count in known)
    assert known_states(make_model(strategy="synchronize_sched", slabs=1, tasks=1)) is None
    assert known_states(make_model(strategy="smp_mb")) is None, "a violated search is not finished"


class Listener(Board):
    """A watch that writes down what it hears."""

    def __init__(self) -> None:
        super().__init__()
        self.told: list[tuple[object, ...]] = []

    def expect(self, of: int, weights: Mapping[str, float] | None = None) -> None:
        self.told.append(("expect", of, weights))

    def started(self, key: str, name: str, *, expected: int | None = None) -> None:
        assert expected is None
        self.told.append(("started", key, name))

    def heard(self, key: str, progress: Progress) -> None:
        self.told.append(("heard", key, progress.distinct))

    def finished(self, key: str, found: Result | SlubtlaError) -> None:
        self.told.append(("finished", key, found))


def test_a_watch_hears_of_each_of_many_runs(engine_at_hand: Toolchain, tmp_path: Path) -> None:
    watch = Listener()
    model = make_model(strategy="smp_mb_paired", slabs=1)
    first = Job("one", model_spec(model), weight=7, out_dir=tmp_path / "one")
    second = replace(first, name="two", weight=0)
    settings = Settings(toolchain=engine_at_hand, watch=watch, cache=False)
    one, _ = run_jobs([first, second], settings, at_once=1)
    assert isinstance(one, Result)
    assert watch.told[:2] == [("expect", 2, {"one": 7, "two": 0}), ("started", "one", "one")]
    assert ("heard", "one", one.stats.distinct) in watch.told
    assert ("finished", "one", one) in watch.told
    kind, key, refused = watch.told[-1]
    assert (kind, key, type(refused)) == ("finished", "two", UsageError), "its place is taken"


class OnTerminal:
    """A command that runs with stderr on a terminal of 80 columns, and stdout in a pipe."""

    def __init__(self, *arguments: str) -> None:
        self._ours, theirs = pty.openpty()
        termios.tcsetwinsize(theirs, (24, 80))
        plain = {"TERM": "xterm-256color"}
        self.process = subprocess.Popen(
            [*COMMAND, *arguments],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=theirs,
            env=os.environ | plain,
            start_new_session=True,
        )
        os.close(theirs)
        self.seen = b""

    def read(self, until: bytes = b"") -> bytes:
        """Read what stands on the terminal, to the end or until something is there."""
        while not until or until not in self.seen:
            try:
                more = os.read(self._ours, 4096)
            except OSError as error:
                if error.errno != errno.EIO:  # nobody has the other end any more
                    raise
                break
            if not more:
                break
            self.seen += more
        return self.seen

    def end(self) -> bytes:
        """Wait for the end, and return what stands on stdout."""
        self.read()
        out, _ = self.process.communicate(timeout=SECONDS)
        os.close(self._ours)
        return out


@pytest.fixture
def on_terminal() -> Iterator[Callable[..., OnTerminal]]:
    """Commands on a terminal; none outlives the test."""
    need_toolchain()
    begun: list[OnTerminal] = []

    def begin(*arguments: str) -> OnTerminal:
        begun.append(OnTerminal(*arguments))
        return begun[-1]

    yield begin
    for each in begun:
        each.process.kill()


def test_a_terminal_shows_where_a_run_stands_and_is_left_clean(
    on_terminal: Callable[..., OnTerminal],
) -> None:
    command = on_terminal("verify", *SMALL)
    out = command.end()
    assert command.process.returncode == 1
    text = command.seen.decode()
    assert "smp_mb on x86" in text
    assert "translating, starting TLC" in text
    assert re.search("0:0[1-9]", text), "the clock moves"
    assert text.count("\x1b[?25l") == text.count(SHOWS_THE_CURSOR)
    assert text.rindex(SHOWS_THE_CURSOR) > text.rindex("smp_mb on x86")
    assert not re.search(r"\x1b\[[0-9;]*3[0-7]", text), "NO_COLOR"
    assert b"\x1b" not in out
    assert out.startswith(b"VIOLATED(NoLeak)")


def test_many_runs_have_a_bar_and_a_line_each(on_terminal: Callable[..., OnTerminal]) -> None:
    command = on_terminal("prove", "argument", "--only", "as-it-is-x86", "--no-cache")
    out = command.end()
    assert command.process.returncode == 0
    text = command.seen.decode()
    assert "0 of 1 runs done" in text
    assert re.search(r"argument-as-it-is-x86 .*translating, starting TLC", text)
    assert re.search(r"argument-as-it-is-x86: VIOLATED\(NoLeak\), [0-9.]+ s", text)
    assert text.rindex(SHOWS_THE_CURSOR) > text.rindex("runs done")
    assert b"1 model, all as expected (1 run of TLC" in out


def test_ctrl_c_leaves_the_terminal_clean(on_terminal: Callable[..., OnTerminal]) -> None:
    command = on_terminal("verify", *LARGE)
    command.read(until=b"searching")
    command.process.send_signal(signal.SIGINT)
    assert command.end() == b""
    assert command.process.returncode == 130
    text = command.seen.decode()
    assert "distinct states" in text
    assert "on queue" in text
    after = text[text.rindex(SHOWS_THE_CURSOR) :]
    assert after.split("\n")[0].startswith(SHOWS_THE_CURSOR)
    assert "slubtla: interrupted; TLC is stopped" in after


@pytest.mark.parametrize("environment", [{}, {"FORCE_COLOR": "1"}, {"TERM": "dumb"}])
@pytest.mark.usefixtures("engine_at_hand")
def test_a_pipe_stays_empty(monkeypatch: pytest.MonkeyPatch, environment: dict[str, str]) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    process = subprocess.run(
        [*COMMAND, "verify", *SMALL], capture_output=True, check=False, timeout=SECONDS
    )
    assert (process.returncode, process.stderr) == (1, b"")


def test_nobody_hears_where_nobody_looks(capsys: pytest.CaptureFixture[str]) -> None:
    given = Settings(timeout=1)
    with live_progress("a", given) as one, live_runs("b", given) as many:
        assert one == many == given
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize("live", [live_progress, live_runs])
def test_a_terminal_that_is_gone_fails_no_run(
    live: Callable[..., AbstractContextManager[Settings]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Gone(io.StringIO):
        def isatty(self) -> bool:
            return True

        def write(self, text: str) -> int:  # noqa: ARG002 - it is lost
            raise OSError(errno.EIO, "the terminal is gone")

    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr(sys, "stderr", Gone())
    with live("a", Settings()) as watched:
        assert watched.on_progress or watched.watch
        if watched.watch is not None:
            watched.watch.started("x", "x")
            watched.watch.finished("x", UsageError("no", next_step=""))
