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
    named = {"CONSTANT": constants, "INVARIANT": invariants, "PROPERTY": properties}
    lines = [f"{word} {each}\n" for word, own in named.items() for each in own]
    return "".join([f"SPECIFICATION {specification}\n", *lines])


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

    Places are named as ``Name.tla:LINE:COLUMN``. ``translated`` is the text that the lines are of,
    if it is another: with a PlusCal translation, in which some lines stand as in the cell.
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
    """Write paths and texts into a directory, the same for the same files, and return it.

    It stays, so that a run can be repeated by its command line.
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
