"""The main job with the real translator and the real TLC: what must show, and what must fall."""

from __future__ import annotations

import json
import pickle
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from test_render import GOLDEN_MODELS

from slubtla import load_run
from slubtla.barriers.data import data_dir
from slubtla.barriers.labels import idle_labels
from slubtla.barriers.model import SC_CAUTION, Model, make_model
from slubtla.barriers.render import render
from slubtla.barriers.trace.counterexample import timeline_of
from slubtla.barriers.trace.explanation import explain
from slubtla.barriers.trace.timeline import Timeline
from slubtla.barriers.verify import verify
from slubtla.tlc.engine import translate
from slubtla.tlc.run.result import Result
from slubtla.tlc.text.digest import digest
from slubtla.tlc.tools import Toolchain

Verified = Callable[..., Result]

OUTCOMES = [  # the others are in configs/, for `slubtla prove`
    ({"strategy": "synchronize_sched"}, "PROVEN"),
    ({"strategy": "smp_mb"}, "VIOLATED(NoLeak)"),
    ({"strategy": "smp_mb", "cmpxchg": "full"}, "PROVEN"),
    ({"strategy": "smp_mb_paired"}, "PROVEN"),
    ({"strategy": "none", "memory": "sc"}, "PROVEN"),
    ({"strategy": "smp_mb", "memory": "pso"}, "VIOLATED(NoLeak)"),
]


PROPERTIES = (
    "TypeOK",
    "NoLeak",
    "ListIntegrity",
    "NoSelfDeadlock",
    "ShrinkReturns",
    "FlushHitsPut",
    "PutsRace",
)


@pytest.mark.parametrize(
    ("parameters", "outcome"), OUTCOMES, ids=["-".join(p.values()) for p, _ in OUTCOMES]
)
def test_outcome(verified: Verified, parameters: dict[str, str], outcome: str) -> None:
    result = verified(**parameters)
    assert str(result.verdict) == outcome
    assert result.properties == PROPERTIES
    if outcome == "PROVEN":
        idle = ("drain_store",) if "sc" in parameters.values() else ()
        assert result.never_fired == idle
        assert result.stats.queue == 0
        assert result.trace is None


def read(result: Result) -> Timeline:
    return timeline_of(result)


def test_under_sc_the_proof_says_that_it_proves_nothing(verified: Verified) -> None:
    assert verified(strategy="none", memory="sc").warnings == (SC_CAUTION,)
    assert verified(strategy="synchronize_sched").warnings == ()


def test_the_leak_of_smp_mb_is_a_store_still_in_its_buffer_when_the_flush_looks(
    verified: Verified,
) -> None:
    reading = read(verified(strategy="smp_mb"))
    looks = [
        s for s in reading.steps if any("so it is not flushed: the new one" in n for n in s.notes)
    ]
    assert len(looks) == 1
    assert looks[0].action == "flush_load_partial"
    fence = next(s for s in reading.steps if s.action == "shrink_fence")
    assert fence.number < looks[0].number
    put, flush = reading.summary
    assert "read cpu_partial = 1" in put
    assert f"(step {looks[0].number}) and sent no IPI: the new one is still in" in flush


def test_on_arm64_the_check_may_be_satisfied_before_the_cmpxchg(verified: Verified) -> None:
    result = verified(strategy="smp_mb", arch="arm64", properties=("Case1",))
    assert str(result.verdict) == "VIOLATED(Case1)"
    check = read(result).steps[-1]
    assert check.action == "put_check_limit"
    assert check.notes == ("an old value: memory holds 0, but the load was satisfied early",)


def test_the_self_deadlock_names_the_three_functions(verified: Verified) -> None:
    result = verified(kernel="v4.0", allocations=1)
    assert str(result.verdict) == "VIOLATED(NoSelfDeadlock)"
    reading = read(result)
    told, way = reading.summary
    assert "took list_lock in get_partial_node()" in told
    assert "put_cpu_partial() read cpu_partial = 0" in told
    assert "waits for that same lock on the same CPU" in told
    assert way == "The way: get_partial_node() → put_cpu_partial() → unfreeze_partials()."
    taken = next(step for step in reading.steps if step.action == "alloc_lock_list")
    assert reading.steps[-1].cpu == taken.cpu


@pytest.mark.parametrize(
    ("strategy", "stuck", "outcome"),
    [
        ("synchronize_sched", "preempt_off", "VIOLATED(ShrinkTerminates)"),
        ("kick_all_cpus_sync", "preempt_off", "PROVEN"),
        ("kick_all_cpus_sync", "irqs_off", "VIOLATED(ShrinkTerminates)"),
    ],
)
def test_a_barrier_waits_for_ever_where_its_region_is_never_left(
    verified: Verified, strategy: str, stuck: str, outcome: str
) -> None:
    result = verified(strategy=strategy, stuck=stuck, properties=("ShrinkTerminates",))
    assert str(result.verdict) == outcome
    if result.trace is not None:
        reading = read(result)
        assert reading.ends == "and so for ever: nobody who must move can"
        (told,) = reading.summary
        says = {
            "synchronize_sched": "The grace period never ends: cpu",
            # or the task that keeps its irqs off has list_lock, too: both are true
            "kick_all_cpus_sync": r"kick_all_cpus_sync\(\) waits for ever: cpu|"
            r"__kmem_cache_shrink\(\) waits for list_lock for ever: cpu",
        }
        assert re.match(says[strategy], told)
        waits = {"synchronize_sched": "gp_start", "kick_all_cpus_sync": "kick_send_ipi"}
        assert waits[strategy] in {step.action for step in reading.steps}


def test_what_v5_15_does_not_promise_is_no_bug_there(verified: Verified) -> None:
    result = verified(kernel="v5.15", properties=("NoLeak",))
    assert str(result.verdict) == "VIOLATED(NoLeak)"
    assert "a violation of it is no bug" in result.warnings[0]


def test_what_falls_without_a_guard(verified: Verified) -> None:
    result = verified(strategy="synchronize_sched", without=("irq_save",))
    assert str(result.verdict) == "VIOLATED(ListIntegrity)"
    assert result.warnings[0].startswith("without irq_save: ")


@pytest.mark.parametrize(
    ("strategy", "guard", "first", "second"),
    [
        # no lock is waited for
        ("synchronize_sched", "irq_save", "in 2 places", "an interrupt, stored to it"),
        # the put did read 0, and flushed another CPU
        ("synchronize_sched", "preempt_disable", "flushed the list of cpu", "nobody will look"),
        # the flush did see the slab
        ("kick_all_cpus_sync", "flush_wait", "did not flush", "did not wait until cpu"),
    ],
)
def test_only_what_the_steps_bear_out_is_said(
    verified: Verified, strategy: str, guard: str, first: str, second: str
) -> None:
    told, why = read(verified(strategy=strategy, without=(guard,))).summary
    assert first in told
    assert second in why
    assert "waits for that same lock" not in told
    assert "saw an empty list" not in why


EXPLAINED: dict[str, tuple[dict[str, Any], str, str]] = {
    "Case1": (
        {"strategy": "smp_mb", "arch": "arm64", "properties": ("Case1",)},
        r"The cmpxchg of slab\d on cpu\d was executed in step \d+, after the shrink's smp_mb\(\)",
        r"Its put then read cpu_partial = 1 \(step \d+\): memory holds 0, but the load was",
    ),
    "CasesExhaustive": (
        {"strategy": "smp_mb", "properties": ("CasesExhaustive",)},
        r"before the shrink's smp_mb\(\) \(step \d+\), but its store is still in cpu\d's",
        r"neither Case 1, executed after the fence, nor Case 2, in memory before it",
    ),
    "FlushCompletes": (
        {"kernel": "v5.15", "without": ("flush_wait",)},
        r"while cpu\d has not flushed its own list yet, which it was asked to do in step \d+",
        r"flush_all_cpus_locked\(\) did not wait for it \(step \d+\)",
    ),
    "EmptySlabsDiscarded": (
        {"strategy": "smp_mb", "slabs": 1, "tasks": 1, "properties": ("EmptySlabsDiscarded",)},
        r"The put on cpu\d stored slab1 as the head of its list",
        r"stays on a list that nobody will look at",
    ),
    "NoLeak": (
        {"kernel": "v3.19"},
        r"nothing behind it reads cpu_partial again",
        r"saw an empty list on cpu\d \(step \d+\) and sent no IPI: the new one is still in",
    ),
}


@pytest.mark.parametrize("fell", EXPLAINED)
def test_every_property_that_falls_is_explained_in_two_sentences(
    verified: Verified, fell: str
) -> None:
    parameters, first, second = EXPLAINED[fell]
    result = verified(**parameters)
    assert str(result.verdict) == f"VIOLATED({fell})"
    timeline = read(result)
    assert re.search(first, timeline.summary[0])
    assert re.search(second, timeline.summary[1])
    numbers = {
        int(number) for each in timeline.summary for number in re.findall(r"step (\d+)", each)
    }
    assert numbers <= {step.number for step in timeline.steps}


def test_what_no_protocol_explains_has_its_last_step_and_its_sentence(verified: Verified) -> None:
    result = verified(strategy="smp_mb", properties=("CasesExhaustive",))
    timeline = read(result)
    last = timeline.steps[-1]
    told, must = explain(timeline, name="slub", fell="TypeOK", labels={})
    where = f"step {last.number}, {last.function} on {last.cpu}"
    assert told == f"TypeOK does not hold after {where}: {last.words}."
    assert must.startswith("It must hold that memory, CPUs and slabs have values of their types")
    stuck, stand = explain(timeline, name="slub", fell="deadlock", labels={})
    assert stuck.startswith(f"Nothing can move after step {last.number}")
    assert "shrinker shrink_" in stand or "shrinker flush_" in stand


def test_an_action_that_never_fires_without_a_reason_is_vacuous(
    engine_at_hand: Toolchain, tmp_path: Path
) -> None:
    specs = tmp_path / "specs"
    shutil.copytree(data_dir("specs"), specs)
    shrink = specs / "slub" / "shrink.pcal.j2"
    text = shrink.read_text()
    dead = "node_unlock_list:\n    executing();\n"
    assert text.count(dead) == 1
    shrink.write_text(
        text.replace(
            dead,
            "node_unlock_list:\n    executing();\n    goto on;\n"
            "\\* nobody() v1.0: comes here.\nnever:\n    executing();\n"
            "\\* everybody() v1.0: comes here.\non:\n    executing();\n",
        )
    )
    result = verify(
        strategy="smp_mb_paired",
        slabs=1,
        fine=True,
        specs=specs,
        toolchain=engine_at_hand,
        out_dir=tmp_path / "run",
        timeout=120,
    )
    assert str(result.verdict) == "VACUOUS(never)"


@pytest.mark.parametrize("own", [{}, {"arch": "powerpc", "tasks": 1}])
def test_what_may_never_fire_has_a_reason(verified: Verified, own: dict[str, Any]) -> None:
    result = verified(strategy="smp_mb_paired", slabs=1, **own)
    assert str(result.verdict) == "PROVEN"
    model = make_model(strategy="smp_mb_paired", slabs=1, **own)
    assert set(result.never_fired) <= set(idle_labels(model))
    assert result.never_fired


def test_a_trace_gives_each_step_to_one_cpu_in_kernel_words(verified: Verified) -> None:
    result = verified(strategy="smp_mb")
    reading = read(result)
    assert reading.cpus == ("cpu0", "cpu1")
    assert [step.number for step in reading.steps] == list(range(2, result.trace_length + 1))  # type: ignore[operator]
    assert {step.cpu for step in reading.steps} == {"cpu0", "cpu1"}
    for step in reading.steps:
        assert "{" not in step.words
        function = step.function or step.context
        assert function.endswith("()") or function in {
            "store buffer",
            "__kmem_cache_shrink(), the mail",
        }
    drained = [step for step in reading.steps if step.context == "store buffer"]
    assert all(len(step.changed) == 1 and step.changed[0] in step.words for step in drained)
    assert any(step.changed[0].startswith("partial[") for step in drained)


@pytest.mark.parametrize("model", GOLDEN_MODELS, ids=lambda model: model.name)
def test_golden_specs_translate_without_surprises(
    engine_at_hand: Toolchain, tmp_path: Path, model: Model
) -> None:
    (tmp_path / "source").mkdir()
    spec, *_ = render(model).write_to(tmp_path / "source")
    translation = translate(engine_at_hand, spec, tmp_path / "run")
    assert translation.renamed == ()
    assert translation.warnings == ()
    assert translation.text.count("System ==") == 1


def test_the_numbers_and_the_provenance_are_there(verified: Verified) -> None:
    result = verified(strategy="synchronize_sched")
    stats, made = result.stats, result.provenance
    assert stats.final
    assert stats.distinct is not None
    assert stats.generated is not None
    assert 8_000 < stats.distinct < stats.generated
    assert stats.depth is not None
    assert stats.depth > 40
    assert stats.collision_calculated is not None
    assert 0 < stats.collision_calculated < 1e-6
    assert made.spec_sha256 == digest(result.spec_path.read_text(encoding="utf-8"))
    assert made.tlc_version is not None
    assert made.peak_memory_bytes is not None
    assert made.peak_memory_bytes > 10_000_000
    assert "-workers" in made.argv
    assert (made.fp_index, made.seed) == (0, 0)


def test_a_run_directory_is_the_whole_record(verified: Verified) -> None:
    result = verified(strategy="smp_mb")
    assert result.run_dir is not None
    assert {path.name for path in result.run_dir.iterdir()} == {
        "Slub.tla",
        "SlubTold.cfg",
        "SlubTold.tla",
        "Slub.cfg",
        "WeakMemory.tla",
        "argv.json",
        "tlc.out",
        "tlc.err",
        "result.json",
        "trace.itf.json",
    }
    loaded = load_run(result.run_dir)
    assert loaded == result
    assert loaded.trace == result.trace
    itf = json.loads((result.run_dir / "trace.itf.json").read_text())
    assert len(itf["states"]) == result.trace_length


def test_a_result_pickles_with_its_trace_at_hand(verified: Verified) -> None:
    result = verified(strategy="smp_mb")
    assert result.trace is not None
    copy = pickle.loads(pickle.dumps(result))  # noqa: S301 - our own bytes
    assert copy == result
    assert copy.trace == result.trace


def test_symmetry_changes_the_count_and_not_the_verdict(verified: Verified) -> None:
    reduced = verified(strategy="smp_mb_paired", slabs=1)
    whole = verified(strategy="smp_mb_paired", slabs=1, symmetry=False)
    assert str(whole.verdict) == str(reduced.verdict) == "PROVEN"
    assert whole.stats.distinct is not None
    assert reduced.stats.distinct is not None
    assert 2 * reduced.stats.distinct < whole.stats.distinct


@pytest.mark.parametrize(
    ("bound", "value", "others"),
    [
        ("cpus", 3, {"slabs": 1}),
        ("tasks", 1, {"slabs": 1}),
        ("slabs", 1, {}),
        ("objects", 2, {"slabs": 1}),
        ("cpu_partial", 2, {"slabs": 3, "tasks": 1}),  # the third put finds two on the list
        ("min_partial", 0, {"slabs": 1}),
    ],
)
def test_every_bound_changes_the_model(
    verified: Verified, bound: str, value: int, others: dict[str, int]
) -> None:
    base = verified(strategy="smp_mb_paired", **others)
    other = verified(strategy="smp_mb_paired", **others | {bound: value})
    assert str(base.verdict) == str(other.verdict) == "PROVEN"
    assert base.stats.distinct != other.stats.distinct


def test_the_shipped_templates_are_what_the_mutants_start_from(
    verified: Verified, tmp_path: Path, engine_at_hand: Toolchain
) -> None:
    shutil.copytree(data_dir("specs"), tmp_path / "specs")
    copied = verify(
        strategy="smp_mb_paired",
        slabs=1,
        specs=tmp_path / "specs",
        toolchain=engine_at_hand,
        out_dir=tmp_path / "run",
    )
    original = verified(strategy="smp_mb_paired", slabs=1)
    assert copied.provenance.spec_sha256 == original.provenance.spec_sha256
    assert copied.stats.distinct == original.stats.distinct
