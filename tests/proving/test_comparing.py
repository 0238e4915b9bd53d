"""Each kind of difference, by breaking exactly that thing; without Java."""

from __future__ import annotations

import re
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from slubtla.barriers.data import data_dir
from slubtla.barriers.machines import ARCHES
from slubtla.barriers.suite.compare import (
    Difference,
    Kind,
    compare_file,
    compare_pins,
    compare_run,
    counts_of,
)
from slubtla.barriers.suite.config import Pin, Pins
from slubtla.barriers.suite.plan import Planned, plan
from slubtla.barriers.suite.reading import read_config
from slubtla.errors import CannotRunError, SpecError, UsageError
from slubtla.protocols.slub import SLUB
from slubtla.tlc.run.verdict import Verdict, VerdictKind

from .tools import (
    LEAK,
    MODELS,
    PROVEN,
    TIMEOUT,
    TYPES,
    pinned,
    planned,
    result,
    with_pins,
    write,
)

COUNTS = {"distinct": 100, "generated": 300}


def kinds(found: tuple[Difference, ...]) -> list[Kind]:
    assert all(each.message and each.next_step for each in found)
    return [each.kind for each in found]


@pytest.fixture
def leaks(tmp_path: Path) -> Planned:
    """A model that must leak, pinned as it is."""
    return planned(tmp_path, MODELS)[0]


@pytest.fixture
def holds(tmp_path: Path) -> Planned:
    """A model that must hold, pinned as it is, with its counts."""
    return planned(tmp_path, MODELS, counts=COUNTS)[1]


def test_what_is_as_it_was_does_not_differ(leaks: Planned, holds: Planned) -> None:
    for each, verdict in ((leaks, LEAK), (holds, PROVEN)):
        assert compare_pins(each) == ()
        assert compare_run(each, result(verdict)) == ()


# The texts.


def test_a_missing_expectation(tmp_path: Path) -> None:
    (each,) = planned(tmp_path, 'title = "x"\n[model.a]\nstrategy = "none"')
    (found,) = compare_pins(each)
    assert found.kind is Kind.EXPECTATION
    assert "states no expectation" in found.message
    assert compare_run(each, result(LEAK)) == ()


def test_an_unlisted_model(holds: Planned) -> None:
    unlisted = replace(holds, config=with_pins(holds.config, {}))
    (found,) = compare_pins(unlisted)
    assert found.kind is Kind.UNLISTED
    assert "slubtla prove" in found.next_step
    assert "--record" in found.next_step


def test_a_changed_specification(tmp_path: Path) -> None:
    (found, *_) = compare_pins(planned(tmp_path, MODELS, spec_sha256="f" * 64)[0])
    assert found.kind is Kind.SPEC
    assert "the specification changed: pinned ffffffffffff…, now " in found.message
    assert "review what changed" in found.next_step


def test_a_changed_bound(tmp_path: Path) -> None:
    pin = planned(tmp_path, MODELS, counts=COUNTS)[1].config.pins
    file = write(tmp_path, MODELS.replace("slabs = 1", "slabs = 1\ntasks = 1"))
    shrunk = plan([replace(read_config(file), pins=pin)], tmp_path / "scratch")[1]
    assert kinds(compare_pins(shrunk)) == [Kind.CFG]
    (found,) = compare_run(shrunk, result(distinct=50, generated=70))
    assert found.kind is Kind.COUNT
    assert found.message == (
        "100 distinct states pinned, 50 found; 300 generated states pinned, 70 found"
    )


def test_a_deleted_invariant_of_a_template(tmp_path: Path) -> None:
    before = planned(tmp_path, MODELS)
    specs = Path(shutil.copytree(data_dir("specs"), tmp_path / "specs"))
    cfg = specs / "slub" / "Slub.cfg.j2"
    text = cfg.read_text(encoding="utf-8")
    line = "<% for name in model.invariants %>\n"
    assert text.count(line) == 1
    cfg.write_text(text.replace(line, line.replace(" %>", ' if name != "NoLeak" %>')))
    after = plan([before[0].config], tmp_path / "broken", specs=specs)
    for each in after:
        gone, changed = compare_pins(each)
        assert (gone.kind, changed.kind) == (Kind.INVARIANT, Kind.CFG)
        assert gone.message.startswith("INVARIANT NoLeak is gone: it is asked for")
        assert gone.next_step == "put NoLeak back into the cfg"


def test_a_deleted_temporal_property_of_a_template(tmp_path: Path) -> None:
    text = (
        'title = "x"\n[model.ends]\nstrategy = "none"\nsymmetry = false\n'
        'properties = ["ShrinkTerminates"]\nexpect = "PROVEN"\n'
    )
    (before,) = planned(tmp_path, text)
    specs = Path(shutil.copytree(data_dir("specs"), tmp_path / "specs"))
    cfg = specs / "slub" / "Slub.cfg.j2"
    whole = cfg.read_text(encoding="utf-8")
    assert whole.count("<% if model.liveness %>") == 1
    cfg.write_text(whole.replace("<% if model.liveness %>", "<% if false %>"))
    (after,) = plan([before.config], tmp_path / "broken", specs=specs)
    gone, changed = compare_pins(after)
    assert gone.message.startswith("PROPERTY ShrinkTerminates is gone: it is asked for")
    assert changed.kind is Kind.CFG


def test_an_invariant_that_only_the_pin_remembers(leaks: Planned) -> None:
    (each,) = pinned((leaks,), invariants=(*leaks.cfg.invariants, "Small"), properties=("Ends",))
    small, ends = compare_pins(each)
    assert small.message.startswith("INVARIANT Small is gone: it is pinned")
    assert ends.message.startswith("PROPERTY Ends is gone: it is pinned")
    assert "if it has to go" in small.next_step


def test_an_invariant_that_is_not_pinned(leaks: Planned) -> None:
    (each,) = pinned((leaks,), invariants=leaks.cfg.invariants[1:])
    (found,) = compare_pins(each)
    assert found.kind is Kind.INVARIANT
    assert f"now checks {leaks.cfg.invariants[0]}" in found.message


# The run.


def test_another_verdict(leaks: Planned, holds: Planned) -> None:
    (found,) = compare_run(holds, result(LEAK))
    assert found.kind is Kind.VERDICT
    assert found.message == "expected PROVEN, found VIOLATED(NoLeak)"
    assert "slubtla trace" in found.next_step
    (found,) = compare_run(leaks, result(PROVEN))
    assert found.kind is Kind.VERDICT
    assert found.message.startswith("expected VIOLATED(NoLeak), found PROVEN")


def test_another_property(leaks: Planned) -> None:
    (found,) = compare_run(leaks, result(TYPES))
    assert found.kind is Kind.PROPERTY
    assert found.message == (
        "expected VIOLATED(NoLeak), found VIOLATED(TypeOK): another property falls"
    )


@pytest.mark.parametrize("detail", ["timeout", "memory", "truncated"])
def test_undecided_is_never_as_expected(leaks: Planned, holds: Planned, detail: str) -> None:
    for each in (leaks, holds):
        (found,) = compare_run(each, result(replace(TIMEOUT, detail=detail)))
        assert found.kind is Kind.INCONCLUSIVE
        assert f"found INCONCLUSIVE({detail})" in found.message
    (found,) = compare_run(holds, result(Verdict(VerdictKind.BOUNDED, "depth")))
    assert found.kind is Kind.INCONCLUSIVE


def test_other_counts(holds: Planned) -> None:
    (found,) = compare_run(holds, result(generated=301))
    assert found.kind is Kind.COUNT
    assert found.message == "300 generated states pinned, 301 found"
    (found,) = compare_run(holds, result(generated=None))
    assert found.message == "300 generated states pinned, no found"


def test_counts_of_a_violated_run_are_not_pinned(leaks: Planned) -> None:
    assert counts_of(result(LEAK)) == {}
    assert counts_of(result()) == COUNTS
    assert compare_run(leaks, result(LEAK, distinct=5, generated=5)) == ()


def test_too_few_states(tmp_path: Path) -> None:
    text = MODELS + "at_least = { distinct = 1000 }\n"
    each = planned(tmp_path, text, counts=COUNTS)[1]
    (found,) = compare_run(each, result())
    assert found.kind is Kind.AT_LEAST
    assert found.message.startswith("at least 1,000 distinct states expected, 100 found")
    (_, found) = compare_run(each, result(LEAK, distinct=None))
    assert "no number found" in found.message


def test_a_survivor(tmp_path: Path) -> None:
    text = MODELS + (
        '[model.mutant]\nabout = "The fence is gone."\nstrategy = "smp_mb"\n'
        'expect = "VIOLATED(NoLeak)"\n[[model.mutant.edit]]\n'
        'template = "slub/barriers/smp_mb.pcal.j2"\nright = "smp_mb(Cpu(self));"\nwrong = "skip;"\n'
    )
    mutant = planned(tmp_path, text)[2]
    (found,) = compare_run(mutant, result())
    assert found.kind is Kind.SURVIVOR
    assert found.message == (
        "the mutant survives: NoLeak should fall, and nothing does (The fence is gone)"
    )
    assert compare_run(mutant, result(LEAK)) == ()


def test_what_was_refused_or_could_not_run(holds: Planned) -> None:
    (found,) = compare_run(holds, SpecError("line 3: unexpected", next_step="mend it"))
    assert (found.kind, found.kind.exit_code) == (Kind.REFUSED, 2)
    (found,) = compare_run(holds, CannotRunError("the JVM died"))
    assert (found.kind, found.kind.exit_code) == (Kind.CANNOT_RUN, 3)
    (found,) = compare_run(holds, result(Verdict(VerdictKind.ERROR, "tlc", "boom")))
    assert found.kind is Kind.CANNOT_RUN
    (found,) = compare_run(holds, result(Verdict(VerdictKind.ERROR, "config", "NoLeak is missing")))
    assert found.kind is Kind.VERDICT
    assert "NoLeak is missing" in found.message


# The whole file.


def test_another_jar(holds: Planned) -> None:
    (found,) = compare_file(holds.config, "a" * 64)
    assert found.kind is Kind.JAR
    assert "recorded with the jar 000000000000…" in found.message
    assert "aaaaaaaaaaaa…" in found.message
    assert compare_file(holds.config, "0" * 64) == ()
    no_jar = replace(holds.config, pins=Pins(None, {}))
    assert "recorded without a jar" in compare_file(no_jar, "a" * 64)[0].message


def test_a_deleted_model(holds: Planned) -> None:
    pin = Pin("1", "2", ())
    config = replace(holds.config, pins=Pins(None, {"gone": pin}, {"gone": 7}))
    (found,) = compare_file(config, None)
    assert (found.kind, found.line) == (Kind.DELETED, 7)
    assert found.message == "[model.gone] is pinned, but no longer in the file"
    assert compare_file(config, None, only=["holds"]) == ()


def test_a_file_that_was_never_recorded(holds: Planned) -> None:
    (found,) = compare_file(replace(holds.config, pins=None), "a" * 64)
    assert found.kind is Kind.UNLISTED
    assert found.message == "nothing in this file is pinned yet"


def test_what_must_be_covered(holds: Planned) -> None:
    (found,) = compare_file(replace(holds.config, complete=(("strategy",),)), None)
    assert found.kind is Kind.UNCOVERED
    missing = [name for name in SLUB.strategies if name not in {"none", "synchronize_sched"}]
    assert found.message == f"complete = strategy, but no model has {', '.join(missing)}"
    (found,) = compare_file(replace(holds.config, complete=(("strategy", "arch"),)), None)
    assert found.message.count(" with ") == len(SLUB.strategies) * len(ARCHES) - 2 + 1
    assert "smp_mb with x86" in found.message
    assert "none with x86" not in found.message
    assert compare_file(replace(holds.config, complete=(("strategy",),)), None, ["x"]) == ()


def test_neither_a_mutant_nor_an_overridden_arch_covers(tmp_path: Path) -> None:
    text = 'title = "x"\n[model.a]\nstrategy = "none"\ncmpxchg = "full"\nexpect = "PROVEN"\n'
    config = replace(read_config(write(tmp_path, text)), complete=(("arch",),))
    pins = with_pins(config, {})
    (found,) = compare_file(pins, None)
    assert "x86" in found.message
    assert compare_file(replace(pins, complete=(("cmpxchg",),)), None)[0].message.count("full") == 0


EDIT = """[[model.a.edit]]
template = "slub/shrink.pcal.j2"
right = "a"
wrong = "b"
"""


@pytest.mark.parametrize(
    ("more", "group", "missing"),
    [
        ("", "strategy", False),
        (EDIT, "strategy", True),
        ('without = ["irq_save"]\n', "strategy", True),
        ('without = ["irq_save"]\n', "without", False),
        ('without = ["irq_save"]\n' + EDIT, "without", True),
    ],
)
def test_a_broken_model_covers_nothing_but_the_guard_that_it_lacks(
    tmp_path: Path, more: str, group: str, missing: bool
) -> None:
    text = 'title = "x"\n[model.a]\nstrategy = "smp_mb"\nexpect = "VIOLATED(NoLeak)"\n' + more
    config = with_pins(read_config(write(tmp_path, text)), {})
    (found,) = compare_file(replace(config, complete=((group,),)), None)
    name = "smp_mb" if group == "strategy" else "irq_save"
    assert (name in re.findall(r"\w+", found.message)) is missing


def test_what_has_no_list_of_names_cannot_be_complete(holds: Planned) -> None:
    with pytest.raises(UsageError, match="unknown parameter with a list of names 'slabs'"):
        compare_file(replace(holds.config, complete=(("slabs",),)), None)
