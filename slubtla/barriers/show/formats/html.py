"""A counterexample as one HTML page: no script, no network, dark and light, fit to be printed."""

from __future__ import annotations

from html import escape
from typing import Final

from slubtla.barriers.trace.counterexample import Counterexample, Row
from slubtla.barriers.trace.steps import HARDWARE

_STYLE: Final = """\
:root { color-scheme: light dark; --line: #8886; --bad: #b3261e; --soft: #666; --buffer: #8a5a00; }
@media (prefers-color-scheme: dark) {
  :root { --bad: #ff8a80; --soft: #aaa; --buffer: #ffcc80; } }
body { font: 16px/1.45 system-ui, sans-serif; margin: 2rem auto; max-width: 75rem;
  padding: 0 1rem; }
h1 { font-size: 1.4rem; } h1 b { color: var(--bad); }
table { border-collapse: collapse; width: 100%; }
caption { text-align: left; color: var(--soft); padding-bottom: .5rem; }
th, td { border-top: 1px solid var(--line); padding: .35rem .6rem; text-align: left;
  vertical-align: top; }
thead th { border-top: 0; } tbody th { font-weight: normal; color: var(--soft); }
code { font: .9em ui-monospace, monospace; white-space: pre-wrap; }
.who { color: var(--soft); } .note { color: var(--bad); font-weight: bold; }
.buffer { color: var(--buffer); display: block; }
tr:target, tr.fatal { outline: 2px solid var(--bad); outline-offset: -2px; }
@media print { body { margin: 0; max-width: none; font-size: 9pt; } tr { break-inside: avoid; } }
"""


def html_text(story: Counterexample) -> str:
    """Return a page; a step can be linked to as ``#step-5``."""
    chosen = "" if story.complete else f"{len(story.rows)} of {story.length} steps. "
    caption = f"{chosen}Again: <code>{escape(story.result.command)}</code>"
    return f"""\
<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{escape(story.title)}</title>
<style>
{_STYLE}</style>
</head>
<body>
<h1><b>{escape(story.verdict)}</b> {escape(story.subject)}</h1>
{"".join(f"<p>{escape(sentence)}</p>" for sentence in story.summary)}
{steps_table(story, caption=caption)}
{f"<p>{escape(story.ends)}</p>" if story.ends else ""}
</body>
</html>
"""


def steps_table(story: Counterexample, *, caption: str = "", anchor: str = "step-") -> str:
    """Return the steps as a ``<table>``, as every page shows them; every value is escaped.

    Args:
        story: the counterexample.
        caption: what stands above it, HTML.
        anchor: what the ids of the rows begin with; behind it comes the step's number.
    """
    heads = ("#", *story.cpus, "memory") if story.cpus else ("#", "action", "changes")
    fatal = story.timeline.fatal if story.timeline else None
    rows = "\n".join(
        f'<tr id="{anchor}{row.number}"{_class(row, fatal)}><th scope="row">{row.number}</th>'
        + ("".join(_slub_cells(row, story)) if story.cpus else _cells(row))
        + "</tr>"
        for row in story.rows
    )
    return f"""\
<table>
{f"<caption>{caption}</caption>" if caption else ""}
<thead><tr>{"".join(f'<th scope="col">{escape(head)}</th>' for head in heads)}</tr></thead>
<tbody>
{rows}
</tbody>
</table>"""


def _class(row: Row, fatal: int | None) -> str:
    return ' class="fatal"' if row.number == fatal else ""


def _slub_cells(row: Row, story: Counterexample) -> list[str]:
    cells = []
    for cpu in story.cpus:
        parts = []
        if row.number == 1 and story.timeline is not None:
            parts.append(escape(f"runs {story.timeline.reading.running[cpu]}"))
        if row.cpu == cpu:
            who = "hardware: " if row.context in HARDWARE else ""
            parts.append(f'<span class="who">{who}{escape(row.context)}</span>')
            parts += [f"<code>{escape(row.function)}</code>"] if row.function else []
            parts.append(escape(row.words))
            parts += [f'<span class="note">{escape(note)}</span>' for note in row.notes]
        text = "<br>".join(parts)
        if cpu in row.buffers:
            entries = ", ".join(row.buffers[cpu]) or "empty"
            text += f'<span class="buffer">buffer: <code>{escape(entries)}</code></span>'
        cells.append(f"<td>{text}</td>")
    return [*cells, f"<td>{_codes(row)}</td>"]


def _cells(row: Row) -> str:
    action = row.action or ("initial state" if row.number == 1 else "")
    words = escape(row.words)
    return f"<td><code>{escape(action)}</code></td><td>{_codes(row)}{words}</td>"


def _codes(row: Row) -> str:
    return "<br>".join(f"<code>{escape(change)}</code>" for change in row.changed)
