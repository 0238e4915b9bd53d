"""Find reasons in specification and cfg why TLC's "no error" is no proof.

TLC checks what it is given. It does not say that a formula was replaced under its name, that a view
makes different states one, or that the specification ends the search itself.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from slubtla.tlc.output.codes import PROOF_SPOILERS, Code
from slubtla.tlc.text.behaviour import (
    is_liveness,
    why_not_fair,
    why_not_of_states,
    why_not_temporal,
)
from slubtla.tlc.text.cfg import Cfg
from slubtla.tlc.text.formulas import Formula, NotUnderstoodError, parse
from slubtla.tlc.text.symmetry import why_not_symmetric
from slubtla.tlc.text.tla import (
    CLOSERS,
    NAME,
    OPENERS,
    Definition,
    Token,
    all_definitions,
    assumptions_of,
    definitions_of,
    names_declared,
    texts_of,
    tokens_of,
    visible_definitions,
)

_RANDOM: Final = frozenset(
    ["RandomElement", "RandomSubset", "RandomSetOfSubsets", "RandomSubsetSet"]
)
"""TLC's operators that choose at random (modules TLC and Randomization)."""

_NOT: Final = frozenset(["~", r"\lnot", r"\neg"])
_EQUIVALENT: Final = frozenset(["<=>", r"\equiv"])


@dataclass(frozen=True, slots=True)
class Caveats:
    """What the texts say against a proof.

    Attributes:
        doubts: why "no error has been found" would be no proof, one sentence each.
        bounds: what the search leaves out: ``view``, ``exit`` or ``random``, each with a sentence.
        warnings: what a careful reader should know, one sentence each.
    """

    doubts: tuple[str, ...] = ()
    bounds: tuple[tuple[str, str], ...] = ()
    warnings: tuple[str, ...] = ()
    liveness: bool = False
    edited: tuple[str, ...] = ()


def find_caveats(
    cfg: Cfg, modules: Mapping[str, str], *, symmetric: bool = False, edited: Sequence[str] = ()
) -> Caveats:
    """Read the texts; ``symmetric`` says that the SYMMETRY of the cfg is known to be one."""
    tokens = {name: tokens_of(text) for name, text in modules.items()}
    liveness = any(is_liveness(name, modules) for name in cfg.properties)
    constants = names_declared(modules, "CONSTANT")  # that of another module is no constant here
    replaced = {name: by for name, by in cfg.given.items() if name not in constants}
    definitions = all_definitions(modules) | visible_definitions(modules)
    doubts = list(_replaced_parts(cfg, replaced, definitions))
    doubts += why_not_of_states(cfg, modules)
    doubts += _not_evaluated(cfg, modules)
    if liveness:
        doubts += why_not_fair(cfg, modules)
    if cfg.symmetry and liveness:
        doubts.append(PROOF_SPOILERS[Code.LIVENESS_WITH_SYMMETRY])
    if cfg.symmetry and not symmetric:
        doubts += why_not_symmetric(cfg, modules)
    return Caveats(
        doubts=tuple(doubts),
        bounds=(*_ended_by_itself(tokens), *_random(tokens, modules), *_view(cfg, modules)),
        warnings=(
            *(
                f"{name} is replaced by {by} (CONSTANTS of the cfg): {name} itself is not checked"
                for name, by in replaced.items()
            ),
            *why_not_temporal(cfg, modules),
        ),
        liveness=liveness,
        edited=tuple(edited),
    )


def _not_evaluated(cfg: Cfg, modules: Mapping[str, str]) -> Iterator[str]:
    """Assumptions that TLC passes over, where assumptions are all there is to check."""
    for each in assumptions_of(modules) if cfg.assumptions else ():
        if not each.evaluated:
            where = f"{each.module}.tla:{each.line}"
            yield f"TLC does not evaluate every assumption: not the {each.word} of {where}"


def _replaced_parts(
    cfg: Cfg, replaced: Mapping[str, str], definitions: Mapping[str, Definition]
) -> Iterator[str]:
    for name in (*cfg.behaviour, *cfg.checked):
        for part in dict.fromkeys(_parts(name, definitions, ())):
            if part in replaced:
                by = replaced[part]
                yield f"{name} is not what it says: the cfg replaces its {part} by {by}"


def _parts(
    name: str, definitions: Mapping[str, Definition], seen: tuple[str, ...]
) -> Iterator[str]:
    """The operators that a formula is a conjunction of, or speaks of as next-state relation."""
    if name not in definitions or name in seen:
        return
    try:
        formula = parse(definitions[name].body)
    except NotUnderstoodError:
        words = texts_of(definitions[name].body)
    else:
        words = list(_named(formula))
    for word in words:
        yield word
        yield from _parts(word, definitions, (*seen, name))


def _named(formula: Formula) -> Iterator[str]:
    if formula.kind == "leaf":
        yield from _named_in_leaf(formula.tokens)
    elif formula.kind in {"IF", "=>", "~>"}:
        yield from _named_in(formula.tokens)
    for item in formula.items:
        yield from _named(item)


def _named_in_leaf(tokens: Sequence[Token]) -> Iterator[str]:
    words = texts_of(tokens)
    equivalence = next((at for at, word in enumerate(words) if word in _EQUIVALENT), None)
    if words[0] in {"[", "CASE"}:  # [Next]_vars
        yield from (word for word in words if NAME.fullmatch(word))
    elif words[0] in _NOT:
        yield from _named_in(tokens[1:])
    elif equivalence is not None:
        yield from _named_in(tokens[:equivalence])
        yield from _named_in(tokens[equivalence + 1 :])
    elif name := _name_of(tokens):
        yield name


def _named_in(tokens: Sequence[Token]) -> Iterator[str]:
    with contextlib.suppress(NotUnderstoodError):
        yield from _named(parse(tokens))


def _name_of(tokens: Sequence[Token]) -> str:
    """The operator that a formula is, perhaps with arguments, or of an instance: ``M!Op(x)``."""
    at = 0
    while tokens[at + 1 : at + 2] and tokens[at + 1].text == "!":
        at += 2
    name, rest = tokens[at].text if at < len(tokens) else "", tokens[at + 1 :]
    whole = not rest or (rest[0].text == "(" and rest[-1].text == ")")
    return name if whole and NAME.fullmatch(name) else ""


def _ended_by_itself(tokens: Mapping[str, Sequence[Token]]) -> Iterator[tuple[str, str]]:
    for module, each in tokens.items():
        lines = [token.line for token in each if token.text == '"exit"']
        if lines and "TLCSet" in texts_of(each):
            yield "exit", f'TLCSet("exit", …) may end the search early ({module}.tla:{lines[0]})'
            return


def _random(
    tokens: Mapping[str, Sequence[Token]], modules: Mapping[str, str]
) -> Iterator[tuple[str, str]]:
    for module, each in tokens.items():
        seen = visible_definitions({module: modules[module]} | dict(modules))
        own = seen.keys() | definitions_of(module, modules[module]).keys()
        for token in each:
            if token.text in _RANDOM and token.text not in own:
                because = f"{token.text} chooses at random ({module}.tla:{token.line})"
                yield "random", f"{because}: what it did not choose was not searched"
                return


def _view(cfg: Cfg, modules: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    definitions = visible_definitions(modules)
    variables = set(names_declared(modules, "VARIABLE"))
    for name in cfg.view:
        if not variables or variables - set(_components([name], definitions, ())):
            because = f"states that agree on {name} (VIEW of the cfg) counted as one"
            yield "view", f"{because}: what differs in something else may not have been searched"


def _components(
    words: Sequence[str], definitions: Mapping[str, Definition], seen: tuple[str, ...]
) -> Iterator[str]:
    """The names that a view, a tuple, holds: two states with the same view agree on them all."""
    if len(words) == 1:
        name = words[0]
        yield name
        if name in definitions and name not in seen:
            body = texts_of(definitions[name].body)
            yield from _components(body, definitions, (*seen, name))
    elif words[:1] == ["<<"] and words[-1:] == [">>"]:
        start, depth = 1, 0
        for at in range(1, len(words)):
            word = words[at]
            if not depth and (word == "," or at == len(words) - 1):
                yield from _components(words[start:at], definitions, seen)
                start = at + 1
            depth += (word in OPENERS) - (word in CLOSERS)
