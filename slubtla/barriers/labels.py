r"""Read the comment, the memory accesses and the ``@`` facts of each PlusCal label.

The first sentence of the comment is what a trace shows::

    \* @role check
    \* @old when limit # 0
    \* refill() v4.0: reads the limit again: {limit}.

Who acts (a kernel function with its version, or the hardware) stands before the colon. ``{x}`` is
the value of ``x`` after the step, ``{x+}`` and ``{x-}`` what a set gained and lost, or a function's
new and old value. Further sentences are for the reader of the specification.

What a label loads, stores and locks is read from the macros of the memory model that its code
calls, so no comment repeats it. What the code does not say are *facts*, lines that begin with
``@`` (in a template a Jinja comment, which is not rendered: ``<# @role check #>``):

* ``@role NAME``: what the step is in an explanation of a counterexample.
* ``@old [when X = V|X # V][: TEXT]``: a load that returns an old value here gets a note.
* ``@waits VARIABLE: TEXT``: the step waits until the set is empty; said when it waits for ever.
* ``@calls NAME``: the function that the work calls which the step queues.
* ``@idle PARAMETER = VALUE ...: TEXT``: within these bounds it may never fire, and why.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Final

from slubtla.barriers.model import Model
from slubtla.barriers.render import render

_ACTION: Final = re.compile(
    r"^((?:\\\*[^\n]*\n)+)(\w+)(?:\([\w, ]*\))? ==((?:.*\n)(?:[ \t].*\n)*)", re.MULTILINE
)
_ALGORITHM: Final = re.compile(r"--(?:fair )?algorithm\b.*?\n\} ?\*\)", re.DOTALL)
_DESCRIBED: Final = re.compile(r"((?:^[ \t]*\\\*[^\n]*\n)+)[ \t]*(\w+):(?!=)", re.MULTILINE)
_LABEL: Final = re.compile(r"^[ \t]*(\w+):(?!=)", re.MULTILINE)
_LOCATION: Final = re.compile(r'^(\w+)(?:\(\w+\))? == <<"(\w+)"', re.MULTILINE)
_MACRO: Final = re.compile(r"^macro (\w+)\(([^)]*)\)\s*\{", re.MULTILINE)
_CALL: Final = re.compile(r"\b(\w+)\(((?:[^()]|\((?:[^()]|\([^()]*\))*\))*)\)\s*;")
_BETWEEN_ARGUMENTS: Final = re.compile(r",\s*(?![^()]*\))")
_COMMENT: Final = re.compile(r"\\\*[^\n]*")
_OWN_CPU: Final = frozenset({"Cpu(self)", "self", "self[2]"})
_PLACEHOLDER: Final = re.compile(r"\{(\w+)([+-]?)\}")

_ACCESSES: Final = {
    "load": "load",
    "smp_load_acquire": "load",
    "store": "store",
    "smp_store_release": "store",
    "smp_mb_store": "store",
    "spin_lock": "lock",
    "spin_unlock": "unlock",
    "smp_cond_load_relaxed": "wait",
    "smp_cond_load_acquire": "wait",
} | {
    f"{name}{form}": "rmw"
    for name in ("xchg", "cmpxchg")
    for form in ("", "_relaxed", "_acquire", "_release", "_local")
}
"""Macro of the memory models to the kind of its access."""


@dataclass(frozen=True, slots=True)
class Access:
    """An access to memory: a call of one of the memory model's macros in the code of a label.

    Attributes:
        kind: ``"load"``, ``"store"``, ``"rmw"``, ``"lock"``, ``"unlock"``, or ``"wait"`` for a
            loop of loads until a value is there.
        location: its name in memory: ``"limit"``, ``"head"``.
        cpu: of which CPU, as a placeholder (see :meth:`Label.say`): ``"todo-"`` for the CPU that
            the label takes out of ``todo``; ``"self"`` for the CPU that executes it; ``""`` where
            there is but one such location; ``"?"`` where the code does not say it in a word.
        register: of a load, the variable that holds the value afterwards.
    """

    kind: str
    location: str
    cpu: str
    register: str = ""


@dataclass(frozen=True, slots=True)
class Label:
    """A label of the algorithm, or an action of the machine.

    Attributes:
        name: the label, which is the action's name in traces.
        who: e.g. ``"refill() v4.0"``; ``""`` where the comment names nobody.
        words: what it does, without a full stop, placeholders included.
        line: 1-based line of the label in the specification.
        accesses: its accesses to memory, in order.
        facts: the name of each fact to its text; see the module.
    """

    name: str
    who: str
    words: str
    line: int
    accesses: tuple[Access, ...] = ()
    facts: Mapping[str, str] = field(default_factory=dict)

    @property
    def function(self) -> str:
        """Who acts, without a kernel version."""
        return self.who.split(" v")[0]

    @property
    def loads(self) -> tuple[Access, ...]:
        """Its plain loads."""
        return tuple(access for access in self.accesses if access.kind == "load")

    @property
    def role(self) -> str:
        """Its role in an explanation; ``""`` for none."""
        return self.facts.get("role", "")

    @property
    def waits(self) -> tuple[str, str]:
        """The variable whose set it waits to be empty, and what to say if that never happens."""
        variable, _, words = self.facts.get("waits", "").partition(": ")
        return variable, words

    @property
    def placeholders(self) -> tuple[tuple[str, str], ...]:
        """The name and sign of each placeholder, in order."""
        return tuple((match[1], match[2]) for match in _PLACEHOLDER.finditer(self.words))

    def say(self, value: Callable[[str, str], str]) -> str:
        """Return the words, each placeholder replaced by ``value(name, sign)``."""
        return fill(self.words, value)

    def touches(self, location: str, *kinds: str) -> bool:
        """Whether it makes an access of one of these kinds to a location of this name."""
        return any(a.location == location and a.kind in kinds for a in self.accesses)


def fill(words: str, value: Callable[[str, str], str]) -> str:
    """Return some words, each placeholder replaced by ``value(name, sign)``."""
    return _PLACEHOLDER.sub(lambda match: value(match[1], match[2]), words)


def read_labels(spec: str) -> Mapping[str, Label]:
    """Return the labels of a PlusCal algorithm, and the machine's actions, that have a comment.

    Args:
        spec: the text of the module.

    Returns:
        An empty mapping where the module has no algorithm in c-syntax.
    """
    algorithm = _ALGORITHM.search(spec)
    if algorithm is None:
        return {}
    text = algorithm[0]
    locations, macros = dict(_LOCATION.findall(spec)), dict(_macros(text))
    starts = [match.start() for match in _LABEL.finditer(text)]
    labels = {}
    for match in _DESCRIBED.finditer(text):
        end = next((at for at in starts if at > match.start(2)), len(text))
        code = _expanded(_COMMENT.sub("", text[match.end() : end]), macros)
        line = spec.count("\n", 0, algorithm.start() + match.start(2)) + 1
        labels[match[2]] = _label(match[2], match[1], line, tuple(_accesses(code, locations)))
    for match in _actions(spec, algorithm.end()):
        line = spec.count("\n", 0, match.start(2)) + 1
        labels[match[2]] = _label(match[2], match[1], line)
    return labels


def _actions(spec: str, after: int) -> Iterator[re.Match[str]]:
    """The described actions of the machine: operators behind the algorithm, with primes."""
    return (match for match in _ACTION.finditer(spec, after) if re.search(r"\w'", match[3]))


def _label(name: str, comment: str, line: int, accesses: tuple[Access, ...] = ()) -> Label:
    lines = [text.strip().removeprefix("\\*").strip() for text in comment.splitlines()]
    text = " ".join(line for line in lines if not line.startswith("@"))
    sentence = re.split(r"\.(?:\s|$)", text, maxsplit=1)[0]
    who, colon, words = sentence.partition(": ")
    return Label(
        name=name,
        who=who if colon else "",
        words=words if colon else sentence,
        line=line,
        accesses=accesses,
        facts=dict(_facts(lines)),
    )


def _facts(lines: list[str]) -> Iterator[tuple[str, str]]:
    for line in lines:
        if line.startswith("@"):
            name, _, text = line[1:].partition(" ")
            yield name, text


def _macros(text: str) -> Iterator[tuple[str, tuple[list[str], str]]]:
    """Parameters and body of each macro that is none of the memory model's."""
    code = _COMMENT.sub("", text)
    for match in _MACRO.finditer(code):
        if match[1] in _ACCESSES:
            continue
        depth, end = 1, match.end()
        while depth:
            depth += {"{": 1, "}": -1}.get(code[end], 0)
            end += 1
        yield match[1], (re.findall(r"\w+", match[2]), code[match.end() : end - 1])


def _expanded(code: str, macros: Mapping[str, tuple[list[str], str]]) -> str:
    """Return code with the bodies of macros in place of their calls."""

    def body(call: re.Match[str]) -> str:
        if call[1] not in macros:
            return call[0]
        parameters, text = macros[call[1]]
        given = dict(zip(parameters, _BETWEEN_ARGUMENTS.split(call[2]), strict=False))
        return _expanded(re.sub(r"\w+", lambda m: given.get(m[0], m[0]), text), macros)

    return _CALL.sub(body, code)


def _accesses(code: str, locations: Mapping[str, str]) -> Iterator[Access]:
    for name, arguments in _CALL.findall(code):
        kind = _ACCESSES.get(name)
        if kind is None:
            continue
        _, place, *rest = _BETWEEN_ARGUMENTS.split(arguments)
        location, _, cpu = place.strip().removesuffix(")").partition("(")
        if location in locations:
            register = rest[0].strip() if kind == "load" else ""
            yield Access(kind, locations[location], _cpu(cpu, code), register)


def _cpu(argument: str, code: str) -> str:
    """Return the CPU of a location as a placeholder; see :class:`Access`."""
    if argument in _OWN_CPU:
        return "self"
    chosen = argument and re.search(rf"with \({re.escape(argument)} \\in (\w+)?", code)
    if not chosen:
        return argument
    if not re.match(r"\w+\)", code[chosen.start(1) :] if chosen[1] else ""):
        return "?"
    return chosen[1] + ("-" if re.search(rf"\b{chosen[1]} :=", code) else "")


def label_names(spec: str) -> tuple[str, ...]:
    """Return every label, described or not, and the machine's actions, in the order of the text."""
    algorithm = _ALGORITHM.search(spec)
    if algorithm is None:
        return ()
    actions = (match[2] for match in _actions(spec, algorithm.end()))
    return (*_LABEL.findall(algorithm[0]), *actions)


@cache
def facts_of(model: Model) -> Mapping[str, Label]:
    """Return the labels of a model with their facts; lines are those of a text with facts."""
    return read_labels(render(model, facts=True).spec)


@cache
def labels_of(model: Model) -> Mapping[str, Label]:
    """Return the labels of a model with their facts; lines are those of its specification."""
    lines = {name: label.line for name, label in read_labels(render(model).spec).items()}
    return {name: replace(label, line=lines[name]) for name, label in facts_of(model).items()}


def idle_labels(model: Model) -> dict[str, str]:
    """Return the labels that may never fire within a model's bounds, each with the reason.

    Any other one that never fires makes the verdict VACUOUS: then the model is smaller than it is
    believed to be.
    """
    found = {"Terminating": "the translator adds it, for algorithms in which every process ends"}
    for name, label in facts_of(model).items():
        bounds, _, reason = label.facts.get("idle", "").partition(": ")
        wanted = re.findall(r"(\w+) = (\w+)", bounds)
        if wanted and all(str(getattr(model, bound)) == value for bound, value in wanted):
            found[name] = reason
    return found
