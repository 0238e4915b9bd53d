"""What is left of a run: a frozen, typed record that pickles and is JSON.

The record holds no TLA+ values: the trace stays in TLC's raw output beside it, and is read from
there when it is asked for, without Java.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import field_serializer

from slubtla.display import view
from slubtla.errors import UsageError
from slubtla.tlc.output import Trace, kept_violations, read_report
from slubtla.tlc.output.user_terms import Names, Rename
from slubtla.tlc.run.parts import (
    SCHEMA_VERSION,
    STDOUT,
    ActionCount,
    AntecedentHeld,
    Assertion,
    Counterexample,
    Provenance,
    Record,
    RenamedSymbol,
    SourcePlace,
    Stats,
    Versioned,
)
from slubtla.tlc.run.verdict import Verdict, VerdictKind

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "SCHEMA_VERSION",
    "STDOUT",
    "ActionCount",
    "AntecedentHeld",
    "Assertion",
    "Counterexample",
    "Provenance",
    "Record",
    "RenamedSymbol",
    "Result",
    "SourcePlace",
    "Stats",
    "Versioned",
    "json_schema",
]


class Result(Versioned):
    """The result of one run.

    Attributes:
        verdict: what may be said.
        name: a short name.
        command: the command line that repeats the run.
        protocol: the protocol whose model was checked; None for a spec of the user's own.
        parameters: the parameters of that model; None likewise.
        module: name of the root module; its files are ``{module}.tla`` and ``{module}.cfg``.
        properties: what was checked, as it stands in the cfg, and the goals.
        stats: the numbers.
        actions: how often each action fired, in the order of the spec; empty if not counted.
        warnings: what a careful reader should know, one sentence each.
        errors: TLC's own words, where it failed.
        trace_length: states in the counterexample; None without one.
        places: where in the user's own files the evaluation stood that failed, outermost first.
        counterexamples: each violation that was found and whose trace was kept: one, or with
            ``--continue`` up to :data:`slubtla.tlc.output.problems.MOST_TRACES`.
        violations_found: how many violations TLC reported; None without any.
        provenance: where it comes from.
        assertion: the assertion that failed, if that is the verdict.
        trace_from: where the counterexample stands, relative to the run directory, if not in
            TLC's output of the run itself: a second search found it.
        renamed: symbols that the PlusCal translator renamed.
        deadlock_checked: whether a state without successors would have been an error; None in
            results of earlier versions.
        antecedents: of the implications in what was checked, in order; empty where they were not
            examined.
        run_dir: the run directory; None where the result was read from its JSON alone.
        lost: names of files of the run directory that could not be written, or not whole.
    """

    verdict: Verdict
    name: str
    command: str
    protocol: str | None = None
    parameters: Mapping[str, Any] | None = None
    module: str
    properties: tuple[str, ...]
    stats: Stats
    actions: tuple[ActionCount, ...]
    warnings: tuple[str, ...]
    errors: tuple[str, ...]
    trace_length: int | None
    places: tuple[SourcePlace, ...] = ()
    counterexamples: tuple[Counterexample, ...] = ()
    violations_found: int | None = None
    provenance: Provenance
    assertion: Assertion | None = None
    trace_from: str | None = None
    renamed: tuple[RenamedSymbol, ...] = ()
    deadlock_checked: bool | None = None
    antecedents: tuple[AntecedentHeld, ...] = ()
    run_dir: Path | None = None
    lost: tuple[str, ...] = ()

    @field_serializer("run_dir", when_used="json-unless-none")
    def _run_dir(self, path: Path) -> str:
        """The name of a directory need not be UTF-8, but JSON is."""
        return str(path).encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")

    @property
    def never_fired(self) -> tuple[str, ...]:
        """The actions that never fired within the bounds."""
        return tuple(action.name for action in self.actions if action.total == 0)

    @property
    def spec_path(self) -> Path:
        """The spec as it was checked, translation included.

        Raises:
            UsageError: the run directory is not known or gone.
        """
        return self._file(f"{self.module}.tla")

    @cached_property
    def trace(self) -> Trace | None:
        """The counterexample, read from TLC's raw output; None where TLC printed none.

        Raises:
            UsageError: the run directory is not known or gone.
        """
        if self.trace_length is None:
            return None
        with self._file(self.trace_from or STDOUT).open(
            encoding="utf-8", errors="replace"
        ) as lines:
            trace = read_report(lines).trace
        return trace and self._names.trace(trace)

    @property
    def _names(self) -> Names:
        renames = (
            Rename(each.name, each.was, each.kind, each.of, each.module, each.line)
            for each in self.renamed
        )
        return Names.of(renames)

    def nth(self, number: int) -> Result:
        """Return this result with another of its counterexamples, and the verdict of that one.

        Args:
            number: 1 for the first.

        Raises:
            UsageError: there are not so many, or the run directory is not known or gone.
        """
        if not 1 <= number <= len(self.counterexamples):
            found = len(self.counterexamples)
            raise UsageError(
                f"there is no counterexample number {number}: {found or 'none'} of them",
                next_step=f"choose 1 to {found}" if found else "see the verdict",
            )
        if number == 1:  # its steps may stand elsewhere
            return self
        with self._file(STDOUT).open(encoding="utf-8", errors="replace") as lines:
            violation = kept_violations(read_report(lines))[number - 1]
        chosen = self.counterexamples[number - 1]
        verdict = self.verdict
        if verdict.kind is VerdictKind.VIOLATED:
            verdict = replace(verdict, detail=chosen.property, because=chosen.because)
        own = {"verdict": verdict, "trace_length": chosen.trace_length}
        result = self.model_copy(update=own)
        trace = violation.trace and self._names.trace(violation.trace)
        result.__dict__["trace"] = trace  # fills the cached property
        return result

    def to_json(self) -> str:
        """Return the result as JSON, indented."""
        return self.model_dump_json(indent=2)

    def to_frame(self) -> pd.DataFrame:
        """Return the counterexample in words: see :func:`story_frame`.

        Raises:
            UsageError: pandas is not installed, there is no counterexample, or the run directory is
                gone.
        """
        frame: pd.DataFrame = view("frame", self)
        return frame

    def explore(self, *, step: int = 1) -> Any:  # noqa: ANN401 - a widget of anywidget's
        """Return a widget that steps through it: see :func:`stepper`."""
        return view("stepper", self, step=step)

    def __getstate__(self) -> dict[Any, Any]:
        state = super().__getstate__()
        state["__dict__"] = {k: v for k, v in state["__dict__"].items() if k != "trace"}
        return state

    def _file(self, name: str) -> Path:
        if self.run_dir is None:
            raise UsageError(
                "this result has no run directory, so its trace is not at hand",
                next_step="read the run directory with slubtla.load_run(path)",
            )
        path = self.run_dir / name
        if not path.is_file():
            raise UsageError(
                f"{path} is missing: the run directory was moved or cleaned",
                next_step="name its new place: slubtla.load_run(path)",
            )
        return path


def json_schema(record: type[Record]) -> dict[str, Any]:
    """Return the JSON schema of a kind of record (draft 2020-12)."""
    schema = record.model_json_schema(mode="serialization")
    return {"$schema": "https://json-schema.org/draft/2020-12/schema"} | schema
