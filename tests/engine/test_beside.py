"""What lies beside a specification and takes part in a run: data, and Java classes."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from slubtla.barriers.suite.plan import _digest_of
from slubtla.errors import SpecError
from slubtla.tlc.engine import stage
from slubtla.tlc.engine.jars import require_no_overrides
from slubtla.tlc.engine.stage import data_files, stage_data
from slubtla.tlc.run.check import check_spec
from slubtla.tlc.run.settings import Settings

MODULE = r"""---- MODULE M ----
EXTENDS Naturals
\* "comment.json" names nothing
Names == {"data.json", "sub/more.csv", "../outside.txt", "absent.json", "M.cfg", "", "folder"}
====
"""


@pytest.fixture
def home(tmp_path: Path) -> Path:
    home = tmp_path / "home"
    for folder in ("sub", "folder"):
        (home / folder).mkdir(parents=True)
    (home / "M.tla").write_text(MODULE, encoding="utf-8")
    for name in ("data.json", "sub/more.csv", "../outside.txt", "comment.json", "M.cfg"):
        (home / name).write_text(name, encoding="utf-8")
    return home


def test_the_data_that_a_string_names_comes_along(home: Path, tmp_path: Path) -> None:
    assert set(data_files([home / "M.tla"])) == {"data.json", "sub/more.csv"}
    stage_data([home / "M.tla"], tmp_path / "run")
    found = {path.relative_to(tmp_path / "run") for path in (tmp_path / "run").rglob("*.*")}
    assert found == {Path("data.json"), Path("sub/more.csv")}
    assert (tmp_path / "run" / "sub" / "more.csv").read_text() == "sub/more.csv"
    stage_data([home / "M.tla"], home)  # what is in place stays


def test_data_that_cannot_come_along_is_refused(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stage, "MOST_BYTES", 5)
    with pytest.raises(SpecError, match=r"data\.json: the specification names it, and it has more"):
        stage_data([home / "M.tla"], tmp_path / "run")
    monkeypatch.undo()
    (home / "tlc.out").write_text("mine", encoding="utf-8")
    (home / "M.tla").write_text(MODULE.replace("absent.json", "tlc.out"), encoding="utf-8")
    with pytest.raises(SpecError, match="a run keeps a file of its own under this name"):
        stage_data([home / "M.tla"], tmp_path / "run")


def test_data_counts_as_part_of_the_specification(home: Path) -> None:
    before = _digest_of(home / "M.tla")
    (home / "data.json").write_text("other", encoding="utf-8")
    assert _digest_of(home / "M.tla") != before


@pytest.mark.usefixtures("engine_at_hand")
def test_a_result_is_not_reused_with_other_data(tmp_path: Path) -> None:
    text = '---- MODULE M ----\nVARIABLE x\nInit == x = "data.txt"\nNext == x\' = x\n'
    (tmp_path / "M.tla").write_text(f'{text}Inv == x # "other"\n====\n', encoding="utf-8")
    (tmp_path / "M.cfg").write_text("INIT Init\nNEXT Next\nINVARIANT Inv\n", encoding="utf-8")
    (tmp_path / "data.txt").write_text("one", encoding="utf-8")
    settings = Settings(keep_results=True)
    first = check_spec(tmp_path / "M.tla", settings=settings)
    assert first.run_dir is not None
    assert (first.run_dir / "data.txt").read_text() == "one"
    again = check_spec(tmp_path / "M.tla", settings=settings)
    assert again.provenance.cached_at is not None
    (tmp_path / "data.txt").write_text("two", encoding="utf-8")
    other = check_spec(tmp_path / "M.tla", settings=settings)
    assert other.provenance.cached_at is None


def test_java_that_may_replace_an_operator_is_refused(home: Path) -> None:
    require_no_overrides([home / "M.tla"])
    for name in ("M.class", "TLCOverrides.class", "tlc2/overrides/TLCOverrides.class"):
        file = home / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(b"\xca\xfe\xba\xbe")
        with pytest.raises(SpecError, match="may replace operators") as caught:
            require_no_overrides([home / "M.tla"])
        assert str(file) in caught.value.message
        assert "--classpath JAR" in caught.value.next_step
        file.unlink()


def test_java_that_is_on_the_class_path_takes_part(home: Path) -> None:
    jar = home / "mine.jar"
    with zipfile.ZipFile(jar, "w") as archive:
        archive.writestr("M.class", b"")
    with pytest.raises(SpecError, match="holds Java classes"):
        require_no_overrides([home / "M.tla"])
    require_no_overrides([home / "M.tla"], [jar])
    (home / "M.class").write_bytes(b"")
    require_no_overrides([home / "M.tla"], [jar])


def test_a_jar_on_the_class_path_excuses_no_other_java(home: Path, tmp_path: Path) -> None:
    jar, other = tmp_path / "mine.jar", home / "other.jar"
    for file in (jar, other):
        with zipfile.ZipFile(file, "w") as archive:
            archive.writestr("N.class" if file == jar else "M.class", b"")
    with pytest.raises(SpecError, match="holds Java classes") as caught:
        require_no_overrides([home / "M.tla"], [jar])
    assert str(other) in caught.value.message
    other.unlink()
    require_no_overrides([home / "M.tla"], [jar])
    (home / "M.class").write_bytes(b"")
    with pytest.raises(SpecError, match="is a Java class"):
        require_no_overrides([home / "M.tla"], [jar])
