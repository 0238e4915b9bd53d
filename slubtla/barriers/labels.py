r"""What each label of a specification does, read from the comment above it.

The comment is the one place where an operation is described. Its first sentence is::

    \* put_cpu_partial() v4.0: reads cpu_partial again: {limit}.

who acts (a kernel function with its version, or the hardware), and what it does; ``{x}`` stands for
the value of ``x`` after the step, ``{x+}`` and ``{x-}`` for what a set gained and lost, or a
function's new and old value. Further sentences are for the reader of the specification.

Nothing is decided by these words: what a label loads is read from the macros that it calls.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

_ALGORITHM: Final = re.compile(r"--(?:fair )?algorithm\b.*?\n\} ?\*\)", re.DOTALL)
_DESCRIBED: Final = re.compile(r"((?:^[ \t]*\\\*[^\n]*\n)+)[ \t]*(\w+):(?!=)", re.MULTILINE)
_LABEL: Final = re.compile(r"^[ \t]*(\w+):(?!=)", re.MULTILINE)
_LOCATION: Final = re.compile(r'^(\w+)(?:\(\w+\))? == <<"(\w+)"', re.MULTILINE)
_LOADS: Final = re.compile(r"\b(?:load|smp_load_acquire)\(\s*([^,]+),\s*([^;]+),\s*(\w+)\s*\);")
_COMMENT: Final = re.compile(r"\\\*[^\n]*")
_OWN_CPU: Final = frozenset({"Cpu(self)", "self[2]"})
_PLACEHOLDER: Final = re.compile(r"\{(\w+)([+-]?)\}")


@dataclass(frozen=True, slots=True)
class Load:
    """A plain load of a label: a call of ``load`` or ``smp_load_acquire`` in its PlusCal.

    Attributes:
        location: what is loaded, as it is called in memory: ``"cpu_partial"``, ``"partial"``.
        cpu: of which CPU, as a placeholder (see :meth:`Label.say`): ``"todo-"`` where the CPU is
            the one that the label took out of ``todo``; ``"self"`` for the CPU that loads; ``""``
            where there is but one such location.
        register: the variable that holds the value afterwards.
    """

    location: str
    cpu: str
    register: str


@dataclass(frozen=True, slots=True)
class Label:
    """A label of the algorithm.

    Attributes:
        name: the label, which is the action's name in traces.
        who: e.g. ``"put_cpu_partial() v4.0"``; ``""`` where the comment names nobody.
        words: what it does, without a full stop, placeholders included.
        line: 1-based line of the label in the specification.
        loads: its plain loads, in order.
    """

    name: str
    who: str
    words: str
    line: int
    loads: tuple[Load, ...] = ()

    @property
    def function(self) -> str:
        """Who acts, without a kernel version."""
        return self.who.split(" v")[0]

    @property
    def placeholders(self) -> tuple[tuple[str, str], ...]:
        """The name and sign of each placeholder, in order."""
        return tuple((match[1], match[2]) for match in _PLACEHOLDER.finditer(self.words))

    def say(self, value: Callable[[str, str], str]) -> str:
        """Return the words, each placeholder replaced by ``value(name, sign)``."""
        return _PLACEHOLDER.sub(lambda match: value(match[1], match[2]), self.words)


def read_labels(spec: str) -> Mapping[str, Label]:
    """Return the labels of a PlusCal algorithm that have a comment, by name.

    Args:
        spec: the text of the module.

    Returns:
        An empty mapping where the module has no algorithm in c-syntax.
    """
    algorithm = _ALGORITHM.search(spec)
    if algorithm is None:
        return {}
    locations = dict(_LOCATION.findall(spec))
    starts = [match.start() for match in _LABEL.finditer(algorithm[0])]
    labels = {}
    for match in _DESCRIBED.finditer(algorithm[0]):
        comment = " ".join(
            line.strip().removeprefix("\\*").strip() for line in match[1].splitlines()
        )
        sentence = re.split(r"\.(?:\s|$)", comment, maxsplit=1)[0]
        who, colon, words = sentence.partition(": ")
        position = algorithm.start() + match.start(2)
        end = next((at for at in starts if at > match.start(2)), len(algorithm[0]))
        labels[match[2]] = Label(
            name=match[2],
            who=who if colon else "",
            words=words if colon else sentence,
            line=spec.count("\n", 0, position) + 1,
            loads=tuple(_loads(algorithm[0][match.end() : end], locations)),
        )
    return labels


def _loads(body: str, locations: Mapping[str, str]) -> Iterator[Load]:
    code = _COMMENT.sub("", body)
    for _, place, register in _LOADS.findall(code):
        name, _, argument = place.strip().removesuffix(")").partition("(")
        if name in locations:
            yield Load(locations[name], _cpu(argument, code), register)


def _cpu(argument: str, code: str) -> str:
    """Return the CPU in a location as a placeholder; see :class:`Load`."""
    if argument in _OWN_CPU:
        return "self"
    chosen = argument and re.search(rf"with \({re.escape(argument)} \\in (\w+)\)", code)
    if not chosen:
        return argument
    return chosen[1] + ("-" if re.search(rf"\b{chosen[1]} :=", code) else "")


def label_names(spec: str) -> tuple[str, ...]:
    """Return every label of the algorithm, described or not, in the order of the text."""
    algorithm = _ALGORITHM.search(spec)
    return tuple(_LABEL.findall(algorithm[0])) if algorithm else ()
