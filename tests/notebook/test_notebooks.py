"""Every notebook, executed from top to bottom by a real kernel; they assert what they tell."""

from __future__ import annotations

from pathlib import Path

import jupytext
import nbclient
import pytest
from nbformat import NotebookNode

NOTEBOOKS = sorted((Path(__file__).parents[2] / "notebooks").glob("*.md"))
SECONDS = 300
"""For a cell; only a kernel that hangs takes so long."""


def test_they_are_all_here() -> None:
    assert [path.stem for path in NOTEBOOKS] == [
        "1-the-question",
        "2-the-argument",
        "3-bounds-and-costs",
        "4-your-own-spec",
    ]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
@pytest.mark.usefixtures("engine_at_hand")
def test_a_notebook_runs_and_shows_a_picture(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    notebook = jupytext.read(path)
    nbclient.NotebookClient(notebook, timeout=SECONDS, resources={}).execute()
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert any("assert" in cell.source for cell in code)
    pages = [page for cell in code for page in _pages(cell)]
    assert any("<svg" in page for page in pages)
    said = [output for cell in code for output in cell.outputs if output.output_type == "stream"]
    assert [output.text for output in said if output.name == "stderr"] == []


def _pages(cell: NotebookNode) -> list[str]:
    shown = [output.data for output in cell.outputs if "data" in output]
    return [data["text/html"] for data in shown if "slubtla output" in data.get("text/html", "")]
