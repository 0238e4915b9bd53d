"""A counterexample as JSON, with everything that was read from it.

ITF has the values of the variables; this has what they mean.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any, Final

from slubtla.barriers.trace.counterexample import Counterexample, Row

SCHEMA_VERSION: Final = 1


def json_text(story: Counterexample) -> str:
    """Return the story as JSON, indented.

    A step has its ``number``, ``action``, ``words``, ``changed`` and ``notes``; in the SLUB model
    also who moved on which ``cpu``, and the ``machine`` after it: each CPU's task, flags, store
    buffer and list; memory; and the lists of slabs. Beside the steps stand the journeys:
    ``stores``, ``loads``, ``ipis`` and ``grace_periods``, with the steps where they begin and end.
    """
    told: dict[str, Any] = {
        "schema_version": SCHEMA_VERSION,
        "verdict": story.verdict,
        "subject": story.subject,
        "command": story.result.command,
        "summary": list(story.summary),
        "length": story.length,
        "ends": story.ends,
        "steps": [_step(row, story) for row in story.rows],
    }
    if story.timeline is not None:
        scene = story.timeline
        told |= {
            "cpus": list(story.cpus),
            "fatal": scene.fatal,
            "stores": [asdict(store) for store in scene.stores],
            "loads": [asdict(load) for load in scene.loads],
            "ipis": [asdict(ipi) for ipi in scene.ipis],
            "grace_periods": [asdict(grace) for grace in scene.grace_periods],
        }
    return json.dumps(told, indent=1, ensure_ascii=False) + "\n"


def _step(row: Row, story: Counterexample) -> dict[str, Any]:
    step: dict[str, Any] = {
        "number": row.number,
        "action": row.action or None,
        "words": row.words,
        "changed": list(row.changed),
        "notes": list(row.notes),
    }
    if story.timeline is not None:
        own = {"cpu": row.cpu, "context": row.context, "function": row.function}
        step |= {name: value or None for name, value in own.items()}
        machine = asdict(story.timeline.moments[row.number])
        machine.pop("number")
        step["machine"] = machine
    return step
