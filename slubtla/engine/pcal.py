r"""Read PlusCal sources and what their translator says. Pure functions of text.

Measured on translator 1.9::

    pcal.trans Version 1.9 of 10 July 2019
    Parsing completed.
    Warning: symbols were renamed.
    Translation completed.
    New file Clash.tla written.

The renamed symbols themselves stand in the translation: ``\* Label L1 of process A at line 5 col 42
changed to L1_``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from slubtla.engine.tla_text import split_comments

_ALGORITHM = re.compile(r"--(?:fair\s+)?algorithm\b")
_TRANSLATION = re.compile(
    r"^[^\n]*\\\*+[ \t]*BEGIN TRANSLATION[^\n]*\n(.*?)^[^\n]*\\\*+[ \t]*END TRANSLATION",
    re.DOTALL | re.MULTILINE,
)
_TRANSLATED = re.compile(_TRANSLATION.pattern + r"[^\n]*", _TRANSLATION.flags)
_RENAMED = re.compile(r"^\\\* (.+ changed to \S+)\s*$", re.MULTILINE)
_FAILURE = re.compile(r"Unrecoverable error:\s*(?:-- )?(.+?)\s*(?:\n\s*\n|\Z)", re.DOTALL)
_PLACE = re.compile(r"line (\d+), column (\d+)")
_CHATTER = re.compile(
    r"pcal\.trans Version .*|(Parsing|Translation) completed\.|New file \S+ written\.|\s*"
)


RENAMED = "Warning: symbols were renamed."
"""What the translator says where it renamed symbols; which, stands in the translation."""

_OWN_BEHAVIOUR = re.compile(
    r"^[ \t]*(?:LOCAL[ \t]+)?(?:(?:Init|Next|Spec)[ \t]*==|VARIABLES?\b)", re.MULTILINE
)


@dataclass(frozen=True, slots=True)
class PcalFailure:
    """Why an algorithm was not translated.

    Attributes:
        words: the translator's own, on one line.
        line: where, 1-based; ``None`` if it does not say.
        column: likewise, 1-based.
    """

    words: str
    line: int | None
    column: int | None


def has_algorithm(text: str) -> bool:
    r"""Whether a module holds a PlusCal algorithm: one in a ``(* … *)`` comment.

    The translator looks for the mere word, and fails on a module that only mentions it after
    ``\*``.
    """
    return _ALGORITHM.search(split_comments(text).blocks) is not None


def is_handwritten(text: str) -> bool:
    r"""Whether a module has a behaviour of its own, so that an algorithm in it is a mere quotation.

    So it is where there is no ``\* BEGIN TRANSLATION``, and the code declares variables, or defines
    ``Init``, ``Next`` or ``Spec``: beside a translation, which always defines them, nothing of the
    kind could be parsed.
    """
    if "BEGIN TRANSLATION" in text:
        return False
    return _OWN_BEHAVIOUR.search(split_comments(text).code) is not None


def translation_of(text: str) -> str | None:
    """The translation that a module carries, without the lines around it; ``None`` if none."""
    found = _TRANSLATION.search(text)
    return found[1] if found else None


def is_translation_of(translated: str, source: str) -> bool:
    """Whether ``translated`` is ``source`` with another translation, or with its first one.

    The translator writes between the lines ``BEGIN TRANSLATION`` and ``END TRANSLATION``, which it
    adds where they are missing; all else stays as it was. White space is not compared.
    """
    return _TRANSLATED.sub("", translated).split() == _TRANSLATED.sub("", source).split()


def renames_in(text: str) -> tuple[str, ...]:
    """The symbols that the translator renamed, e.g. ``"Label L1 … changed to L1_"``."""
    return tuple(_RENAMED.findall(translation_of(text) or ""))


def warnings_in(output: str) -> tuple[str, ...]:
    """What the translator said besides that all went well, e.g. ``"Labels added."``."""
    return tuple(line for line in output.splitlines() if not _CHATTER.fullmatch(line))


def failure_in(output: str) -> PcalFailure:
    """Why the translator gave up; the whole output if it does not say so in its usual form."""
    found = _FAILURE.search(output)
    words = " ".join((found[1] if found else output).split())
    place = _PLACE.search(words)
    line, column = (int(place[1]), int(place[2])) if place else (None, None)
    return PcalFailure(words, line, column)
