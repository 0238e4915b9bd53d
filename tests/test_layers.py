"""The house: which rooms there are, and that each imports only below itself.

A room is a folder two levels deep (``slubtla/tlc/engine``), or the modules that lie beside such
folders (``slubtla/barriers/*.py``). Imports within functions and below ``TYPE_CHECKING`` count.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import networkx as nx
import pytest

import slubtla

PACKAGE = Path(slubtla.__file__).parent
LAYERS = ("base", "tlc", "barriers", "protocols", "cli", "top")
MOST_FLOORS = 9


def modules() -> dict[str, Path]:
    """Return the modules of the package, by their names."""
    found = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        parts = ("slubtla", *path.relative_to(PACKAGE).with_suffix("").parts)
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


MODULES = modules()


def imports(path: Path) -> Iterator[str]:
    """Yield the modules of the package that a file imports, wherever the import stands."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names if name.name in MODULES)
        elif isinstance(node, ast.ImportFrom) and node.module in MODULES:
            for name in node.names:
                full = f"{node.module}.{name.name}"
                yield full if full in MODULES else node.module


def import_graph() -> nx.DiGraph:
    """Return the graph of imports, without the package's own ``__init__``: it stands above all."""
    graph = nx.DiGraph()
    graph.add_nodes_from(MODULES)
    for module, path in MODULES.items():
        graph.add_edges_from((module, other) for other in imports(path) if other != module)
    return graph


def room(module: str) -> str:
    """Return the room of a module."""
    parts = module.split(".")[1:]
    if not parts or parts[0] == "pytest_plugin":
        return "top"
    if (PACKAGE / parts[0]).is_dir():
        inner = len(parts) > 1 and (PACKAGE / parts[0] / parts[1]).is_dir()
        return ".".join(parts[:2]) if inner else parts[0]
    return "base"


def room_graph() -> nx.DiGraph:
    """Return the graph of imports between rooms."""
    graph = nx.DiGraph()
    for module, other in import_graph().edges:
        if room(module) != room(other):
            graph.add_edge(room(module), room(other))
    return graph


def test_no_modules_import_one_another_in_a_circle() -> None:
    circles = [sorted(part) for part in nx.strongly_connected_components(import_graph())]
    assert [circle for circle in circles if len(circle) > 1] == []


def test_no_rooms_import_one_another_in_a_circle() -> None:
    circles = [sorted(part) for part in nx.strongly_connected_components(room_graph())]
    assert [circle for circle in circles if len(circle) > 1] == []


@pytest.mark.parametrize("layer", LAYERS)
def test_a_layer_imports_only_below_itself(layer: str) -> None:
    upward = [
        f"{module} imports {other}"
        for module, other in import_graph().edges
        if room(module).split(".")[0] == layer
        and LAYERS.index(room(other).split(".")[0]) > LAYERS.index(layer)
    ]
    assert upward == []


def test_the_house_has_few_floors() -> None:
    path = nx.dag_longest_path(room_graph())
    assert len(path) <= MOST_FLOORS, " > ".join(path)
