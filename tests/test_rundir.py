"""Run directories: all or nothing, never over another, readable wherever they are moved."""

from __future__ import annotations

import json
import shutil
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from slubtla import load_run
from slubtla.barriers.model import model_of
from slubtla.errors import UsageError
from slubtla.tlc.run.result import Result
from slubtla.tlc.run.rundir import RESULT, latest_run, run_directory, runs_dir

Verified = Callable[..., Result]


class Broken(Exception):  # noqa: N818 - it stands for anything that a run may raise
    """What goes wrong in the middle of a run."""


@pytest.fixture
def leaking(verified: Verified) -> Result:
    """A run with a counterexample, on disk."""
    return verified(strategy="none", slabs=1)


@pytest.mark.parametrize("named", [True, False])
def test_nothing_is_left_of_a_run_that_fails(tmp_path: Path, named: bool) -> None:
    out_dir = tmp_path / "deep" / "run" if named else None
    with (  # noqa: PT012 - what is raised inside is what is tested
        pytest.raises(Broken),
        run_directory("model", out_dir) as directory,
    ):
        (directory.work / RESULT).write_text("{}")
        parent = directory.work.parent
        raise Broken
    assert list(parent.iterdir()) == []


def test_nothing_is_left_of_a_run_that_never_commits(tmp_path: Path) -> None:
    with run_directory("model", tmp_path / "run"):
        pass
    assert list(tmp_path.iterdir()) == []


def test_a_run_is_visible_only_when_it_is_whole(tmp_path: Path) -> None:
    final = tmp_path / "run"
    with run_directory("model", final) as directory:
        (directory.work / RESULT).write_text("{}")
        assert not final.exists()
        assert directory.work.name.startswith(".")
        assert directory.commit() == final
        assert [path.name for path in final.iterdir()] == [RESULT]
    assert [path.name for path in tmp_path.iterdir()] == ["run"]
    assert final.stat().st_mode & 0o777 == 0o755


def test_an_unfinished_run_is_not_the_latest() -> None:
    with run_directory("model") as directory:
        (directory.work / RESULT).write_text("{}")
        with pytest.raises(UsageError, match="there is no run in"):
            latest_run()
        directory.commit()
    assert latest_run() == directory.final


def test_an_empty_directory_may_be_named(tmp_path: Path) -> None:
    (tmp_path / "run").mkdir()
    with run_directory("model", tmp_path / "run") as directory:
        (directory.work / RESULT).write_text("{}")
        directory.commit()
    assert (tmp_path / "run" / RESULT).is_file()


@pytest.mark.parametrize("kind", ["file", "directory", "run"])
def test_what_exists_is_never_written_over(tmp_path: Path, kind: str) -> None:
    taken = tmp_path / "taken"
    if kind == "file":
        taken.write_text("mine")
    else:
        taken.mkdir()
        (taken / (RESULT if kind == "run" else "mine")).write_text("mine")
    with pytest.raises(UsageError, match=r"taken exists") as caught, run_directory("m", taken):
        pass
    assert "--out" in caught.value.next_step
    assert [path.name for path in tmp_path.iterdir()] == ["taken"]


@pytest.mark.parametrize("kind", ["file", "directory"])
def test_a_run_whose_name_was_taken_in_the_meantime_is_kept_beside_it(
    tmp_path: Path, kind: str
) -> None:
    final = tmp_path / "run"
    with run_directory("model", final) as directory:
        mine = final / "mine" if kind == "directory" else final
        mine.parent.mkdir(exist_ok=True)
        mine.write_text("mine")
        (directory.work / "record").write_text("ours")
        kept = directory.commit()
    assert mine.read_text() == "mine"
    assert (kept / "record").read_text() == "ours"
    assert {path.name for path in tmp_path.iterdir()} == {"run", kept.name}
    assert kept.name.startswith("run-")


def test_a_place_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for out_dir in (tmp_path / "file" / "run", tmp_path / "file" / "deeper" / "run"):
        with (
            pytest.raises(UsageError, match="no run directory can be made in") as caught,
            run_directory("model", out_dir),
        ):
            pass
        assert "--out" in caught.value.next_step


@pytest.mark.parametrize("named", [True, False])
def test_two_runs_at_once_never_collide(tmp_path: Path, named: bool) -> None:
    """Of those that want one name, one gets it, and the others are kept beside it."""
    count = 8
    together = threading.Barrier(count)

    def run(number: int) -> str:
        with run_directory("model", tmp_path / "run" if named else None) as directory:
            (directory.work / RESULT).write_text(str(number))
            together.wait(timeout=60)
            return (directory.commit() / RESULT).read_text()

    with ThreadPoolExecutor(count) as pool:
        outcomes = list(pool.map(run, range(count)))
    assert outcomes == [str(number) for number in range(count)]
    place = tmp_path if named else runs_dir()
    assert (tmp_path / "run").is_dir() == named
    written = sorted(int((path / RESULT).read_text()) for path in place.iterdir())
    assert written == list(range(count))


def test_the_latest_run_is_the_newest() -> None:
    made = []
    for name in ("b", "c", "a"):
        with run_directory(name) as directory:
            (directory.work / RESULT).write_text("{}")
            made.append(directory.commit())
            assert latest_run() == made[-1]


def write_result(folder: Path, original: Result, change: dict[str, Any]) -> Path:
    folder.mkdir()
    text = json.dumps(json.loads(original.to_json()) | change)
    (folder / RESULT).write_text(text, encoding="utf-8")
    return folder


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"schema_version": 3}, "schema_version: Input should be less than or equal to 2"),
        ({"schema_version": 0}, "schema_version: "),
        ({"colour": "red"}, "colour: Extra inputs are not permitted"),
        ({"verdict": {"kind": "FINE"}}, "verdict.kind: "),
        ({"stats": {"distinct": "many"}}, "stats.distinct: "),
        ({"properties": None}, "properties: "),
    ],
)
def test_a_result_of_another_form_is_refused(
    leaking: Result, tmp_path: Path, change: dict[str, Any], message: str
) -> None:
    folder = write_result(tmp_path / "run", leaking, change)
    with pytest.raises(UsageError) as caught:
        load_run(folder)
    assert f"is not a result that this slubtla reads: {message}" in caught.value.message
    assert str(folder) in caught.value.message
    assert "run it again" in caught.value.next_step


@pytest.mark.parametrize("own", [False, True])
def test_a_result_of_version_1_is_read(leaking: Result, tmp_path: Path, *, own: bool) -> None:
    told = json.loads(leaking.to_json())
    model = told.pop("parameters")
    del told["protocol"]
    told |= {"schema_version": 1, "model": None if own else model}
    (tmp_path / RESULT).write_text(json.dumps(told), encoding="utf-8")
    loaded = load_run(tmp_path)
    assert loaded.schema_version == 2
    assert model_of(loaded) == (None if own else model_of(leaking))
    assert (loaded.protocol is None) == own


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"\xff\xfe\x00", b'"text"'])
def test_what_is_no_result_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / RESULT).write_bytes(content)
    with pytest.raises(UsageError, match="is not a result that this slubtla reads"):
        load_run(tmp_path)


def test_a_directory_without_a_result_is_no_run(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for place in (tmp_path, tmp_path / "missing", tmp_path / "file"):
        with pytest.raises(UsageError, match="is not a run directory") as caught:
            load_run(place)
        assert str(place) in caught.value.message


def test_a_moved_run_still_loads_its_trace(leaking: Result, tmp_path: Path) -> None:
    assert leaking.run_dir is not None
    shutil.copytree(leaking.run_dir, tmp_path / "there")
    moved = (tmp_path / "there").rename(tmp_path / "moved")
    for path in (moved, str(moved), moved / RESULT):
        loaded = load_run(path)
        assert loaded.run_dir == moved
        assert loaded.trace == leaking.trace
        assert loaded.spec_path.parent == moved


def test_a_relative_path_holds_wherever_one_goes(
    leaking: Result, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert leaking.run_dir is not None
    monkeypatch.chdir(leaking.run_dir.parent)
    loaded = load_run(leaking.run_dir.name)
    monkeypatch.chdir(tmp_path)
    assert loaded.trace == leaking.trace


def test_a_run_that_was_cleaned_says_what_is_missing(leaking: Result, tmp_path: Path) -> None:
    loaded = load_run(write_result(tmp_path / "run", leaking, {}))
    assert loaded.verdict == leaking.verdict
    with pytest.raises(UsageError, match=r"tlc\.out is missing"):
        _ = loaded.trace
    with pytest.raises(UsageError, match=r"Slub\.tla is missing"):
        _ = loaded.spec_path
    alone = Result.model_validate_json(leaking.model_copy(update={"run_dir": None}).to_json())
    with pytest.raises(UsageError, match="has no run directory"):
        _ = alone.trace
