"""A cell's text as a module, with the cell's own line numbers."""

from __future__ import annotations

from pathlib import Path

import pytest

from slubtla.barriers.show.notebook.cells import cfg_text, in_cell, keep, module_of
from slubtla.errors import UsageError

ALGORITHM = "--algorithm Count\nvariable x = 0;\nbegin\n  Up: x := 1;\nend algorithm\n"
MODULE = "---- MODULE Own ----\nVARIABLE x\n====\n"


def test_a_line_of_a_cell_has_the_same_number_in_its_module() -> None:
    """The magic is line 1, so the cell's text begins at line 2."""
    for cell in (ALGORITHM, MODULE):
        lines = module_of(cell).text.split("\n")
        assert lines[1 : 1 + len(cell.splitlines())] == cell.splitlines()


def test_a_module_has_its_own_name_and_an_algorithm_gives_its_own() -> None:
    assert module_of(MODULE).name == "Own"
    assert module_of(ALGORITHM).name == "Count"
    assert module_of(ALGORITHM, "Other").text.startswith("---- MODULE Other ----")


@pytest.mark.parametrize(
    ("cell", "name", "says"),
    [
        ("x == 1", None, "neither a TLA. module nor a PlusCal algorithm"),
        (MODULE, "Other", "called Own, not Other"),
    ],
)
def test_what_is_no_module_is_refused(cell: str, name: str | None, says: str) -> None:
    with pytest.raises(UsageError, match=says) as refused:
        module_of(cell, name)
    assert refused.value.next_step


def test_messages_name_the_cell() -> None:
    module = module_of(ALGORITHM)
    assert in_cell("/some/where/Count.tla:4:3: no", module) == "line 4 of the cell, column 3: no"
    assert (
        in_cell("In Count.tla, and Counter.tla:1:1", module) == "In the cell, and Counter.tla:1:1"
    )


def test_a_line_that_the_translation_took_over_is_found_in_the_cell() -> None:
    module = module_of(ALGORITHM)
    translated = module.text.replace("====", "VARIABLE x\n   variable x = 0;\nUp == x' = 1\n====")
    assert in_cell("Count.tla:9:1: no", module, translated) == "line 3 of the cell: no"
    assert in_cell("Count.tla:10:1: no", module, translated) == "translated as Up == x' = 1: no"
    assert in_cell("Count.tla:3:1: no", module, translated) == "line 3 of the cell, column 1: no"


def test_a_configuration_is_made_of_what_is_asked() -> None:
    asked = cfg_text("Live", ["A", "B"], ["P"], ["N = 3"])
    expected = "SPECIFICATION Live\nCONSTANT N = 3\nINVARIANT A\nINVARIANT B\nPROPERTY P\n"
    assert asked == expected


def test_the_same_files_are_kept_once() -> None:
    files = [("a/One.tla", "1\n"), ("Two.cfg", "2\n")]
    place = keep(files)
    assert keep(reversed(files)) == place
    assert Path(place, "a/One.tla").read_text(encoding="utf-8") == "1\n"
    assert keep([("Two.cfg", "3\n")]) != place
