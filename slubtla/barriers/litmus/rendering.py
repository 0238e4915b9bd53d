"""Render litmus tests to one PlusCal module, with the memory macros of the other models."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final

from slubtla.barriers.data import data_dir
from slubtla.barriers.litmus.program import Program, make_program
from slubtla.barriers.litmus.syntax import Litmus
from slubtla.barriers.render import Rendered, environment, memory_context, memory_file

MODULE: Final = "Litmus"
"""The name of the rendered module."""

PROPERTIES: Final = ("TypeOK", "FinalStatesArePrinted")
"""The invariants that must stand in the cfg: without the second there is no answer."""


def make_programs(tests: Iterable[Litmus]) -> tuple[Program, ...]:
    """Translate several tests, with labels that do not clash."""
    programs: list[Program] = []
    for test in tests:
        taken = frozenset(program.prefix for program in programs)
        programs.append(make_program(test, taken))
    return tuple(programs)


def render_litmus(
    programs: Sequence[Program], memory: str, *, specs: Path | None = None
) -> Rendered:
    """Render tests for one memory model.

    Raises:
        UnknownNameError: there is no such memory model.
    """
    templates = environment(specs or data_dir("specs"))
    templates = templates.overlay()
    templates.filters |= {"memory": _memory, "location": _location, "quoted": _quoted}
    context = {
        "tests": programs,
        "memory_name": memory,
        "rcu": any(program.uses_rcu for program in programs),
        **memory_context(templates),
    }
    return Rendered(
        module=MODULE,
        spec=templates.get_template(f"litmus/{MODULE}.tla.j2").render(context),
        cfg=templates.get_template(f"litmus/{MODULE}.cfg.j2").render(context),
        memory=memory_file(memory, specs).read_text(encoding="utf-8"),
    )


def _memory(litmus: Litmus) -> str:
    """The first values, as a TLA+ function."""
    values = [*litmus.initial, *((lock, 0) for lock in litmus.locks)]
    return " @@ ".join(f"{_location(name)} :> {value}" for name, value in values) or "<<>>"


def _location(name: str) -> str:
    return f'<<"{name}">>'


def _quoted(name: str) -> str:
    return f'"{name}"'
