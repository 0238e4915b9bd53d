"""Read ``views.toml``: how a protocol's variables and states are displayed."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from slubtla.barriers.protocol import protocol


@dataclass(frozen=True, slots=True)
class StateKind:
    """A kind of state in a state graph; of several that fit, the first in the file.

    Attributes:
        name: short.
        meaning: what it is, for a legend.
        marker: how it is drawn: ``X``, ``P``, ``D``, ``s``, ``^`` or ``o``.
        falls: the property that does not hold there; ``"*"`` for any other; ``""`` for none.
        holds: the predicate over history variables that holds there; ``""`` for none.
        without_history: its meaning in a model that has no history variables, if that is another.
    """

    name: str
    meaning: str
    marker: str
    falls: str = ""
    holds: str = ""
    without_history: str = ""

    @property
    def bad(self) -> bool:
        """Whether it is what must not happen: ways to it are shown."""
        return self.falls not in {"", "*"}

    @property
    def watcher(self) -> str:
        """The action that watches whether the predicate holds."""
        return f"Is_{self.name.replace(' ', '_')}"


@dataclass(frozen=True, slots=True)
class Views:
    """The variables of a protocol, as the views show them.

    Attributes:
        chains: location of each CPU that is the head of a list, to the variable with the links.
        sets: key of each set to its variable and to its shown name.
        first: the locations that decide, before all others.
        wrong: property to the location whose last value shows that it fell, and words for that.
        choices: variables in which a step's choice shows: which CPU, task or object it took.
        initial: variables in which the choice of an initial state shows.
        alike: parameters that two models must share for one race to be possible in both.
        small: parameters of a model that is fit for a state graph.
        states: the kinds of states of a state graph.
    """

    chains: Mapping[str, str] = field(default_factory=dict)
    sets: Mapping[str, Sequence[str]] = field(default_factory=dict)
    first: Sequence[str] = ()
    wrong: Mapping[str, Sequence[str]] = field(default_factory=dict)
    choices: Sequence[str] = ("current",)
    initial: Sequence[str] = ("current",)
    alike: Sequence[str] = ()
    small: Mapping[str, Any] = field(default_factory=dict)
    states: tuple[StateKind, ...] = ()


def _file(name: str) -> Path:
    return protocol(name).folder / "views.toml"


def has_views(name: str | None) -> bool:
    """Whether a protocol says how its variables are shown; a spec of the user's own does not."""
    return name is not None and _file(name).is_file()


@cache
def views_of(name: str) -> Views:
    """Return what the views need to know of a protocol; what its file leaves out is empty.

    Raises:
        UsageError: it has no such file.
    """
    if not has_views(name):
        raise protocol(name).missing("views", "views.toml")
    table = tomllib.loads(_file(name).read_text(encoding="utf-8"))
    states = tuple(StateKind(**kind) for kind in table.pop("states", ()))
    return Views(states=states, **table)
