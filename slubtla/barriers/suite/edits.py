"""Make mutants: copy the templates and apply the mutant's edits."""

from __future__ import annotations

import difflib
import re
import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

from slubtla.barriers.render import templates_in
from slubtla.barriers.suite.config import Claim, Config, Edit
from slubtla.errors import UnknownNameError, UsageError

_LEAST_LIKENESS: Final = 0.6


def break_templates(specs: Path, edits: Iterable[Edit], copy: Path) -> None:
    """Copy the templates and apply edits to the copy, one after the other; ``copy`` must not exist.

    Raises:
        UsageError: a template does not exist, or a ``right`` does not occur exactly once.
    """
    shutil.copytree(specs, copy, ignore=shutil.ignore_patterns("*.litmus"))
    for edit in edits:
        text = _replace(_read(copy, edit.template), edit)
        (copy / edit.template).write_text(text, encoding="utf-8", newline="\n")


def must_fit(specs: Path, mutants: Iterable[tuple[Config, Claim]]) -> None:
    """Refuse edits that do not fit, all at once: a change of a template may move many.

    Raises:
        UsageError: some do not; names file, line, model, template, count and the nearest place.
    """
    problems = [
        f"{config.path}:{claim.line}: [model.{claim.name}]: edit {number}: {problem}"
        for config, claim in mutants
        for number, problem in _problems(specs, claim.edits)
    ]
    if problems:
        few = len(problems) == 1
        raise UsageError(
            "\n".join(problems),
            next_step=f"the template{'' if few else 's'} changed: mend `right`, which must occur "
            "exactly once, so that the same thing is broken as before",
        )


def _problems(specs: Path, edits: Iterable[Edit]) -> Iterator[tuple[int, str]]:
    texts: dict[str, str] = {}
    for number, edit in enumerate(edits, 1):
        try:
            text = texts.get(edit.template) or _read(specs, edit.template)
            texts[edit.template] = _replace(text, edit)
        except UsageError as error:
            elsewhere = [name for name, text in _all(specs).items() if edit.right in text]
            moved = f"\n  it stands in {', '.join(elsewhere)}" if elsewhere else ""
            yield number, error.message + (moved if edit.template not in elsewhere else "")


def _read(specs: Path, template: str) -> str:
    known = _all(specs)
    if template not in known:
        raise UnknownNameError("template", template, known)
    return known[template]


def _all(specs: Path) -> dict[str, str]:
    return {
        file.relative_to(specs).as_posix(): file.read_text(encoding="utf-8")
        for file in templates_in(specs)
    }


def _replace(text: str, edit: Edit) -> str:
    count = text.count(edit.right)
    if count == 1:
        return text.replace(edit.right, edit.wrong)
    found = f"`right` occurs {count} times in {edit.template}, not once"
    place = _lines_of(text, edit.right) if count else _nearest(text, edit.right)
    raise UsageError(
        f"{found}{place}\n  right = {edit.right!r}", next_step="let `right` occur exactly once"
    )


def _lines_of(text: str, right: str) -> str:
    found = re.finditer(re.escape(right), text)
    lines = ", ".join(str(text.count("\n", 0, each.start()) + 1) for each in found)
    return f": at lines {lines}; add a line around it that tells them apart"


def _nearest(text: str, right: str) -> str:
    """Where the first line of ``right`` that the template lacks has its nearest likeness."""
    lines = text.splitlines()
    for wanted in right.splitlines():
        if wanted.strip() and wanted not in text:
            near = difflib.get_close_matches(wanted, lines, n=1, cutoff=_LEAST_LIKENESS)
            if not near:
                return f": it has nothing like the line {wanted!r}"
            return f": line {lines.index(near[0]) + 1} is now {near[0]!r}"
    return ": each of its lines is there, but not one below the other"
