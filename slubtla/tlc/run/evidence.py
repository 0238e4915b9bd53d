"""What a run is about, and what it left: the two records that a result is made from."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from slubtla.tlc.engine import EngineRun, TlcOptions, Translation
from slubtla.tlc.text.antecedents import Antecedent
from slubtla.tlc.text.cfg import Cfg
from slubtla.tlc.tools import Toolchain


@dataclass(frozen=True, slots=True)
class Subject:
    """What a run is about.

    The name of a file need not be UTF-8, but what is written is: other bytes become escapes.

    Attributes:
        name: a short name.
        command: the command line that repeats it.
        protocol: the protocol whose model is checked; None for a spec of the user's own.
        parameters: the parameters of that model; None likewise.
        templates_sha256: digest of the templates that it was rendered from; None likewise.
        properties: what must stand in the cfg; None for whatever stands there.
        goals: action that must have fired, for each goal.
        idle: actions that may never fire, each with the reason; None where any may.
        warnings: what a careful reader should know, one sentence each.
        idle_antecedents: antecedents that may never hold, as ``property: antecedent``, each with
            the reason.
        symmetric: whether it is known that the SYMMETRY of the cfg is one.
    """

    name: str
    command: str
    protocol: str | None = None
    parameters: Mapping[str, Any] | None = None
    templates_sha256: str | None = None
    properties: tuple[str, ...] | None = None
    goals: Mapping[str, str] = field(default_factory=dict)
    idle: Mapping[str, str] | None = None
    warnings: tuple[str, ...] = ()
    idle_antecedents: Mapping[str, str] = field(default_factory=dict)
    symmetric: bool = False

    def __post_init__(self) -> None:
        for name in ("name", "command"):
            object.__setattr__(self, name, writable(getattr(self, name)))


@dataclass(frozen=True, slots=True)
class Evidence:
    """With what a run was made, and what it left.

    Attributes:
        toolchain: Java and the jar.
        engine: the engine's name.
        translation: what the PlusCal translator did.
        options: TLC's options.
        run: what the engine returned.
        cfg: what the cfg says.
        cfg_sha256: digest of its text.
        started: when the run began, UTC.
        uncounted: why an action may have fired without being counted; ``""`` where all were.
        told: the actions whose firing the specification itself prints; None where TLC counts them.
        watched: the constraints of which the report says whether they excluded something; None
            where it says nothing of any.
        antecedents: those of which the report says whether they ever held.
        earlier_argv: TLC's command lines in the parts before this one, of a resumed run.
        distributed: whether workers of other processes did the search.
        doubt: why "no error has been found" would be no proof; ``""`` where it is.
        remarks: what a careful reader should know of the run, one sentence each.
        trace_from: the file with the counterexample, if TLC's output of the run has none.
    """

    toolchain: Toolchain
    engine: str
    translation: Translation
    options: TlcOptions
    run: EngineRun
    cfg: Cfg
    cfg_sha256: str
    started: dt.datetime
    uncounted: str = ""
    told: tuple[str, ...] | None = None
    watched: tuple[str, ...] | None = None
    antecedents: tuple[Antecedent, ...] = ()
    earlier_argv: tuple[tuple[str, ...], ...] = ()
    distributed: bool = False
    doubt: str = ""
    remarks: tuple[str, ...] = ()
    trace_from: str | None = None


def writable(text: str) -> str:
    """``text`` as UTF-8 can hold it; Python keeps foreign bytes of file names as surrogates."""
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
