"""Read TLC's configuration files: which properties a ``.cfg`` checks, of which model.

TLC accepts a value for a constant that no module declares, and checks nothing for an INVARIANT line
that was deleted; so a verdict needs to know what the file says. Format: L. Lamport, *Specifying
Systems*, §14.7.1; keywords as of TLC 2.19.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from itertools import pairwise
from pathlib import Path
from types import MappingProxyType
from typing import Final

from slubtla.errors import SpecError
from slubtla.tlc.text.tla import assumptions_of, blank, blank_comments, names_of, split_comments

_TOKEN: Final = re.compile(r'"(?:[^"\\]|\\.)*"|<-|[\w!]+|\S')
_ASSIGNED: Final = frozenset({"=", "<-"})

_SECTIONS: Final = MappingProxyType(
    {
        keyword: section
        for section, keywords in {
            "constants": "CONSTANT CONSTANTS",
            "invariants": "INVARIANT INVARIANTS",
            "properties": "PROPERTY PROPERTIES",
            "constraints": "CONSTRAINT CONSTRAINTS ACTION_CONSTRAINT ACTION_CONSTRAINTS",
            "behaviour": "SPECIFICATION INIT NEXT",
            "symmetry": "SYMMETRY",
            "view": "VIEW",
            "check_deadlock": "CHECK_DEADLOCK",
            "alias": "ALIAS",
            "postconditions": "POSTCONDITION POSTCONDITIONS",
            "possible": "_POSSIBLE",
            "periodic": "_PERIODIC",
            "other": "_RL_REWARD PERIODIC TYPE TYPE_CONSTRAINT",
        }.items()
        for keyword in keywords.split()
    }
)
_NAMES: Final = (
    *("invariants", "properties", "constraints", "behaviour", "symmetry", "view"),
    *("postconditions", "possible", "periodic"),
)
"""The sections that hold names, as :class:`Cfg` has them."""

_MAY_NOT_BE_EMPTY: Final = ("invariants", "properties", "postconditions", "possible")
_NOT_CHECKS: Final = frozenset({"constants", "constraints", "behaviour", "symmetry", "view"})

CONSTRAINTS: Final = frozenset(word for word, name in _SECTIONS.items() if name == "constraints")
"""The keywords of constraints."""

ASSUMPTIONS: Final = "assumptions"
"""What is checked of a specification without a behaviour."""


@dataclass(frozen=True, slots=True)
class Cfg:
    """What a configuration asks for.

    Attributes:
        constants: name to value for ``name = value``, in TLC's own syntax.
        replacements: name to definition for ``name <- definition``, and for
            ``name <- [M] definition``, which holds in the module M alone.
        invariants: names after INVARIANT(S), in order; the other fields likewise.
        constraints: names after (ACTION_)CONSTRAINT(S): they bound the search.
        check_deadlock: False where ``CHECK_DEADLOCK FALSE`` turns the check off.
        postconditions: what must hold when the search has ended.
        possible: names after _POSSIBLE: what must hold of some state or step.
        periodic: names after _PERIODIC: what must hold whenever TLC reports its progress.
        keywords: the keywords that stand in it, each once, in order.
        assumptions: how many assumptions TLC evaluates, where nothing else is to be checked;
            see :func:`only_assumptions`.
    """

    constants: Mapping[str, str] = field(default_factory=dict)
    replacements: Mapping[str, str] = field(default_factory=dict)
    invariants: tuple[str, ...] = ()
    properties: tuple[str, ...] = ()
    constraints: tuple[str, ...] = ()
    behaviour: tuple[str, ...] = ()
    symmetry: tuple[str, ...] = ()
    view: tuple[str, ...] = ()
    check_deadlock: bool = True
    postconditions: tuple[str, ...] = ()
    possible: tuple[str, ...] = ()
    periodic: tuple[str, ...] = ()
    keywords: tuple[str, ...] = ()
    next_state: tuple[str, ...] = ()
    specification: tuple[str, ...] = ()
    assumptions: int = 0

    @property
    def judged_at_end(self) -> tuple[str, ...]:
        """What is judged of a whole search when it has ended: postconditions, and _POSSIBLE."""
        return self.postconditions + self.possible

    @property
    def given(self) -> Mapping[str, str]:
        """What stands for each name that the cfg gives a value or a definition."""
        return {**self.constants, **self.replacements}

    @property
    def checked(self) -> tuple[str, ...]:
        """All named properties: the invariants, then the others; :data:`ASSUMPTIONS` alone."""
        named = self.invariants + self.properties + self.judged_at_end
        return named or ((ASSUMPTIONS,) if self.assumptions else ())


def read_cfg_text(cfg: Path) -> str:
    """Return the text of a configuration.

    Raises:
        SpecError: it cannot be read, or is not UTF-8.
    """
    try:
        return cfg.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise SpecError(
            f"{cfg} cannot be read: {error}", next_step="name a readable file of UTF-8 text"
        ) from error


def read_cfg(text: str) -> Cfg:
    """Read a configuration.

    Raises:
        SpecError: something stands where no section has begun, or a section for properties is
            empty (which TLC accepts).
    """
    sections: dict[str, list[str]] = {}
    keywords: dict[str, list[str]] = {}
    code = split_comments(text).code
    ranges = _ranges(code)
    if before := _TOKEN.findall(code[: ranges[0][1]] if ranges else code):
        raise SpecError(
            f"the cfg begins with {before[0]!r}, which is no keyword of TLC",
            next_step="begin with SPECIFICATION, INIT, CONSTANTS, ...",
        )
    for keyword, begin, end in ranges:
        tokens = _TOKEN.findall(code, begin, end)[1:]
        for kept, name in ((sections, _SECTIONS[keyword]), (keywords, keyword)):
            kept.setdefault(name, []).extend(tokens)
    for name in _MAY_NOT_BE_EMPTY:
        if sections.get(name) == []:
            raise SpecError(
                f"the cfg has a section for {name} with no name in it: nothing would be checked",
                next_step="name what must hold, or remove the section",
            )
    constants, replacements = _assignments(_join_arguments(sections.get("constants", [])))
    return Cfg(
        constants=constants,
        replacements=replacements,
        **{name: tuple(sections.get(name, ())) for name in _NAMES},
        keywords=tuple(keywords),
        next_state=tuple(keywords.get("NEXT", ())),
        specification=tuple(keywords.get("SPECIFICATION", ())),
        assumptions=0,
        check_deadlock="FALSE" not in sections.get("check_deadlock", []),
    )


def without_checks(text: str) -> str:
    """Return a configuration that says what the model is, but asks for no property of it."""
    code = blank_comments(text)
    parts = (
        code[begin:end].strip()
        for keyword, begin, end in _ranges(code)
        if _SECTIONS[keyword] in _NOT_CHECKS
    )
    return "\n".join(parts)


def leave_out(text: str, keywords: Collection[str]) -> str:
    """Return the text of a cfg without the sections of some keywords, each line in its place."""
    for keyword, begin, end in _ranges(blank_comments(text)):
        if keyword in keywords:
            text = text[:begin] + blank(text[begin:end]) + text[end:]
    return text


def rename(text: str, keywords: Collection[str], names: Mapping[str, str]) -> str:
    """Return the text of a cfg with other names after some keywords."""
    code = blank_comments(text)
    ranges = [(begin, end) for keyword, begin, end in _ranges(code) if keyword in keywords]
    for begin, end in reversed(ranges):
        for word in reversed([*_TOKEN.finditer(code, begin, end)]):
            text = text[: word.start()] + names.get(word[0], word[0]) + text[word.end() :]
    return text


def _ranges(code: str) -> list[tuple[str, int, int]]:
    """Each keyword with the begin and the end of its section."""
    starts = [(m[0], m.start()) for m in _TOKEN.finditer(code) if m[0] in _SECTIONS]
    return [(word, at, end) for (word, at), (_, end) in pairwise([*starts, ("", len(code))])]


def _join_arguments(tokens: list[str]) -> list[str]:
    """Make one token of a name with arguments that is given a value: ``F(0) = 1``."""
    joined: list[str] = []
    for token in tokens:
        if token in _ASSIGNED and joined and joined[-1] == ")":
            opening = len(joined) - 1 - joined[::-1].index("(") if "(" in joined else 0
            joined[max(0, opening - 1) :] = ["".join(joined[max(0, opening - 1) :])]
        joined.append(token)
    return joined


def _assignments(tokens: list[str]) -> tuple[dict[str, str], dict[str, str]]:
    """Split ``A = {x} B <- C`` where a name is followed by ``=`` or ``<-``."""
    starts = [index for index, token in enumerate(tokens) if token in _ASSIGNED and index > 0]
    constants: dict[str, str] = {}
    replacements: dict[str, str] = {}
    for start, following in pairwise([*starts, len(tokens) + 1]):
        name = tokens[start - 1]
        by = tokens[start + 1 : following - 1]
        if by[:1] != ["["] and (name in constants or name in replacements):
            raise SpecError(
                f"the cfg gives {name} two values; TLC would take the last without a word",
                next_step="leave one of them",
            )
        if tokens[start] == "<-":
            replacements[name] = by[-1] if by else ""  # the last of ``[M] definition``
        else:
            constants[name] = " ".join(tokens[start + 1 : following - 1])
    return constants, replacements


def require_own_names(name: str, cfg: Cfg) -> None:
    """Refuse a cfg that names what is to be checked, and replaces it by something else.

    TLC would check the replacement under the first name.

    Raises:
        SpecError: such a name.
    """
    for words, names in (
        ("INVARIANT", cfg.invariants),
        ("PROPERTY", cfg.properties),
        ("SPECIFICATION, INIT or NEXT", cfg.behaviour),
        ("CONSTRAINT", cfg.constraints),
        ("VIEW", cfg.view),
        ("SYMMETRY", cfg.symmetry),
    ):
        for each in names:
            if each in cfg.given:
                by, sign = cfg.given[each], "<-" if each in cfg.replacements else "="
                raise SpecError(
                    f"{name} names {each} ({words}) and replaces it ({each} {sign} {by}): TLC "
                    f"would check {by}, and call it {each}",
                    next_step=f"name {by} itself, or remove the replacement",
                )


def undeclared_constants(cfg: Cfg, modules: Iterable[str]) -> tuple[str, ...]:
    """Return the names that the cfg gives a value but that no module declares or defines.

    A name that stands for itself (``r1 = r1``) is a model value: it needs no declaration.
    """
    known = {name for text in modules for name in names_of(text)}
    return tuple(
        name
        for name, value in cfg.constants.items()
        if name.partition("(")[0] not in known and value != name
    )


def only_assumptions(cfg: Cfg, modules: Mapping[str, str]) -> Cfg:
    """Return a cfg with the number of assumptions that TLC evaluates, if it checks nothing else."""
    if cfg.behaviour or cfg.checked:
        return cfg
    return replace(cfg, assumptions=sum(each.evaluated for each in assumptions_of(modules)))
