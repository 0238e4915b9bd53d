"""What is checked: a strategy on an architecture, within bounds, for some properties."""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from slubtla.errors import UsageError
from slubtla.vocabulary import (
    ARCHES,
    CMPXCHGS,
    MEMORY_MODELS,
    PROPERTIES,
    STRATEGIES,
    Property,
    PropertyKind,
)

LARGEST_BOUND: Final = 9
"""The largest value of any bound; the state space is out of reach long before."""


class Model(BaseModel):
    """A model of SLUB's ``cpu_partial`` protocol: frozen, validated, complete.

    Make one with :func:`make_model`, which fills in what the architecture fixes.

    Attributes:
        strategy: what the shrink side does between its stores and ``flush_all()``.
        arch: the architecture it was made for.
        memory: the memory model; the architecture's unless overridden.
        cmpxchg: what ``this_cpu_cmpxchg()`` is; the architecture's unless overridden.
        cpus: online CPUs, at least 2.
        tasks: tasks that put slabs; the shrinker is one more.
        slabs: slabs, all full at first.
        objects: most objects in use in a slab; with 1 a slab is empty after its first free.
        cpu_partial: the limit of a per-CPU list before the shrink, in slabs.
        min_partial: empty slabs that the node keeps before the shrink.
        symmetry: search up to the names of CPUs, tasks and slabs.
        properties: what must hold, in the order of :data:`slubtla.vocabulary.PROPERTIES`.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    strategy: str
    arch: str = "x86"
    memory: str
    cmpxchg: str
    cpus: int = Field(default=2, ge=2, le=LARGEST_BOUND)
    tasks: int = Field(default=2, ge=1, le=LARGEST_BOUND)
    slabs: int = Field(default=2, ge=1, le=LARGEST_BOUND)
    objects: int = Field(default=1, ge=1, le=LARGEST_BOUND)
    cpu_partial: int = Field(default=1, ge=1, le=LARGEST_BOUND)
    min_partial: int = Field(default=1, ge=0, le=LARGEST_BOUND)
    symmetry: bool = True
    properties: tuple[str, ...] = tuple(PROPERTIES)

    @field_validator("strategy")
    @classmethod
    def _known_strategy(cls, name: str) -> str:
        return STRATEGIES[name].name

    @field_validator("arch")
    @classmethod
    def _known_arch(cls, name: str) -> str:
        return ARCHES[name].name

    @field_validator("memory")
    @classmethod
    def _known_memory(cls, name: str) -> str:
        return MEMORY_MODELS[name].name

    @field_validator("cmpxchg")
    @classmethod
    def _known_cmpxchg(cls, name: str) -> str:
        return CMPXCHGS[name].name

    @field_validator("properties")
    @classmethod
    def _known_properties(cls, names: tuple[str, ...]) -> tuple[str, ...]:
        if not names:
            raise UsageError(
                "no property is named, so nothing would be checked",
                next_step=f"name some of: {', '.join(PROPERTIES)}",
            )
        wanted = {PROPERTIES[name].name for name in names}
        return tuple(name for name in PROPERTIES if name in wanted)

    @property
    def invariants(self) -> tuple[str, ...]:
        """The properties that stand as INVARIANT in the cfg."""
        return tuple(p.name for p in self._chosen() if p.kind is PropertyKind.INVARIANT)

    @property
    def goals(self) -> Mapping[str, str]:
        """The action that must be reached, for each goal.

        Goals are always checked, whatever properties are asked for: a model in which the shrink
        never returns satisfies NoLeak for no good reason.
        """
        return {
            p.name: p.action
            for p in PROPERTIES.values()
            if p.kind is PropertyKind.GOAL and p.action is not None
        }

    @property
    def name(self) -> str:
        """A short name, the same for the same model but for its bounds and properties."""
        own = ARCHES[self.arch]
        parts = [self.strategy, self.arch]
        parts += [self.memory] if self.memory != own.memory else []
        parts += [self.cmpxchg] if self.cmpxchg != own.cmpxchg else []
        return "-".join(parts)

    @property
    def command(self) -> str:
        """The command line that checks this very model."""
        own = ARCHES[self.arch]
        defaults = type(self).model_fields
        words = ["slubtla", "verify", "--strategy", self.strategy]
        words += ["--arch", self.arch] if self.arch != defaults["arch"].default else []
        words += ["--memory", self.memory] if self.memory != own.memory else []
        words += ["--cmpxchg", self.cmpxchg] if self.cmpxchg != own.cmpxchg else []
        for bound in BOUNDS:
            value = getattr(self, bound)
            if value != defaults[bound].default:
                words += [f"--{bound.replace('_', '-')}", str(value)]
        if not self.symmetry:
            words += ["--no-symmetry"]
        if self.properties != tuple(PROPERTIES):
            for name in self.properties:
                words += ["--property", name]
        return " ".join(words)

    def _chosen(self) -> tuple[Property, ...]:
        return tuple(PROPERTIES[name] for name in self.properties)


BOUNDS: Final = ("cpus", "tasks", "slabs", "objects", "cpu_partial", "min_partial")
"""The fields of :class:`Model` that bound the search."""


def make_model(**parameters: Any) -> Model:  # noqa: ANN401 - validated below, field by field
    """Return the model that the parameters describe.

    Args:
        parameters: fields of :class:`Model`. ``strategy`` is required; ``memory`` and ``cmpxchg``
            default to the architecture's; a value of None means the default.

    Raises:
        UsageError: a parameter is unknown, missing, of the wrong type or out of range.
        UnknownNameError: a strategy, arch, memory model, cmpxchg or property that does not exist.
    """
    given = {name: value for name, value in parameters.items() if value is not None}
    if unknown := sorted(given.keys() - Model.model_fields.keys()):
        near = difflib.get_close_matches(unknown[0], Model.model_fields, n=1)
        raise UsageError(
            f"unknown parameter {unknown[0]!r}" + (f"; did you mean {near[0]!r}?" if near else ""),
            next_step=f"parameters are: {', '.join(Model.model_fields)}",
        )
    if "strategy" not in given:
        raise UsageError(
            "no strategy is named", next_step=f"choose one of: {', '.join(STRATEGIES)}"
        )
    arch = ARCHES[str(given.get("arch", Model.model_fields["arch"].default))]
    if isinstance(given.get("properties"), list):
        given["properties"] = tuple(given["properties"])
    try:
        return Model(**{"memory": arch.memory, "cmpxchg": arch.cmpxchg} | given)
    except ValidationError as error:
        first = error.errors()[0]
        name = ".".join(str(part) for part in first["loc"])
        raise UsageError(
            f"{name} = {first['input']!r}: {first['msg'].lower()}",
            next_step=f"bounds are small whole numbers, at most {LARGEST_BOUND}"
            if name in BOUNDS
            else "see `slubtla list`",
        ) from None


def read_parameters(path: Path) -> dict[str, Any]:
    """Read the parameters of a model from a TOML file, for :func:`make_model`.

    Args:
        path: a file whose top-level keys are fields of :class:`Model`.

    Raises:
        UsageError: there is no such file, or it is no TOML.
    """
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise UsageError(
            f"{path}: {error.strerror}", next_step="name an existing TOML file"
        ) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"{path} is no TOML: {error}", next_step="mend that line") from error
