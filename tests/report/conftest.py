"""Reports that several tests look at, made once from real runs; one browser for all of them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from views.tools import Verified, good, leak

from report.tools import FLAGS, fetch_axe, find_chromium, lacking
from slubtla.barriers.campaigns.matrix import Matrix, run_matrix
from slubtla.barriers.show.report import write_report
from slubtla.tlc.run.check import check_spec
from slubtla.tlc.run.result import Result
from slubtla.tlc.run.settings import Settings
from slubtla.tlc.tools import Toolchain

if TYPE_CHECKING:
    from playwright.sync_api import Browser

HOSTILE = r"""
---- MODULE Hostile ----
EXTENDS Naturals, Sequences
CONSTANT Name
VARIABLES said, count
Init == said = <<>> /\ count = 0
Say == count < 3 /\ said' = Append(said, [who |-> Name]) /\ count' = count + 1
Next == Say \/ UNCHANGED <<said, count>>
Quiet == count < 2
====
"""
NAME = "</script><script>alert(1)</script><!-- & <b>"


@pytest.fixture(scope="session")
def small_matrix(engine_at_hand: Toolchain, tmp_path_factory: pytest.TempPathFactory) -> Matrix:
    """Six runs for eight cells: powerpc and riscv are the same model."""
    settings = Settings(
        toolchain=engine_at_hand, workers=1, out_dir=tmp_path_factory.mktemp("matrix")
    )
    strategies, arches = ["smp_mb", "synchronize_sched"], ["x86", "powerpc", "riscv"]
    return run_matrix(strategies, arches, settings=settings, slabs=1)


@pytest.fixture(scope="session")
def hostile(engine_at_hand: Toolchain, tmp_path_factory: pytest.TempPathFactory) -> Result:
    """A counterexample of a user's own spec, with a value that would be a script."""
    place = tmp_path_factory.mktemp("hostile")
    spec, cfg = place / "Hostile.tla", place / "Hostile.cfg"
    spec.write_text(HOSTILE.lstrip(), encoding="utf-8")
    cfg.write_text(
        f'CONSTANT Name = "{NAME}"\nINIT Init\nNEXT Next\nINVARIANT Quiet\n', encoding="utf-8"
    )
    settings = Settings(toolchain=engine_at_hand, workers=1, out_dir=place / "run")
    return check_spec(spec, cfg, settings=settings, check_deadlock=False)


@pytest.fixture(scope="session")
def pages(
    verified: Verified,
    small_matrix: Matrix,
    hostile: Result,
    tmp_path_factory: pytest.TempPathFactory,
) -> dict[str, Path]:
    """The reports, by name."""
    place = tmp_path_factory.mktemp("reports")
    reported: dict[str, Result | Matrix] = {
        "leak": leak(verified),
        "holds": good(verified),
        "matrix": small_matrix,
        "hostile": hostile,
    }
    return {name: write_report(it, place / f"{name}.html") for name, it in reported.items()}


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """The system's Chromium, without a window."""
    chromium = find_chromium()
    try:
        from playwright.sync_api import sync_playwright  # noqa: PLC0415 - may be missing
    except ImportError:
        lacking("no playwright: pip install '.[test]'")
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=chromium, args=FLAGS, headless=True)
        yield running
        running.close()


@pytest.fixture(scope="session")
def axe(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The text of axe-core."""
    return fetch_axe(tmp_path_factory.mktemp("axe"))
