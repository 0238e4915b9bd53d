r"""What the behaviour of a specification, and what it is held against, say against a proof.

``Spec == Init /\ [][Next]_vars /\ Fairness`` is meant to be machine closed: every state that is
reached goes on fairly. Where it is not, there may be no fair behaviour at all, and every liveness
property holds for no good reason.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

from slubtla.tlc.text.antecedents import visible_definitions
from slubtla.tlc.text.cfg import Cfg
from slubtla.tlc.text.definitions import Definition, Token, all_definitions, words_of
from slubtla.tlc.text.formulas import (
    Always,
    Choice,
    Formula,
    Implies,
    Junction,
    Leaf,
    Let,
    NotUnderstoodError,
    Quantified,
    parse,
)

_ENDS: Final = re.compile(r"(?!(?:THEN|ELSE|IN)$)\w+|\".*\"|[)\]}']|>>", re.DOTALL)
"""What an operand ends with."""

_FAIR: Final = re.compile(r"[WS]F_.*")
_BOX: Final = "[] P"
"""What stands for a ``[]`` that is no separator of CASE."""

_TEMPORAL: Final = frozenset([_BOX, "<>", "~>", r"\leadsto", "-+->"])
_OF_STEPS: Final = frozenset(["'", "UNCHANGED", "ENABLED"])
_CONSTANT: Final = frozenset(['"config"', '"spec"', '"revision"', '"action"'])
"""What TLCGet tells that does not depend on the search."""

_NOTING: Final = frozenset(["TLCSet", "Print", "PrintT"])


def why_not_fair(cfg: Cfg, modules: Mapping[str, str]) -> Iterator[str]:
    """Yield what may leave no fair behaviour, one sentence each.

    Args:
        cfg: what the cfg says; its properties say that something happens at last.
        modules: the text of the root module and of those it reaches, by name, the root first.
    """
    every = all_definitions(modules)
    parts = [
        part
        for name in cfg.specification
        for part in _conjuncts(name, visible_definitions(modules), ())
    ]
    steps = _reached((word for part in parts if _is_step(part) for word in _words(part)), every)
    for part in parts:
        words = _words(part)
        where = ", ".join(cfg.specification)
        if isinstance(part, Leaf) and _FAIR.fullmatch(part.tokens[0].text):
            actions = {word for word in words[1:] if _is_an_action(word, every)}
            own = {word for word in _reached(actions, every) if _is_an_action(word, every)}
            if actions and steps and not own & steps:
                yield (
                    f"{where} asks for fairness of {' and '.join(sorted(actions))}, which is no "
                    "part of its next-state relation: there may be no fair behaviour, of which "
                    "anything is true"
                )
        elif not _is_step(part) and _is_temporal(words, every):
            text = words_of(part.tokens) if isinstance(part, Leaf) else " ".join(words)
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
        if known and not _is_temporal([name], every) and not _speaks_of_steps([name], every):
            yield (
                f"PROPERTY {name} speaks of the first state alone, for it has no [], <> or ~>: "
                f"no other state was looked at; to hold in all of them: INVARIANT {name}"
            )


def why_not_of_states(cfg: Cfg, modules: Mapping[str, str]) -> Iterator[str]:
    """Yield why the steps may depend on the search itself: on what TLCGet tells of it."""
    every = all_definitions(modules)
    reached = _reached(cfg.behaviour, every)
    for name in sorted(reached & every.keys()):
        for token in _asked(every[name].body):
            yield (
                f"{name} asks TLCGet ({every[name].module}.tla:{token.line}): which steps there "
                "are depends on the order of the search, not on the state alone"
            )
            return


def _asked(tokens: Sequence[Token]) -> Iterator[Token]:
    """Where a value of TLCGet is used for something else than to be noted or printed."""
    noting: list[bool] = []
    for at, token in enumerate(tokens):
        if token.text in {"(", "[", "{", "<<"}:
            noting.append(any(noting) or (at > 0 and tokens[at - 1].text in _NOTING))
        elif token.text in {")", "]", "}", ">>"} and noting:
            noting.pop()
        of = tokens[at + 2].text if at + 2 < len(tokens) else ""
        if token.text == "TLCGet" and not any(noting) and of not in _CONSTANT:
            yield token


def _conjuncts(
    name: str, definitions: Mapping[str, Definition], seen: tuple[str, ...]
) -> Iterator[Formula]:
    if name not in definitions or name in seen:
        return
    try:
        formula = parse(definitions[name].body)
    except NotUnderstoodError:
        return
    yield from _parts(formula, definitions, (*seen, name))


def _parts(
    formula: Formula, definitions: Mapping[str, Definition], seen: tuple[str, ...]
) -> Iterator[Formula]:
    match formula:
        case Junction("and", items):
            for item in items:
                yield from _parts(item, definitions, seen)
        case Quantified("A", _, body) | Let(_, body):
            yield from _parts(body, definitions, seen)
        case Leaf(tokens) if len(tokens) > 1 and tokens[1].text == "!":
            return  # what an instance says is not looked into
        case Leaf(tokens) if tokens[0].text in definitions:
            inner = tuple(_conjuncts(tokens[0].text, definitions, seen))
            yield from inner or (formula,)
        case _:
            yield formula


def _is_step(part: Formula) -> bool:
    """Whether it is ``[][Next]_vars``."""
    return (
        isinstance(part, Always)
        and isinstance(part.body, Leaf)
        and part.body.tokens[0].text == "["
        and any(token.text.startswith("_") for token in part.body.tokens)
    )


def _words(formula: Formula) -> list[str]:
    match formula:
        case Leaf(tokens):
            return _read(tokens)
        case Always(body):
            return [_BOX, *_words(body)]
        case Junction(_, items):
            return [word for item in items for word in _words(item)]
        case Quantified(_, tokens, body) | Let(tokens, body):
            return [*_read(tokens), *_words(body)]
        case Implies(left, right):
            return [*_read(left), *_words(right)]
        case Choice(condition, then, otherwise):
            branches = (*_words(then), *_words(otherwise))
            return [*_read(condition), *branches]


def _read(tokens: Sequence[Token]) -> list[str]:
    """The words of some tokens; a ``[]`` behind an operand separates the arms of a CASE."""
    words = [token.text for token in tokens]
    return [
        _BOX if word == "[]" and not (at and _ENDS.fullmatch(words[at - 1])) else word
        for at, word in enumerate(words)
    ]


def _reached(words: Iterable[str], definitions: Mapping[str, Definition]) -> set[str]:
    """Return some words, and those of the definitions that they name."""
    reached: set[str] = set()
    unread = list(words)
    while unread:
        word = unread.pop()
        if word not in reached:
            reached.add(word)
            body = definitions[word].body if word in definitions else ()
            unread += _read(body)
    return reached


def _is_temporal(words: Iterable[str], definitions: Mapping[str, Definition]) -> bool:
    found = _reached(words, definitions)
    return bool(found & _TEMPORAL) or any(_FAIR.fullmatch(word) for word in found)


def _is_an_action(word: str, definitions: Mapping[str, Definition]) -> bool:
    return word in definitions and _speaks_of_steps([word], definitions)


def _speaks_of_steps(words: Iterable[str], definitions: Mapping[str, Definition]) -> bool:
    return bool(_reached(words, definitions) & _OF_STEPS)
