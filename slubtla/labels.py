r"""What each label of a specification does, read from the comment above it.

The comment is the one place where an operation is described. Its first sentence is::

    \* put_cpu_partial() v4.0: reads cpu_partial again: {limit}.

who acts (a kernel function with its version, or the hardware), and what it does; ``{x}`` stands for
the value of ``x`` after the step, ``{x+}`` and ``{x-}`` for what a set gained and lost, or a
function's new and old value. Further sentences are for the reader of the specification.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

_ALGORITHM: Final = re.compile(r"--(?:fair )?algorithm\b.*?\n\} ?\*\)", re.DOTALL)
_DESCRIBED: Final = re.compile(r"((?:^[ \t]*\\\*[^\n]*\n)+)[ \t]*(\w+):(?!=)", re.MULTILINE)
_LABEL: Final = re.compile(r"^[ \t]*(\w+):(?!=)", re.MULTILINE)
_PLACEHOLDER: Final = re.compile(r"\{(\w+)([+-]?)\}")


@dataclass(frozen=True, slots=True)
class Label:
    """A label of the algorithm.

    Attributes:
        name: the label, which is the action's name in traces.
        who: e.g. ``"put_cpu_partial() v4.0"``; ``""`` where the comment names nobody.
        words: what it does, without a full stop, placeholders included.
        line: 1-based line of the label in the specification.
    """

    name: str
    who: str
    words: str
    line: int

    @property
    def function(self) -> str:
        """Who acts, without a kernel version."""
        return self.who.split(" v")[0]

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
    labels = {}
    for match in _DESCRIBED.finditer(algorithm[0]):
        comment = " ".join(
            line.strip().removeprefix("\\*").strip() for line in match[1].splitlines()
        )
        sentence = re.split(r"\.(?:\s|$)", comment, maxsplit=1)[0]
        who, colon, words = sentence.partition(": ")
        position = algorithm.start() + match.start(2)
        labels[match[2]] = Label(
            name=match[2],
            who=who if colon else "",
            words=words if colon else sentence,
            line=spec.count("\n", 0, position) + 1,
        )
    return labels


def label_names(spec: str) -> tuple[str, ...]:
    """Return every label of the algorithm, described or not, in the order of the text."""
    algorithm = _ALGORITHM.search(spec)
    return tuple(_LABEL.findall(algorithm[0])) if algorithm else ()
