"""What stands in a report, before it is written as HTML: one section for each run."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from markupsafe import Markup

from slubtla.barriers.campaigns.matrix import Matrix
from slubtla.barriers.model import model_of
from slubtla.barriers.show.formats.html import steps_table
from slubtla.barriers.show.plots.matrix import SIGNS
from slubtla.barriers.show.report.explorer import data_of
from slubtla.barriers.trace.counterexample import counterexample_of, subject_of
from slubtla.errors import SlubtlaError
from slubtla.tlc.run.result import Result
from slubtla.tlc.run.verdict import VerdictKind

_UNSAFE: Final = {ord(sign): f"\\u{ord(sign):04x}" for sign in "<>&\u2028\u2029"}
"""What a ``<script>`` must not hold; JSON reads the escapes as the same text."""

_RESERVED: Final = (
    *("main", "question", "matrix", "trace", "results", "plots", "coverage", "mutants", "checked"),
    *("provenance", "reproduce", "theme", "open-all", "progress", "growth"),
)
"""Ids of the page itself."""

_CLASSES: Final = {
    VerdictKind.PROVEN: "good",
    VerdictKind.VIOLATED: "bad",
    VerdictKind.ERROR: "bad",
}
_MEBIBYTE: Final = 1 << 20


@dataclass(frozen=True, slots=True)
class Sign:
    """A verdict as a reader sees it.

    Attributes:
        text: sign and word, e.g. ``"✗ violated"``.
        kind: ``"good"``, ``"bad"`` or ``"doubt"``, for the colour.
    """

    text: str
    kind: str


@dataclass(frozen=True, slots=True)
class Counted:
    """An action and how often it fired.

    Attributes:
        name: the action.
        total: states that it led to; None where it fired, but was not counted.
        distinct: those of them that were new; None likewise.
        share: 0 to 100, by the digits of ``total``.
        never: what to say of one that never fired; else ``""``.
    """

    name: str
    total: int | None
    distinct: int | None
    share: int
    never: str


@dataclass(frozen=True, slots=True)
class Told:
    """The counterexample of a run.

    Attributes:
        summary: what went wrong, one sentence each.
        table: the steps as a table, HTML.
        data: what the explorer shows, as JSON that may stand in a ``<script>``.
        ends: how a behaviour without an end goes on; else ``""``.
        lanes: whether the table has a column for each CPU.
    """

    summary: tuple[str, ...]
    table: Markup
    data: Markup
    ends: str
    lanes: bool


@dataclass(frozen=True, slots=True)
class Section:
    """One run.

    Attributes:
        id: its name in the page and in the address.
        result: the run.
        also: the other models that are the same, and share the run.
        sign: its verdict.
        subject: what was checked.
        told: its counterexample; None where there is none, or ``missing`` says why not.
        missing: why its counterexample cannot be shown; ``""`` where it can, or there is none.
        numbers: the numbers of the search, and its bounds.
        provenance: with what it was made.
        actions: how often each action fired.
    """

    id: str
    result: Result
    also: tuple[str, ...]
    sign: Sign
    subject: str
    told: Told | None
    missing: str
    numbers: Mapping[str, str]
    provenance: Mapping[str, str]
    actions: tuple[Counted, ...]


def flat(results: Iterable[Result | Matrix]) -> tuple[Result, ...]:
    """Return all results, those of a matrix in the order of its cells."""
    return tuple(
        result
        for each in results
        for result in ([cell.result for cell in each.cells] if isinstance(each, Matrix) else [each])
    )


def sections_of(results: Sequence[Result]) -> tuple[Section, ...]:
    """Return a section for each run; results that share a run share it."""
    runs: dict[tuple[object, str], list[Result]] = {}
    for result in results:
        runs.setdefault(run_of(result), []).append(result)
    taken = set(_RESERVED)
    return tuple(_section(shared, taken) for shared in runs.values())


def run_of(result: Result) -> tuple[object, str]:
    """Return what tells a run from any other: its directory, and its provenance as JSON."""
    return (result.run_dir, result.provenance.model_dump_json())


def _section(shared: Sequence[Result], taken: set[str]) -> Section:
    result = shared[0]
    name = _free(result.name, taken)
    told, missing = _told(result, name)
    return Section(
        id=name,
        result=result,
        also=tuple(
            dict.fromkeys(
                subject_with_bounds(r) for r in shared if r.parameters != result.parameters
            )
        ),
        sign=sign_of(result),
        subject=subject_with_bounds(result),
        told=told,
        missing=missing,
        numbers=dict(_numbers(result)),
        provenance=dict(_provenance(result)),
        actions=tuple(_actions(result)),
    )


def _free(name: str, taken: set[str]) -> str:
    """A name for an id: no blanks and no quotes, once in the page."""
    plain = re.sub(r"[^\w.-]+", "-", name, flags=re.ASCII).strip("-") or "run"
    number, free = 1, plain
    while free in taken:
        number += 1
        free = f"{plain}-{number}"
    taken.add(free)
    return free


def sign_of(result: Result) -> Sign:
    """Return a verdict as a reader sees it."""
    kind = result.verdict.kind
    return Sign(SIGNS[kind], _CLASSES.get(kind, "doubt"))


def _told(result: Result, name: str) -> tuple[Told | None, str]:
    if result.trace_length is None:
        return None, ""
    try:
        story = counterexample_of(result)
        data = data_of(story)
    except SlubtlaError as error:  # the verdict stands, though its run directory is gone
        return None, f"{error.message}. {error.next_step}".strip()
    return (
        Told(
            summary=story.summary,
            table=Markup(steps_table(story, anchor=f"{name}-step-")),  # noqa: S704  # it escapes
            data=in_script(data),
            ends=story.ends,
            lanes=bool(story.cpus),
        ),
        "",
    )


def in_script(data: object) -> Markup:
    """Return data as JSON that may stand in a ``<script>``: nothing in it can end that."""
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    return Markup(text.translate(_UNSAFE))  # noqa: S704  # no <, > or & is left in it


def subject_with_bounds(result: Result) -> str:
    """Return what was checked, with the bounds that are not what they are by default."""
    model = model_of(result)
    if model is None:
        return subject_of(result)
    own = model.defaults
    differ = [f"{name} {value}" for name, value in model.bounds.items() if value != own[name]]
    differ += [f"a task may stay in {model.stuck} for ever"] if model.stuck else []
    return ", ".join([subject_of(result), *differ])


def _numbers(result: Result) -> Iterator[tuple[str, str]]:
    stats, so_far = result.stats, "" if result.stats.final else " (so far, at TLC's last report)"
    for name, count in (
        ("distinct states", stats.distinct),
        ("states generated", stats.generated),
        ("left on the queue", stats.queue or None),
        ("depth", stats.depth),
    ):
        if count is not None:
            yield name, f"{count:,}{so_far}"
    yield "wall time", f"{result.provenance.wall_seconds:.1f} s"
    if stats.collision_calculated is not None:
        yield "a state missed, by colliding fingerprints", f"p = {stats.collision_calculated:.1e}"
    if (model := model_of(result)) is not None:
        bounds = [f"{name} {value}" for name, value in model.bounds.items()]
        bounds += ["" if model.preemption else "no preemption"]
        bounds += ["up to symmetry" if model.symmetry else "no symmetry"]
        yield "bounds", ", ".join(bound for bound in bounds if bound)


def _provenance(result: Result) -> Iterator[tuple[str, str]]:
    made = result.provenance
    for name, value in (
        ("started", made.started_at),
        ("spec, sha256", made.spec_sha256),
        ("cfg, sha256", made.cfg_sha256),
        ("templates, sha256", made.templates_sha256),
        ("tla2tools.jar, sha256", made.jar_sha256),
        ("tla2tools.jar from", made.jar_origin),
        ("TLC", " ".join(filter(None, (made.tlc_version, made.tlc_revision)))),
        ("Java", made.java),
        ("slubtla", made.slubtla),
        ("engine", made.engine),
        ("workers", str(made.workers)),
        ("heap", f"{made.heap_mb:,} MiB"),
        ("fingerprint and seed", f"fp {made.fp_index}, seed {made.seed}"),
        ("peak memory", _mebibytes(made.peak_memory_bytes)),
        ("command line of TLC", " ".join(made.argv)),
    ):
        if value:
            yield name, value


def _mebibytes(size: int | None) -> str:
    return "" if size is None else f"{size / _MEBIBYTE:,.0f} MiB"


def share_provenance(
    sections: Sequence[Section],
) -> tuple[Mapping[str, str], tuple[Section, ...]]:
    """Return what is the same for all runs, and the sections without it."""
    shared = {
        name: value
        for name, value in sections[0].provenance.items()
        if all(section.provenance.get(name) == value for section in sections)
    }
    return shared, tuple(
        replace(
            section,
            provenance={k: v for k, v in section.provenance.items() if k not in shared},
        )
        for section in sections
    )


def _actions(result: Result) -> Iterator[Counted]:
    finished = result.stats.final and result.verdict.kind is not VerdictKind.VIOLATED
    model = model_of(result)
    reasons = model.idle_actions if model else {}
    most = max((len(str(action.total)) for action in result.actions if action.total), default=1)
    for action in result.actions:
        digits = len(str(action.total)) if action.total else 0
        never = "never" if finished else "never, before the search ended here"
        reason = reasons.get(action.name, "")
        yield Counted(
            name=action.name,
            total=action.total,
            distinct=action.distinct,
            share=round(100 * digits / most),
            never=f"{never}{': ' if reason else ''}{reason}" if action.total == 0 else "",
        )
