"""What is checked: a strategy on an architecture, within bounds, for some properties."""

from __future__ import annotations

import difflib
import json
import tomllib
from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    ValidationError,
    field_validator,
    model_validator,
)

from slubtla.barriers.names import names_of
from slubtla.errors import UnknownNameError, UsageError
from slubtla.protocols.slub.vocabulary import (
    ARCHES,
    CMPXCHGS,
    GUARDS,
    GUARDS_OF_STRATEGIES,
    KERNELS,
    MEMORY_MODELS,
    PROPERTIES,
    STRATEGIES,
    Kernel,
    Property,
    PropertyKind,
)
from slubtla.tlc.run.result import Result

LARGEST_BOUND: Final = 9
"""The largest value of any bound; the state space is out of reach long before."""


DEFAULT_PROPERTIES: Final = tuple(
    p.name for p in PROPERTIES.values() if p.kind in {PropertyKind.INVARIANT, PropertyKind.GOAL}
)
"""What is checked where no property is named, in a kernel that promises it all."""

PROTOCOL: Final = "slub"
"""The name of the protocol in a result."""

STUCK: Final = ("preempt_off", "irqs_off")
"""Regions that a task may be told never to leave."""


class Model(BaseModel):
    """A model of SLUB's ``cpu_partial`` protocol: frozen, validated, complete.

    Make one with :func:`make_model`, which fills in what the architecture fixes.

    Attributes:
        strategy: what the shrink side does between its stores and ``flush_all()``.
        kernel: the version whose shape of the code is modelled.
        arch: the architecture it was made for.
        memory: the memory model; the architecture's unless overridden.
        cmpxchg: what ``this_cpu_cmpxchg()`` is; the architecture's unless overridden.
        without: guards that are taken away.
        cpus: online CPUs, at least 2.
        tasks: tasks that put slabs; the shrinker is one more.
        slabs: slabs, all full at first.
        objects: objects of a slab; with 1 a slab is empty after its first free.
        cpu_partial: the limit of a per-CPU list before the shrink, in slabs.
        min_partial: empty slabs that the node keeps before the shrink.
        interrupts: frees by interrupts of devices.
        allocations: allocations by one more task; above 0 slabs may begin on the node list.
        caches: caches of the cgroup; all but one have no slab, and cost their barrier only.
        preemption: whether the scheduler preempts tasks; else it waits until one is at rest.
        stuck: region that a putting task may never leave: ``preempt_off`` or ``irqs_off``.
        counters: whether interrupts and grace periods are counted.
        symmetry: search up to the names of CPUs, tasks and slabs.
        properties: what must hold, in the order of :data:`PROPERTIES`.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    strategy: str
    kernel: str = "v4.0"
    arch: str = "x86"
    memory: str
    cmpxchg: str
    without: tuple[str, ...] = ()
    cpus: int = Field(default=2, ge=2, le=LARGEST_BOUND)
    tasks: int = Field(default=2, ge=1, le=LARGEST_BOUND)
    slabs: int = Field(default=2, ge=1, le=LARGEST_BOUND)
    objects: int = Field(default=1, ge=1, le=LARGEST_BOUND)
    cpu_partial: int = Field(default=1, ge=1, le=LARGEST_BOUND)
    min_partial: int = Field(default=1, ge=0, le=LARGEST_BOUND)
    interrupts: int = Field(default=0, ge=0, le=LARGEST_BOUND)
    allocations: int = Field(default=0, ge=0, le=LARGEST_BOUND)
    caches: int = Field(default=1, ge=1, le=LARGEST_BOUND)
    preemption: bool = True
    stuck: str | None = None
    counters: bool = False
    symmetry: bool = True
    properties: tuple[str, ...] = DEFAULT_PROPERTIES

    @field_validator("strategy")
    @classmethod
    def _known_strategy(cls, name: str) -> str:
        return STRATEGIES[name].name

    @field_validator("kernel")
    @classmethod
    def _known_kernel(cls, name: str) -> str:
        return KERNELS[name].name

    @field_validator("without")
    @classmethod
    def _known_guards(cls, names: tuple[str, ...]) -> tuple[str, ...]:
        wanted = {GUARDS[name].name for name in names}
        return tuple(name for name in GUARDS if name in wanted)

    @field_validator("stuck")
    @classmethod
    def _known_region(cls, name: str | None) -> str | None:
        if name is not None and name not in STUCK:
            raise UnknownNameError("region", name, STUCK)
        return name

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

    @model_validator(mode="after")
    def _sensible(self) -> Model:
        for complaint, next_step in complaints(self):
            raise UsageError(complaint, next_step=next_step)
        return self

    @property
    def shape(self) -> Kernel:
        """The kernel version, with the shape of its code."""
        return KERNELS[self.kernel]

    @property
    def guards_to_have(self) -> frozenset[str]:
        """The guards of this kernel version and strategy, those taken away included."""
        own = self.shape.guards | GUARDS_OF_STRATEGIES.get(self.strategy, frozenset())
        flushes_all = self.strategy == "unconditional_flush"
        return own - {"has_cpu_slab"} if flushes_all else own

    @property
    def guards(self) -> frozenset[str]:
        """The guards that stand in this model."""
        return self.guards_to_have - set(self.without)

    @property
    def invariants(self) -> tuple[str, ...]:
        """The properties that stand as INVARIANT in the cfg."""
        return self._of(PropertyKind.INVARIANT, PropertyKind.ARGUMENT)

    @property
    def argument(self) -> tuple[str, ...]:
        """Those of them that are sentences of the mail; they need history variables."""
        return self._of(PropertyKind.ARGUMENT)

    @property
    def liveness(self) -> tuple[str, ...]:
        """The properties that stand as PROPERTY in the cfg; they need fairness."""
        return self._of(PropertyKind.LIVENESS)

    @property
    def goals(self) -> Mapping[str, str]:
        """The action that must be reached, for each goal that this model can reach.

        Goals are always checked, whatever properties are asked for: a model in which the shrink
        never returns satisfies NoLeak for no good reason.
        """
        wanted = reachable_goals(self)
        return {
            p.name: p.action
            for p in PROPERTIES.values()
            if p.action is not None and p.name in wanted
        }

    @property
    def name(self) -> str:
        """A short name, the same for the same model but for its bounds and properties."""
        own = defaults_for(self.kernel, self.arch)
        parts = [self.strategy, self.arch]
        parts += [self.kernel] if self.kernel != DEFAULT_KERNEL else []
        parts += [self.memory] if self.memory != own["memory"] else []
        parts += [self.cmpxchg] if self.cmpxchg != own["cmpxchg"] else []
        parts += [f"without-{guard}" for guard in self.without]
        parts += ["allocations"] if self.allocations else []
        return "-".join(parts)

    @property
    def command(self) -> str:
        """The command line that checks this very model."""
        own = defaults_for(self.kernel, self.arch, self.allocations, self.properties)
        words = ["slubtla", "verify"]
        words += ["--kernel", self.kernel] if self.kernel != DEFAULT_KERNEL else []
        if self.kernel == DEFAULT_KERNEL or self.strategy != own["strategy"]:
            words += ["--strategy", self.strategy]
        words += ["--arch", self.arch] if self.arch != DEFAULT_ARCH else []
        for name in ("memory", "cmpxchg", *BOUNDS, "stuck"):
            value = getattr(self, name)
            words += [f"--{name.replace('_', '-')}", str(value)] if value != own[name] else []
        words += [f"--without {guard}" for guard in self.without]
        for name in ("preemption", "counters", "symmetry"):
            if (on := getattr(self, name)) != own[name]:
                words += [f"--{name}" if on else f"--no-{name}"]
        if self.properties != own["properties"]:
            words += [f"--property {name}" for name in self.properties]
        return " ".join(words)

    def _of(self, *kinds: PropertyKind) -> tuple[str, ...]:
        return tuple(p.name for p in self._chosen() if p.kind in kinds)

    def _chosen(self) -> tuple[Property, ...]:
        return tuple(PROPERTIES[name] for name in self.properties)


BOUNDS: Final = (
    "cpus",
    "tasks",
    "slabs",
    "objects",
    "cpu_partial",
    "min_partial",
    "interrupts",
    "allocations",
    "caches",
)
"""The fields of :class:`Model` that bound the search."""

DEFAULT_KERNEL: Final = "v4.0"
DEFAULT_ARCH: Final = "x86"


def defaults_for(
    kernel: str, arch: str, allocations: int = 0, properties: tuple[str, ...] | None = None
) -> dict[str, Any]:
    """Return what a model is, where nothing else is asked for.

    Allocations need a limit that lets one take a second slab, and empty slabs on the node list;
    under local_lock also a third slab, for a list above the limit, and no preemption, or the search
    takes long; liveness needs a small model without symmetry, whose scheduler does not preempt.
    """
    shape = KERNELS[kernel]
    not_promised = "FlushCompletes" if shape.promises_no_leak else "NoLeak"
    promised = tuple(p for p in DEFAULT_PROPERTIES if p != not_promised)
    asked = promised if properties is None else properties
    live = any(PROPERTIES[name].kind is PropertyKind.LIVENESS for name in asked)
    fields = {name: field.default for name, field in Model.model_fields.items()}
    return fields | {
        "strategy": shape.strategy,
        "kernel": kernel,
        "arch": arch,
        "memory": ARCHES[arch].memory,
        "cmpxchg": ARCHES[arch].cmpxchg,
        "tasks": 1 if live or allocations else 2,
        "slabs": 1 if live else 3 if allocations and shape.put == "local_lock" else 2,
        "cpu_partial": 2 if allocations else 1,
        "min_partial": 2 if allocations else 1,
        "preemption": not live and not (allocations and shape.put == "local_lock"),
        "symmetry": not live,
        "properties": promised,
    }


def make_model(**parameters: Any) -> Model:  # noqa: ANN401 - validated below, field by field
    """Return the model that the parameters describe.

    Args:
        parameters: fields of :class:`Model`; one name stands for a tuple of it, and so does a list.
            ``strategy`` or ``kernel`` is required; what is not given is what :func:`defaults_for`
            says; a value of None means the default.

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
    if "strategy" not in given and "kernel" not in given:
        raise UsageError(
            "no strategy is named",
            next_step=f"choose one of: {', '.join(STRATEGIES)}; or a kernel, for its own",
        )
    for name in ("properties", "without"):
        if name in given:
            given[name] = names_of(given[name])
    own = defaults_for(
        KERNELS[str(given.get("kernel", DEFAULT_KERNEL))].name,
        ARCHES[str(given.get("arch", DEFAULT_ARCH))].name,
        given.get("allocations", 0),
        tuple(PROPERTIES[name].name for name in given["properties"])
        if "properties" in given
        else None,
    )
    try:
        return Model(**own | given)
    except ValidationError as error:
        first = error.errors()[0]
        name = ".".join(str(part) for part in first["loc"])
        raise UsageError(
            f"{name} = {first['input']!r}: {first['msg'].lower()}",
            next_step=f"bounds are small whole numbers, at most {LARGEST_BOUND}"
            if name in BOUNDS
            else "see `slubtla list`",
        ) from None


def model_of(result: Result) -> Model | None:
    """Return the model that a run checked; None for a specification of the user's own."""
    if result.protocol is None:
        return None
    return _model_from(json.dumps(result.parameters))


@lru_cache(maxsize=1000)
def _model_from(parameters: str) -> Model:
    try:
        return Model.model_validate_json(parameters)
    except ValidationError as error:
        first = error.errors()[0]
        raise UsageError(
            f"this slubtla knows no such model: {'.'.join(map(str, first['loc']))}: {first['msg']}",
            next_step="read the run with the slubtla that made it",
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


ARGUED: Final = frozenset({"smp_mb", "smp_mb_paired"})
"""The strategies that the mail's argument is about."""


def complaints(model: Model) -> Iterator[tuple[str, str]]:
    """Yield what is wrong with a model, with the next step; nothing for one that makes sense."""
    shape = KERNELS[model.kernel]
    if not shape.has_strategies and model.strategy != shape.strategy:
        wrong = f"{model.kernel} has nothing that {model.strategy} could order: {shape.summary}"
        yield wrong, "leave out --strategy, or choose a kernel from v4.0 to v4.11"
    for guard in model.without:
        if guard not in model.guards_to_have:
            place = f"{model.strategy} on {model.kernel}"
            wrong = f"there is no {guard} to take away from {place}: {GUARDS[guard].summary}"
            yield wrong, f"take away one of: {', '.join(sorted(model.guards_to_have))}"
    if model.stuck and not model.liveness:
        wrong = f"a task that may stay in {model.stuck} for ever only matters to liveness"
        yield wrong, f"ask for --property {_of_kind(PropertyKind.LIVENESS)[0]}"
    if model.argument:
        yield from _about_the_argument(model)
    if model.liveness:
        yield from _about_liveness(model)


def _about_the_argument(model: Model) -> Iterator[tuple[str, str]]:
    names = ", ".join(model.argument)
    if model.strategy not in ARGUED or "has_cpu_slab" not in model.guards:
        wrong = f"{names}: about the mail's smp_mb(), which {model.name} does not have"
        yield wrong, f"choose one of: {', '.join(sorted(ARGUED))}"
    if model.allocations or "post_check" not in model.guards:
        wrong = f"{names}: about a put that checks, on a cache without allocations"
        yield wrong, "leave out --allocations and --without post_check"


def _about_liveness(model: Model) -> Iterator[tuple[str, str]]:
    names = ", ".join(model.liveness)
    if model.symmetry:
        yield f"{names}: TLC does not check liveness up to symmetry", "leave out --symmetry"
    if model.preemption:
        wrong = f"{names}: a scheduler that preempts at will is not fair"
        yield wrong, "leave out --preemption"
    if model.allocations or model.interrupts or model.objects > 1 or model.shape.flush != "ipi":
        wrong = f"{names}: checked on small models only, of one object a slab"
        next_step = "leave out --objects, --interrupts, --allocations; choose a kernel before v5.15"
        yield wrong, next_step


def reachable_goals(model: Model) -> frozenset[str]:
    """Return the goals that a model within these bounds can reach, if nothing is wrong with it."""
    checks = "post_check" in model.guards
    stays = "preempt_disable" in model.guards
    two = model.slabs > 1
    conditions = {
        "ShrinkReturns": True,
        "FlushHitsPut": checks and model.shape.flush == "ipi",
        "PutsRace": checks and two and model.tasks > 1,
        "PutInterruptsPut": model.interrupts > 0 and two and model.shape.put == "cmpxchg",
        "PutIsPreempted": checks and not stays and model.preemption,
        "PutOverLimitLocked": model.shape.put == "local_lock" and _lists_three(model),
    }
    return frozenset(name for name, reachable in conditions.items() if reachable)


def _lists_three(model: Model) -> bool:
    """Whether an allocation can take two slabs while a third is on its CPU's list."""
    on_the_node = model.min_partial > 1 or model.objects > 1
    return bool(model.allocations) and model.slabs > 2 and model.cpu_partial > 1 and on_the_node  # noqa: PLR2004


def _of_kind(kind: PropertyKind) -> tuple[str, ...]:
    return tuple(p.name for p in PROPERTIES.values() if p.kind is kind)
