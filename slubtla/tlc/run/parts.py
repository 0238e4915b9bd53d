"""The parts of a result: frozen, typed records that pickle and are JSON."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from pydantic import BaseModel, ConfigDict, Field, model_validator

from slubtla.display import Displayed

SCHEMA_VERSION: Final = 2
"""Rises with every change of the JSON that a reader could notice."""

STDOUT: Final = "tlc.out"
"""TLC's raw output in a run directory."""


class Record(Displayed, BaseModel):
    """Base of the parts of a result: frozen, and nothing unknown in it; a notebook shows it."""

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
        generated: states generated, with repetitions (TLC messages 2199, 2200); None after a
            recovery, when TLC begins this count anew.
        distinct: states found.
        queue: states found and not yet searched; 0 for a finished search.
        depth: length in states of the longest shortest path (2194); varies with many workers.
        initial: distinct initial states (2190).
        collision_calculated: probability that a state was missed, as calculated (2193).
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
    """How often an action fired (TLC messages 2772, 2773).

    Attributes:
        name: the label.
        distinct: new states that it led to; None where it fired, but was not counted.
        total: states that it led to; None likewise.
    """

    name: str
    distinct: int | None = None
    total: int | None = None


class RenamedSymbol(Record):
    """A symbol that the PlusCal translator renamed, because its name clashed with another.

    Attributes:
        name: its name in the translation, e.g. ``"S_"``.
        shown: what traces and actions show instead, e.g. ``"A.S"``.
        was: the user's name, e.g. ``"S"``.
        kind: what it is, e.g. ``"Label"``.
        of: the process or procedure that it belongs to, e.g. ``"process A"``; ``""`` for none.
        module: the module.
        line: 1-based line in the user's file.
    """

    name: str
    shown: str
    was: str
    kind: str
    of: str
    module: str
    line: int


class Assertion(Record):
    """The ``Assert`` of TLA+, or ``assert`` of PlusCal, that failed.

    Attributes:
        text: its second argument; the translator writes one for PlusCal.
        evaluated: the invariant or property that was evaluated; None for an action.
        file: name of the user's file with the ``assert``; None where TLC does not say, and so
            are the fields below.
        line: 1-based.
        column: 1-based.
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
        text: the antecedent, on one line.
        module: the module where it stands.
        line: its line there.
        held: whether it held, for some values of the variables that are bound around it.
        idle: why it need not; ``""`` where it held, or no reason is known.
    """

    property_name: str
    text: str
    module: str
    line: int
    held: bool
    idle: str = ""


class SourcePlace(Record):
    """A place in the user's own files.

    Attributes:
        file: name of the file.
        line: 1-based.
        column: 1-based; None where only the line is known.
        label: the PlusCal label, where the line is one of its statements.
    """

    file: str
    line: int
    column: int | None = None
    label: str | None = None


class Counterexample(Record):
    """One of the violations of a run.

    Attributes:
        property: what is violated, as in the verdict.
        because: TLC's words.
        trace_length: states in its trace; None without one.
    """

    property: str
    because: str
    trace_length: int | None


class Provenance(Record):
    """Where a result comes from: enough to repeat it.

    Attributes:
        slubtla: version of slubtla.
        engine: the engine that ran TLC.
        templates_sha256: digest of all templates; None for a spec of the user's own.
        spec_sha256: digest of the spec as it was checked, translation included.
        cfg_sha256: digest of the cfg.
        jar_sha256: digest of tla2tools.jar.
        jar_origin: how that jar was found.
        tlc_version: what TLC calls itself.
        tlc_revision: its revision.
        java: what Java calls itself.
        java_origin: how it was found.
        argv: TLC's command line, relative to the run directory.
        workers: TLC worker threads; of a distributed search all that joined it.
        heap_mb: Java heap, MiB.
        fp_index: index of the fingerprint polynomial.
        seed: seed of TLC's random numbers.
        translate_seconds: wall time of the PlusCal translator.
        wall_seconds: wall time of TLC.
        peak_memory_bytes: largest resident set of the JVM; None if not known.
        started_at: when the run began, UTC, ISO 8601.
        cached_at: when this result was kept, UTC, ISO 8601, if nothing was run but an earlier run
            of the same job was taken; None for a run.
        fpmem: the part of the heap that held fingerprints; None where TLC chose, a quarter.
        resumed_from: the checkpoint that the last part of the run went on from, relative to the run
            directory; None for a run in one part. ``wall_seconds`` is that part's.
        earlier_argv: TLC's command lines in the parts before that one, oldest first.
        workers_lost: how many of the workers were lost on the way; None where they were threads of
            one process.
        library_sha256: by path, the digest of each module that was taken from a ``--library``.
        classpath_sha256: by path, the digest of each jar of ``--classpath``.
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
