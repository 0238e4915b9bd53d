"""Read the behaviours that TLC prints: counterexamples, and the way to an evaluation error."""

from __future__ import annotations

import enum
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from slubtla.errors import TlcOutputError
from slubtla.registry import Framed
from slubtla.tlc.output.codes import Code
from slubtla.tlc.output.messages import LOCATION, PREFIX, Location, Message, location_of
from slubtla.tlc.output.parser import read_value
from slubtla.tlc.output.values import Value

_VARIABLE = re.compile(r"^/\\ (\S+) = ", re.MULTILINE)
_ONLY_VARIABLE = re.compile(r"(\S+) = ")
_HEADER = re.compile(r"(\d+):(?: (.*))?")
_BACK_TO_STATE = re.compile(r"(\d+): Back to state(?:: (<.*>))?")
_STUTTERING = re.compile(r"(\d+): Stuttering")
_LOCATED = re.compile(rf"<(.*) {LOCATION}>")  # greedy: the arguments may hold anything
_NAMED = re.compile(r"([^\s(]+)(?:\((.*)\))?")
_INITIAL = "<Initial predicate>"


class State(Mapping[str, Value]):
    r"""The values of all variables in one state, read from TLC's text on access.

    Args:
        text: ``/\ x = 1`` and so on, one variable after another, or ``x = 1`` for a single one.
        line_number: the line of TLC's output where it starts, for error messages.

    Raises:
        TlcOutputError: on access, when the text is not a state. A value in it that cannot be read
            is an :class:`~slubtla.tlc.output.values.Unparsed`.
    """

    __slots__ = ("_line_number", "_texts", "text")

    def __init__(self, text: str, line_number: int | None = None) -> None:
        self.text = text
        self._line_number = line_number
        self._texts: dict[str, str] | None = None

    @property
    def texts(self) -> Mapping[str, str]:
        """Variable to its value as TLC printed it, perhaps over several lines."""
        if self._texts is None:
            self._texts = self._split()
        return self._texts

    def _split(self) -> dict[str, str]:
        text, line_number = self.text, self._line_number
        starts = list(_VARIABLE.finditer(text))
        if not starts and (only := _ONLY_VARIABLE.match(text)):
            starts = [only]
        if not starts or starts[0].start() != 0:
            raise TlcOutputError("expected a state", line_number=line_number, text=text)
        ends = [start.start() for start in starts[1:]] + [len(text)]
        texts = {s[1]: text[s.end() : end].strip() for s, end in zip(starts, ends, strict=True)}
        if len(texts) != len(starts):
            raise TlcOutputError("a variable has two values", line_number=line_number, text=text)
        return texts

    def __getitem__(self, name: str) -> Value:
        return read_value(self.texts[name])

    def __iter__(self) -> Iterator[str]:
        return iter(self.texts)

    def __len__(self) -> int:
        return len(self.texts)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Mapping):
            return NotImplemented
        if isinstance(other, State) and self.text == other.text:
            return True
        return dict(self) == dict(other)

    def __hash__(self) -> int:
        return hash(frozenset(self.items()))

    def __repr__(self) -> str:
        return f"State({self.text!r})"

    def __reduce__(self) -> tuple[type[State], tuple[str, int | None]]:
        return (State, (self.text, self._line_number))


@dataclass(frozen=True, slots=True)
class TraceStep:
    """One state of a behaviour, and the action that led to it (messages 2216, 2217, 2218, 2122).

    Attributes:
        number: 1 for the initial state, then rising by one, the last step of a lasso included.
        action: the action's name; ``None`` for the initial state, for stuttering, and where TLC
            names none; ``location`` is where it is defined.
        arguments: its arguments as text, e.g. ``<<"t", c1>>`` (new builds only).
        values: variable to value; of a step that stutters or goes back, the state it leads to.
        stuttering: the behaviour stays in the previous state for ever.
        back_to: the number of the earlier state that this step leads back to.
    """

    number: int
    action: str | None
    arguments: str | None
    location: Location | None
    values: State
    stuttering: bool = False
    back_to: int | None = None

    @property
    def module(self) -> str | None:
        """The module that defines the action."""
        return self.location.module if self.location else None


class TraceKind(enum.Enum):
    """How a behaviour ends."""

    FINITE = "finite"
    STUTTERING = "stuttering"
    LASSO = "lasso"


@dataclass(frozen=True, slots=True)
class Trace(Framed):
    """A behaviour, from an initial state: at least one step."""

    steps: tuple[TraceStep, ...]
    kind: TraceKind

    @property
    def variables(self) -> tuple[str, ...]:
        """The names of the variables, in TLC's order."""
        return tuple(self.steps[0].values)

    @property
    def states(self) -> tuple[State, ...]:
        """The states without repetition: not the step that stutters or goes back."""
        ends = self.steps[-1]
        repeated = ends.stuttering or ends.back_to is not None
        return tuple(step.values for step in (self.steps[:-1] if repeated else self.steps))

    @property
    def loop_start(self) -> int | None:
        """The number of the state where the infinite part begins; ``None`` if it ends."""
        last = self.steps[-1]
        return last.number - 1 if last.stuttering else last.back_to


@dataclass(slots=True)
class TraceBuilder:
    """Collects the state messages of one behaviour.

    ``broken`` says that a step could not be read: those after it are passed over.
    """

    steps: list[TraceStep] = field(default_factory=list)
    broken: bool = False

    def add(self, message: Message) -> None:
        """Add the step of a message 2216, 2217, 2218 or 2122.

        Raises:
            TlcOutputError: it cannot be read, or is out of order.
        """
        if self.broken:
            return
        self.broken = True  # unless all goes well
        match message.code:
            case Code.STUTTERING:
                step = self._stuttering(message)
            case Code.BACK_TO_STATE:
                step = self._back_to_state(message)
            case _:
                step = read_step(message)
        last = self.steps[-1] if self.steps else None
        if step.number != len(self.steps) + 1 or (last and (last.stuttering or last.back_to)):
            raise _unreadable(f"expected state {len(self.steps) + 1}", message)
        self.steps.append(step)
        self.broken = False

    def build(self) -> Trace | None:
        """The behaviour so far; ``None`` if it has no states."""
        if not self.steps:
            return None
        last = self.steps[-1]
        if last.stuttering:
            kind = TraceKind.STUTTERING
        else:
            kind = TraceKind.FINITE if last.back_to is None else TraceKind.LASSO
        return Trace(tuple(self.steps), kind)

    def _stuttering(self, message: Message) -> TraceStep:
        match = _STUTTERING.fullmatch(message.text)
        if not match or not self.steps:
            raise _unreadable("expected a stuttering step", message)
        values = self.steps[-1].values
        return TraceStep(int(match[1]), None, None, None, values, stuttering=True)

    def _back_to_state(self, message: Message) -> TraceStep:
        match = _BACK_TO_STATE.fullmatch(message.text)
        target = int(match[1]) if match else 0
        if not match or not 1 <= target <= len(self.steps):
            raise _unreadable("expected a step back to an earlier state", message)
        action, arguments, location = _read_action(match[2], message)
        values = self.steps[target - 1].values
        number = len(self.steps) + 1
        return TraceStep(number, action, arguments, location, values, back_to=target)


def read_step(message: Message) -> TraceStep:
    """Read a message 2217 or 2216: ``2: <Next line …>``, then the variables.

    Raises:
        TlcOutputError: it does not have this form.
    """
    header, _, body = message.text.partition("\n")
    match = _HEADER.fullmatch(header)
    if not match or not body:
        raise _unreadable("expected a numbered state", message)
    action, arguments, location = _read_action(match[2], message)
    values = State(body, message.line_number + 2)
    _ = values.texts  # an unreadable one is an error here
    return TraceStep(int(match[1]), action, arguments, location, values)


def initial_trace(text: str, line_number: int) -> Trace:
    """The one-state behaviour of a state that stands inside a message (2107, 2108).

    Raises:
        TlcOutputError: it is no state.
    """
    state = State(text, line_number)
    _ = state.texts
    return Trace((TraceStep(1, None, None, None, state),), TraceKind.FINITE)


def _read_action(
    text: str | None, message: Message
) -> tuple[str | None, str | None, Location | None]:
    """Read ``<Name(arguments) line …>``: name, arguments, location."""
    if not text or text == _INITIAL:
        return None, None, None
    location = None
    if located := _LOCATED.fullmatch(text):
        label, location = located[1], location_of(located.groups()[1:])
    elif text.startswith("<") and text.endswith(">"):
        label = text[1:-1]
    else:
        raise _unreadable("expected the name of an action", message)
    label = label.removeprefix(PREFIX)
    if named := _NAMED.fullmatch(label):
        return named[1], named[2], location
    return label, None, location


def _unreadable(reason: str, message: Message) -> TlcOutputError:
    return TlcOutputError(reason, line_number=message.line_number, text=message.text)
