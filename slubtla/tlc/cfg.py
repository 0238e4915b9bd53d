"""TLC's configuration files: what a ``.cfg`` really asks for.

TLC accepts a value for a constant that no module declares, and checks nothing for an INVARIANT line
that was deleted; so a verdict needs to know what the file says. Format: L. Lamport, *Specifying
Systems*, §14.7.1; keywords as of TLC 2.19.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from types import MappingProxyType
from typing import Final

from slubtla.engine.tla_text import split_comments
from slubtla.errors import SpecError

_TOKEN: Final = re.compile(r'"(?:[^"\\]|\\.)*"|<-|[\w!]+|\S')
_ASSIGNED: Final = frozenset({"=", "<-"})
_DECLARED: Final = r"\w+(?:\s*\([\s_,]*\))?"  # with its arity, if it is an operator
_DECLARATION: Final = re.compile(rf"\bCONSTANTS?\s+({_DECLARED}(?:\s*,\s*{_DECLARED})*)")
_DEFINITION: Final = re.compile(
    r"^\s*(?:LOCAL\s+)?(\w+)(?:\([^)]*\)|\[[^\]]*\])?\s*==", re.MULTILINE
)

_SECTIONS: Final = MappingProxyType(
    {
        "CONSTANT": "constants",
        "CONSTANTS": "constants",
        "INVARIANT": "invariants",
        "INVARIANTS": "invariants",
        "PROPERTY": "properties",
        "PROPERTIES": "properties",
        "CONSTRAINT": "constraints",
        "CONSTRAINTS": "constraints",
        "ACTION_CONSTRAINT": "constraints",
        "ACTION_CONSTRAINTS": "constraints",
        "SPECIFICATION": "behaviour",
        "INIT": "behaviour",
        "NEXT": "behaviour",
        "SYMMETRY": "symmetry",
        "VIEW": "view",
        "CHECK_DEADLOCK": "check_deadlock",
        "ALIAS": "other",
        "POSTCONDITION": "other",
        "PERIODIC": "other",
        "TYPE": "other",
        "TYPE_CONSTRAINT": "other",
    }
)


@dataclass(frozen=True, slots=True)
class Cfg:
    """What a configuration asks for.

    Attributes:
        constants: name to value for ``name = value``, in TLC's own syntax.
        replaced: names that are replaced by definitions (``name <- definition``).
        invariants: names after INVARIANT(S), in order.
        properties: names after PROPERTY and PROPERTIES, in order.
        constraints: names after (ACTION_)CONSTRAINT(S): they bound the search.
        behaviour: names after SPECIFICATION, INIT and NEXT.
        symmetry: names after SYMMETRY.
        view: names after VIEW.
        check_deadlock: False where ``CHECK_DEADLOCK FALSE`` turns the check off.
    """

    constants: Mapping[str, str] = field(default_factory=dict)
    replaced: tuple[str, ...] = ()
    invariants: tuple[str, ...] = ()
    properties: tuple[str, ...] = ()
    constraints: tuple[str, ...] = ()
    behaviour: tuple[str, ...] = ()
    symmetry: tuple[str, ...] = ()
    view: tuple[str, ...] = ()
    check_deadlock: bool = True

    @property
    def checked(self) -> tuple[str, ...]:
        """All named properties: the invariants, then the others."""
        return self.invariants + self.properties


def read_cfg(text: str) -> Cfg:
    """Read a configuration.

    Raises:
        SpecError: something stands where no section has begun, or a section for properties is
            empty (which TLC accepts).
    """
    sections: dict[str, list[str]] = {}
    current: list[str] | None = None
    for token in _TOKEN.findall(split_comments(text).code):
        if token in _SECTIONS:
            current = sections.setdefault(_SECTIONS[token], [])
        elif current is None:
            raise SpecError(
                f"the cfg begins with {token!r}, which is no keyword of TLC",
                next_step="begin with SPECIFICATION, INIT, CONSTANTS, ...",
            )
        else:
            current.append(token)
    for name in ("invariants", "properties"):
        if sections.get(name) == []:
            raise SpecError(
                f"the cfg has a section for {name} with no name in it: nothing would be checked",
                next_step="name what must hold, or remove the section",
            )
    constants, replaced = _assignments(sections.get("constants", []))
    return Cfg(
        constants=constants,
        replaced=replaced,
        **{
            name: tuple(sections.get(name, ()))
            for name in (
                "invariants",
                "properties",
                "constraints",
                "behaviour",
                "symmetry",
                "view",
            )
        },
        check_deadlock="FALSE" not in sections.get("check_deadlock", []),
    )


_NOT_CHECKS: Final = frozenset({"constants", "constraints", "behaviour", "symmetry", "view"})


def without_checks(text: str) -> str:
    """Return a configuration that says what the model is, but asks for no property of it."""
    code = split_comments(text).code
    starts = [found for found in _TOKEN.finditer(code) if found[0] in _SECTIONS]
    ends = [found.start() for found in starts[1:]] + [len(code)]
    return "\n".join(
        code[found.start() : end].strip()
        for found, end in zip(starts, ends, strict=True)
        if _SECTIONS[found[0]] in _NOT_CHECKS
    )


def _assignments(tokens: list[str]) -> tuple[dict[str, str], tuple[str, ...]]:
    """Split ``A = {x} B <- C`` where a name is followed by ``=`` or ``<-``."""
    starts = [index for index, token in enumerate(tokens) if token in _ASSIGNED and index > 0]
    constants: dict[str, str] = {}
    replaced: list[str] = []
    for start, following in pairwise([*starts, len(tokens) + 1]):
        name = tokens[start - 1]
        if tokens[start] == "<-":
            replaced.append(name)
        else:
            constants[name] = " ".join(tokens[start + 1 : following - 1])
    return constants, tuple(replaced)


def undeclared_constants(cfg: Cfg, modules: Iterable[str]) -> tuple[str, ...]:
    """Return the names that the cfg gives a value but that no module declares or defines.

    Args:
        cfg: the configuration.
        modules: the texts of the root module and of those it reaches.
    """
    known: set[str] = set()
    for text in modules:
        code = split_comments(text).code
        for declaration in _DECLARATION.findall(code):
            known.update(re.findall(r"\w+", declaration))
        known.update(_DEFINITION.findall(code))
    return tuple(name for name in cfg.constants if name not in known)
