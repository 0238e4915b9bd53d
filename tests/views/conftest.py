"""Counterexamples of a specification that slubtla knows nothing of."""

from __future__ import annotations

from pathlib import Path

import pytest

from slubtla.tlc.run.check import check_spec
from slubtla.tlc.run.result import Result
from slubtla.tlc.run.settings import Settings
from slubtla.tlc.tools import Toolchain

COUNTER = Path(__file__).parents[1] / "tlc" / "outputs" / "specs" / "Counter.tla"


def _checked(place: Path, name: str, behaviour: str, toolchain: Toolchain) -> Result:
    cfg = place / f"{name}.cfg"
    cfg.write_text(f"CONSTANT Last = 3\n{behaviour}\n", encoding="utf-8")
    settings = Settings(toolchain=toolchain, out_dir=place / name)
    return check_spec(COUNTER, cfg, settings=settings, check_deadlock=False)


@pytest.fixture(scope="session")
def lasso(engine_at_hand: Toolchain, tmp_path_factory: pytest.TempPathFactory) -> Result:
    """A behaviour that goes round for ever."""
    place = tmp_path_factory.mktemp("lasso")
    return _checked(place, "lasso", "SPECIFICATION Lasso PROPERTY Swings", engine_at_hand)


@pytest.fixture(scope="session")
def stuttering(engine_at_hand: Toolchain, tmp_path_factory: pytest.TempPathFactory) -> Result:
    """A behaviour that stops for ever."""
    place = tmp_path_factory.mktemp("stuttering")
    return _checked(place, "stuttering", "SPECIFICATION Stutter PROPERTY Reaches", engine_at_hand)
