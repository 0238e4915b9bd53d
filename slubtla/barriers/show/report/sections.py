"""Collect a run's section of the report: counterexample, numbers, provenance."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from slubtla.barriers.campaigns.matrix import Matrix
from slubtla.barriers.model import model_of
from slubtla.barriers.show.html.explorer import data_of
from slubtla.barriers.show.text import cached_words, idle_reasons, subject_with_bounds, tlc_version
from slubtla.barriers.table import mebibytes
from slubtla.barriers.trace.counterexample import Counterexample, counterexample_of
from slubtla.errors import SlubtlaError
from slubtla.tlc.run.result import ActionCount, Result
from slubtla.tlc.run.verdict import VerdictKind

_RESERVED: Final = (
    *("main", "question", "matrix", "trace", "results", "plots", "coverage", "mutants", "checked"),
    *("provenance", "reproduce", "theme", "open-all", "progress", "growth"),
)
"""Ids of the page itself."""


@dataclass(frozen=True, slots=True)
class Section:
    """One run, as a report shows it."""

    id: str  # its name in the page and in the address
    result: Result
    also: tuple[str, ...]  # the other models that are the same, and share the run
    subject: str
    story: Counterexample | None
    missing: str  # why its counterexample cannot be shown
    numbers: Mapping[str, str]  # of the search, and its bounds
    provenance: Mapping[str, str]
    actions: tuple[tuple[ActionCount, int, str], ...]
    """Each action, the digits of its count as 0 to 100, and what to say of one that never fired."""

    @property
    def explorer(self) -> dict[str, Any]:
        """The counterexample for the trace explorer."""
        return data_of(self.story) if self.story else {}


def flat(results: Iterable[Result | Matrix]) -> tuple[Result, ...]:
    """Return all results, those of a matrix in the order of its cells."""
    found: list[Result] = []
    for each in results:
        found += [cell.result for cell in each.cells] if isinstance(each, Matrix) else [each]
    return tuple(found)


def sections_of(results: Sequence[Result]) -> tuple[Section, ...]:
    """Return a section for each run; results that share a run share it."""
    runs: dict[tuple[object, str], list[Result]] = {}
    for result in results:
        runs.setdefault(run_of(result), []).append(result)
    taken = set(_RESERVED)
    return tuple(_section(shared, taken) for shared in runs.values())


def run_of(result: Result) -> tuple[object, str]:
    """Return what identifies a run: its directory, and its provenance as JSON."""
    return (result.run_dir, result.provenance.model_dump_json())


def _section(shared: Sequence[Result], taken: set[str]) -> Section:
    result = shared[0]
    story, missing = None, ""
    if result.trace_length is not None:
        try:
            story = counterexample_of(result)
            _ = result.spec_path
        except SlubtlaError as error:  # the verdict stands, though its run directory is gone
            missing = f"{error.message}. {error.next_step}".strip()
    others = (subject_with_bounds(r) for r in shared if r.parameters != result.parameters)
    return Section(
        id=_free(result.name, taken),
        result=result,
        also=tuple(dict.fromkeys(others)),
        subject=subject_with_bounds(result),
        story=story,
        missing=missing,
        numbers=dict(_numbers(result)),
        provenance=dict(_provenance(result)),
        actions=tuple(_actions(result)),
    )


def _free(name: str, taken: set[str]) -> str:
    """A name for an id: no blanks and no quotes, once in the page."""
    plain = re.sub(r"[^\w.-]+", "-", name, flags=re.ASCII).strip("-") or "run"
    names = itertools.chain([plain], (f"{plain}-{number}" for number in itertools.count(2)))
    free = next(name for name in names if name not in taken)
    taken.add(free)
    return free


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
        chance = f"{stats.collision_calculated:.1e}"
        yield "chance of a hash collision (unexplored state)", chance
    if (model := model_of(result)) is not None:
        bounds = [f"{name} {value}" for name, value in model.bounds.items()]
        yield "bounds", ", ".join([*bounds, *model.remarks])
    yield "checked", ", ".join(result.properties) or "nothing was named"
    yield "again", result.command
    if cached := cached_words(result):
        yield "not run", cached


def _provenance(result: Result) -> Iterator[tuple[str, str]]:
    made = result.provenance
    for name, value in (
        ("started", made.started_at),
        ("spec, sha256", made.spec_sha256),
        ("cfg, sha256", made.cfg_sha256),
        ("templates, sha256", made.templates_sha256),
        ("tla2tools.jar, sha256", made.jar_sha256),
        ("tla2tools.jar from", made.jar_origin),
        ("TLC", tlc_version(result)),
        ("Java", made.java),
        ("slubtla", made.slubtla),
        ("engine", made.engine),
        ("workers", str(made.workers)),
        ("heap", f"{made.heap_mb:,} MiB"),
        ("fingerprint and seed", f"fp {made.fp_index}, seed {made.seed}"),
        ("peak memory", mebibytes(made.peak_memory_bytes)),
        ("command line of TLC", " ".join(made.argv)),
    ):
        if value:
            yield name, value


def share_provenance(sections: Sequence[Section]) -> tuple[dict[str, str], tuple[Section, ...]]:
    """Return what is the same for all runs, and the sections without it."""
    items = [section.provenance.items() for section in sections]
    shared = dict(item for item in items[0] if all(item in own for own in items))
    own = [{k: v for k, v in each if k not in shared} for each in items]
    return shared, tuple(replace(s, provenance=p) for s, p in zip(sections, own, strict=True))


def _actions(result: Result) -> Iterator[tuple[ActionCount, int, str]]:
    finished = result.stats.final and result.verdict.kind is not VerdictKind.VIOLATED
    reasons = idle_reasons(result)
    most = max((len(str(action.total)) for action in result.actions if action.total), default=1)
    for action in result.actions:
        digits = len(str(action.total)) if action.total else 0
        never = "never" if finished else "never, before the search ended here"
        reason = reasons.get(action.name, "")
        words = f"{never}{': ' if reason else ''}{reason}" if action.total == 0 else ""
        yield action, round(100 * digits / most), words
