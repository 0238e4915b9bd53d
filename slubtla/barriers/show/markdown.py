"""A counterexample as Markdown (GitHub's): a table that also reads well in a mail."""

from __future__ import annotations

import re
from typing import Final

from slubtla.barriers.trace.counterexample import Counterexample
from slubtla.barriers.trace.steps import Step

_SPECIAL: Final = re.compile(r"([\\`*<|~]|\](?=[(\[])|(?<!\w)_|_(?!\w))")
"""What Markdown would take for its own; an underscore within a word it leaves alone, and brackets
that are no link."""


def markdown_text(story: Counterexample) -> str:
    """Return the verdict, what went wrong in words, and a table of the steps."""
    lines = [f"**{_escape(story.verdict)}** {_escape(story.subject)}", ""]
    for sentence in story.summary:
        lines += [f"> {_escape(sentence)}", ">"]
    if story.summary:
        lines[-1] = ""
    heads = ["#", "CPU", "who", "what happens", "memory", "store buffer after it"]
    if not story.cpus:
        heads = ["#", "action", "changes"]
    lines += [_line(heads), _line(["--:", *("---" for _ in heads[1:])])]
    lines += [_line(_cpu_cells(row) if story.cpus else _cells(row)) for row in story.rows]
    if story.ends:
        lines += ["", f"*{_escape(story.ends)}*"]
    if not story.complete:
        lines += ["", f"{len(story.rows)} of {story.length} steps."]
    return "\n".join([*lines, "", f"`{story.result.command}`"]) + "\n"


def _cpu_cells(row: Step) -> list[str]:
    words = f"`{row.function}`: {_escape(row.words)}" if row.function else _escape(row.words)
    buffers = (
        f"{cpu}: {', '.join(map(_code, entries)) or 'empty'}"
        for cpu, entries in row.buffers.items()
    )
    return [
        str(row.number),
        row.cpu,
        _escape(row.context),
        "<br>".join([words, *(f"**{_escape(note)}**" for note in row.notes)]),
        "<br>".join(map(_code, row.changed)),
        "<br>".join(buffers),
    ]


def _cells(row: Step) -> list[str]:
    action = row.action or ("initial state" if row.number == 1 else "")
    parts = [_code(line) for change in row.changed for line in change.splitlines()]
    parts += [_escape(row.words)] if row.words else []
    return [str(row.number), _code(action) if row.action else action, "<br>".join(parts)]


def _line(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _escape(text: str) -> str:
    return _SPECIAL.sub(r"\\\1", text)


def _code(text: str) -> str:
    """A code span; a bar would end the cell even there."""
    fence = "``" if "`" in text else "`"
    return f"{fence}{text.replace('|', chr(92) + '|')}{fence}"
