"""The question and the answer, read from the results that are given and from nothing else."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from slubtla.barriers.machines import ARCHES
from slubtla.barriers.model import Model, model_of
from slubtla.barriers.show.text import subject_with_bounds
from slubtla.protocols.slub.argument.telling import QUESTION
from slubtla.tlc.run.result import Result
from slubtla.tlc.run.verdict import VerdictKind

_MAIL: Final = "smp_mb"
_CONCLUSION: Final = "NoLeak"
_MOST_TOLD: Final = 6
"""Results that are told one by one; the table has them all."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What the results say.

    Attributes:
        question: the question, one sentence.
        background: what it is about, paragraphs; empty for specifications of the user's own.
        word: the answer in a word or two; ``""`` where the question has no single one.
        good: whether the word is a yes; None where it is neither yes nor no.
        sentences: why.
    """

    question: str
    background: tuple[str, ...]
    word: str
    good: bool | None
    sentences: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Row:
    """What became of one strategy on the machines as they are."""

    strategy: str
    results: tuple[Result, ...]

    @property
    def fallen(self) -> tuple[Result, ...]:
        return tuple(r for r in self.results if r.verdict.kind is VerdictKind.VIOLATED)

    @property
    def holding(self) -> tuple[Result, ...]:
        return tuple(r for r in self.results if r.verdict.kind is VerdictKind.PROVEN)

    @property
    def open(self) -> tuple[Result, ...]:
        return tuple(r for r in self.results if not r.verdict.conclusive)


def answer_of(results: Sequence[Result]) -> Answer:
    """Return the question that some results answer, and the answer."""
    rows = _rows(results)
    names = [row.strategy for row in rows]
    told = [result for row in rows for result in row.results]
    others = [result for result in results if result not in told and not _control(result)]
    sentences = [*_of_rows(rows), *_of_control(results, rows), *_of_others(others)]
    if any(result.verdict.kind is VerdictKind.PROVEN for result in results):
        sentences.append(
            "To hold, here, is to be PROVEN: TLC searched every interleaving of the model within "
            "its bounds. It says nothing about larger ones."
        )
    slub = any(result.protocol is not None for result in results)
    asked = rows[names.index(_MAIL)] if _MAIL in names else rows[0] if len(rows) == 1 else None
    word, good = _word(asked) if asked else _word_of(others) if not rows else ("", None)
    return Answer(
        question=_question(asked, rows, results),
        background=QUESTION if slub else (),
        word=word,
        good=good,
        sentences=tuple(sentences),
    )


def _rows(results: Sequence[Result]) -> tuple[_Row, ...]:
    standing = [(_heading(model), r) for r in results if (model := _as_it_is(r)) is not None]
    return tuple(
        _Row(name, tuple(result for strategy, result in standing if strategy == name))
        for name in dict.fromkeys(strategy for strategy, _ in standing)
    )


def _heading(model: Model) -> str:
    """The strategy, and the kernel where it is not the default one."""
    kernel = "" if model.kernel == model.protocol.default_kernel else f" in {model.kernel}"
    return model.strategy + kernel


def _as_it_is(result: Result) -> Model | None:
    """The model, where it is a strategy on a machine as it is, asked whether it leaks."""
    model = model_of(result)
    if model is None or model.without:
        return None
    if model.kernel != model.protocol.default_kernel and not _waits_for_ipis(model):
        return None
    arch = ARCHES[model.arch]
    own = (model.memory, model.cmpxchg) == (arch.memory, arch.cmpxchg)
    return model if own and _CONCLUSION in model.properties else None


def _control(result: Result) -> bool:
    model = model_of(result)
    return model is not None and model.memory == "sc"


def _question(asked: _Row | None, rows: Sequence[_Row], results: Sequence[Result]) -> str:
    if asked and asked.strategy == _MAIL:
        return (
            "Can a plain smp_mb() on the shrink side replace kick_all_cpus_sync() or "
            "synchronize_sched()?"
        )
    if asked:
        return f"Is {asked.strategy} enough between the shrink's stores and its flush?"
    if rows:
        return "What is enough between the shrink's stores and its flush?"
    return f"Does {subject_with_bounds(results[0])} hold?" if len(results) == 1 else "What holds?"


def _word(row: _Row) -> tuple[str, bool | None]:
    if any(result.verdict.detail == _CONCLUSION for result in row.fallen):
        return "No.", False
    if row.open or row.fallen:  # a deadlock, say, of which a barrier is innocent
        return "Not decided.", None
    return f"Yes, on {_arches(row.holding)}, within the bounds that were searched.", True


def _word_of(others: Sequence[Result]) -> tuple[str, bool | None]:
    """Of a single result of another kind."""
    if len(others) != 1:
        return "", None
    match others[0].verdict.kind:
        case VerdictKind.PROVEN:
            return "Yes, within the bounds that were searched.", True
        case VerdictKind.VIOLATED:
            return "No.", False
        case _:
            return "Not decided.", None


def _of_rows(rows: Sequence[_Row]) -> Iterator[str]:
    """The mail's strategy by itself, then the others, those with the same fate together."""
    mail = [row for row in rows if row.strategy == _MAIL]
    rest = [row for row in rows if row.strategy != _MAIL]
    fates: dict[tuple[tuple[str, str], ...], list[_Row]] = {}
    for row in rest:
        fates.setdefault(tuple((_arch(r), str(r.verdict)) for r in row.results), []).append(row)
    for alike in [*([mail] if mail else []), *fates.values()]:
        names, row, many = listed([each.strategy for each in alike]), alike[0], len(alike) > 1
        for what in dict.fromkeys(r.verdict.detail for r in row.fallen):
            there = [r for r in row.fallen if r.verdict.detail == what]
            verb = ("leak" if many else "leaks") if what == _CONCLUSION else f"violates {what}"
            why = _why(row, there, full=False) if what == _CONCLUSION else ""
            yield f"{names} {verb} on {_arches(there)}{why}."
        if row.holding:
            verb = "hold" if many else "holds"
            why = _why(row, row.holding, full=True)
            yield f"{names} {verb} on {_arches(row.holding)}{why}."
        for verdict in dict.fromkeys(str(r.verdict) for r in row.open):
            places = _arches(r for r in row.open if str(r.verdict) == verdict)
            yield f"{names} on {places} is not decided: {verdict}, which is no proof."


def _waits_for_ipis(model: Model) -> bool:
    """Whether the barrier waits for IPIs, so that its verdict depends on the kernel's wait."""
    return model.strategy.sends_ipi


def _why(row: _Row, results: Sequence[Result], *, full: bool) -> str:
    """Why a strategy stands or falls: the mail's idea with its assumption, a kick with its wait."""
    models = [model for r in results if (model := model_of(r)) is not None]
    if not full and all(_waits_for_ipis(m) and m.kernel.ipi_wait == "plain" for m in models):
        return (
            f": csd_lock_wait() of {models[0].kernel} reads the acknowledgement with plain loads, "
            "which hold no later load back"
        )
    alike = len(models) == len(results) and all((m.cmpxchg == "full") is full for m in models)
    if row.strategy != _MAIL or not alike:
        return ""
    whose = "its" if len(results) == 1 else "their"
    what = "a full barrier" if full else "not the full barrier that the mail assumes"
    return f": {whose} this_cpu_cmpxchg() is {what}"


def _of_control(results: Sequence[Result], rows: Sequence[_Row]) -> Iterator[str]:
    controls = [result for result in results if _control(result)]
    if not controls:
        return
    if all(result.verdict.kind is VerdictKind.PROVEN for result in controls):
        many = f"each of these {len(controls)} models holds"
        every = many if rows and len(controls) > 1 else "it holds"
        yield (
            f"Under sequential consistency {every}; that is the control, and says nothing about "
            "barriers."
        )
    else:
        yield from _of_others([r for r in controls if r.verdict.kind is not VerdictKind.PROVEN])


def _of_others(others: Sequence[Result]) -> Iterator[str]:
    for result in others[:_MOST_TOLD]:
        decided = "" if result.verdict.conclusive else ", which is no proof"
        yield f"{subject_with_bounds(result)}: {result.verdict}{decided}."
    if len(others) > _MOST_TOLD:
        yield f"{len(others) - _MOST_TOLD} more are in the table."


def _arch(result: Result) -> str:
    model = model_of(result)
    return "" if model is None else model.arch


def _arches(results: Iterable[Result]) -> str:
    return listed(list(dict.fromkeys(map(_arch, results))))


def listed(words: Sequence[str]) -> str:
    """Return ``a``, ``a and b``, or ``a, b and c``."""
    *most, last = words
    return f"{', '.join(most)} and {last}" if most else last
