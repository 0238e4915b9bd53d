"""A counterexample as Mermaid, which GitHub and GitLab draw where it stands in a text.

Of the SLUB model a sequence diagram, memory in the middle and each store buffer beside its CPU; of
any other specification a chain of states, with an arrow back where the behaviour loops.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from slubtla.barriers.trace.counterexample import Counterexample, Row
from slubtla.barriers.trace.events import Store
from slubtla.barriers.trace.timeline import Timeline

MEMORY: Final = "memory"
_LONGEST: Final = 60
_ENTITIES: Final = str.maketrans(
    {"#": "#35;", ";": "#59;", "<": "#lt;", ">": "#gt;", '"': "#quot;", "\n": " "}
)


def mermaid_text(story: Counterexample) -> str:
    """Return the diagram."""
    lines = _sequence(story, story.timeline) if story.timeline else _chain(story)
    return "\n".join(lines) + "\n"


def _sequence(story: Counterexample, scene: Timeline) -> Iterator[str]:
    yield "sequenceDiagram"
    yield f"    title {_safe(story.title)}"
    half = (len(story.cpus) + 1) // 2
    for cpu in story.cpus[:half]:
        yield from (f"    participant {cpu}", f"    participant {_buffer(cpu)} as store buffer")
    yield f"    participant {MEMORY}"
    for cpu in story.cpus[half:]:
        yield from (f"    participant {_buffer(cpu)} as store buffer", f"    participant {cpu}")
    for row in story.rows:
        if row.number == 1:
            for cpu, task in scene.reading.running.items():
                yield f"    Note over {cpu}: runs {_safe(task)}"
        else:
            yield from (f"    {line}" for line in _messages(row, scene))
    if story.ends:
        yield f"    Note over {MEMORY}: {_safe(story.ends)}"


def _messages(row: Row, scene: Timeline) -> Iterator[str]:
    made = [store for store in scene.stores if store.made == row.number]
    drained = [store for store in scene.stores if store.drained == row.number]
    load = next((load for load in scene.loads if load.number == row.number), None)
    words = f"{row.function}: {row.words}" if row.function else row.words
    said = _safe(f"{row.number}. {words}")
    sent = [ipi for ipi in scene.ipis if ipi.sent == row.number]
    seen = [ipi for ipi in scene.ipis if ipi.seen == row.number]
    if drained and not made:
        yield from (_drain(row, store) for store in drained)
    elif made:
        yield f"{row.cpu}->>{_buffer(row.cpu)}: {said}"
    elif sent:
        yield from (f"{row.cpu}-){ipi.target}: {said}" for ipi in sent)
    elif seen:
        yield from (f"{ipi.target}--){row.cpu}: {said}" for ipi in seen)
    elif load is not None:
        source = _buffer(row.cpu) if load.source == "its own buffer" else MEMORY
        yield f"{source}-->>{row.cpu}: {said}"
    elif row.changed:
        yield f"{row.cpu}->>{MEMORY}: {said}"
    else:
        yield f"Note over {row.cpu}: {said}"
    yield from (f"Note over {row.cpu}: ! {_safe(note)}" for note in row.notes)


def _drain(row: Row, store: Store) -> str:
    return f"{_buffer(store.cpu)}->>{MEMORY}: {_safe(f'{row.number}. {store.entry}')}"


def _buffer(cpu: str) -> str:
    return f"{cpu}_buffer"


def _safe(text: str) -> str:
    """Text in which Mermaid finds no syntax of its own."""
    return text.translate(_ENTITIES)


def _chain(story: Counterexample) -> Iterator[str]:
    yield "flowchart TD"
    numbers = {row.number for row in story.rows}
    last: Row | None = None
    for row in story.rows:
        loop = story.result.trace is not None and row.number == len(story.result.trace.steps)
        step = story.result.trace.steps[row.number - 1] if story.result.trace else None
        if loop and step is not None and (step.stuttering or step.back_to is not None):
            back = step.back_to if step.back_to in numbers else last and last.number
            label = _label(row.action or "stutters") + ", for ever"
            if last is not None:
                yield f'    s{last.number} -->|"{label}"| s{back}'
            continue
        text = "<br/>".join(_label(line) for change in row.changed for line in change.splitlines())
        yield f'    s{row.number}["{row.number}<br/>{text}"]'
        if last is not None:
            yield f'    s{last.number} -->|"{_label(row.action)}"| s{row.number}'
        last = row


def _label(text: str) -> str:
    short = text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"
    return _safe(short)
