"""Reading PlusCal sources and the translator's words, without Java."""

from __future__ import annotations

import pytest

from slubtla.tlc.text.pcal import (
    PcalFailure,
    failure_in,
    has_algorithm,
    renames_in,
    translation_of,
    warnings_in,
)
from slubtla.tlc.text.tla import split_comments

TRANSLATED = r"""
(* --algorithm a begin skip; end algorithm *)
\* BEGIN TRANSLATION - the hash of the PCal code: PCal-a5
\* Label L1 of process A at line 5 col 42 changed to L1_
\* Process variable v of process A at line 5 col 25 changed to v_
VARIABLES x, pc
\* END TRANSLATION - the hash of the generated TLA code: TLA-46
\* this line was changed to that
"""


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("(* --algorithm a begin skip; end algorithm *)", True),
        ("(* --fair   algorithm a { skip } *)", True),
        ("(* outer (* inner *) --algorithm a *)", True),
        ("(***\n--algorithm a\n***)", True),
        ('x == "(*" \\* --algorithm\n', False),
        ("\\* (* --algorithm a *)", False),
        ("(* comment *) --algorithm", False),
        ("(* --algorithms are fine *)", False),
        ("(* no algorithm *)", False),
        ("", False),
    ],
)
def test_an_algorithm_stands_in_a_block_comment(text: str, expected: bool) -> None:
    assert has_algorithm(text) is expected


def test_code_and_comments_are_told_apart() -> None:
    split = split_comments('EXTENDS A, \\* B\n C (* D (* E *) *) s == "(* F \\" *)" (* G')
    assert split.code.split() == ["EXTENDS", "A,", "C", "s", "==", '"(*', "F", '\\"', '*)"']
    assert split.blocks.split() == ["D", "E", "G"]


def test_a_translation_is_what_stands_between_its_marks() -> None:
    inner = translation_of(TRANSLATED)
    assert inner is not None
    assert inner.splitlines()[-1] == "VARIABLES x, pc"
    assert translation_of("---- MODULE A ----\n====\n") is None


def test_renames_are_read_from_the_translation_only() -> None:
    assert renames_in(TRANSLATED) == (
        "Label L1 of process A at line 5 col 42 changed to L1_",
        "Process variable v of process A at line 5 col 25 changed to v_",
    )
    assert renames_in("\\* x changed to y\n") == ()


def test_what_the_translator_always_says_is_no_warning() -> None:
    said = (
        "pcal.trans Version 1.9 of 10 July 2019\nLabels added.\nParsing completed.\n"
        "Warning: symbols were renamed.\nTranslation completed.\nNew file A.tla written.\n\n"
    )
    assert warnings_in(said) == ("Labels added.", "Warning: symbols were renamed.")


def test_a_failure_has_words_and_a_place() -> None:
    said = (
        "pcal.trans Version 1.9 of 10 July 2019\n\nUnrecoverable error:\n"
        " -- Missing labels at the following locations:\n     line 6, column 26\n"
        "     line 8, column 26.\n\n"
    )
    words = "Missing labels at the following locations: line 6, column 26 line 8, column 26."
    assert failure_in(said) == PcalFailure(words, 6, 26)


def test_an_unknown_failure_is_told_whole() -> None:
    said = "Exception in thread main\n  at pcal"
    assert failure_in(said) == PcalFailure("Exception in thread main at pcal", None, None)
