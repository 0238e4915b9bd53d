"""Compose the report's question, short answer and reasons from its results."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from slubtla.barriers.model import Model, model_of
from slubtla.barriers.names import listed
from slubtla.barriers.protocol import Protocol, Strategy, protocol
from slubtla.barriers.show.text import subject_with_bounds
from slubtla.tlc.run.result import Result
from slubtla.tlc.run.verdict import VerdictKind, Word, word_of

_MOST_SENTENCES: Final = 6
"""So many other results get a sentence of their own; the table lists all."""


@dataclass(frozen=True, slots=True)
class ReportAnswer:
    """The question of a report, and its answer.

    Attributes:
        question: the question, one sentence.
        background: paragraphs that introduce the question; empty for a user's specification.
        word: the answer in a word or two; ``""`` where the question has no single one.
        good: whether the word is a yes; None where it is neither yes nor no.
        sentences: the reasons, one sentence each.
    """

    question: str
    background: tuple[str, ...]
    word: str
    good: bool | None
    sentences: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Row:
    """Results of one strategy, on architectures with their own memory model and cmpxchg."""

    name: str
    strategy: Strategy
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


def answer_of(results: Sequence[Result]) -> ReportAnswer:
    """Return the question that some results answer, and the answer."""
    ours = [result.protocol for result in results if result.protocol is not None]
    of, rows = protocol(ours[0] if ours else None), _rows(results)
    in_rows = [result for row in rows for result in row.results]
    others = [result for result in results if result not in in_rows and not _control(result)]
    sentences = [*_of_rows(of, rows), *_of_control(results, rows), *_of_others(others)]
    if any(result.verdict.kind is VerdictKind.PROVEN for result in results):
        sentences.append(
            "PROVEN: TLC searched every interleaving of the model within its bounds. It says "
            "nothing about larger ones."
        )
    example = [row for row in rows if row.name == of.example_strategy]
    asked = example[0] if example else rows[0] if len(rows) == 1 else None
    word, good = _word(of, asked) if asked else _word_of(others) if not rows else ("", None)
    return ReportAnswer(
        question=_question(of, asked, rows, results),
        background=of.background if ours else (),
        word=word,
        good=good,
        sentences=tuple(sentences),
    )


def _rows(results: Sequence[Result]) -> tuple[_Row, ...]:
    standing = [(_heading(model), model, r) for r in results if (model := _as_it_is(r))]
    return tuple(
        _Row(name, model.strategy, tuple(result for own, _, result in standing if own == name))
        for name, model in {name: model for name, model, _ in standing}.items()
    )


def _heading(model: Model) -> str:
    """The strategy, and the kernel where it is not the default one."""
    kernel = "" if model.kernel == model.protocol.default_kernel else f" in {model.kernel}"
    return model.strategy + kernel


def _as_it_is(result: Result) -> Model | None:
    """The run's model if it decides a strategy: nothing removed or overridden; else None."""
    model = model_of(result)
    if model is None or model.without:
        return None
    # Only for a strategy that sends IPIs does the verdict depend on the kernel (ipi_wait).
    if model.kernel != model.protocol.default_kernel and not model.strategy.sends_ipi:
        return None
    asked = model.protocol.conclusion in model.properties
    return model if asked and not model.overridden else None


def _control(result: Result) -> bool:
    model = model_of(result)
    return model is not None and not model.memory.buffers


def _question(
    of: Protocol, asked: _Row | None, rows: Sequence[_Row], results: Sequence[Result]
) -> str:
    if asked:
        return asked.strategy.question or of.question_of.format(strategy=asked.name)
    if rows:
        return of.question
    return f"Does {subject_with_bounds(results[0])} hold?" if len(results) == 1 else "What holds?"


def _word(of: Protocol, row: _Row) -> tuple[str, bool | None]:
    word = word_of((result.verdict for result in row.results), of.conclusion)
    if word is Word.YES:
        return f"Yes, on {_arches(row.holding)}, within the bounds that were searched.", True
    return f"{word}.", False if word is Word.NO else None


def _word_of(others: Sequence[Result]) -> tuple[str, bool | None]:
    """The short answer for a single result that is in no row."""
    if len(others) != 1:
        return "", None
    match others[0].verdict.kind:
        case VerdictKind.PROVEN:
            return "Yes, within the bounds that were searched.", True
        case VerdictKind.VIOLATED:
            return "No.", False
        case _:
            return "Not decided.", None


def _of_rows(of: Protocol, rows: Sequence[_Row]) -> Iterator[str]:
    """The example strategy first; then the others, grouped by equal verdicts."""
    first = [row for row in rows if row.name == of.example_strategy]
    fates: dict[tuple[tuple[str, str], ...], list[_Row]] = {}
    for row in rows:
        if row not in first:
            fates.setdefault(tuple((_arch(r), str(r.verdict)) for r in row.results), []).append(row)
    for alike in [*([first] if first else []), *fates.values()]:
        names, row, many = listed([each.name for each in alike]), alike[0], len(alike) > 1
        for what in dict.fromkeys(r.verdict.detail for r in row.fallen):
            there = [r for r in row.fallen if r.verdict.detail == what]
            if what == of.conclusion:
                verb = of.falls if many else f"{of.falls}s"
            else:
                verb = f"violate {what}" if many else f"violates {what}"
            why = _why(there, holds=False) if what == of.conclusion else ""
            yield f"{names} {verb} on {_arches(there)}{why}."
        if row.holding:
            verb = "are" if many else "is"
            yield f"{names} {verb} PROVEN on {_arches(row.holding)}{_why(row.holding, holds=True)}."
        for verdict in dict.fromkeys(str(r.verdict) for r in row.open):
            places = _arches(r for r in row.open if str(r.verdict) == verdict)
            verb = "are" if many else "is"
            yield f"{names} on {places} {verb} not decided: {verdict}, which is no proof."


def _why(results: Sequence[Result], *, holds: bool) -> str:
    models = [model for r in results if (model := model_of(r)) is not None]
    why = models[0].protocol.rules.why(models, holds=holds)
    return f": {why}" if why else ""


def _of_control(results: Sequence[Result], rows: Sequence[_Row]) -> Iterator[str]:
    controls = [result for result in results if _control(result)]
    if not controls:
        return
    if all(result.verdict.kind is VerdictKind.PROVEN for result in controls):
        many = f"each of these {len(controls)} models holds"
        every = many if rows and len(controls) > 1 else "the model holds"
        yield (
            f"Under sequential consistency {every}; that is the control, and says nothing about "
            "barriers."
        )
    else:
        yield from _of_others([r for r in controls if r.verdict.kind is not VerdictKind.PROVEN])


def _of_others(others: Sequence[Result]) -> Iterator[str]:
    for result in others[:_MOST_SENTENCES]:
        decided = "" if result.verdict.conclusive else ", which is no proof"
        yield f"{subject_with_bounds(result)}: {result.verdict}{decided}."
    if len(others) > _MOST_SENTENCES:
        yield f"{len(others) - _MOST_SENTENCES} more are in the table."


def _arch(result: Result) -> str:
    model = model_of(result)
    return "" if model is None else model.arch


def _arches(results: Iterable[Result]) -> str:
    return listed(list(dict.fromkeys(map(_arch, results))))
