r"""Read PlusCal algorithms, their translations, and the output of the translator.

Translator 1.9 prints::

    pcal.trans Version 1.9 of 10 July 2019
    Parsing completed.
    Warning: symbols were renamed.
    Translation completed.
    New file Clash.tla written.

and writes the renamed symbols into the translation: ``\* Label L1 of process A at line 5 col 42
changed to L1_``.
"""

from __future__ import annotations

import hashlib
import re
import zlib
from dataclasses import dataclass
from typing import Final

from slubtla.tlc.text.tla import split_comments

_ALGORITHM = re.compile(r"--(?:fair\s+)?algorithm\b")
_TRANSLATION = re.compile(
    r"^[^\n]*\\\*+[ \t]*BEGIN TRANSLATION[^\n]*\n(.*?)^[^\n]*\\\*+[ \t]*END TRANSLATION",
    re.DOTALL | re.MULTILINE,
)
_TRANSLATED = re.compile(_TRANSLATION.pattern + r"[^\n]*", _TRANSLATION.flags)
_CHECKSUM = re.compile(
    r"\\\*+[ \t]*BEGIN TRANSLATION[^\n]*?(?:PCal-([0-9a-f]+)"
    r'|ch(?:ec)?ksum\(p(?:lus)?cal\)\s*=\s*"([0-9a-f]*)")',
    re.IGNORECASE,
)
_TLA_CHECKSUM = re.compile(
    r"\\\*+[ \t]*(?:END TRANSLATION[^\n]*?TLA-([0-9a-f]+)"
    r'|BEGIN TRANSLATION[^\n]*?ch(?:ec)?ksum\(tla\+?\)\s*=\s*"([0-9a-f]*)")',
    re.IGNORECASE,
)
_VARIABLES = re.compile(r"\bVARIABLES?\b([\w,\s]*?)(?=\(\*|\\\*|\n\s*\n|\w+ ==)")
_RENAMED = re.compile(r"^\\\* (.+ changed to \S+)\s*$", re.MULTILINE)
_FAILURE = re.compile(r"Unrecoverable error:\s*(?:-- )?(.+?)\s*(?:\n\s*\n|\Z)", re.DOTALL)
_PLACE = re.compile(r"line (\d+), column (\d+)")
_CHATTER = re.compile(
    r"pcal\.trans Version .*|(Parsing|Translation) completed\.|New file \S+ written\.|\s*"
)


_OWN_BEHAVIOUR = re.compile(
    r"^[ \t]*(?:LOCAL[ \t]+)?(?:(?:Init|Next|Spec)[ \t]*==|VARIABLES?\b)", re.MULTILINE
)


RENAMED = "Warning: symbols were renamed."
"""The translator's warning where it renamed symbols."""


@dataclass(frozen=True, slots=True)
class PcalFailure:
    """Why an algorithm was not translated, in the translator's words, and the place if known."""

    words: str
    line: int | None
    column: int | None


@dataclass(frozen=True, slots=True)
class Fate:
    """What to do with a translation that differs from the translator's.

    ``keep`` says whether it is checked as it stands in the user's file, ``doubt`` why it is not
    known which translation is meant.
    """

    keep: bool
    warning: str = ""
    doubt: str = ""


_AS_IT_STANDS: Final = "it is checked as it stands in the file"


def fate_of(before: str, after: str) -> Fate:
    """Decide about a module whose translation differs from the translator's.

    The checksums in the file show what was changed: the MD5 of the algorithm and of the translation
    (translator 1.9, ``PCal-…`` and ``TLA-…``), or CRC-32 (1.10 and later, ``chksum(pcal)`` and
    ``chksum(tla)``); those of a translation are over its lines without their ends
    (``pcal.Validator``). Without checksums two translations that differ in layout, comments and the
    order of the variables alone are the same.
    """
    if _essence(before) == _essence(after):
        return Fate(keep=False)
    untouched = _is_untouched(before)
    if untouched is None:
        doubt = (
            "the translation differs from what the translator makes of the algorithm, and has no "
            f"checksum that says which of them is newer; {_AS_IT_STANDS}"
        )
        return Fate(keep=True, doubt=doubt)
    changed = _algorithm_changed(before, after)
    if untouched:
        why = "older than its algorithm" if changed else "of another version of the translator"
        return Fate(keep=False, warning=f"the translation in the file is {why}: it is made anew")
    if changed:
        doubt = f"both the algorithm and its translation were changed by hand; {_AS_IT_STANDS}"
        return Fate(keep=True, doubt=doubt)
    return Fate(keep=True, warning=f"the translation was edited by hand; {_AS_IT_STANDS}")


def _essence(text: str) -> list[str]:
    """The words of a translation, its variables in alphabetical order."""
    code = split_comments(translation_of(text) or "").code
    declared = _VARIABLES.search(code)
    names = sorted(re.findall(r"\w+", declared[1])) if declared else []
    rest = code if declared is None else code[: declared.start()] + code[declared.end() :]
    vars_, _, others = rest.partition("vars ==")
    tuple_, _, others = others.partition(">>")
    return [*names, *vars_.split(), *sorted(re.findall(r"\w+", tuple_)), *others.split()]


def _is_untouched(text: str) -> bool | None:
    """Whether a translation is as the translator left it; None where no checksum says."""
    recorded = _TLA_CHECKSUM.search(text)
    if recorded is None:
        return None
    lines = (translation_of(text) or "").replace("\r", "").replace("\n", "").encode()
    if recorded[1] is not None:
        return hashlib.md5(lines, usedforsecurity=False).hexdigest() == recorded[1]
    return f"{zlib.crc32(lines):x}" == recorded[2].lower()


def _algorithm_changed(before: str, after: str) -> bool:
    """Whether the algorithm is another than that of the checksum; False where it cannot be seen."""
    old, new = _CHECKSUM.search(before), _CHECKSUM.search(after)
    if old is None or new is None or (old[1] is None) != (new[1] is None):
        return False
    return (old[1] or old[2]) != (new[1] or new[2])


def has_algorithm(text: str) -> bool:
    r"""Whether a module holds a PlusCal algorithm, in a ``(* … *)`` comment, not after ``\*``."""
    return algorithms_in(text) > 0


def algorithms_in(text: str) -> int:
    """How many PlusCal algorithms a module holds; the translator takes the first alone."""
    return len(_ALGORITHM.findall(split_comments(text).blocks))


def is_handwritten(text: str) -> bool:
    r"""Whether a module has a behaviour of its own, so that its algorithm is not to be translated.

    It has no ``\* BEGIN TRANSLATION``, and declares variables, or defines ``Init``, ``Next`` or
    ``Spec``, as a translation would.
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
    """The translator's warnings, e.g. ``"Labels added."``."""
    return tuple(line for line in output.splitlines() if not _CHATTER.fullmatch(line))


def failure_in(output: str) -> PcalFailure:
    """Why the translator failed; the whole output if it has another form."""
    found = _FAILURE.search(output)
    words = " ".join((found[1] if found else output).split())
    place = _PLACE.search(words)
    line, column = (int(place[1]), int(place[2])) if place else (None, None)
    return PcalFailure(words, line, column)
