"""A counterexample in every format that people and programs ask for: one module for each format."""

from __future__ import annotations

import enum
import io
import json
from collections.abc import Callable, Mapping
from pathlib import PurePath
from typing import Final

from rich.console import Console

from slubtla.barriers.show.formats.csv import csv_text
from slubtla.barriers.show.formats.html import html_text
from slubtla.barriers.show.formats.json import json_text
from slubtla.barriers.show.formats.markdown import markdown_text
from slubtla.barriers.show.formats.mermaid import mermaid_text
from slubtla.barriers.show.formats.text import story_view
from slubtla.barriers.trace.counterexample import Counterexample, counterexample_of, trace_of
from slubtla.barriers.trace.selection import Selection
from slubtla.errors import UsageError
from slubtla.tlc.output import trace_to_itf
from slubtla.tlc.run.result import Result

TEXT_WIDTH: Final = 100
"""Columns of text that goes into a file."""


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
    MERMAID = "mermaid"


class Theme(enum.StrEnum):
    """The two sets of colours of a picture."""

    LIGHT = "light"
    DARK = "dark"


_SUFFIXES: Final[Mapping[str, Format]] = {
    ".txt": Format.TEXT,
    ".md": Format.MD,
    ".json": Format.JSON,
    ".itf": Format.ITF,
    ".csv": Format.CSV,
    ".svg": Format.SVG,
    ".png": Format.PNG,
    ".html": Format.HTML,
    ".htm": Format.HTML,
    ".mmd": Format.MERMAID,
    ".mermaid": Format.MERMAID,
}


def format_of(name: str) -> Format:
    """Return the format that a file's name asks for.

    Args:
        name: the file's name or path.

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
    result: Result,
    kind: Format,
    selection: Selection | None = None,
    theme: Theme = Theme.LIGHT,
) -> bytes:
    """Return a run's counterexample in a format.

    Args:
        result: the run.
        kind: the format.
        selection: the steps; all when None.
        theme: the colours of a picture.

    Returns:
        The file's content; text is UTF-8.

    Raises:
        UsageError: there is no counterexample, the format is for SLUB traces only, or the
            selection does not fit.
    """
    selection = selection or Selection()
    if kind is Format.ITF:
        if not selection.everything:
            raise UsageError(
                "an ITF trace is a whole behaviour: steps cannot be left out of it",
                next_step="leave out --steps, --cpu and --only-changes, or choose --format json",
            )
        return (json.dumps(trace_to_itf(trace_of(result)), indent=1) + "\n").encode()
    if kind in {Format.SVG, Format.PNG}:
        from slubtla.barriers.show.plots.lanes import lanes_picture  # noqa: PLC0415 - matplotlib is slow to load

        trace_of(result)
        return lanes_picture(counterexample_of(result, selection), kind.value, theme=theme.value)
    story = counterexample_of(result, selection)
    text = text_of(story, TEXT_WIDTH) if kind is Format.TEXT else _WRITERS[kind](story)
    return text.encode()


def text_of(story: Counterexample, width: int) -> str:
    """Return the text that a terminal would show, without colours."""
    out = io.StringIO()
    console = Console(file=out, width=width, highlight=False, no_color=True)
    console.print(story_view(story, width))
    return "\n".join(line.rstrip() for line in out.getvalue().splitlines()) + "\n"


_WRITERS: Final[Mapping[Format, Callable[[Counterexample], str]]] = {
    Format.MD: markdown_text,
    Format.JSON: json_text,
    Format.CSV: csv_text,
    Format.HTML: html_text,
    Format.MERMAID: mermaid_text,
}

__all__ = [
    "TEXT_WIDTH",
    "Format",
    "Theme",
    "format_of",
    "story_view",
    "text_of",
    "written",
]
