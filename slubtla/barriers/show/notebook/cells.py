"""Turn a notebook cell into a TLA+ module with the same line numbers."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import platformdirs

from slubtla.errors import UsageError

_HEADER: Final = re.compile(r"^\s*-{4,}\s*MODULE\s+(\w+)\s*-{4,}", re.MULTILINE)
_ALGORITHM: Final = re.compile(r"--(?:fair\s+)?algorithm\s+(\w+)")
_MODULES: Final = "Integers, Sequences, FiniteSets, TLC"
_DIGITS: Final = 16


def cfg_text(
    specification: str,
    invariants: Iterable[str] = (),
    properties: Iterable[str] = (),
    constants: Iterable[str] = (),
) -> str:
    """Return a configuration; constants are ``NAME = VALUE`` each."""
    lines = [f"SPECIFICATION {specification}"]
    lines += [f"CONSTANT {each}" for each in constants]
    lines += [f"INVARIANT {name}" for name in invariants]
    lines += [f"PROPERTY {name}" for name in properties]
    return "\n".join(lines) + "\n"


@dataclass(frozen=True, slots=True)
class Module:
    """A module made of a cell: its name and text, whose line 1 is that of the magic."""

    name: str
    text: str


def module_of(cell: str, name: str | None = None) -> Module:
    """Return a cell as a module.

    Args:
        cell: a module, or a PlusCal algorithm alone, for which a module is made that extends
            Integers, Sequences, FiniteSets and TLC.
        name: what the module must be called; what the cell says when None.

    Raises:
        UsageError: it is neither, or has another name.
    """
    header = _HEADER.search(cell)
    found = header or _ALGORITHM.search(cell)
    if found is None:
        raise UsageError(
            "the cell holds neither a TLA+ module nor a PlusCal algorithm",
            next_step="begin it with `---- MODULE Name ----`, or with `--algorithm Name`",
        )
    if header and name not in {None, header[1]}:
        raise UsageError(
            f"the cell's module is called {header[1]}, not {name}",
            next_step="leave out the name behind %%pluscal, or give the same",
        )
    if header:
        return Module(header[1], f"\n{cell.rstrip()}\n")
    own = name or found[1]
    return Module(own, f"---- MODULE {own} ---- EXTENDS {_MODULES} (*\n{cell.rstrip()}\n*)\n====\n")


def in_cell(words: str, module: Module, translated: str | None = None) -> str:
    """Return a message with lines of the cell in place of those of the file.

    Args:
        words: a message that names places as ``Name.tla:LINE:COLUMN``.
        module: what was made of the cell.
        translated: the text that the lines are of, if it is another: with a PlusCal translation,
            in which some lines stand as they do in the cell.
    """
    own = module.text.splitlines()
    lines = own if translated is None else translated.splitlines()
    place = re.compile(rf"(?:[^\s:]*/)?\b{re.escape(module.name)}\.tla(?::(\d+):(\d+))?")

    def in_words(found: re.Match[str]) -> str:
        if found[1] is None:
            return "the cell"
        number = int(found[1])
        line = lines[number - 1] if number <= len(lines) else ""
        if number <= len(own) and own[number - 1] == line:
            return f"line {number} of the cell, column {found[2]}"
        same = [at for at, text in enumerate(own, 1) if text.strip() == line.strip() != ""]
        return f"line {same[0]} of the cell" if len(same) == 1 else f"translated as {line.strip()}"

    return place.sub(in_words, words)


def keep(files: Iterable[tuple[str, str]]) -> Path:
    """Write files into a directory of their own, the same for the same files, and return it.

    It stays, so that a run can be repeated by its command line.

    Args:
        files: path in the directory, and text.
    """
    given = sorted(files)
    whole = hashlib.sha256(repr(given).encode()).hexdigest()[:_DIGITS]
    place = platformdirs.user_state_path("slubtla") / "cells" / whole
    for name, text in given:
        path = place / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.is_file() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8", newline="\n")
    return place
