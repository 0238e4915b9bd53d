r"""Find reasons in Spec and its properties why a result may be void, e.g. no fair behaviour.

``Spec == Init /\ [][Next]_vars /\ Fairness`` is meant to be machine closed: every state that is
reached goes on fairly. Where it is not, there may be no fair behaviour at all, and every liveness
property holds.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

from slubtla.tlc.text.cfg import Cfg
from slubtla.tlc.text.formulas import Formula, NotUnderstoodError, parse
from slubtla.tlc.text.tla import (
    CLOSERS,
    OPENERS,
    Definition,
    Token,
    all_definitions,
    texts_of,
    visible_definitions,
    words_of,
    words_reached,
)

_OPERAND_ENDS: Final = re.compile(r"(?!(?:THEN|ELSE|IN)$)\w+|\".*\"|[)\]}']|>>", re.DOTALL)
_FAIR: Final = re.compile(r"[WS]F_.*")
_BOX: Final = "[] P"
"""What stands for a ``[]`` that is no separator of CASE."""

_TEMPORAL: Final = frozenset([_BOX, "<>", "~>", r"\leadsto", "-+->"])
_LIVENESS: Final = frozenset(["<>", "~>", r"\leadsto"])
_OF_STEPS: Final = frozenset(["'", "UNCHANGED", "ENABLED"])
_CONSTANT: Final = frozenset(['"config"', '"spec"', '"revision"', '"action"'])
"""Arguments of TLCGet whose value does not depend on the search."""

_PRINTING: Final = frozenset(["TLCSet", "Print", "PrintT"])


def is_liveness(name: str, modules: Mapping[str, str]) -> bool:
    """Whether a property, or what it names, has ``<>``, ``~>`` or fairness, or is not known."""
    every = all_definitions(modules)
    reached = words_reached([name], every)
    fair = any(_FAIR.fullmatch(word) for word in reached)
    return name not in every or fair or bool(reached & _LIVENESS)


def why_not_fair(cfg: Cfg, modules: Mapping[str, str]) -> Iterator[str]:
    """Yield what may leave no fair behaviour, one sentence each."""
    every = all_definitions(modules)
    visible = visible_definitions(modules)
    parts = [part for name in cfg.specification for part in _conjuncts(name, visible, ())]
    stepping = [word for part in parts if _is_step(part) for word in _words(part)]
    steps = words_reached(stepping, every, words_read)
    where = ", ".join(cfg.specification)
    for part in parts:
        words = _words(part)
        if part.kind == "leaf" and _FAIR.fullmatch(part.tokens[0].text):
            actions = {word for word in words[1:] if _is_action(word, every)}
            reached = words_reached(actions, every, words_read)
            if actions and steps and not {w for w in reached & steps if _is_action(w, every)}:
                yield (
                    f"{where} asks for fairness of {' and '.join(sorted(actions))}, which is no "
                    "part of its next-state relation: there may be no fair behaviour, of which "
                    "anything is true"
                )
        elif not _is_step(part) and is_temporal(words, every):
            text = words_of(part.tokens) if part.kind == "leaf" else " ".join(words)
            text = text.replace(_BOX, "[]")
            yield (
                f"{where} has the conjunct `{text}`, which is no fairness of an action (WF_, SF_): "
                "there may be no behaviour that satisfies it, of which anything is true"
            )


def why_not_temporal(cfg: Cfg, modules: Mapping[str, str]) -> Iterator[str]:
    """Yield a warning for each PROPERTY that is a state predicate: TLC looks at initial states."""
    every = all_definitions(modules)
    for name in cfg.properties:
        known = name in visible_definitions(modules)
        if known and not is_temporal([name], every) and not speaks_of_steps([name], every):
            yield (
                f"PROPERTY {name} speaks of the first state alone, for it has no [], <> or ~>: "
                f"no other state was looked at; to hold in all of them: INVARIANT {name}"
            )


def why_not_of_states(cfg: Cfg, modules: Mapping[str, str]) -> Iterator[str]:
    """Yield why the steps may depend on the search itself: on what TLCGet returns of it."""
    every = all_definitions(modules)
    reached = words_reached(cfg.behaviour, every, words_read)
    for name in sorted(reached & every.keys()):
        for token in _used_values(every[name].body):
            yield (
                f"{name} asks TLCGet ({every[name].module}.tla:{token.line}): which steps there "
                "are depends on the order of the search, not on the state alone"
            )
            return


def _used_values(tokens: Sequence[Token]) -> Iterator[Token]:
    """Where a value of TLCGet is not just stored or printed."""
    printing: list[bool] = []
    for at, token in enumerate(tokens):
        if token.text in OPENERS:
            printing.append(any(printing) or (at > 0 and tokens[at - 1].text in _PRINTING))
        elif token.text in CLOSERS and printing:
            printing.pop()
        of = tokens[at + 2].text if at + 2 < len(tokens) else ""
        if token.text == "TLCGet" and not any(printing) and of not in _CONSTANT:
            yield token


def _conjuncts(
    name: str, definitions: Mapping[str, Definition], seen: tuple[str, ...]
) -> Iterator[Formula]:
    """The conjuncts of a definition, and of those that they name."""
    with contextlib.suppress(NotUnderstoodError):
        if name in definitions and name not in seen:
            yield from _parts(parse(definitions[name].body), definitions, (*seen, name))


def _parts(
    formula: Formula, definitions: Mapping[str, Definition], seen: tuple[str, ...]
) -> Iterator[Formula]:
    if formula.kind in {"and", "\\A", "LET"}:
        for item in formula.items:
            yield from _parts(item, definitions, seen)
    elif formula.kind != "leaf":
        yield formula
    elif "!" not in texts_of(formula.tokens[1:2]):  # what an instance says is not looked into
        inner = tuple(_conjuncts(formula.tokens[0].text, definitions, seen))
        yield from inner or (formula,)


def _is_step(part: Formula) -> bool:
    """Whether it is ``[][Next]_vars``."""
    words = texts_of(part.items[0].tokens) if part.kind == "[]" else []
    return words[:1] == ["["] and any(word.startswith("_") for word in words)


def _words(formula: Formula) -> list[str]:
    """The words of a formula, but for its connectives."""
    words = [_BOX] if formula.kind == "[]" else words_read(formula.tokens)
    return words + [word for item in formula.items for word in _words(item)]


def words_read(tokens: Sequence[Token]) -> list[str]:
    """The words of some tokens; a ``[]`` behind an operand separates the arms of a CASE."""
    words = texts_of(tokens)
    return [
        _BOX if word == "[]" and not (at and _OPERAND_ENDS.fullmatch(words[at - 1])) else word
        for at, word in enumerate(words)
    ]


def is_temporal(words: Iterable[str], definitions: Mapping[str, Definition]) -> bool:
    """Whether some words, or what they name, hold a temporal operator or fairness."""
    found = words_reached(words, definitions, words_read)
    return bool(found & _TEMPORAL) or any(_FAIR.fullmatch(word) for word in found)


def speaks_of_steps(words: Iterable[str], definitions: Mapping[str, Definition]) -> bool:
    """Whether some words, or what they name, speak of two states: a prime, UNCHANGED, ENABLED."""
    return bool(words_reached(words, definitions, words_read) & _OF_STEPS)


def _is_action(word: str, definitions: Mapping[str, Definition]) -> bool:
    return word in definitions and speaks_of_steps([word], definitions)
