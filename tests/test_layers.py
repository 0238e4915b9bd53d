"""The house: no circle of imports, layers import downward only, and there are few floors."""

from __future__ import annotations

import re
import sys
from collections import Counter
from pathlib import Path

import networkx as nx
import pytest

sys.path.append(str(Path(__file__).parents[1] / "docs"))
from import_graph import LAYERS, floors, import_graph, imported, layer_of, room_graph, room_of

MOST_FLOORS = 9


@pytest.mark.parametrize("graph", [import_graph(), room_graph()], ids=["modules", "rooms"])
def test_nothing_imports_itself_in_a_circle(graph: nx.DiGraph) -> None:
    circles = [sorted(part) for part in nx.strongly_connected_components(graph)]
    assert [circle for circle in circles if len(circle) > 1] == []


@pytest.mark.parametrize("layer", LAYERS)
def test_a_layer_imports_only_below_itself(layer: str) -> None:
    number = LAYERS.index(layer)
    upward = [
        f"{module} imports {other}"
        for module, other in import_graph().edges
        if layer_of(room_of(module)) == number < layer_of(room_of(other))
    ]
    assert upward == []


def test_the_house_has_few_floors() -> None:
    assert max(floors(room_graph()).values()) <= MOST_FLOORS


def test_imports_count_wherever_they_stand(tmp_path: Path) -> None:
    module = tmp_path / "module.py"
    module.write_text(
        "import a.b\n"
        "if TYPE_CHECKING:\n    from c import d\n"
        "def function():\n    from e.f import g, h\n"
    )
    assert set(imported(module)) == {"a.b", "c.d", "e.f.g", "e.f.h"}
    assert import_graph().has_edge("slubtla.tlc.run.result", "slubtla.errors")


def test_a_class_has_a_name_of_its_own() -> None:
    package = Path(__file__).parents[1] / "slubtla"
    texts = (file.read_text(encoding="utf-8") for file in package.rglob("*.py"))
    names = Counter(
        name for text in texts for name in re.findall(r"^class (\w+)", text, re.MULTILINE)
    )
    assert [name for name, count in names.items() if count > 1] == []
