"""The import graph of the package, and its picture: ``python docs/import_graph.py``.

A room is a folder two levels deep (``slubtla/tlc/engine``), or the modules that lie beside such
folders (``slubtla/barriers/*.py``). Imports within functions and below ``TYPE_CHECKING`` count.
``tests/test_layers.py`` holds what this shows.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import networkx as nx

import slubtla
from slubtla.barriers.show.plots.style import new_axes, picture, styled

PACKAGE: Final = Path(slubtla.__file__).parent
LAYERS: Final = ("base", "tlc", "barriers", "protocols", "cli")
FACADE: Final = "slubtla"
"""The package's own ``__init__``: it names what users import, and stands above all rooms."""


def find_modules() -> dict[str, Path]:
    """Return the modules of the package by their names, without :data:`FACADE`."""
    found = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        parts = ("slubtla", *path.relative_to(PACKAGE).with_suffix("").parts)
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    del found[FACADE]
    return found


def import_graph() -> nx.DiGraph:
    """Return the modules, and an edge from each to every other one that it imports."""
    modules = find_modules()
    graph = nx.DiGraph()
    graph.add_nodes_from(modules)
    for module, path in modules.items():
        for other in imported(path):
            # ``from slubtla.tlc import engine`` names a module or something within one
            name = other if other in modules else other.rpartition(".")[0]
            if name in modules and name != module:
                graph.add_edge(module, name)
    return graph


def imported(path: Path) -> Iterator[str]:
    """Yield the full names that a file imports, wherever the import stands."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from (f"{node.module}.{name.name}" for name in node.names)


def room_of(module: str) -> str:
    """Return the room of a module; pytest's plugin is a front end, as the command line is."""
    parts = module.split(".")[1:]
    if parts[0] == "pytest_plugin":
        return "cli"
    if not (PACKAGE / parts[0]).is_dir():
        return "base"
    inner = len(parts) > 1 and (PACKAGE / parts[0] / parts[1]).is_dir()
    return ".".join(parts[:2]) if inner else parts[0]


def layer_of(room: str) -> int:
    """Return the number of a room's layer, from the ground up."""
    return LAYERS.index(room.split(".", maxsplit=1)[0])


def room_graph() -> nx.DiGraph:
    """Return the rooms with their ``lines``, and an edge from each to every one that it imports."""
    graph = nx.DiGraph()
    for module, path in find_modules().items():
        lines = len(path.read_text(encoding="utf-8").splitlines())
        room = room_of(module)
        graph.add_node(room, lines=graph.nodes.get(room, {}).get("lines", 0) + lines)
    for module, other in import_graph().edges:
        if room_of(module) != room_of(other):
            graph.add_edge(room_of(module), room_of(other))
    graph.remove_nodes_from(list(nx.isolates(graph)))  # packages that only hold others
    return graph


def floors(graph: nx.DiGraph) -> dict[str, int]:
    """Return the floor of each room: one above the highest that it imports; the lowest is 1."""
    found: dict[str, int] = {}
    for room in reversed(list(nx.topological_sort(graph))):
        found[room] = 1 + max((found[below] for below in graph.successors(room)), default=0)
    return found


def draw(to: Path) -> None:
    """Draw the rooms by their floors, an arrow from each to what it imports on the next floors."""
    graph = nx.transitive_reduction(room_graph())
    lines = nx.get_node_attributes(room_graph(), "lines")
    floor = floors(room_graph())
    rows = {n: sorted(r for r in floor if floor[r] == n) for n in set(floor.values())}
    place = {
        room: ((index + 1) / (len(rooms) + 1) * 10, number)
        for number, rooms in rows.items()
        for index, room in enumerate(rooms)
    }
    with styled("light") as theme:
        ground = (theme.faint, theme.pale_memory, theme.pale_good, theme.pale_buffer)
        ax = new_axes(9, 7.4)
        ax.set(xlim=(0, 10), ylim=(0.5, max(rows) + 0.5))
        ax.axis("off")
        for room, other in graph.edges:
            ax.annotate(
                "",
                xy=(place[other][0], place[other][1] + 0.24),
                xytext=(place[room][0], place[room][1] - 0.24),
                arrowprops={"arrowstyle": "-|>", "color": theme.muted, "lw": 0.7},
            )
        for room, (x, y) in place.items():
            ax.text(
                x,
                y,
                f"{room.replace('.', '/')}\n{lines[room]:,} lines",
                ha="center",
                va="center",
                size=8.5,
                bbox={
                    "boxstyle": "round,pad=0.5",
                    "facecolor": ground[min(layer_of(room), 3)],
                    "edgecolor": theme.muted,
                    "lw": 0.7,
                },
            )
        to.write_bytes(picture(ax, "svg", title="The rooms of the package"))


if __name__ == "__main__":
    draw(Path(__file__).parent / "pictures" / "rooms.svg")
