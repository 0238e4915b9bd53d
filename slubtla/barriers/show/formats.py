"""Write a counterexample as text, md, json, itf, csv, svg, png or html."""

from __future__ import annotations

import csv
import enum
import io
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import asdict
from pathlib import PurePath
from typing import Any, Final

from rich.console import Console, Group, RenderableType
from rich.constrain import Constrain
from rich.text import Text

from slubtla.barriers.show.html import render
from slubtla.barriers.show.text import counterexample_parts, headline, said_by_tlc
from slubtla.barriers.trace.counterexample import Counterexample, counterexample_of, trace_of
from slubtla.barriers.trace.selection import Selection
from slubtla.barriers.trace.steps import Step
from slubtla.errors import UsageError
from slubtla.tlc.output import trace_to_itf
from slubtla.tlc.run.result import Result
from slubtla.tlc.run.verdict import VerdictKind

TEXT_WIDTH: Final = 100
"""Columns of text that goes into a file."""

SCHEMA_VERSION: Final = 1


class Format(enum.StrEnum):
    """How a trace can be written."""

    TEXT = "text"
    MD = "md"
    JSON = "json"
    ITF = "itf"
    CSV = "csv"
    SVG = "svg"
    PNG = "png"
    HTML = "html"


class Theme(enum.StrEnum):
    """The two sets of colours of a picture."""

    LIGHT = "light"
    DARK = "dark"


_SUFFIXES: Final[Mapping[str, Format]] = {
    ".txt": Format.TEXT,
    **{f".{each}": each for each in Format if each is not Format.TEXT},
    ".htm": Format.HTML,
}


def format_of(name: str) -> Format:
    """Return the format that the suffix of a file's name asks for.

    Raises:
        UsageError: its suffix is that of no format.
    """
    if name.endswith(".itf.json"):
        return Format.ITF
    suffix = PurePath(name).suffix.lower()
    if suffix not in _SUFFIXES:
        raise UsageError(
            f"{name}: {suffix or 'no suffix'} is not that of a format",
            next_step=f"name it with --format, or end the name in: {' '.join(_SUFFIXES)}",
        )
    return _SUFFIXES[suffix]


def written(
    result: Result, kind: Format, selection: Selection | None = None, theme: Theme = Theme.LIGHT
) -> bytes:
    """Return a run's counterexample, or the selected steps, as a file's content; text is UTF-8.

    Raises:
        UsageError: there is no counterexample, it cannot be drawn, or the selection does not fit.
    """
    selection = selection or Selection()
    if kind is Format.ITF:
        if not selection.everything:
            raise UsageError(
                "an ITF trace is a whole behaviour: steps cannot be left out of it",
                next_step="leave out --steps, --cpu and --only-changes, or choose --format json",
            )
        return (json.dumps(trace_to_itf(trace_of(result)), indent=1) + "\n").encode()
    found = counterexample_of(result, selection)
    if kind in {Format.SVG, Format.PNG}:
        from slubtla.barriers.show.plots.lanes import lanes_picture  # noqa: PLC0415 - slow to load

        return lanes_picture(found, kind.value, theme=theme.value)
    return _WRITERS[kind](found).encode()


def counterexample_view(found: Counterexample, width: int) -> RenderableType:
    """Return the verdict, what went wrong in words, and the steps, for a terminal of a width."""
    parts = [headline(found.result), *counterexample_parts(found)]
    if found.result.verdict.kind is VerdictKind.ERROR:
        parts += said_by_tlc(found.result)
    if not found.complete:
        parts.append(Text(f"{len(found.rows)} of {found.length} steps.", style="dim"))
    return Constrain(Group(*parts), width)


def text_of(found: Counterexample, width: int = TEXT_WIDTH) -> str:
    """Return the text that a terminal would show, without colours."""
    return plain_text(counterexample_view(found, width), width) + "\n"


def plain_text(view: RenderableType, width: int = TEXT_WIDTH) -> str:
    """Return a view as text without colours and without blanks at the ends of lines."""
    out = io.StringIO()
    plain: dict[str, Any] = {"highlight": False, "color_system": None, "force_jupyter": False}
    Console(file=out, width=width, **plain).print(view)
    return "\n".join(line.rstrip() for line in out.getvalue().splitlines())


def html_text(found: Counterexample) -> str:
    """Return one page without a script; a step can be linked to as ``#step-5``."""
    return render("trace.html.j2", story=found)


def csv_text(found: Counterexample) -> str:
    """Return a row for each step; with CPUs also who moved, and each CPU's state after the step."""
    out = io.StringIO()
    records = [_record(found, row) for row in found.rows]
    writer = csv.DictWriter(out, list(records[0]) if records else (), lineterminator="\n")
    if records:
        writer.writeheader()
        writer.writerows(records)
    return out.getvalue()


def _record(found: Counterexample, row: Step) -> dict[str, object]:
    record: dict[str, object] = {
        "step": row.number,
        "action": row.action,
        "words": row.words,
        "changed": "; ".join(row.changed),
    }
    if found.timeline is not None:
        own = {"cpu": row.cpu, "context": row.context, "function": row.function}
        record |= {**own, "notes": "; ".join(row.notes)}
        for name, cpu in found.timeline.states[row.number].cpus.items():
            record |= {
                f"{name}_buffer": "; ".join(cpu.buffer),
                **{f"{name}_{head}": "; ".join(chain) for head, chain in cpu.chains.items()},
                f"{name}_irqs_on": str(cpu.irqs_on).lower(),
                f"{name}_preempt_count": cpu.preempt_count,
            }
    return record


def json_text(found: Counterexample) -> str:
    """Return everything that was read from the trace as JSON, indented.

    A step has its ``number``, ``action``, ``words``, ``changed`` and ``notes``; in a model with
    CPUs also who moved on which ``cpu``, and the ``machine`` after it: each CPU's task, flags,
    store buffer and list; memory; and the protocol's sets. Beside the steps stand ``stores``,
    ``loads``, ``ipis`` and ``grace_periods``, with the steps where they begin and end.
    """
    written: dict[str, Any] = {
        "schema_version": SCHEMA_VERSION,
        "verdict": found.verdict,
        "subject": found.subject,
        "command": found.result.command,
        "summary": list(found.summary),
        "length": found.length,
        "ends": found.ends,
        "steps": [_json_step(found, row) for row in found.rows],
    }
    if found.timeline is not None:
        written |= {"cpus": list(found.cpus), "fatal": found.fatal}
        for name in ("stores", "loads", "ipis", "grace_periods"):
            written[name] = [asdict(event) for event in getattr(found.timeline, name)]
    return json.dumps(written, indent=1, ensure_ascii=False) + "\n"


def _json_step(found: Counterexample, row: Step) -> dict[str, object]:
    step: dict[str, object] = {
        "number": row.number,
        "action": row.action or None,
        "words": row.words,
        "changed": list(row.changed),
        "notes": list(row.notes),
    }
    if found.timeline is not None:
        step |= {name: getattr(row, name) or None for name in ("cpu", "context", "function")}
        step["machine"] = found.timeline.states[row.number].record
    return step


# --- Markdown (GitHub's): a table that also reads well in a mail.

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


_WRITERS: Final[Mapping[Format, Callable[[Counterexample], str]]] = {
    Format.TEXT: text_of,
    Format.MD: markdown_text,
    Format.JSON: json_text,
    Format.CSV: csv_text,
    Format.HTML: html_text,
}
