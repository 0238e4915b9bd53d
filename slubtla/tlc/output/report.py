"""The report of one run of TLC: all that its output says, as one value."""

from dataclasses import dataclass, field

from slubtla.tlc.output.codes import (
    HARMLESS_WARNINGS,
    HARMLESS_WORDS,
    PROOF_SPOILERS,
    WORTH_SAYING,
    Code,
    Severity,
)
from slubtla.tlc.output.coverage import Coverage
from slubtla.tlc.output.messages import Message
from slubtla.tlc.output.problems import Violation
from slubtla.tlc.output.sany import SpecMessage
from slubtla.tlc.output.stats import CollisionProbability, Progress, RunInfo, Statistics
from slubtla.tlc.output.trace import Trace

_DIVERGED = "changed since"  # SANY, of a PlusCal algorithm or its translation


@dataclass(frozen=True, slots=True)
class TlcReport:
    """What TLC reported, without a verdict.

    Attributes:
        run: version, mode, seed and the like (2262, 2187).
        started: TLC started on the model (2185); ``finished``: it reported its end (2186).
        success: TLC printed "No error has been found" (2193), as it also does after ``-continue``
            with violations, and with states left on the queue.
        collision: the probability of a hash collision (unexplored state) (2193).
        stats: the final numbers (2199, 2194).
        initial_states: the number of distinct initial states (2190); with 0, TLC finds no error in
            any property.
        temporal_checked: temporal properties were checked on the complete state graph (2192, 2267).
        violations: the properties that do not hold, in the order found.
        errors: messages of class 1 and 2 that report no violation; nested ones are in their text.
        trace: the first behaviour in the output: the counterexample of a violation, or the way to
            an error. It may lack its end when the output is ``cut``.
        coverage: how often the actions fired (``-coverage``), from the last complete statistics;
            after a recovery (2198) only since then.
        checkpoints: how many were begun (2195).
        checkpoint_coverage: the first complete coverage after the last checkpoint was begun.
        checkpoint_spoiled: the last checkpoint was begun after a violation or an error: the state
            in which it was found counts as searched there.
        recovered: distinct states that a recovery found again (2198); None without one.
        joined: threads of workers that joined a server (7001), in the distributed mode; ``lost``
            were lost (7006).
        fired: the instrumented actions that fired (:mod:`slubtla.tlc.run.instrument`).
        reached: the numbers of the antecedents that held.
        excluding: the constraints of the cfg that excluded a state or a step.
        output: other lines that are no messages and not SANY's: what ``PrintT`` printed; of them
            ``output_dropped`` were too many to keep.
        unknown: messages of unknown code, of any class.
        incomplete: the message in which the output ends, if it ends in one.
        unreadable: places in the output that are not as TLC prints them, with the reason of each;
            they were passed over.
    """

    run: RunInfo = field(default_factory=RunInfo)
    started: bool = False
    finished: bool = False
    success: bool = False
    collision: CollisionProbability = field(default_factory=CollisionProbability)
    stats: Statistics = field(default_factory=Statistics)
    progress: tuple[Progress, ...] = ()
    initial_states: int | None = None
    temporal_checked: bool = False
    violations: tuple[Violation, ...] = ()
    errors: tuple[Message, ...] = ()
    warnings: tuple[Message, ...] = ()
    spec_messages: tuple[SpecMessage, ...] = ()
    trace: Trace | None = None
    coverage: Coverage | None = None
    checkpoints: int = 0
    checkpoint_coverage: Coverage | None = None
    checkpoint_spoiled: bool = False
    recovered: int | None = None
    joined: int = 0
    lost: int = 0
    fired: frozenset[str] = frozenset()
    reached: frozenset[str] = frozenset()
    excluding: frozenset[str] = frozenset()
    output: tuple[str, ...] = ()
    output_dropped: int = 0
    unknown: tuple[Message, ...] = ()
    incomplete: Message | None = None
    unreadable: tuple[str, ...] = ()

    @property
    def violation(self) -> Violation | None:
        """The first violation."""
        return self.violations[0] if self.violations else None

    @property
    def last_progress(self) -> Progress | None:
        """The last progress report: all that is known of a run that was stopped."""
        return self.progress[-1] if self.progress else None

    @property
    def parse_errors(self) -> tuple[SpecMessage, ...]:
        """SANY's errors: why the specification could not be parsed or makes no sense."""
        return tuple(m for m in self.spec_messages if m.severity is Severity.ERROR)

    @property
    def cut(self) -> bool:
        """Whether the output ends before TLC reported its end, or within a message.

        TLC was stopped, crashed, or refused its command line (message 1102).
        """
        return not self.finished or self.incomplete is not None

    @property
    def spoilers(self) -> tuple[str, ...]:
        """Why "no error has been found" is no proof: a sentence for each warning not harmless.

        A PlusCal translation that is older than its algorithm counts, too.
        """
        messages = [warning for warning in self.warnings if not _is_harmless(warning)]
        reasons = [
            f"{PROOF_SPOILERS.get(message.code, message.text)} (TLC message {message.code})"
            for message in messages
        ]
        stale = [str(message) for message in self.spec_messages if _DIVERGED in message.text]
        return (*dict.fromkeys(reasons), *stale)

    @property
    def remarks(self) -> tuple[str, ...]:
        """Harmless warnings that are shown with the result."""
        said = [w.text for w in self.warnings if w.code in WORTH_SAYING]
        return tuple(f"{' '.join(text.split())} (harmless)" for text in dict.fromkeys(said))


def _is_harmless(warning: Message) -> bool:
    if warning.code == Code.GENERAL:
        return warning.text.startswith(HARMLESS_WORDS)
    return warning.code in HARMLESS_WARNINGS


def kept_violations(report: TlcReport) -> tuple[Violation, ...]:
    """Return the violations with a trace, and the first of each property.

    With ``-continue`` TLC reports a property many times, and not each trace is kept.
    """
    first = {(each.kind, each.properties): each for each in reversed(report.violations)}
    return tuple(
        each
        for each in report.violations
        if each.trace is not None or each is first[each.kind, each.properties]
    )
