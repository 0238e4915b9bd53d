"""Models as LKMM litmus tests: our own reader reads them, and the relaxed model agrees."""

from __future__ import annotations

from pathlib import Path

import pytest

from slubtla.barriers.litmus import Observation, parse_litmus, run_litmus
from slubtla.barriers.litmus.export import PLACES, Exported, export, write_exported
from slubtla.barriers.machines import CMPXCHGS
from slubtla.barriers.model import make_model
from slubtla.errors import UsageError
from slubtla.protocols.slub import SLUB
from slubtla.tlc.run.settings import Settings
from slubtla.tlc.tools import Toolchain


def all_exported() -> list[Exported]:
    return [
        test
        for strategy in SLUB.strategies
        for cmpxchg in CMPXCHGS
        for test in export(make_model(strategy=strategy, cmpxchg=cmpxchg))
    ]


def test_what_is_exported_agrees_with_the_relaxed_model(engine_at_hand: Toolchain) -> None:
    exported = all_exported()
    tests = [parse_litmus(test.text, file=test.name) for test in exported]
    settings = Settings(toolchain=engine_at_hand)
    conformance = run_litmus(tests, ["relaxed"], settings=settings)
    found = {row[0].litmus.name: row[0].verdict for row in conformance.outcomes}
    assert found == {test.name: Observation(test.expected) for test in exported}
    assert set(found.values()) == {Observation.NEVER, Observation.SOMETIMES}


def test_the_put_side_table_of_lkmm_is_reproduced() -> None:
    table = {
        (strategy, cmpxchg): export(make_model(strategy=strategy, cmpxchg=cmpxchg))[0].expected
        for strategy in ("none", "smp_wmb", "smp_mb", "synchronize_sched", "smp_mb_paired")
        for cmpxchg in ("full", "unlocked")
    }
    assert {place for place, expected in table.items() if expected == "Never"} == {
        ("smp_mb", "full"),
        ("smp_mb_paired", "full"),
        ("smp_mb_paired", "unlocked"),
        ("synchronize_sched", "full"),
        ("synchronize_sched", "unlocked"),
    }


@pytest.mark.parametrize("strategy", ["kick_all_cpus_sync", "unconditional_flush"])
def test_an_interrupt_is_exported_at_each_place_where_it_can_come(strategy: str) -> None:
    tests = export(make_model(strategy=strategy))
    assert [test.name.rpartition("-")[2] for test in tests] == list(PLACES)
    bodies = {test.text.partition("P0(int")[2].partition("P1(int")[0] for test in tests}
    assert len(bodies) == len(PLACES)


def test_exported_files_are_written_and_never_replaced(tmp_path: Path) -> None:
    model = make_model(strategy="kick_all_cpus_sync", arch="arm64")
    paths = write_exported(model, tmp_path / "tests")
    assert [path.name for path in paths] == [
        f"slub-kick_all_cpus_sync-arm64-relaxed-{place}.litmus" for place in PLACES
    ]
    assert [path.read_text() for path in paths] == [test.text for test in export(model)]
    with pytest.raises(UsageError, match=r"before\.litmus exists"):
        write_exported(model, tmp_path / "tests")


def test_an_exported_test_is_indented_with_tabs_and_names_its_result() -> None:
    for test in all_exported():
        assert test.text.startswith(f"C {test.name}\n")
        assert f" * Result: {test.expected}\n" in test.text
        body = test.text.partition("P0(int")[2].partition("\n}\n")[0]
        assert all(line.startswith("\t") for line in body.splitlines()[2:] if line)


def test_a_grace_period_that_nobody_waits_for_is_one_all_the_same() -> None:
    (exported,) = export(make_model(strategy="call_rcu_sched"))
    assert exported.expected == "Never"
    assert "synchronize_rcu() stands for call_rcu_sched()" in exported.text
    assert "\tsynchronize_rcu();" in exported.text


@pytest.mark.parametrize("parameters", [{"kernel": "v5.15"}, {"kernel": "v3.19"}])
def test_a_kernel_without_that_core_is_refused(parameters: dict[str, str]) -> None:
    with pytest.raises(UsageError, match="no cmpxchg with a check behind it"):
        export(make_model(**parameters))
