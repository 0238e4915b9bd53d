"""The files of models that ship: complete, and recorded as they are. The runs are CI's."""

from __future__ import annotations

from slubtla.proving import Kind, prove, read_config, shipped_configs
from slubtla.vocabulary import ARCHES, STRATEGIES

LEAST_MUTANTS = 20


def test_the_files_that_ship() -> None:
    names = {file.stem for file in shipped_configs()}
    assert names == {"argument", "arches", "history", "liveness", "mutants", "sizes"}


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
    assert len(arches.claims) >= len(STRATEGIES) * len(ARCHES)


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


def test_no_difference_is_without_a_word() -> None:
    assert len({kind.value for kind in Kind}) == len(Kind)
