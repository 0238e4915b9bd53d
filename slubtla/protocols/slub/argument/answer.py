"""Compute the answer to the mail's "(am I correct?)" from the verdicts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from slubtla.barriers.machines import CMPXCHGS
from slubtla.barriers.names import listed
from slubtla.errors import ExitCode
from slubtla.protocols.slub import SLUB
from slubtla.protocols.slub.argument.running import Argued, Verdicts
from slubtla.protocols.slub.argument.statements import NAMES, Role
from slubtla.tlc.run.result import Record
from slubtla.tlc.run.verdict import VerdictKind, Word, word_of

_CONCLUSION = "NoLeak"
_CASES = ("Case1", "Case2")
_EXHAUSTIVE = "CasesExhaustive"
_UNDECIDED = frozenset({VerdictKind.BOUNDED, VerdictKind.INCONCLUSIVE})


class Surprise(Record):
    """A verdict that is not the expected one."""

    machine: str
    statement: str
    expected: str
    found: str


class Answer(Record):
    """What the verdicts say.

    Attributes:
        word: whether the mail's conclusion holds on every real machine that was asked about.
        arches: these machines.
        reasons: why, a sentence or two each.
        surprises: what is not as expected; the exit code is 1 if there is any that is decided.
        undecided: machine and statement of what was not decided, as ``"x86: Case1"``.
        exit_code: 0 where every verdict is decided and as expected.
    """

    word: Word
    arches: tuple[str, ...]
    reasons: tuple[str, ...]
    surprises: tuple[Surprise, ...]
    undecided: tuple[str, ...]
    exit_code: ExitCode

    @property
    def headline(self) -> str:
        """The answer in a line: a yes is a yes for what was asked about, and no more."""
        return f"Yes, on {listed(self.arches)}." if self.word is Word.YES else f"{self.word}."


def read_answer(argument: Argued[Verdicts]) -> Answer:
    """Return the answer that the verdicts give."""
    real = argument.of(Role.REAL)
    return Answer(
        word=word_of((judged.verdict(_CONCLUSION) for judged in real), _CONCLUSION),
        arches=tuple(judged.machine.arch for judged in real),
        reasons=tuple(_reasons(argument)),
        surprises=tuple(_surprises(argument)),
        undecided=tuple(_undecided(argument)),
        exit_code=_exit_code(argument),
    )


def _reasons(argument: Argued[Verdicts]) -> Iterator[str]:
    yield from (_of_the_reasoning(judged) for judged in argument.of(Role.ASSUMED))
    real = argument.of(Role.REAL)
    yield from _of_the_leaks([judged for judged in real if judged.falls(_CONCLUSION)])
    sound = [judged for judged in real if judged.holds(_CONCLUSION)]
    if sound:
        why = SLUB.rules.why([judged.machine.model(NAMES) for judged in sound], holds=True)
        yield f"On {_names(sound)} smp_mb() is enough{': ' * bool(why)}{why}."
    yield from (_of_the_control(judged) for judged in argument.of(Role.CONTROL))
    yield from _of_the_repair(argument.of(Role.REPAIRED))


def _of_the_reasoning(assumed: Verdicts) -> str:
    premise = "with a this_cpu_cmpxchg() that is a full barrier"
    if assumed.holding == NAMES:
        return f"The reasoning is sound: {premise}, all four statements hold."
    if assumed.fallen:
        return f"The reasoning has a hole: even {premise}, {_falling(assumed.fallen)}."
    return f"Whether the reasoning is sound, {premise}, is not decided."


def _of_the_leaks(leaky: Sequence[Verdicts]) -> Iterator[str]:
    """The assumption, and a sentence for the machines on which the same statements fall."""
    if leaky and all(not CMPXCHGS[judged.machine.cmpxchg].fences for judged in leaky):
        yield f"The assumption fails: on {_names(leaky)} this_cpu_cmpxchg() is no full barrier."
    kinds = dict.fromkeys(judged.fallen for judged in leaky)
    for fallen in kinds:
        places = _names(judged for judged in leaky if judged.fallen == fallen)
        before = tuple(name for name in fallen if name != _CONCLUSION)
        cases_hold = all(
            judged.holds(case) for judged in leaky if judged.fallen == fallen for case in _CASES
        )
        if before == (_EXHAUSTIVE,) and cases_hold:
            why = (
                "Both cases hold, but they are not all there is: CasesExhaustive falls, and what "
                "leaks is the third case."
            )
        elif before:
            why = f"On the way there {_falling(before)}."
        else:
            why = "No statement before the conclusion was seen to fall."
        yield f"On {places} the cache leaks. {why}"


def _of_the_control(control: Verdicts) -> str:
    if control.holding == NAMES:
        return (
            "Without store buffers all four statements hold, with the same unlocked cmpxchg: the "
            "text of the code does not show the leak, and a model without buffers would have said "
            "yes."
        )
    if control.fallen:
        return f"Even without store buffers {_falling(control.fallen)}."
    return "Without store buffers: not decided."


def _of_the_repair(repaired: Sequence[Verdicts]) -> Iterator[str]:
    if not repaired:
        return
    held = [judged for judged in repaired if judged.holds(_CONCLUSION)]
    leaky = [judged for judged in repaired if judged.falls(_CONCLUSION)]
    if held:
        yield (
            f"A second smp_mb(), between the put's cmpxchg and its check, repairs it on "
            f"{_names(held)}."
        )
    if leaky:
        yield f"A second smp_mb(), after the put's cmpxchg, does not repair it on {_names(leaky)}."


def _surprises(argument: Argued[Verdicts]) -> Iterator[Surprise]:
    for judged in argument.machines:
        for name in NAMES:
            expected = name in judged.machine.falls
            as_expected = judged.falls(name) if expected else judged.holds(name)
            if not as_expected and judged.verdict(name).kind not in _UNDECIDED:
                yield Surprise(
                    machine=judged.machine.name,
                    statement=name,
                    expected=f"VIOLATED({name})" if expected else "PROVEN",
                    found=str(judged.verdict(name)),
                )


def _undecided(argument: Argued[Verdicts]) -> Iterator[str]:
    for judged in argument.machines:
        for name in NAMES:
            if judged.verdict(name).kind in _UNDECIDED:
                yield f"{judged.machine.name}: {name}"


def _exit_code(argument: Argued[Verdicts]) -> ExitCode:
    verdicts = [judged.verdict(name) for judged in argument.machines for name in NAMES]
    failed = [v.exit_code for v in verdicts if v.kind is VerdictKind.ERROR]
    if failed:
        return failed[0]
    if any(_surprises(argument)):
        return ExitCode.NOT_AS_EXPECTED
    return ExitCode.INCONCLUSIVE if any(_undecided(argument)) else ExitCode.AS_EXPECTED


def _names(judged: Iterable[Verdicts]) -> str:
    return listed(tuple(dict.fromkeys(each.machine.arch for each in judged)))


def _falling(statements: Sequence[str]) -> str:
    return f"{listed(statements)} {'fall' if len(statements) > 1 else 'falls'}"
