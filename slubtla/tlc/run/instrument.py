r"""Instrument a specification: lay a module over it that prints what TLC does not report.

The module decides in the same search, each worker printing each line once:

* Which actions fire? (TLC's coverage costs a third of a run's CPU.) Each action gets a last
  conjunct, reached only by a step that the action takes::

    Told_put_load_head(self) == put_load_head(self) /\ TellFired(2, "put_load_head")

* Did the antecedent of each implication hold in some state? An invariant that is always TRUE prints
  a line when one first holds.
* Did a constraint of the cfg exclude a state or a step? Each constraint ``C`` becomes::

    Told_Constraint_C == C \/ (Told_Note(9203, "slubtla: cut", "C") /\ FALSE)

States and steps stay what they were.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from slubtla.errors import SpecError
from slubtla.tlc.output.messages import CUT, MARK, PREFIX, REACHED
from slubtla.tlc.text.antecedents import MOST, Antecedent, find_antecedents
from slubtla.tlc.text.behaviour import is_temporal, words_read
from slubtla.tlc.text.cfg import CONSTRAINTS, Cfg, leave_out, read_cfg, rename
from slubtla.tlc.text.formulas import Formula, NotUnderstoodError, call_of, parse
from slubtla.tlc.text.tla import (
    Definition,
    Token,
    definitions_of,
    names_declared,
    texts_of,
    tokens_of,
    words_of,
)

_FIRST_ACTION: Final = 9001  # registers of TLCGet, far from those that a spec would use
_FIRST_NOTE: Final = 9501
_TLC: Final = f"{PREFIX}TLC"
_INVARIANT: Final = f"{PREFIX}Antecedents"
WATCHING: Final = "0"
"""The number that stands for no antecedent: TLC evaluates what prints."""

_MARKS: Final = frozenset([f'"{REACHED}"', f'"{CUT}"', f'"{MARK}"'])


@dataclass(frozen=True, slots=True)
class Overlay:
    """A module that is laid over a specification, and checked instead.

    Attributes:
        actions: the actions whose firing it prints; None where TLC counts them.
        antecedents: those that it prints when they first hold.
        constraints: the constraints of the cfg that it prints when they first exclude something.
    """

    module: str
    text: str
    cfg: str
    actions: tuple[str, ...] | None = None
    antecedents: tuple[Antecedent, ...] = ()
    constraints: tuple[str, ...] = ()

    def write_to(self, folder: Path) -> tuple[Path, Path]:
        """Write module and cfg into the folder of the module that it is laid over."""
        spec, cfg = folder / f"{self.module}.tla", folder / f"{self.module}.cfg"
        spec.write_text(self.text, encoding="utf-8")
        cfg.write_text(self.cfg, encoding="utf-8")
        return spec, cfg

    def without_symmetry(self) -> Overlay:
        """Return it with a cfg without SYMMETRY."""
        return replace(self, cfg=leave_out(self.cfg, {"SYMMETRY"}))


def overlay_name(module: str) -> str:
    """Return the name of the module that is laid over ``module``."""
    return f"{module}Told"


def instrument_actions(module: str, text: str, cfg: str, *, once: bool = True) -> Overlay | None:
    r"""Return the module to check instead; None where the specification is not understood.

    It is understood where it is ``Init /\ [][N]_vars``, and ``N`` is made of disjunctions,
    existential quantifiers and operators of the module itself; an operator whose body is made of
    anything else is an action. Without fairness, for TLC evaluates that elsewhere, too.

    Args:
        module: the name of the root module.
        text: its text, PlusCal translated.
        cfg: its configuration, which must name a ``SPECIFICATION``.
        once: print only the first time, which TLC 2.15 can do in a breadth-first search alone; else
            an action is printed whenever it can fire.
    """
    found = definitions_of(module, text).values()
    own = {each.name: each for each in found if each.parameters is not None and not each.local}
    try:
        (named,) = read_cfg(cfg).specification
        init, always, box, opening, *relation, closing, subscript = own[named].body
        initial = words_read(own[init.text].body)
        tree = _Tree(own)
        next_state = tree.rewrite(relation)
    except (SpecError, ValueError, KeyError, NotUnderstoodError):
        return None
    if texts_of((always, box, opening, closing)) != ["/\\", "[]", "[", "]"]:
        return None
    if is_temporal(initial, {}) or not subscript.text.startswith("_"):
        return None
    last = _FIRST_ACTION + len(tree.actions) - 1
    tell = f'PrintT(<<"{MARK}", action>>)'
    telling = [
        f"ASSUME \\A register \\in {_FIRST_ACTION}..{last} : TLCSet(register, FALSE)",
        "TellFired(register, action) ==",
        "    IF TLCGet(register) THEN TRUE",
        f"    ELSE TLCSet(register, TRUE) /\\ {tell}",
    ]
    lines = [
        f"---- MODULE {overlay_name(module)} ----",
        f"\\* {module}, whose actions tell when they first fire. Generated by slubtla.",
        f"EXTENDS {module}, TLC",
        *(telling if once else [f"TellFired(register, action) == {tell}"]),
        *tree.lines,
        f"{PREFIX}{named} == {init.text} /\\ [][{next_state}]{subscript.text}",
        "====",
    ]
    own_cfg = rename(cfg, {"SPECIFICATION"}, {named: f"{PREFIX}{named}"})
    return Overlay(overlay_name(module), "\n".join(lines) + "\n", own_cfg, tuple(tree.actions))


class _Tree:
    """Rewrites a next-state relation, from its root to the actions.

    What is not made of disjunctions, quantifiers and operators alone is a NotUnderstoodError.
    """

    def __init__(self, definitions: Mapping[str, Definition]) -> None:
        self._definitions = definitions
        self._seen: set[str] = set()
        self.actions: list[str] = []
        self.lines: list[str] = []

    def rewrite(self, tokens: Sequence[Token]) -> str:
        """Return the expression, on one line, with operators that tell instead of its own."""
        formula = parse(tokens)
        for name in [*self._operators(formula)]:
            if name not in self._seen:
                self._seen.add(name)
                self._define(name)
        return _written(formula)

    def _define(self, name: str) -> None:
        definition = self._definitions[name]
        parameters = f"({', '.join(definition.parameters)})" if definition.parameters else ""
        try:
            body = self.rewrite(definition.body)
        except NotUnderstoodError:
            register = _FIRST_ACTION + len(self.actions)
            self.actions.append(name)
            body = f'{name}{parameters} /\\ TellFired({register}, "{name}")'
        self.lines.append(f"{PREFIX}{name}{parameters} == {body}")

    def _operators(self, formula: Formula) -> Iterator[str]:
        """The operators that a tree is made of."""
        if formula.kind in {"or", "\\E"}:
            for item in formula.items:
                yield from self._operators(item)
        else:
            name, _ = (formula.kind == "leaf" and call_of(formula.tokens)) or ("", ())
            if name not in self._definitions:
                raise NotUnderstoodError
            yield name


def _written(formula: Formula) -> str:
    items = " \\/ ".join(map(_written, formula.items))
    if formula.kind == "leaf":
        return f"{PREFIX}{words_of(formula.tokens)}"
    return f"({items})" if formula.kind == "or" else f"(\\E {words_of(formula.tokens)} : {items})"


def watch(
    actions: Overlay | None, modules: Mapping[str, str], cfg_text: str, cfg: Cfg
) -> tuple[Overlay | None, tuple[str, ...]]:
    """Have antecedents and constraints print, too.

    Returns:
        The module to check instead, ``actions`` where nothing is added; and what stays unexamined,
        one sentence each.
    """
    antecedents = find_antecedents(
        modules, cfg.invariants, cfg.properties, f"{PREFIX}Antecedent_", most=None
    )
    constraints = tuple(dict.fromkeys(cfg.constraints))
    if not (antecedents or constraints):
        return actions, ()
    root = next(iter(modules))
    name, imitating = overlay_name(root), _imitating(modules)
    if name in modules or imitating:
        printing = f"has what is printed for them, {imitating}"
        why = f"has a module {name} itself" if name in modules else printing
        unexamined = f"antecedents and constraints were not examined: the specification {why}"
        return actions, (unexamined,)
    left = f"of {len(antecedents):,} antecedents only the first {MOST:,} were examined"
    unexamined_ones = (left,) if len(antecedents) > MOST else ()
    antecedents = antecedents[:MOST]
    about = f"\\* {root}, and what its antecedents and constraints do. Generated by slubtla."
    plain = f"---- MODULE {name} ----\n{about}\nEXTENDS {root}\n====\n"
    base = actions or Overlay(name, plain, cfg_text)
    lines = _module(antecedents, constraints, next(iter(names_declared(modules, "VARIABLE")), None))
    asked = f"\nINVARIANT {_INVARIANT}\n" if antecedents else ""
    renamed = {constraint: f"{PREFIX}Constraint_{constraint}" for constraint in constraints}
    overlay = replace(
        base,
        text=base.text.removesuffix("====\n") + "\n".join([*lines, "====", ""]),
        cfg=rename(base.cfg, CONSTRAINTS, renamed) + asked,
        antecedents=antecedents,
        constraints=constraints,
    )
    return overlay, unexamined_ones


def _imitating(modules: Mapping[str, str]) -> str:
    """A mark that the specification itself may print, with its place; ``""`` if there is none."""
    for name, text in modules.items():
        for token in tokens_of(text):
            if token.text in _MARKS:
                return f"{token.text} ({name}.tla:{token.line})"
    return ""


def _module(
    antecedents: tuple[Antecedent, ...], constraints: tuple[str, ...], variable: str | None
) -> list[str]:
    first = _FIRST_NOTE + 1
    registers = range(first, first + len(antecedents) + len(constraints))
    lines = [
        f"{_TLC} == INSTANCE TLC",
        f"ASSUME \\A register \\in {{{', '.join(map(str, (_FIRST_NOTE, *registers)))}}} :",
        f"    {_TLC}!TLCSet(register, FALSE)",
        f"{PREFIX}Note(register, mark, what) ==",
        f"    IF {_TLC}!TLCGet(register) THEN TRUE",
        f"    ELSE {_TLC}!TLCSet(register, TRUE) /\\ {_TLC}!PrintT(<<mark, what>>)",
        f'ASSUME {PREFIX}Note({_FIRST_NOTE}, "{REACHED}", "{WATCHING}")',
    ]
    for register, name in zip(registers, constraints, strict=False):
        lines += [
            f"{PREFIX}Constraint_{name} ==",
            f'    {name} \\/ ({PREFIX}Note({register}, "{CUT}", "{name}") /\\ FALSE)',
        ]
    noted: list[str] = []
    for number, antecedent in enumerate(antecedents):
        lines += [f"{head} ==\n{body}" for head, body in antecedent.operators]
        register = registers[len(constraints) + number]
        noted.append(
            f"    /\\ {_TLC}!TLCGet({register}) \\/ ~{antecedent.operator}\n"
            f'       \\/ {PREFIX}Note({register}, "{REACHED}", "{number + 1}")'
        )
    if antecedents:
        # TLC warns of an invariant of constants alone
        level = [f"    /\\ {variable} = {variable}"] if variable else []
        lines += [f"{_INVARIANT} ==", *level, *noted]
    return lines
