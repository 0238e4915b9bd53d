"""The files of models that ship: complete, and recorded as they are. The runs are CI's."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

from slubtla.barriers.machines import ARCHES
from slubtla.barriers.model import Model
from slubtla.barriers.protocol import PropertyKind
from slubtla.barriers.suite import Kind, prove, read_config, shipped_configs
from slubtla.protocols.slub import SLUB
from slubtla.tlc.run.verdict import VerdictKind

LEAST_MUTANTS = 20


def test_the_files_that_ship() -> None:
    names = {file.stem for file in shipped_configs()}
    assert names == {
        "argument",
        "arches",
        "history",
        "liveness",
        "machines",
        "mutants",
        "sizes",
    }


def test_their_texts_are_as_recorded() -> None:
    proof = prove(run=False)
    told = [
        (file.file, model and model.name, d.kind, d.message) for file, model, d in proof.differences
    ]
    assert not told, "slubtla prove --record writes them anew"


def test_every_model_says_what_it_is_about_or_its_file_does() -> None:
    for file in shipped_configs():
        config = read_config(file)
        assert all(claim.about or config.about for claim in config.claims)


def test_every_strategy_on_every_architecture() -> None:
    (arches,) = (read_config(file) for file in shipped_configs() if file.stem == "arches")
    assert ("strategy", "arch") in arches.complete
    assert len(arches.claims) >= len(SLUB.strategies) * len(ARCHES)


def test_enough_mutants_and_a_reason_for_each_survivor() -> None:
    (mutants,) = (read_config(file) for file in shipped_configs() if file.stem == "mutants")
    broken = [claim for claim in mutants.claims if claim.mutant]
    assert len(broken) >= LEAST_MUTANTS
    correct = {
        getattr(claim.subject, "strategy", "")
        for file in shipped_configs()
        for claim in read_config(file).claims
        if not claim.mutant and str(claim.expect) == "PROVEN"
    }
    assert {getattr(claim.subject, "strategy", "") for claim in broken} - correct <= {"smp_mb"}


def test_every_guard_of_every_kernel_has_a_mutant() -> None:
    broken = {
        (model.kernel.put, model.kernel.flush, guard)
        for model in _models("mutants")
        for guard in model.without
    }
    standing = {(k.put, k.flush, guard) for k in SLUB.kernels.values() for guard in k.guards}
    assert standing <= broken


def test_a_version_has_every_guard_that_its_shape_does_not_lack() -> None:
    assert SLUB.kernels["v5.15"].guards >= {
        "list_lock",
        "flush_wait",
        "irq_save",
        "irq_drains_buffer",
    }
    of_strategies = frozenset[str]().union(*(s.guards for s in SLUB.strategies.values()))
    for kernel in SLUB.kernels.values():
        assert kernel.guards | kernel.lacks | of_strategies == set(SLUB.guards)


def test_mutants_are_checked_on_tso_and_on_relaxed() -> None:
    memories = Counter(str(model.memory) for model in _models("mutants"))
    assert memories["tso"] >= LEAST_MUTANTS
    assert memories["relaxed"] >= LEAST_MUTANTS


def test_every_property_falls_in_some_model() -> None:
    falling = {
        claim.expect.detail
        for file in shipped_configs()
        for claim in read_config(file).claims
        if claim.expect is not None and claim.expect.kind is VerdictKind.VIOLATED
    }
    assert {p.name for p in SLUB.properties.values() if p.kind is not PropertyKind.GOAL} <= falling


def test_every_goal_is_missed_in_some_model() -> None:
    """A goal that every model reaches, the broken ones included, says nothing."""
    missed = {
        claim.expect.detail
        for file in shipped_configs()
        for claim in read_config(file).claims
        if claim.expect is not None and claim.expect.kind is VerdictKind.VACUOUS
    }
    assert {p.name for p in SLUB.properties.values() if p.kind is PropertyKind.GOAL} <= missed


def _models(name: str) -> list[Model]:
    """The models of one shipped file."""
    (file,) = (file for file in shipped_configs() if file.stem == name)
    return [c.subject for c in read_config(file).claims if isinstance(c.subject, Model)]


def test_no_difference_is_without_a_word() -> None:
    assert len({kind.value for kind in Kind}) == len(Kind)


def test_what_is_expected_of_a_correct_model_follows_from_what_its_barrier_orders() -> None:
    """`When does it leak` is written once, in the rules: each shipped expectation agrees."""
    checked = 0
    for file in shipped_configs():
        for claim in read_config(file).claims:
            model, expect = claim.subject, claim.expect
            if not isinstance(model, Model) or claim.edits or expect is None:
                continue
            falls = model.protocol.rules.expected_to_fall(model)
            if falls is None or model.allocations or model.liveness:
                continue
            asked = falls & {*model.properties}
            if expect.kind is VerdictKind.VIOLATED:
                assert expect.detail in asked, (file, claim.name)
            elif expect.kind is VerdictKind.PROVEN:
                assert asked == set(), (file, claim.name)
            checked += 1
    assert checked > LEAST_MUTANTS


def test_the_table_of_the_readme_is_what_the_models_expect() -> None:
    (arches,) = (read_config(file) for file in shipped_configs() if file.stem == "arches")
    expected: dict[tuple[str, str, str], set[str]] = {}
    for claim in arches.claims:
        model = claim.subject
        if isinstance(model, Model) and not claim.mutant and claim.expect is not None:
            place = (model.strategy, model.kernel, model.arch)
            expected.setdefault(place, set()).add(str(claim.expect.kind))
    text = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
    head, _, *rows = re.findall(r"^\| (?:strategy|`|the same|none).*|^\|---.*", text, re.MULTILINE)
    columns = [cell.strip() for cell in head.strip("|").split("|")][2:]
    seen, name = set(), ""
    for row in rows[: len(SLUB.strategies)]:
        first, _, *cells = (cell.strip() for cell in row.strip("|").split("|"))
        kernel = "v4.1" if first.startswith("the same") else "v4.0"
        names = re.findall(r"`(\w+)`", first) or [name]
        for name in names:
            seen.add(name)
            for column, cell in zip(columns, cells, strict=True):
                for arch in column.split(", "):
                    where = (name, kernel, arch)
                    if where in expected or kernel == "v4.0":
                        assert expected[where] == {re.findall(r"[A-Z]{3,}", cell)[0]}, where
    assert seen == set(SLUB.strategies)
