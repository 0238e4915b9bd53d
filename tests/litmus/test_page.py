"""The page "How the memory is modelled" is up to date."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from slubtla.barriers.litmus import read_litmus, shipped_files
from slubtla.barriers.machines import MEMORY_MODELS

sys.path.append(str(Path(__file__).parents[2] / "docs"))
from make_conformance import conformance_table, main, updated

PAGE = Path(__file__).parents[2] / "docs" / "memory.md"
TESTS = [read_litmus(file) for file in shipped_files()]


def test_the_table_is_up_to_date(tmp_path: Path) -> None:
    text = PAGE.read_text(encoding="utf-8")
    copy = tmp_path / "memory.md"
    copy.write_text(text, encoding="utf-8")
    main([str(copy)])
    assert copy.read_text(encoding="utf-8") == text, "run: python docs/make_conformance.py"


def test_every_test_has_a_row_and_every_difference_a_note() -> None:
    table = conformance_table(TESTS)
    for test in TESTS:
        assert f"[`{test.name}`](../specs/litmus/{test.name}.litmus)" in table
        assert not test.because or f"Stronger because {test.because}." in table


def test_every_model_is_told_of() -> None:
    text = PAGE.read_text(encoding="utf-8")
    for memory in MEMORY_MODELS:
        assert f"\n**{memory}**" in text


def test_a_page_without_markers_is_left_alone() -> None:
    with pytest.raises(ValueError, match="needs the lines"):
        updated("no markers", "table")
