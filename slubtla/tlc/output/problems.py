"""Collect what went wrong in a run: violations, errors and warnings, each with its behaviour."""

import dataclasses
import enum
import re
from dataclasses import dataclass
from typing import Final

from slubtla.tlc.output.codes import Code, Severity, is_known
from slubtla.tlc.output.messages import LOCATION, Message
from slubtla.tlc.output.parser import read_value
from slubtla.tlc.output.trace import Trace, TraceBuilder, initial_trace


class ViolationKind(enum.Enum):
    """What was violated; the codes are those of TLC's messages."""

    INVARIANT = "invariant"  # 2107, 2110
    INITIAL_PROPERTY = "initial property"  # 2108: what a temporal property says of the first state
    ACTION_PROPERTY = "action property"  # 2112
    TEMPORAL_PROPERTY = "temporal property"  # 2116
    DEADLOCK = "deadlock"  # 2114
    ASSERTION = "assertion"  # 2132
    ASSUMPTION = "assumption"  # 2104
    POSTCONDITION = "postcondition"  # 2404, of new builds; also what had to be possible and was not


MOST_TRACES: Final = 1000
"""Counterexamples that are kept of one run; with ``-continue`` TLC may print millions."""

_KINDS: Final[dict[int, ViolationKind]] = {
    Code.INVARIANT_VIOLATED: ViolationKind.INVARIANT,
    Code.INVARIANT_VIOLATED_INITIAL: ViolationKind.INVARIANT,
    Code.PROPERTY_VIOLATED_INITIAL: ViolationKind.INITIAL_PROPERTY,
    Code.ACTION_PROPERTY_VIOLATED: ViolationKind.ACTION_PROPERTY,
    Code.TEMPORAL_VIOLATED: ViolationKind.TEMPORAL_PROPERTY,
    Code.ASSUMPTION_FALSE: ViolationKind.ASSUMPTION,
    Code.POSTCONDITION_FALSE: ViolationKind.POSTCONDITION,
    Code.DEADLOCK: ViolationKind.DEADLOCK,
    Code.ASSERT_FAILED: ViolationKind.ASSERTION,
}
_NAMED: Final = re.compile(
    r"(?:Invariant|Property|Action property|Assumption|Postcondition) (\S+) "
    r"(?:is violated|is false|at )|Temporal propert(?:y|ies) (.+) (?:was|were) violated"
)
_EVALUATED: Final = re.compile(
    r"Evaluating (?:invariant|action property|property|postcondition) (\S+) (?:at .*)?failed"
)
"""What was evaluated when an assertion failed (messages 2111, 2113, 2405)."""

_ASSERTED: Final = re.compile(r"Failure of assertion at line (\d+), column (\d+)\.")
_STATES: Final = frozenset(
    {Code.STATE, Code.STATE_WITHOUT_ACTION, Code.STUTTERING, Code.BACK_TO_STATE}
)
_HEADINGS: Final = frozenset({Code.BEHAVIOR_UP_TO_THIS_POINT, Code.COUNTER_EXAMPLE})
_ERRORS: Final = frozenset({Severity.ERROR, Severity.BUG})
_STATE_INSIDE: Final = {Code.INVARIANT_VIOLATED_INITIAL, Code.PROPERTY_VIOLATED_INITIAL}
_LIST = re.compile(r",? and |, ")
_EXCEPTION: Final = re.compile(
    r"The exception was an? (?P<class>[\w.$]+)\s*(?::\s*(?P<words>.*))?", re.DOTALL
)
_AT_HOME: Final = r"\S+\.tla line \d+, (?:label \w+|column \d+)"  # slubtla.tlc.text.origin.Place
_AROUND: Final = re.compile(
    r"TLC threw an unexpected exception\.|This was probably caused by an error in the spec or "
    r"model\.|See the User Output or TLC Console for clues to what happened\.|"
    r"The error occurred when TLC was evaluating the nested|"
    r"expressions at the following positions:|\d+\. [Ll]ine \d+, col.*|"
    r"\s*The error call stack is empty\.|\(?The error was:?\)?|"
    rf"{LOCATION}|{_AT_HOME}"
)
_ENDS_IN_PLACE: Final = re.compile(rf"[,:]?\s*(?:at )?(?:{LOCATION}|{_AT_HOME})\.?$")
_NO_MODULE: Final = "Cannot find source file for module"
_ADVICE: Final = "--library DIR names a folder of modules, --classpath JAR a jar"
_LONGEST: Final = 300
"""Characters: a value in the middle of a cause may be as long as a state."""


@dataclass(frozen=True, slots=True)
class Violation:
    """One property that does not hold.

    Attributes:
        properties: its name, where TLC gives one; several where it does not know which of them
            (newest builds, message 2116); of an assertion, the property that was evaluated; empty
            for a deadlock, an assertion in an action, an unnamed property.
        trace: the counterexample; none of an assumption, nor on 2.15 of an assertion. With
            ``-continue``, those of the first :data:`MOST_TRACES` violations are kept, and the first
            of each property.
        positions: where the evaluation stood (message 2103, or 2105 of an assumption), innermost
            last; may be empty.
    """

    kind: ViolationKind
    properties: tuple[str, ...]
    text: str
    trace: Trace | None = None
    positions: str = ""
    line_number: int = 0

    @property
    def property_name(self) -> str | None:
        """The name of the property if there is exactly one, else ``None``."""
        return self.properties[0] if len(self.properties) == 1 else None

    @property
    def asserted(self) -> str:
        """The second argument of the ``Assert`` that failed; ``""`` of any other violation."""
        if self.kind is not ViolationKind.ASSERTION:
            return ""
        text = " ".join(self.text.partition("\n")[2].split())
        value = read_value(text)
        return value if isinstance(value, str) else text

    @property
    def asserted_at(self) -> tuple[int, int] | None:
        """Line and column of the ``assert`` of PlusCal that failed, in the user's file."""
        found = _ASSERTED.fullmatch(self.asserted)
        return (int(found[1]), int(found[2])) if found else None


def read_violation(message: Message) -> Violation | None:
    """The violation that an error message reports, without trace; ``None`` if it reports none."""
    assertion = message.find(Code.ASSERT_FAILED)
    if assertion is not None:
        evaluated = _EVALUATED.match(message.text)
        first = message.text.partition("\n")[0]
        return Violation(
            ViolationKind.ASSERTION,
            (evaluated[1],) if evaluated else (),
            assertion.text,
            positions=first if message.code == Code.ASSUMPTION_FAILED else "",
            line_number=message.line_number,
        )
    if message.code not in _KINDS:
        return None
    named = _NAMED.match(message.text)
    properties = tuple(_LIST.split(named[1] or named[2])) if named else ()
    return Violation(
        _KINDS[message.code], properties, message.text, line_number=message.line_number
    )


class ProblemBuilder:
    """Collects the messages that report something wrong, and the behaviours that explain them.

    TLC prints a problem, a heading (2121 or 2264), the states one message each, and for a failed
    evaluation the positions (2103); lines of ``PrintT`` may stand between them.

    Attributes:
        errors: messages of class 1 and 2 that report no violation.
        unknown: messages of unknown code, of any class.
    """

    def __init__(self) -> None:
        self.violations: list[Violation] = []
        self.errors: list[Message] = []
        self.warnings: list[Message] = []
        self.unknown: list[Message] = []
        self.first_trace: Trace | None = None
        self._trace: TraceBuilder | None = None
        self._after_violation = False  # else what follows belongs to an error
        self._traced: set[tuple[ViolationKind, tuple[str, ...]]] = set()

    def add(self, message: Message) -> None:
        """Take the next message, of whatever kind.

        Raises:
            TlcOutputError: a state cannot be read, or is out of order.
        """
        if message.code in _STATES:
            self._trace = self._trace or TraceBuilder()
            self._trace.add(message)
            return
        self.end_trace()
        if message.code in _HEADINGS:
            self._trace = TraceBuilder()
        elif violation := read_violation(message):
            self._add_violation(violation, message)
        elif message.severity in _ERRORS:
            self._add_error(message)
        elif message.severity is Severity.WARNING:
            self.warnings.append(message)
        if not is_known(message.code):
            self.unknown.append(message)

    def add_cut(self, message: Message) -> None:
        """Take a message whose end is missing, if its first line is whole: a violation counts.

        Raises:
            TlcOutputError: a state in it cannot be read.
        """
        violation = read_violation(message)
        if violation is not None and message.severity in _ERRORS:
            self.end_trace()
            self._add_violation(violation, message)

    def end_trace(self) -> None:
        """The behaviour that is being read, if any, has no more states."""
        trace = self._trace.build() if self._trace else None
        self._trace = None
        if trace is None:
            return
        self.first_trace = self.first_trace or trace
        if self._after_violation:
            self._explain(dataclasses.replace(self.violations[-1], trace=trace))

    def _add_violation(self, violation: Violation, message: Message) -> None:
        self.violations.append(violation)
        self._after_violation = True
        if message.code in _STATE_INSIDE:
            _, _, state = message.text.partition("\n")
            trace = initial_trace(state, message.line_number + 2)
            self.first_trace = self.first_trace or trace
            self._explain(dataclasses.replace(violation, trace=trace))

    def _explain(self, violation: Violation) -> None:
        subject = (violation.kind, violation.properties)
        if subject not in self._traced or len(self.violations) <= MOST_TRACES:
            self._traced.add(subject)
            self.violations[-1] = violation

    def _add_error(self, message: Message) -> None:
        if message.code == Code.NESTED_EXPRESSION and self._after_violation:
            self.violations[-1] = dataclasses.replace(self.violations[-1], positions=message.text)
        else:
            self.errors.append(message)
            self._after_violation = False


def cause_of(text: str) -> str:
    r"""Return the cause of an error in TLC's words, on one line; ``""`` where there is none.

    ``text`` is that of the innermost message; the cause is what is left of::

        TLC threw an unexpected exception. …
        The exception was a java.lang.RuntimeException
        : Attempted to apply function:                               <- the cause begins here
        <<1, 2>>
        to argument 4, which is not in the domain of the function.
    """
    words = text
    if exception := _EXCEPTION.search(text):
        words = exception["words"] or f"TLC failed with {exception['class']}"
    lines = [line.strip() for line in words.splitlines() if not _AROUND.fullmatch(line.strip())]
    cause = " ".join(" ".join(lines).split())
    cause = _ENDS_IN_PLACE.sub("", cause)
    if len(cause) > _LONGEST:
        half = _LONGEST // 2
        cause = f"{cause[:half].rstrip()} … {cause[-half:].lstrip()}"
    return f"{cause.rstrip('.')}: {_ADVICE}" if cause.startswith(_NO_MODULE) else cause
