"""Read how often each action fired: TLC's coverage statistics (``-coverage``)."""

import dataclasses
import re
from collections.abc import Iterable
from dataclasses import dataclass

from slubtla.errors import TlcOutputError
from slubtla.tlc.output.codes import Code
from slubtla.tlc.output.messages import LOCATION, Location, Message, location_of

_ACTION = re.compile(rf"<(.*) {LOCATION}(?: \((\d+) (\d+) (\d+) (\d+)\))?>: (\d+):(\d+)")


@dataclass(frozen=True, slots=True)
class ActionCoverage:
    """One action, or one disjunct of it (messages 2772 and 2773).

    Attributes:
        location: where the action is defined.
        disjunct: the part that is counted, where the definition has several.
        distinct: how many new states it found; ``total`` how many states it generated.
    """

    name: str
    location: Location
    disjunct: Location | None
    distinct: int
    total: int
    initial: bool = False

    @property
    def module(self) -> str:
        """The module that defines the action."""
        return self.location.module


@dataclass(frozen=True, slots=True)
class Coverage:
    """The last complete coverage statistics of a run; those of actions, not of expressions."""

    actions: tuple[ActionCoverage, ...]

    @property
    def totals(self) -> dict[str, tuple[int, int]]:
        """New states and generated states of each action but ``Init``, its disjuncts added up."""
        found: dict[str, tuple[int, int]] = {}
        for action in self.actions:
            if not action.initial:
                distinct, total = found.get(action.name, (0, 0))
                found[action.name] = (distinct + action.distinct, total + action.total)
        return found

    @property
    def never_fired(self) -> tuple[ActionCoverage, ...]:
        """The actions (or disjuncts of them) that generated no state at all."""
        return tuple(action for action in self.actions if action.total == 0)

    @property
    def never_fired_names(self) -> tuple[str, ...]:
        """The actions no part of which ever fired, each once, in the spec's order."""
        return tuple(name for name, (_, total) in self.totals.items() if not total)


def add_coverage(parts: Iterable[Coverage]) -> Coverage:
    """Add up the coverage of the parts of one search, by name and place of the actions."""
    added: dict[tuple[str, Location, Location | None, bool], ActionCoverage] = {}
    for action in (action for part in parts for action in part.actions):
        key = (action.name, action.location, action.disjunct, action.initial)
        if known := added.get(key):
            distinct, total = known.distinct + action.distinct, known.total + action.total
            action = dataclasses.replace(known, distinct=distinct, total=total)  # noqa: PLW2901
        added[key] = action
    return Coverage(tuple(added.values()))


class CoverageBuilder:
    """Collects the coverage messages; TLC repeats the whole statistics at intervals."""

    def __init__(self) -> None:
        self.latest: Coverage | None = None
        self._actions: list[ActionCoverage] = []

    def add(self, message: Message) -> None:
        """Take one message of the statistics; a half-printed block never becomes the latest."""
        match message.code:
            case Code.COVERAGE_START:
                self._actions = []
            case Code.COVERAGE_INIT | Code.COVERAGE_NEXT:
                self._actions.append(_read_action(message))
            case Code.COVERAGE_END | Code.COVERAGE_END_OVERHEAD:
                self.latest = Coverage(tuple(self._actions))


def _read_action(message: Message) -> ActionCoverage:
    match = _ACTION.fullmatch(message.text)
    if not match:
        raise TlcOutputError(
            "expected the coverage of an action", line_number=message.line_number, text=message.text
        )
    location = location_of(match.groups()[1:6])
    disjunct = location_of((*match.groups()[6:10], location.module)) if match[7] else None
    initial = message.code == Code.COVERAGE_INIT
    return ActionCoverage(match[1], location, disjunct, int(match[11]), int(match[12]), initial)
