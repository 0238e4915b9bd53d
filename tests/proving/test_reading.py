"""What a file of models may say, and how it is told when it may not."""

from __future__ import annotations

from pathlib import Path

import pytest

from slubtla.barriers.model import Model
from slubtla.barriers.suite.config import UserSpec, read_expectation
from slubtla.barriers.suite.reading import read_config
from slubtla.errors import UsageError
from slubtla.tlc.run.verdict import Verdict, VerdictKind

from .tools import COUNTERS, MODELS, write, write_counter

MUTANT = """
title = "Mutants"
[model.m]
strategy = "smp_mb"
expect = "PROVEN"
[[model.m.edit]]
template = "slub/shrink.pcal.j2"
right = "a"
wrong = "b"
"""


def test_a_file_is_read(tmp_path: Path) -> None:
    config = read_config(write(tmp_path, MODELS))
    leaks, holds = config.claims
    assert (config.title, leaks.name, holds.name) == ("Small models", "leaks", "holds")
    assert (leaks.line, holds.line) == (6, 10)
    assert isinstance(leaks.subject, Model)
    assert (leaks.subject.strategy, leaks.subject.slabs) == ("none", 1)
    assert leaks.expect == Verdict(VerdictKind.VIOLATED, "NoLeak")
    assert holds.about == "The grace period is enough."
    assert config.pins is None


def test_a_spec_of_ones_own_is_found_beside_the_file(tmp_path: Path) -> None:
    (claim,) = read_config(write_counter(tmp_path)).claims
    assert claim.subject == UserSpec(tmp_path / "Counter.tla", tmp_path / "Counter.cfg")
    text = COUNTERS + "deadlock = false\ntimeout = 5\nat_least = { distinct = 4 }\n"
    (claim,) = read_config(write_counter(tmp_path, models=text)).claims
    assert isinstance(claim.subject, UserSpec)
    assert (claim.subject.deadlock, claim.timeout, claim.at_least) == (False, 5.0, {"distinct": 4})


def test_a_timeout_of_all_models_may_be_overridden(tmp_path: Path) -> None:
    text = MODELS.replace("slabs = 1", "timeout = 9") + "timeout = 3\n"
    leaks, holds = read_config(write(tmp_path, text)).claims
    assert (leaks.timeout, holds.timeout) == (9.0, 3.0)


def test_a_model_may_be_checked_on_several_architectures(tmp_path: Path) -> None:
    text = """title = "x"
[defaults]
arch = ["x86", "arm64"]
[model.a]
strategy = "none"
expect = "VIOLATED(NoLeak)"
[model.b]
strategy = "smp_mb_paired"
without = ["list_lock"]
expect = { x86 = "VIOLATED(NoLeak)", arm64 = "PROVEN" }
equivalent.arm64 = "a reason"
[model.c]
arch = "s390"
strategy = "none"
expect = "VIOLATED(NoLeak)"
"""
    claims = {claim.name: claim for claim in read_config(write(tmp_path, text)).claims}
    arches = {name: claim.subject.arch for name, claim in claims.items()}  # type: ignore[union-attr]
    assert arches == {"a": "x86", "a-arm64": "arm64", "b": "x86", "b-arm64": "arm64", "c": "s390"}
    assert [str(claims[name].expect) for name in ("b", "b-arm64")] == ["VIOLATED(NoLeak)", "PROVEN"]
    assert [claims[name].equivalent for name in ("b", "b-arm64")] == ["", "a reason"]
    assert claims["b-arm64"].line == claims["b"].line


def test_a_missing_expectation_is_left_to_be_told_as_a_difference(tmp_path: Path) -> None:
    (claim,) = read_config(write(tmp_path, 'title = "x"\n[model.a]\nstrategy = "none"')).claims
    assert claim.expect is None


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('title = "x"', ["names no model"]),
        ('[model.a]\nstrategy = "none"', ["title is missing"]),
        (
            'title = "x"\n[model.a]\nstrategy = "none"\narch = []',
            [":2: [model.a]: arch = []", "arch is a name, or a list"],
        ),
        (
            'title = "x"\n[model.a]\nstrategy = "none"\narch = ["x86"]\nexpect.s390 = "PROVEN"',
            ["expect speaks of s390, where the model is not checked", "architectures are: x86"],
        ),
        (
            'title = "x"\n[model.a]\nstrategy = "none"\nexpct = "PROVEN"',
            [":2: [model.a]: unknown key 'expct'; did you mean 'expect'?"],
        ),
        (
            'title = "x"\n[model.a]\nstrateggy = "none"',
            ["unknown key 'strateggy'; did you mean 'strategy'?"],
        ),
        (
            'title = "x"\n[defaults]\nslab = 1\n[model.a]\nstrategy = "none"',
            [": unknown key 'slab'; did you mean 'slabs'?"],
        ),
        (
            'title = "x"\ntitel = 1\n[model.a]\nstrategy = "none"',
            ["unknown key 'titel'; did you mean 'title'?"],
        ),
        (
            'title = "x"\n\n[model.a]\nstrategy = "smp_bm"',
            [":3: [model.a]: unknown strategy 'smp_bm'; did you mean 'smp_mb'?"],
        ),
        ('title = "x"\n[model.a]\nstrategy = "none"\nslabs = 77', ["slabs = 77"]),
        ('title = "x"\n[model.a]\nexpect = "PROVEN"', ["no strategy is named"]),
        ('title = "x"\n[model.a]\nspec = "None.tla"', ["there is no file", "None.tla"]),
        ('title = "x"\n[model.a]\nspec = 1', ["spec = 1", "a string"]),
        ('title = "x"\n[model."a/b"]\nstrategy = "none"', ["a name that cannot be a file's"]),
        ('title = "x"\n[model.a]\nstrategy = "none"\ntimeout = 0', ["leaves no time"]),
        ('title = "x"\n[model.a]\nstrategy = "none"\ntimeout = true', ["timeout = True"]),
        (
            'title = "x"\n[model.a]\nstrategy = "none"\nat_least = { distict = 3 }',
            ["at_least: unknown key 'distict'; did you mean 'distinct'?"],
        ),
        (
            'title = "x"\n[model.a]\nstrategy = "none"\nat_least = { distinct = "3" }',
            ["distinct = '3'", "a whole number"],
        ),
        ('title = "x"\ncomplete = [1]\n[model.a]\nstrategy = "none"', ["complete = [1]"]),
        (
            'title = "x"\n[model.a]\nstrategy = "none"\n[pins.model.a]\nspec = "1"',
            [":4: [pins.model.a]: unknown key 'spec'; did you mean 'spec_sha256'?"],
        ),
        ('title = "x"\n[pin]\n[model.a]\nstrategy = "none"', ["did you mean 'pins'?"]),
        (MUTANT, ["a mutant is expected to survive, and no reason is given", "equivalent = "]),
        (
            MUTANT.replace('"PROVEN"', '"VACUOUS(ShrinkReturns)"\nequivalent = "so"'),
            ["`equivalent` is for a mutant that is expected to be PROVEN"],
        ),
        (
            MUTANT.replace('wrong = "b"', 'worng = "b"').replace("PROVEN", "VIOLATED(NoLeak)"),
            ["edit 1: unknown key 'worng'; did you mean 'wrong'?"],
        ),
        (
            MUTANT.replace('"b"', '"a"').replace("PROVEN", "VIOLATED(NoLeak)"),
            ["`right` and `wrong` are the same"],
        ),
        ("title = ", ["is no TOML"]),
    ],
)
def test_what_makes_no_sense_is_a_usage_error(tmp_path: Path, text: str, words: list[str]) -> None:
    with pytest.raises(UsageError) as caught:
        read_config(write(tmp_path, text))
    told = f"{caught.value.message} | {caught.value.next_step}"
    assert "models.toml" in told
    assert caught.value.next_step
    for word in words:
        assert word in told


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("BOUNDED(depth)", "decides nothing"),
        ("INCONCLUSIVE(timeout)", "decides nothing"),
        ("ERROR(parse)", "decides nothing"),
        ("VIOLATED", "names no property"),
        ("VACUOUS", "names no property"),
        ("PROVEN(NoLeak)", "names a property"),
        ("proven", "is no verdict"),
        ("VIOLATED(NoLeak", "is no verdict"),
    ],
)
def test_only_a_decision_may_be_expected(text: str, word: str) -> None:
    with pytest.raises(UsageError, match=word):
        read_expectation(text)


def test_no_file_is_a_usage_error(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="No such file"):
        read_config(tmp_path / "none.toml")
