"""Model: the validated parameters of one check (strategy, kernel, arch, bounds)."""

from __future__ import annotations

import difflib
import json
import tomllib
from collections.abc import Callable, Iterator, Mapping
from functools import cache, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Final

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    ValidationError,
    create_model,
    field_validator,
    model_validator,
)
from pydantic.fields import FieldInfo

from slubtla.barriers.entries import Entry, Vocabulary
from slubtla.barriers.machines import ARCHES, CMPXCHGS, MEMORY_MODELS, Arch, Cmpxchg, Memory
from slubtla.barriers.names import names_of
from slubtla.barriers.protocol import (
    LARGEST_BOUND,
    Kernel,
    Parameter,
    Property,
    PropertyKind,
    Protocol,
    Strategy,
    protocol,
)
from slubtla.errors import UnknownNameError, UsageError
from slubtla.tlc.run.result import Result, complaint_of

SC_CAUTION: Final = (
    "under sequential consistency no variant leaks, not even 'none': this proves nothing about "
    "barriers"
)


class Model(BaseModel):
    """A model of a protocol: frozen, validated, complete.

    Each protocol has a subclass with its own parameters: see :func:`model_class`. Make a model with
    :func:`make_model`, which fills in defaults. Names of strategies and the like are strings with
    attributes: ``str(model.strategy)``, ``model.strategy.summary``.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    protocol: ClassVar[Protocol]

    strategy: Strategy = Field(description="What the protocol does at its open point.")
    kernel: Kernel = Field(description="The version whose code is modelled.")
    arch: Arch = Field(description="Architecture: fixes memory model and cmpxchg.")
    memory: Memory = Field(description="Memory model, instead of the architecture's.")
    cmpxchg: Cmpxchg = Field(description="Kind of cmpxchg, instead of the architecture's.")
    without: tuple[Entry, ...] = Field(
        default=(), description="Take away this guard, to see what falls."
    )
    properties: tuple[Property, ...] = Field(
        default=(), description="Only this property; goals are always checked."
    )

    if TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - the protocol's own parameters
            ...

    def __reduce__(self) -> tuple[Callable[..., Model], tuple[str, dict[str, Any]]]:
        return _read, (self.protocol.name, self.model_dump(mode="json"))

    @field_validator("strategy", "kernel", "arch", "memory", "cmpxchg")
    @classmethod
    def _known(cls, name: str, info: Any) -> Entry:  # noqa: ANN401 - pydantic's own
        known: Vocabulary[Entry] = vocabularies(cls.protocol)[info.field_name]
        return known[name]

    @field_validator("without", "properties")
    @classmethod
    def _all_known(cls, names: tuple[str, ...], info: Any) -> tuple[Entry, ...]:  # noqa: ANN401
        known = vocabularies(cls.protocol)[info.field_name]
        if not names and info.field_name == "properties":
            raise UsageError(
                "no property is named, so nothing would be checked",
                next_step=f"name some of: {', '.join(known)}",
            )
        wanted = {known[name] for name in names}
        return tuple(entry for entry in known.values() if entry in wanted)

    @model_validator(mode="after")
    def _sensible(self) -> Model:
        for complaint, next_step in _complaints(self):
            raise UsageError(complaint, next_step=next_step)
        return self

    @property
    def both_sides_can_miss(self) -> bool:
        """Whether, by store buffering, each side can miss what the other one stored.

        It cannot where there are no store buffers, nor where a barrier forbids it: see
        :meth:`slubtla.barriers.machines.Orders.forbids`. Code that orders nothing by itself, as
        guards that are taken away, is not looked at.
        """
        fenced = self.cmpxchg.fences or self.strategy.fences_put
        return self.memory.buffers and not self.strategy.orders.forbids(other_side_fenced=fenced)

    @property
    def guards_to_have(self) -> frozenset[str]:
        """The guards of this kernel version and strategy, those taken away included."""
        return (self.kernel.guards | self.strategy.guards) - self.strategy.lacks

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
        """Those of them that need history variables."""
        return self._of(PropertyKind.ARGUMENT)

    @property
    def liveness(self) -> tuple[str, ...]:
        """The properties that stand as PROPERTY in the cfg; they need fairness."""
        return self._of(PropertyKind.LIVENESS)

    @property
    def goals(self) -> Mapping[str, str]:
        """The action that must be reached, for each goal that this model can reach.

        Goals are always checked, whatever properties are asked for: a model in which nothing ever
        returns satisfies an invariant for no good reason.
        """
        wanted = self.protocol.rules.reachable_goals(self)
        known = self.protocol.properties.values()
        return {p.name: p.action for p in known if p.action is not None and p in wanted}

    @property
    def cautions(self) -> tuple[str, ...]:
        """What a careful reader should know of the model, whatever its run says."""
        return (
            *([] if self.memory.buffers else [SC_CAUTION]),
            *self.protocol.rules.cautions(self),
            *(
                f"without {guard}: it no longer holds that {guard.summary}"
                for guard in self.without
            ),
        )

    @property
    def defaults(self) -> dict[str, Any]:
        """What the model would be if nothing else were asked for than what decides defaults."""
        deciding = ("kernel", "arch", "properties", *self.protocol.deciding)
        return defaults_for({name: getattr(self, name) for name in deciding}, self.protocol)

    @property
    def overridden(self) -> dict[str, str]:
        """The memory model and cmpxchg, where they are not the architecture's."""
        own = {"memory": self.arch.memory, "cmpxchg": self.arch.cmpxchg}
        return {n: str(getattr(self, n)) for n, usual in own.items() if getattr(self, n) != usual}

    @property
    def bounds(self) -> dict[str, int]:
        """The values of the parameters that bound the search."""
        return {name: getattr(self, name) for name in self.protocol.bounds}

    @property
    def remarks(self) -> tuple[str, ...]:
        """What is shown of the switches and choices, beside the bounds."""
        others = (p for p in self.protocol.parameters.values() if p.type is not int)
        values = ((p, getattr(self, p)) for p in others)
        shown = ((p.on if value else p.off).format(value) for p, value in values)
        return tuple(words for words in shown if words)

    @property
    def name(self) -> str:
        """A short name, the same for the same model but for its bounds and properties."""
        named = (p.name for p in self.protocol.parameters.values() if p.in_name)
        return "-".join(
            [
                self.strategy,
                self.arch,
                *([self.kernel] if self.kernel != self.protocol.default_kernel else []),
                *self.overridden.values(),
                *(f"without-{guard}" for guard in self.without),
                *(name for name in named if getattr(self, name)),
            ]
        )

    @property
    def command(self) -> str:
        """The command line that checks this very model."""
        own = self.defaults
        usual = self.kernel == self.protocol.default_kernel
        words = ["slubtla", *self.protocol.flags, "verify"]
        words += [] if usual else ["--kernel", self.kernel]
        words += ["--strategy", self.strategy] if usual or self.strategy != own["strategy"] else []
        words += ["--arch", self.arch] if self.arch != self.protocol.default_arch else []
        parameters = self.protocol.parameters.values()
        switches = [p.name for p in parameters if p.type is bool]
        for name in ("memory", "cmpxchg", *(p.name for p in parameters if p.name not in switches)):
            value = getattr(self, name)
            words += [f"--{name.replace('_', '-')}", str(value)] if value != own[name] else []
        words += [f"--without {guard}" for guard in self.without]
        for name in switches:
            if (on := getattr(self, name)) != own[name]:
                words += [f"--{name}" if on else f"--no-{name}"]
        if self.properties != own["properties"]:
            words += [f"--property {name}" for name in self.properties]
        return " ".join(words)

    def _of(self, *kinds: PropertyKind) -> tuple[str, ...]:
        return tuple(p.name for p in self.properties if p.kind in kinds)


@cache
def model_class(of: Protocol) -> type[Model]:
    """Return the class of a protocol's models: :class:`Model` with the protocol's parameters."""
    fields: Any = {p.name: (p.type, _field(p)) for p in of.parameters.values()}
    made = create_model(f"{of.module}Model", __base__=Model, **fields)
    made.protocol = of
    return made


def model_fields(of: Protocol | None = None) -> Mapping[str, FieldInfo]:
    """Return the fields of a protocol's models, by name."""
    return model_class(of or protocol()).model_fields


def _field(parameter: Parameter) -> Any:  # noqa: ANN401 - pydantic's own
    limits: Any = {"ge": parameter.least, "le": LARGEST_BOUND} if parameter.type is int else {}
    return Field(default=parameter.default, description=parameter.help, **limits)


def _read(name: str, dumped: dict[str, Any]) -> Model:
    return model_class(protocol(name)).model_validate(dumped, strict=False)


def vocabularies(of: Protocol) -> dict[str, Vocabulary[Any]]:
    """Return the names that fields of a model can have, by field."""
    return {
        "strategy": of.strategies,
        "kernel": of.kernels,
        "arch": ARCHES,
        "memory": MEMORY_MODELS,
        "cmpxchg": CMPXCHGS,
        "without": of.guards,
        "properties": of.properties,
    }


def defaults_for(given: Mapping[str, Any], of: Protocol | None = None) -> dict[str, Any]:
    """Return what a model is where nothing else is asked for.

    Args:
        given: what is asked for, by field, of what decides defaults.
        of: the protocol.

    Raises:
        UnknownNameError: a kernel or arch that does not exist.
    """
    of = of or protocol()
    kernel = of.kernels[str(given.get("kernel", of.default_kernel))]
    arch = ARCHES[str(given.get("arch", of.default_arch))]
    own: dict[str, Any] = {
        "strategy": kernel.strategy,
        "kernel": kernel,
        "arch": arch,
        "memory": arch.memory,
        "cmpxchg": arch.cmpxchg,
        "without": (),
        "properties": of.promised(kernel),
    }
    own |= {p.name: p.default for p in of.parameters.values()}
    for when, changed in of.conditional_defaults:
        if of.holds_for(when, kernel, own | dict(given)):
            own |= changed
    return own


def make_model(**parameters: Any) -> Model:  # noqa: ANN401 - validated below, field by field
    """Return the model that the parameters describe.

    Args:
        parameters: fields of :class:`Model` and parameters of the protocol; one name stands for a
            tuple of it, and so does a list. ``strategy`` or ``kernel`` is required; what is not
            given is what :func:`defaults_for` says; a value of None means the default.
            ``protocol`` names one that is not the first.

    Raises:
        UsageError: a parameter is unknown, missing, of the wrong type or out of range.
        UnknownNameError: a strategy, arch, memory model, cmpxchg or property that does not exist.
    """
    of = protocol(parameters.pop("protocol", None))
    fields = model_fields(of)
    given = {name: value for name, value in parameters.items() if value is not None}
    if unknown := sorted(given.keys() - fields.keys()):
        near = difflib.get_close_matches(unknown[0], fields, n=1)
        raise UsageError(
            f"unknown parameter {unknown[0]!r}" + (f"; did you mean {near[0]!r}?" if near else ""),
            next_step=f"parameters are: {', '.join(fields)}",
        )
    if "strategy" not in given and "kernel" not in given:
        raise UsageError(
            "no strategy is named",
            next_step=f"choose one of: {', '.join(of.strategies)}; or a kernel, for its own",
        )
    for name in ("properties", "without"):
        if name in given:
            given[name] = names_of(given[name])
    for name in given.get("properties", ()):
        of.properties[name]  # raises for an unknown one
    try:
        return model_class(of)(**defaults_for(given, of) | given)
    except ValidationError as error:
        first = error.errors()[0]
        name = ".".join(str(part) for part in first["loc"])
        raise UsageError(
            f"{name} = {first['input']!r}: {first['msg'].lower()}",
            next_step=f"bounds are small whole numbers, at most {LARGEST_BOUND}"
            if name in of.bounds
            else "see `slubtla list`",
        ) from None


def model_of(result: Result) -> Model | None:
    """Return the model that a run checked; None for a specification of the user's own."""
    if result.protocol is None:
        return None
    return _model_from(result.protocol, json.dumps(result.parameters))


@lru_cache(maxsize=1000)
def _model_from(name: str, parameters: str) -> Model:
    try:
        return model_class(protocol(name)).model_validate_json(parameters)
    except ValidationError as error:
        raise UsageError(
            f"this slubtla knows no such model: {complaint_of(error)}",
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


def _complaints(model: Model) -> Iterator[tuple[str, str]]:
    """Yield what is wrong with a model, with the next step; nothing for one that makes sense."""
    kernel, strategy = model.kernel, model.strategy
    if not kernel.has_strategies and strategy != kernel.strategy:
        known = model.protocol.kernels.values()
        wrong = f"{kernel} has nothing that {strategy} could order: {kernel.summary}"
        fit = [k for k in known if k.has_strategies]
        yield wrong, f"leave out --strategy, or choose a kernel from {fit[0]} to {fit[-1]}"
    for guard in model.without:
        if guard not in model.guards_to_have:
            place = f"{strategy} on {kernel}"
            wrong = f"there is no {guard} to take away from {place}: {guard.summary}"
            yield wrong, f"take away one of: {', '.join(sorted(model.guards_to_have))}"
    for parameter in model.protocol.parameters.values():
        value = getattr(model, parameter.name)
        if parameter.choices and value is not None and value not in parameter.choices:
            raise UnknownNameError(parameter.value, value, parameter.choices)
    yield from model.protocol.rules.complaints(model)
