"""The result of a run: a frozen, typed record that pickles and is JSON.

The record holds no TLA+ values: the trace stays in TLC's raw output beside it, and is read from
there, without Java, when it is asked for.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import Any, Final

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    ValidationError,
    field_serializer,
    model_validator,
)

from slubtla.errors import UsageError
from slubtla.registry import Displayed, Framed, view
from slubtla.tlc.output import TlcReport, Trace, kept_violations, read_report
from slubtla.tlc.run.user_terms import Names, Rename
from slubtla.tlc.run.verdict import Verdict, VerdictKind
from slubtla.tlc.text.origin import Place

SCHEMA_VERSION: Final = 2
"""Incremented with every change of the JSON format."""

STDOUT: Final = "tlc.out"
"""TLC's raw output in a run directory."""


class Record(Displayed, BaseModel):
    """Base of result records: frozen, unknown fields are errors, shows itself in notebooks."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Versioned(Record):
    """A record that is a JSON document of its own.

    Attributes:
        schema_version: see :data:`SCHEMA_VERSION`. Version 1, in which a result had its ``model``
            instead of ``protocol`` and ``parameters``, is read, too.
    """

    schema_version: int = Field(default=SCHEMA_VERSION, ge=SCHEMA_VERSION, le=SCHEMA_VERSION)

    @model_validator(mode="before")
    @classmethod
    def _upgrade(cls, data: Any) -> Any:  # noqa: ANN401 - whatever is to be validated
        if not isinstance(data, dict) or data.get("schema_version") != 1:
            return data
        data = data | {"schema_version": SCHEMA_VERSION}
        if "model" in data and "parameters" in cls.model_fields:
            model = data.pop("model")
            data |= {"protocol": None if model is None else "slub", "parameters": model}
        return data


class Stats(Record):
    """The numbers of a search; None where TLC did not report them.

    Attributes:
        generated: states generated, with repetitions; None after a recovery, which restarts it.
        queue: states found and not yet searched; 0 for a finished search.
        depth: length in states of the longest shortest path; varies with many workers.
        collision_calculated: chance of a hash collision (an unexplored state), as calculated.
        collision_actual: the same, from the fingerprints that were seen.
        final: False where these are the last numbers of a search that was cut short.
    """

    generated: int | None = None
    distinct: int | None = None
    queue: int | None = None
    depth: int | None = None
    initial: int | None = None
    collision_calculated: float | None = None
    collision_actual: float | None = None
    final: bool = True


class ActionCount(Record):
    """How often an action fired, and to how many new states; None where it fired uncounted."""

    name: str
    distinct: int | None = None
    total: int | None = None


class Assertion(Record):
    """The ``Assert`` of TLA+, or ``assert`` of PlusCal, that failed.

    Attributes:
        text: its second argument; the translator writes one for PlusCal.
        evaluated: the invariant or property that was evaluated; None for an action.
        file: name of the user's file with the ``assert``; None, as are line and column, where TLC
            does not say.
    """

    text: str
    evaluated: str | None = None
    file: str | None = None
    line: int | None = None
    column: int | None = None

    @property
    def sentence(self) -> str:
        """What happened, in one sentence."""
        place = f" ({self.file}:{self.line}:{self.column})" if self.file else ""
        within = f"evaluating {self.evaluated}, " if self.evaluated else ""
        return f'{within}an assertion fails: "{self.text}"{place}'


class AntecedentHeld(Record):
    """Whether the antecedent of an implication held in some state.

    Attributes:
        property_name: the invariant or property in which the implication stands.
        held: whether it held, for some values of the variables that are bound around it.
        idle: why it need not; ``""`` where no reason is known.
    """

    property_name: str
    text: str
    module: str
    line: int
    held: bool
    idle: str = ""


class FoundViolation(Record):
    """One of the violations of a run, in TLC's words; without a trace its length is None."""

    property: str
    because: str
    trace_length: int | None


class Provenance(Record):
    """Where a result comes from: enough to repeat it.

    Attributes:
        templates_sha256: digest of all templates; None for a spec of the user's own.
        spec_sha256: digest of the spec as it was checked, translation included.
        argv: TLC's command line, relative to the run directory.
        workers: TLC worker threads; of a distributed search all that joined it.
        fp_index: index of the fingerprint polynomial (``-fp``).
        fpmem: the part of the heap that held fingerprints; None where TLC chose, a quarter.
        wall_seconds: wall time of TLC, of a resumed run of its last part.
        peak_memory_bytes: largest resident set of the JVM.
        started_at: when the run began, UTC, ISO 8601.
        cached_at: when the run was kept whose result was returned instead of a new run's.
        resumed_from: the checkpoint that the last part of the run went on from.
        earlier_argv: TLC's command lines in the parts before that one, oldest first.
        library_sha256: digests, by path, of the modules that were taken from a ``--library``;
            ``classpath_sha256`` those of the jars of ``--classpath``.
    """

    slubtla: str
    engine: str
    templates_sha256: str | None
    spec_sha256: str
    cfg_sha256: str
    jar_sha256: str
    jar_origin: str
    tlc_version: str | None
    tlc_revision: str | None
    java: str
    java_origin: str
    argv: tuple[str, ...]
    workers: int
    heap_mb: int
    fp_index: int
    seed: int
    translate_seconds: float
    wall_seconds: float
    peak_memory_bytes: int | None
    started_at: str
    cached_at: str | None = None
    fpmem: float | None = None
    resumed_from: str | None = None
    earlier_argv: tuple[tuple[str, ...], ...] = ()
    workers_lost: int | None = None
    library_sha256: Mapping[str, str] = Field(default_factory=dict)
    classpath_sha256: Mapping[str, str] = Field(default_factory=dict)


class Result(Framed, Versioned):
    """The result of one run.

    Attributes:
        protocol: the protocol whose model was checked, and ``parameters`` those of the model; None
            for a spec of the user's own.
        module: name of the root module; its files are ``{module}.tla`` and ``{module}.cfg``.
        actions: how often each action fired, in the order of the spec; empty if not counted.
        warnings: what a careful reader should know, one sentence each.
        trace_length: states in the counterexample; None without one.
        places: where in the user's own files the evaluation stood that failed, outermost first.
        counterexamples: each violation that was found and whose trace was kept: one, or with
            ``--continue`` up to :data:`slubtla.tlc.output.problems.MOST_TRACES`.
        trace_from: the file of the run directory with the counterexample, if not TLC's output.
        deadlock_checked: whether a state without successors would have been an error; None in
            results of earlier versions.
        antecedents: of the implications in what was checked; empty where they were not examined.
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
    places: tuple[Place, ...] = ()
    counterexamples: tuple[FoundViolation, ...] = ()
    violations_found: int | None = None
    provenance: Provenance
    assertion: Assertion | None = None
    trace_from: str | None = None
    renamed: tuple[Rename, ...] = ()
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
        trace = self._report(self.trace_from or STDOUT).trace
        return trace and Names.of(self.renamed).trace(trace)

    def _report(self, name: str) -> TlcReport:
        return read_report(self._file(name))

    def nth(self, number: int) -> Result:
        """Return this result with another of its counterexamples, and the verdict of that one.

        Raises:
            UsageError: there are not so many, or the run directory is not known or gone.
        """
        if not 1 <= number <= len(self.counterexamples):
            found = len(self.counterexamples)
            several = f"choose 1 to {found}" if found else "a run has several only with --continue"
            raise UsageError(
                f"no counterexample number {number}: this run has {found or 'none'}",
                next_step=several,
            )
        if number == 1:  # its trace may be in another file (trace_from)
            return self
        violation = kept_violations(self._report(STDOUT))[number - 1]
        chosen = self.counterexamples[number - 1]
        verdict = self.verdict
        if verdict.kind is VerdictKind.VIOLATED:
            verdict = replace(verdict, detail=chosen.property, because=chosen.because)
        result = self.model_copy(update={"verdict": verdict, "trace_length": chosen.trace_length})
        trace = violation.trace and Names.of(self.renamed).trace(violation.trace)
        result.__dict__["trace"] = trace  # fills the cached property
        return result

    def to_json(self) -> str:
        """Return the result as JSON, indented."""
        return self.model_dump_json(indent=2)

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
                "this result has no run directory, so its trace cannot be read",
                next_step="read the run directory with slubtla.load_run(path)",
            )
        path = self.run_dir / name
        if not path.is_file():
            raise UsageError(
                f"{path} is missing: the run directory was moved or cleaned",
                next_step="name its new place: slubtla.load_run(path)",
            )
        return path


def complaint_of(error: ValidationError) -> str:
    """Return pydantic's first validation error as ``place: message``."""
    first = error.errors()[0]
    return f"{'.'.join(map(str, first['loc'])) or 'the file'}: {first['msg']}"


def json_schema(record: type[Record]) -> dict[str, Any]:
    """Return the JSON schema of a kind of record (draft 2020-12)."""
    schema = record.model_json_schema(mode="serialization")
    return {"$schema": "https://json-schema.org/draft/2020-12/schema"} | schema
