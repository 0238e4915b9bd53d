"""``slubtla.verify`` on the warm engine: the same answers."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from slubtla.barriers.verify import verify
from slubtla.errors import UnknownNameError
from slubtla.tlc.engine.jvm_pool import shared_pool
from slubtla.tlc.run.result import Result
from slubtla.tlc.run.settings import Settings
from slubtla.tlc.tools import Toolchain

pytest.importorskip("jpype")


def test_both_engines_give_the_same_answer(
    verified: Callable[..., Result], engine_at_hand: Toolchain, tmp_path: Path
) -> None:
    model: dict[str, Any] = {"strategy": "smp_mb", "workers": 1}
    cold = verified(**model)
    settings = Settings(
        engine="jvm", workers=1, toolchain=engine_at_hand, out_dir=tmp_path / "run", cache=False
    )
    try:
        warm = verify(strategy="smp_mb", settings=settings)
    finally:
        shared_pool().close()
    assert warm.provenance.engine == "JvmEngine"
    assert (warm.verdict, warm.stats, warm.actions) == (cold.verdict, cold.stats, cold.actions)
    assert (warm.trace, warm.warnings) == (cold.trace, cold.warnings)
    assert warm.trace is not None


def test_an_engine_that_does_not_exist_is_refused() -> None:
    with pytest.raises(UnknownNameError, match="did you mean 'jvm'"):
        Settings(engine="jmv")
