"""Copying what a run needs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from engine.tools import names_in
from slubtla.errors import SpecError, UsageError
from slubtla.tlc.engine.stage import stage_file, stage_spec

if TYPE_CHECKING:
    from pathlib import Path


def module(folder: Path, name: str, body: str = "") -> Path:
    folder.mkdir(exist_ok=True)
    path = folder / f"{name}.tla"
    path.write_text(f"---- MODULE {name} ----\n{body}\n====\n", encoding="utf-8")
    return path


def test_what_a_module_reaches_comes_with_it(tmp_path: Path) -> None:
    home, run = tmp_path / "home", tmp_path / "deep" / "run"
    root = module(
        home, "Root", "EXTENDS Naturals, (* Unused *) Zeta\n\\* Unused\nM == INSTANCE Alpha"
    )
    module(home, "Zeta", "EXTENDS Far")
    for name in ("Alpha", "Far", "Unused"):
        module(home, name)
    staged = stage_spec(root, run)
    assert [path.name for path in staged] == ["Root.tla", "Alpha.tla", "Far.tla", "Zeta.tla"]
    assert names_in(run) == {path.name for path in staged}
    assert all(path.read_bytes() == (home / path.name).read_bytes() for path in staged)


def test_what_is_in_place_stays(tmp_path: Path) -> None:
    root = module(tmp_path, "Root", "EXTENDS Root, Other")
    module(tmp_path, "Other", "EXTENDS Root")
    before = root.stat().st_mtime_ns
    assert stage_spec(root, tmp_path) == (root, tmp_path / "Other.tla")
    assert root.stat().st_mtime_ns == before


def test_another_file_is_never_replaced(tmp_path: Path) -> None:
    theirs = module(tmp_path / "run", "Root", "VARIABLE theirs")
    mine = module(tmp_path / "home", "Root", "VARIABLE mine")
    before = theirs.read_bytes()
    with pytest.raises(UsageError, match="differs"):
        stage_spec(mine, tmp_path / "run")
    assert theirs.read_bytes() == before


@pytest.mark.parametrize("name", ["Absent.tla", "."])
def test_what_cannot_be_read_is_a_spec_error(tmp_path: Path, name: str) -> None:
    with pytest.raises(SpecError):
        stage_spec(tmp_path / name, tmp_path / "run")
    with pytest.raises(SpecError):
        stage_file(tmp_path / name, tmp_path / "run")
