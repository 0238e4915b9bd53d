"""A counterexample as comma-separated values (RFC 4180, UTF-8): one row for each step."""

from __future__ import annotations

import csv
import io
from typing import Final

from slubtla.barriers.trace.counterexample import Counterexample

_ANY: Final = ("step", "action", "words", "changed")
_SLUB: Final = ("cpu", "context", "function", "notes")


def csv_text(story: Counterexample) -> str:
    """Return the steps; the SLUB model's have their CPUs, and each CPU's state after the step."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    states = ("buffer", "partial", "irqs_on", "preempt_count")
    own = [f"{cpu}_{name}" for cpu in story.cpus for name in states]
    writer.writerow([*_ANY, *(_SLUB if story.cpus else ()), *own])
    for row in story.rows:
        line = [row.number, row.action, row.words, "; ".join(row.changed)]
        if story.timeline is not None:
            line += [row.cpu, row.context, row.function, "; ".join(row.notes)]
            for cpu in story.timeline.moments[row.number].cpus.values():
                line += ["; ".join(cpu.buffer), "; ".join(cpu.partial)]
                line += [str(cpu.irqs_on).lower(), cpu.preempt_count]
        writer.writerow(line)
    return out.getvalue()
