"""Read a protocol's strategies, kernels, guards, properties and parameters from TOML.

A protocol has strategies, kernel versions, guards, properties, and parameters with defaults. What
no table can say is Python of its own: see :class:`Rules`.
"""

from __future__ import annotations

import enum
import math
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any, Final

from slubtla.barriers.data import data_dir
from slubtla.barriers.entries import E, Entry, Vocabulary
from slubtla.barriers.machines import Orders
from slubtla.errors import UnknownNameError, UsageError
from slubtla.registry import find, load, registered

_LARGE: Final = 8

LARGEST_BOUND: Final = 9
"""The largest value of any bound; the state space is out of reach long before."""


class Strategy(Entry):
    """What a protocol does at its open point.

    Attributes:
        question: what is asked of it, where the protocol's own question does not do.
        orders: whose accesses it puts in order.
        fence: the kernel's fence that it is, on its own CPU; ``""`` for none.
        store_release: whether the store before it is a store-release.
        fences_put: whether a full fence stands on the other side, too.
        sends_ipi: whether it interrupts the other CPUs and waits for their acknowledgement.
        grace_period: whether it waits for an RCU grace period.
        asynchronous: whether what follows is done later, by a worker.
        visits_all: whether it visits every CPU without asking first.
        guards: the guards that come with it.
        lacks: the guards that it takes out of every kernel version.
    """

    question: str = ""
    orders: Orders = Orders.NOBODY
    fence: str = ""
    store_release: bool = False
    fences_put: bool = False
    sends_ipi: bool = False
    grace_period: bool = False
    asynchronous: bool = False
    visits_all: bool = False
    guards: frozenset[str] = frozenset()
    lacks: frozenset[str] = frozenset()


class Kernel(Entry):
    """A kernel version, with the shape of its code: further facts are the protocol's own.

    Attributes:
        strategy: the barrier that this version has.
        lacks: the guards for which it has no code.
        guards: the guards that stand in it, whatever the strategy.
        not_promised: the properties that it does not mean to keep.
        has_cmpxchg: whether its code has a per-CPU cmpxchg at all.
        has_strategies: whether a barrier has anything to order here; else only its own will do.
        ipi_wait: how the sender of an IPI reads the acknowledgement, where that is of interest.
    """

    strategy: str
    guards: frozenset[str]
    lacks: frozenset[str] = frozenset()
    not_promised: frozenset[str] = frozenset()
    has_cmpxchg: bool = True
    has_strategies: bool = True
    ipi_wait: str = ""


class PropertyKind(enum.StrEnum):
    """How a property is checked."""

    INVARIANT = "invariant"
    """TLC evaluates it in every reachable state."""
    GOAL = "goal"
    """An action that must be reached: where it never is, the verdict is VACUOUS."""
    ARGUMENT = "argument"
    """An invariant over history variables, only where it is asked for."""
    LIVENESS = "liveness"
    """A temporal property, only where it is asked for: with fair CPUs and without symmetry."""


class Property(Entry):
    """Something that the model must show.

    Attributes:
        kind: how it is checked.
        action: for a goal, the label, or the action that watches for it, that must be reached.
    """

    kind: PropertyKind
    action: str | None = None


class Parameter(Entry):
    """A parameter of the model: a bound, a switch, or one of some choices.

    Attributes:
        help: what it is, a sentence.
        default: its value where nothing else is said; None for choices.
        least: the least value of a bound.
        choices: the values of one that is neither a bound nor a switch.
        on: how a switch that is on, or the choice ``{}``, is shown; ``""`` for not at all.
        off: likewise, of one that is off.
        value: what one of the choices is called, for error messages.
        factor: by what one more of a bound multiplies the states, roughly.
        in_name: whether a model that has it on is named for it.
        shown: a bound's value as it is shown: ``{n}``, and ``{s}`` for an s behind more than one.
        shown_from: the least value that is shown.
    """

    help: str
    default: int | bool | None = None
    least: int = 0
    choices: tuple[str, ...] = ()
    on: str = ""
    off: str = ""
    value: str = "value"
    factor: float = 1.0
    in_name: bool = False
    shown: str = ""
    shown_from: int = 0

    @property
    def type(self) -> Any:  # noqa: ANN401 - a type, for pydantic
        """The type of its values."""
        return str | None if self.choices else type(self.default)


class Counter(Entry):
    """Something that a model counts; the summary is a heading, in the plural.

    Attributes:
        unit: the singular of what is counted.
    """

    unit: str


@dataclass(frozen=True, slots=True)
class Counting:
    """What ``slubtla cost`` counts, and in which models: ``[costs]`` of a ``protocol.toml``.

    Attributes:
        counters: in the order in which a model prints them when a behaviour ends, as
            ``<<"cost", 1, 0, 2>>``.
        over: the bounds that vary, each with its default values.
        fixed: other parameters, the same in all models.
        apart: the fact by which kernels with the same strategy are counted apart; ``""`` for none.
        per: what the numbers are for.
        note: what a reader should know of them.
    """

    counters: Vocabulary[Counter]
    over: Mapping[str, tuple[int, ...]]
    fixed: Mapping[str, Any] = field(default_factory=dict)
    apart: str = ""
    per: str = "one behaviour"
    note: str = ""

    @property
    def added(self) -> tuple[Counter, ...]:
        """The counters of the first one's unit: they are added up in a picture."""
        first, *others = self.counters.values()
        return (first, *(each for each in others if each.unit == first.unit))


class Rules:
    """What the tables of a protocol cannot say; a protocol's own class overrides what differs.

    ``model`` is a :class:`slubtla.barriers.model.Model` everywhere.
    """

    def complaints(self, model: Any) -> Iterator[tuple[str, str]]:  # noqa: ANN401, ARG002
        """Yield what makes no sense in a model, with the next step."""
        yield from ()

    def reachable_goals(self, model: Any) -> frozenset[str]:  # noqa: ANN401
        """Return the goals that a model within these bounds can reach."""
        return frozenset(model.protocol.of_kind(PropertyKind.GOAL))

    def explain(self, timeline: Any, fell: str) -> tuple[str, ...]:  # noqa: ANN401, ARG002
        """Return in a few sentences why a property falls; nothing where there are no words.

        ``timeline`` is a :class:`slubtla.barriers.trace.timeline.Timeline`.
        """
        return ()

    def cautions(self, model: Any) -> Iterator[str]:  # noqa: ANN401, ARG002
        """Yield what a careful reader should know of a model, whatever its run says."""
        yield from ()

    def context(self, model: Any) -> dict[str, Any]:  # noqa: ANN401, ARG002
        """Return further values for the templates."""
        return {}

    def expected_to_fall(self, model: Any) -> frozenset[str] | None:  # noqa: ANN401, ARG002
        """Return the properties that fall in a model by its design; None where none is known to."""
        return None

    def why(self, models: Sequence[Any], *, holds: bool) -> str:  # noqa: ARG002
        """Return why one strategy stands or falls in some models, to follow a colon; or ``""``."""
        return ""

    def is_large(self, model: Any) -> bool:  # noqa: ANN401
        """Whether a model has more than some 50,000 states: then a JVM that starts slower pays."""
        return bool(math.prod(model.bounds.values()) > _LARGE)


@dataclass(frozen=True, eq=False)
class Protocol:
    """The words and parameters of one protocol.

    Attributes:
        name: short; the name of its folder, too.
        folder: its ``protocol.toml`` and its templates.
        module: the name of the rendered module.
        subject: what it is, for a sentence.
        question: what is asked of it.
        question_of: what is asked of one strategy, with a place for its name.
        conclusion: the property that is the answer.
        falls: the verb for a strategy under which the conclusion falls.
        background: what the question is about, in paragraphs.
        default_kernel: the version that is modelled where none is named.
        default_arch: the architecture, likewise.
        example_strategy: the strategy that examples and explanations are about.
        small: the smallest bounds in which the question makes sense.
        pieces: what the template of a strategy may define; the first it must.
        help: what general parameters mean here, by name.
        strategies: what can be done at the open point.
        kernels: the versions.
        guards: the pieces of code or machine that can be taken away.
        properties: what can be checked.
        parameters: bounds, switches and choices.
        conditional_defaults: pairs of a condition and the defaults that it changes.
        costs: what can be counted; None for nothing.
        rules: what no table can say.
        flags: how the command line names it; nothing for the first.
    """

    name: str
    folder: Path
    module: str
    subject: str
    question: str
    question_of: str
    conclusion: str
    falls: str
    background: tuple[str, ...]
    default_kernel: str
    default_arch: str
    example_strategy: str
    small: Mapping[str, int]
    pieces: tuple[str, ...]
    help: Mapping[str, str]
    strategies: Vocabulary[Strategy]
    kernels: Vocabulary[Kernel]
    guards: Vocabulary[Entry]
    properties: Vocabulary[Property]
    parameters: Vocabulary[Parameter]
    conditional_defaults: tuple[tuple[dict[str, Any], dict[str, Any]], ...] = ()
    costs: Counting | None = None
    rules: Rules = field(default_factory=Rules)
    flags: tuple[str, ...] = ()

    @property
    def configs(self) -> Path:
        """The folder of its files of models."""
        shipped = self.folder.parent == data_dir("specs")
        return data_dir("configs") if shipped else self.folder / "configs"

    @property
    def bounds(self) -> tuple[str, ...]:
        """The parameters that are whole numbers: they bound the search."""
        return tuple(p.name for p in self.parameters.values() if p.type is int)

    @property
    def deciding(self) -> tuple[str, ...]:
        """The parameters on which defaults of others depend."""
        named = (name for when, _ in self.conditional_defaults for name in when)
        return tuple(dict.fromkeys(name for name in named if name in self.parameters))

    def bound_words(self, name: str, n: int | str = "") -> str:
        """Return a bound in words: ``2 CPUs``, or ``CPUs``."""
        shown = self.parameters[name].shown or f"{{n}} {name}"
        return shown.format(n=n, s="" if n == 1 else "s").strip()

    def command(self, words: str) -> str:
        """Return a command line about this protocol."""
        return " ".join(("slubtla", *self.flags, words))

    def missing(self, what: str, place: str) -> UsageError:
        """Return the error for a command that needs what the protocol does not declare.

        Args:
            what: what it needs.
            place: where it is declared: a file in the protocol's folder, perhaps with a table.
        """
        return UsageError(
            f"the protocol {self.name} declares no {what}",
            next_step=f"write {self.folder / place}: see CONTRIBUTING.md, A protocol",
        )

    def of_kind(self, *kinds: PropertyKind) -> tuple[str, ...]:
        """Return the names of the properties of these kinds."""
        return tuple(p.name for p in self.properties.values() if p.kind in kinds)

    def promised(self, kernel: Kernel | None = None) -> tuple[str, ...]:
        """Return what is checked where no property is named: all that the kernel promises."""
        usual = self.of_kind(PropertyKind.INVARIANT, PropertyKind.GOAL)
        return tuple(n for n in usual if kernel is None or n not in kernel.not_promised)

    def holds_for(self, when: Mapping[str, Any], kernel: Kernel, given: Mapping[str, Any]) -> bool:
        """Whether a condition of ``conditional_defaults`` holds for what is given."""
        live = self.of_kind(PropertyKind.LIVENESS)
        for name, value in when.items():
            if name == "liveness":
                now: Any = any(each in live for each in given.get("properties") or ())
            elif name in self.parameters:
                now = bool(given.get(name))
            else:
                now = getattr(kernel, name)
            if now != value:
                return False
        return True


def read_protocol(file: Path, rules: Rules | None = None) -> Protocol:
    """Read a ``protocol.toml``.

    Args:
        file: it.
        rules: what no table can say; by default those of the registered protocol that it names as
            its ``rules``.

    Raises:
        UnknownNameError: that protocol is not registered.
        TypeError: a table of it is missing, or is not known.
    """
    tables = tomllib.loads(file.read_text(encoding="utf-8"))
    borrowed = tables.pop("rules", None)
    guards = _entries("guard", Entry, tables.pop("guards", {}))
    strategies = _entries("strategy", Strategy, tables.pop("strategies"))
    if costs := tables.pop("costs", None):
        costs["counters"] = _entries("counter", Counter, costs["counters"])
        tables["costs"] = Counting(**costs)
    usual = tables.pop("kernel_defaults", {})
    brought = frozenset[str]().union(*(strategy.guards for strategy in strategies.values()))
    kernels = {name: usual | table for name, table in tables.pop("kernels").items()}
    for table in kernels.values():
        table["guards"] = [
            g for g in guards if g not in brought and g not in table.get("lacks", ())
        ]
    return Protocol(
        folder=file.parent,
        guards=guards,
        strategies=strategies,
        kernels=_entries("kernel", Kernel, kernels),
        properties=_entries("property", Property, tables.pop("properties")),
        parameters=_entries("parameter", Parameter, tables.pop("parameters")),
        conditional_defaults=tuple((d["when"], d["set"]) for d in tables.pop("defaults", ())),
        pieces=tuple(tables.pop("pieces")),
        background=paragraphs(tables.pop("background", "")),
        rules=rules or (protocol(borrowed).rules if borrowed else Rules()),
        **tables,
    )


def paragraphs(text: str) -> tuple[str, ...]:
    """Return the paragraphs of a text, each on one line."""
    return tuple(" ".join(each.split()) for each in text.split("\n\n") if each.strip())


_SPECIAL: Final[Mapping[str, Any]] = {"kind": PropertyKind, "orders": Orders, "choices": tuple}


def _entries(kind: str, entry: type[E], tables: Mapping[str, Mapping[str, Any]]) -> Vocabulary[E]:
    """Make the entries of a table of tables; a list is a set of names."""
    found = []
    for name, table in tables.items():
        facts = {
            key: _SPECIAL[key](value)
            if key in _SPECIAL
            else frozenset(value)
            if isinstance(value, list)
            else value
            for key, value in table.items()
        }
        found.append(entry(name, **facts))
    return Vocabulary(kind, found)


_CHOSEN: Final[list[Protocol]] = []


def choose_protocol(named: str) -> None:
    """Make a protocol the first, for this process.

    Args:
        named: one that is registered, or a folder with a ``protocol.toml``.

    Raises:
        UnknownNameError: it is neither.
        UsageError: the file cannot be read.
    """
    file = Path(named) / "protocol.toml"
    try:
        found = read_protocol(file) if file.is_file() else protocol(named)
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, KeyError, TypeError) as error:
        raise UsageError(
            f"{file} is no protocol: {error}",
            next_step="see CONTRIBUTING.md, A protocol",
        ) from error
    _CHOSEN[:] = [replace(found, flags=("--protocol", named))]
    protocol.cache_clear()


@cache
def protocol(name: str | None = None) -> Protocol:
    """Return a protocol that is registered; where none is named, the chosen or the first one.

    Raises:
        UnknownNameError: there is none of this name.
    """
    if _CHOSEN and name in {None, _CHOSEN[0].name}:
        return _CHOSEN[0]
    place = find("protocols", name)
    if place is None:
        error = UnknownNameError("protocol", str(name), registered("protocols"))
        error.next_step += "; or name a folder: slubtla --protocol DIR"
        raise error
    found = load(place)
    assert isinstance(found, Protocol)  # noqa: S101 - what the package registered
    return found
