"""The contract of all engines, kept by the warm one: the same tests, collected here again."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from engine import test_contract
from engine.tools import descendants, need_toolchain
from slubtla.tlc.engine.jvm_engine import JvmEngine

pytest.importorskip("jpype")

globals().update(
    {name: test for name, test in vars(test_contract).items() if name.startswith("test_")}
)


@pytest.fixture
def engine() -> Iterator[JvmEngine]:
    """The warm engine; in place of the one that the tests were written with."""
    with JvmEngine(need_toolchain()) as warm:
        yield warm
    assert descendants() == []


def test_it_is_the_warm_engine_that_keeps_the_contract(engine: object) -> None:
    assert isinstance(engine, JvmEngine)
    assert test_contract.test_options_reach_tlc is globals()["test_options_reach_tlc"]
