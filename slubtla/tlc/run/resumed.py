"""A search in several parts: what a resumed run says, read together with what came before."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from slubtla.tlc.output import Coverage, TlcReport, add_coverage, read_report
from slubtla.tlc.run.result import STDOUT
from slubtla.tlc.run.rundir import ARGV, RESULT, TRACE_ITF
from slubtla.tlc.run.unfinished import STDERR

_PART: Final = "part-"
_FILES: Final = (STDERR, ARGV, RESULT, TRACE_ITF, STDOUT)
"""In this order, so that a part without the last was not set aside whole."""

_UNSAID: Final = (
    "the run was killed after a checkpoint and before TLC said how often each action had fired"
)


@dataclass(frozen=True, slots=True)
class Earlier:
    """The parts before the one that ends the search, oldest first.

    Attributes:
        reports: what TLC said in each.
        argv: its command lines.
    """

    reports: tuple[TlcReport, ...]
    argv: tuple[tuple[str, ...], ...]

    @property
    def uncounted(self) -> str:
        """Why an action may have fired without being counted; ``""`` where all were.

        Each part counts from its own start. What a part counted until its last checkpoint is known
        if TLC printed the counts after that checkpoint; what came later is searched again.
        """
        written = [report for report in self.reports if report.checkpoints]
        said = written and all(report.checkpoint_coverage is not None for report in written)
        return "" if said else _UNSAID

    def join(self, last: TlcReport) -> TlcReport:
        """Return the report of the whole search.

        Distinct states, queue and depth are TLC's own, of the whole search. It tells no number of
        initial states after a recovery: that is the first part's.
        """
        first = next((r.initial_states for r in self.reports if r.initial_states is not None), None)
        coverage = [*self._coverage(), *([last.coverage] if last.coverage else [])]
        return dataclasses.replace(
            last,
            initial_states=first,
            coverage=add_coverage(coverage) if last.coverage else None,
            fired=last.fired.union(*(report.fired for report in self.reports)),
            unreadable=tuple(
                place for report in (*self.reports, last) for place in report.unreadable
            ),
            reached=last.reached.union(*(report.reached for report in self.reports)),
            excluding=last.excluding.union(*(report.excluding for report in self.reports)),
        )

    def _coverage(self) -> Iterator[Coverage]:
        for report in self.reports:
            known = report.checkpoint_coverage or (report.checkpoints and report.coverage)
            if known:
                yield known


def set_aside(work: Path) -> None:
    """Move what the last part left into a folder of its own, to make room for the next."""
    if not (work / STDOUT).exists():  # the part was set aside, and the next never began
        return
    parts = _parts(work)
    if parts and not (parts[-1] / STDOUT).exists():  # a kill fell between two renames
        folder = parts[-1]
    else:
        folder = work / f"{_PART}{len(parts) + 1}"
        folder.mkdir()
    for name in _FILES:
        if (work / name).exists():
            (work / name).rename(folder / name)


def read_earlier(work: Path) -> Earlier:
    """Read the parts that were set aside."""
    reports, lines = [], []
    for folder in _parts(work):
        with (folder / STDOUT).open(encoding="utf-8", errors="replace") as output:
            reports.append(read_report(output))
        lines.append(tuple(json.loads((folder / ARGV).read_text(encoding="utf-8"))))
    return Earlier(tuple(reports), tuple(lines))


def _parts(work: Path) -> list[Path]:
    found = [path for path in work.glob(f"{_PART}*") if path.name.removeprefix(_PART).isdigit()]
    return sorted(found, key=lambda path: int(path.name.removeprefix(_PART)))
