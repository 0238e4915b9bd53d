"""What the tests of files of models need: small files, and results that no TLC made."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from slubtla.barriers.suite.config import Config, Pin, Pins
from slubtla.barriers.suite.plan import Planned, plan
from slubtla.barriers.suite.reading import read_config
from slubtla.tlc.run.result import Provenance, Result, Stats
from slubtla.tlc.run.verdict import Verdict, VerdictKind

PROVEN = Verdict(VerdictKind.PROVEN)
LEAK = Verdict(VerdictKind.VIOLATED, "NoLeak", "Invariant NoLeak is violated.")
TYPES = Verdict(VerdictKind.VIOLATED, "TypeOK", "Invariant TypeOK is violated.")
TIMEOUT = Verdict(VerdictKind.INCONCLUSIVE, "timeout", "the time limit ended the search")

COUNTER = r"""
---- MODULE Counter ----
EXTENDS Naturals
CONSTANT Last
VARIABLE x
Init == x = 0
Next == x' = (x + 1) % Last
InRange == x \in 0..3
Small == x < 3
====
"""
COUNTER_CFG = "INIT Init\nNEXT Next\nCONSTANT Last = 4\nINVARIANTS InRange\n"
"""Four states; with Small as an invariant, it falls."""

MODELS = """
title = "Small models"

[defaults]
slabs = 1

[model.leaks]
strategy = "none"
expect = "VIOLATED(NoLeak)"

[model.holds]
about = "The grace period is enough."  # so says the answer
strategy = "synchronize_sched"
expect = "PROVEN"
"""
"""Two of the smallest models of SLUB, a second each."""

COUNTERS = """
title = "A spec of one's own"

[model.counter]
spec = "Counter.tla"
expect = "PROVEN"
"""


def write(folder: Path, text: str, name: str = "models.toml") -> Path:
    """Write a file of models."""
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / name
    file.write_text(textwrap.dedent(text).lstrip(), encoding="utf-8")
    return file


def write_counter(folder: Path, cfg: str = COUNTER_CFG, models: str = COUNTERS) -> Path:
    """Write a spec of one's own, and a file of models that names it."""
    file = write(folder, models)
    (folder / "Counter.tla").write_text(COUNTER.lstrip(), encoding="utf-8")
    (folder / "Counter.cfg").write_text(cfg, encoding="utf-8")
    return file


def planned(tmp_path: Path, text: str, **pins: Any) -> tuple[Planned, ...]:
    """Plan the models of a file, each pinned as it is; ``pins`` changes every pin."""
    file = write(tmp_path, text)
    return pinned(plan([read_config(file)], tmp_path / "scratch"), **pins)


def pinned(models: tuple[Planned, ...], **changes: Any) -> tuple[Planned, ...]:
    """Pin planned models as they are, but for some changes."""
    pins = {
        each.claim.name: replace(
            Pin(each.spec_sha256, each.cfg_sha256, each.cfg.invariants, each.cfg.properties),
            **changes,
        )
        for each in models
    }
    return tuple(replace(each, config=with_pins(each.config, pins)) for each in models)


def with_pins(config: Config, pins: Mapping[str, Pin]) -> Config:
    """Return a file with other pins."""
    return replace(config, pins=Pins("0" * 64, pins))


def result(verdict: Verdict = PROVEN, **stats: Any) -> Result:
    """Return a result that no TLC made."""
    return Result(
        verdict=verdict,
        name="made-up",
        command="slubtla verify",
        module="Slub",
        properties=(),
        stats=Stats(**{"distinct": 100, "generated": 300} | stats),
        actions=(),
        warnings=(),
        errors=(),
        trace_length=None,
        provenance=Provenance(
            slubtla="0",
            engine="none",
            templates_sha256=None,
            spec_sha256="",
            cfg_sha256="",
            jar_sha256="",
            jar_origin="",
            tlc_version=None,
            tlc_revision=None,
            java="",
            java_origin="",
            argv=(),
            workers=1,
            heap_mb=1,
            fp_index=0,
            seed=0,
            translate_seconds=0.0,
            wall_seconds=1.5,
            peak_memory_bytes=None,
            started_at="2026-01-01T00:00:00+00:00",
        ),
    )
