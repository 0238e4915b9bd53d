r"""Find the place in the user's file for a place in the copy that TLC checked.

In the copy the PlusCal was translated again, so lines below the translation may have moved. A line
of the translation belongs to the label that it came from, and to the line of that label's
statements that holds the same expression, where exactly one does::

    31:  /\ n' = Head(Tail(q))        in the copy, in the definition of the action C
     8:  C: n := Head(Tail(q));       in the user's file
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Final

from slubtla.tlc.text.tla import only_algorithm

_BEGIN: Final = re.compile(r"\\\*+.*BEGIN TRANSLATION")
_END: Final = re.compile(r"\\\*+.*END TRANSLATION")
_ALGORITHM: Final = re.compile(r"--(?:fair\s+)?algorithm\b")
_DEFINED: Final = re.compile(r"(\w+)(?:\([^)]*\)|\[[^\]]*\])?\s*==")
_RENAMED: Final = re.compile(
    r"^\\\* Label (\w+) of (?:\w+ )*?\S* ?at line (\d+) col (\d+) changed to (\w+)", re.MULTILINE
)
_TRANSLATED_ONLY: Final = re.compile(r"'|\[self\]|\s+")
_LEAD: Final = re.compile(r"^(?:/\\|\\/)+")
_LEAST_EXPRESSION: Final = 3
"""Characters: what is shorter stands in too many places to find it again."""


@dataclass(frozen=True, slots=True)
class Place:
    """A place in the user's own files.

    Lines and columns are 1-based; ``column`` is None where only the line is known, and ``label``
    the PlusCal label whose statements it is in, as the user wrote it.
    """

    file: str
    line: int
    column: int | None = None
    label: str | None = None

    def __str__(self) -> str:
        if self.label is not None:
            return f"{self.file} line {self.line}, label {self.label}"
        column = "" if self.column is None else f", column {self.column}"
        return f"{self.file} line {self.line}{column}"


@dataclass(frozen=True)
class Origin:
    """A module of the user's, and its copy in the run's directory.

    ``path`` is the user's file, ``before`` its text, ``after`` that of the copy.
    """

    path: Path
    before: str
    after: str

    def place(
        self, line: int, column: int, end_line: int | None = None, end_column: int | None = None
    ) -> Place:
        """The place in the user's file of a range in the copy; numbers from 1, ends included."""
        begin, end = self._translation
        if self.before == self.after or line <= begin:
            return Place(self.path.name, line, column)
        if line >= end:
            moved = len(self.before.splitlines()) - len(self._after)
            return Place(self.path.name, line + moved, column)
        name = self._definition(line)
        expression = self._text(line, column, end_line or line, end_column)
        if (label := self._labels.get(name)) is not None:
            return self._within(label, expression)
        return self._elsewhere(name, expression, self._text(line, 1, line, None))

    @cached_property
    def _after(self) -> list[str]:
        return self.after.splitlines()

    @cached_property
    def _translation(self) -> tuple[int, int]:
        """The lines of the copy that hold BEGIN and END TRANSLATION; the first ones."""
        lines = enumerate(self._after, 1)
        begin = next((number for number, text in lines if _BEGIN.search(text)), len(self._after))
        end = next((number for number, text in lines if _END.search(text)), len(self._after) + 1)
        return begin, end

    @cached_property
    def _algorithm(self) -> str:
        """The user's text with blanks for all but the algorithm, comments included."""
        found = _ALGORITHM.search(self.before)
        return only_algorithm(self.before, len(self.before) if found is None else found.start())

    @cached_property
    def _definitions(self) -> dict[str, int]:
        """The names that the translation defines, and the line of the copy that each begins in."""
        begin, end = self._translation
        found: dict[str, int] = {}
        for number in range(begin + 1, min(end, len(self._after) + 1)):
            if defined := _DEFINED.match(self._after[number - 1]):
                found.setdefault(defined[1], number)
        return found

    @cached_property
    def _labels(self) -> dict[str, _Label]:
        """The labels by the names of their actions, in the order of the user's text."""
        renamed = {m[4]: (m[1], int(m[2]), int(m[3])) for m in _RENAMED.finditer(self.after)}
        starts: list[tuple[int, str, str]] = []
        for name in self._definitions:
            if name in renamed:
                label, line, column = renamed[name]
                starts.append((self._offset(line, column), name, label))
            elif found := re.search(rf"\b{name}\s*:(?![=:>])", self._algorithm):
                starts.append((found.start(), name, name))
        starts.sort()
        ends = [start for start, _, _ in starts[1:]] + [len(self.before)]
        return {
            name: _Label(label, start, end)
            for (start, name, label), end in zip(starts, ends, strict=True)
        }

    def _definition(self, line: int) -> str:
        """The name that is defined, in the translation, where a line of the copy stands."""
        above = [(at, name) for name, at in self._definitions.items() if at <= line]
        return max(above, default=(line, ""))[1]

    def _text(self, line: int, column: int, end_line: int, end_column: int | None) -> str:
        lines = self._after[line - 1 : end_line]
        if lines:
            lines[-1] = lines[-1][:end_column]
            lines[0] = lines[0][column - 1 :]
        return "\n".join(lines)

    def _within(self, label: _Label, expression: str) -> Place:
        at = self._find(expression, label.start, label.end)
        line, column = self._line(label.start if at is None else at)
        return Place(self.path.name, line, column, label.name)

    def _elsewhere(self, name: str, expression: str, whole_line: str) -> Place:
        """A place in ``Init``, in a definition, or in another part without a label."""
        for text in (expression, whole_line):
            at = self._find(text, 0, len(self.before))
            if at is not None:
                return Place(self.path.name, *self._line(at))
        process = rf"\bprocess\s*\(?\s*{name}\b" if name else r"(?!)"
        definition = rf"^\s*{name}\b[^\n]*==" if name else r"(?!)"
        for pattern in (definition, process, _ALGORITHM.pattern):
            if found := re.search(pattern, self._algorithm, re.MULTILINE):
                return Place(self.path.name, self._line(found.start())[0])
        return Place(self.path.name, 1)

    def _find(self, expression: str, start: int, end: int) -> int | None:
        """The offset of an expression of the translation in the algorithm, if it is unique.

        The translator adds primes, and ``[self]`` to variables of a process.
        """
        wanted = _LEAD.sub("", _TRANSLATED_ONLY.sub("", expression))
        if len(wanted) < _LEAST_EXPRESSION:
            return None
        text = self._algorithm[start:end]
        kept = [place for place, character in enumerate(text) if not character.isspace()]
        squeezed = "".join(text[place] for place in kept)
        at = squeezed.find(wanted)
        if at < 0 or squeezed.find(wanted, at + 1) >= 0:
            return None
        return start + kept[at]

    def _line(self, offset: int) -> tuple[int, int]:
        line = self.before.count("\n", 0, offset) + 1
        return line, offset - (self.before.rfind("\n", 0, offset) + 1) + 1

    def _offset(self, line: int, column: int) -> int:
        lines = self.before.splitlines(keepends=True)
        return sum(map(len, lines[: line - 1])) + column - 1


@dataclass(frozen=True, slots=True)
class _Label:
    """A label: its name in the user's text, and the range of offsets up to the next one."""

    name: str
    start: int
    end: int
