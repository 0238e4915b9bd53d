"""From what a user writes to all that it means."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from typing import Final

from slubtla.barriers.glossary.labels import (
    definition_meaning,
    definitions,
    function_meaning,
    functions,
    label_meaning,
    label_models,
)
from slubtla.barriers.glossary.meaning import Explanation, Meaning
from slubtla.barriers.glossary.verdicts import verdict_meaning
from slubtla.barriers.glossary.words import (
    arch_meaning,
    cmpxchg_meaning,
    guard_meaning,
    kernel_meaning,
    memory_meaning,
    property_meaning,
    strategy_meaning,
)
from slubtla.barriers.machines import ARCHES, CMPXCHGS, MEMORY_MODELS
from slubtla.barriers.protocol import protocol
from slubtla.errors import UnknownNameError
from slubtla.tlc.run.verdict import VerdictKind

_NEAR: Final = 6
_VERDICT: Final = re.compile(r"([A-Z]+)\((\w+)\)")


@cache
def _kinds() -> tuple[tuple[Iterable[str], Callable[[str], Meaning]], ...]:
    """Every kind of word: its names, and what tells one; the most asked for first."""
    return (
        (tuple(protocol().strategies), strategy_meaning),
        (tuple(protocol().properties), property_meaning),
        (tuple(protocol().guards), guard_meaning),
        (tuple(ARCHES), arch_meaning),
        (tuple(MEMORY_MODELS), memory_meaning),
        (tuple(CMPXCHGS), cmpxchg_meaning),
        (tuple(protocol().kernels), kernel_meaning),
        (tuple(VerdictKind), verdict_meaning),
        (tuple(label_models()), label_meaning),
        (tuple(functions()), function_meaning),
        (tuple(definitions()), definition_meaning),
    )


@cache
def all_words() -> tuple[str, ...]:
    """Return every word that can be explained, none twice."""
    return tuple(dict.fromkeys(str(name) for names, _ in _kinds() for name in names))


def explain(word: str) -> Explanation:
    """Return what a word means.

    Args:
        word: a strategy, property, guard, architecture, memory model, cmpxchg, kernel, verdict,
            label or action, kernel function, or definition; case does not matter, and a function
            may have its brackets. ``VIOLATED(NoLeak)`` is the verdict and the property.

    Raises:
        UnknownNameError: it is none of them; names the nearest.
    """
    if verdict := _VERDICT.fullmatch(word):
        parts = [part for part in verdict.groups() if part in all_words()]
        if parts:
            told = tuple(meaning for part in parts for meaning in _meanings(part))
            return Explanation(word=word, meanings=told)
    name = word.removesuffix("()")
    meanings = _meanings(name) or _meanings(_cases().get(name.lower(), ""))
    if not meanings:
        near = difflib.get_close_matches(name.lower(), _cases(), n=_NEAR, cutoff=0.5)
        known = [_cases()[one] for one in near] or [
            *protocol().strategies,
            *protocol().properties,
            *protocol().guards,
        ]
        raise UnknownNameError("word", word, known)
    return Explanation(word=word, meanings=meanings)


def _meanings(name: str) -> tuple[Meaning, ...]:
    return tuple(tell(name) for names, tell in _kinds() if name in names)


@cache
def _cases() -> Mapping[str, str]:
    """Each word by its small letters."""
    return {word.lower(): word for word in reversed(all_words())}
