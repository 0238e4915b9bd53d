"""Pins are written so that the diff shows what changed, and nothing else."""

from __future__ import annotations

import difflib
import tomllib
from dataclasses import replace
from pathlib import Path

import pytest

from slubtla.barriers.suite.config import Pin, Pins
from slubtla.barriers.suite.pins import with_pins, write_pins
from slubtla.barriers.suite.reading import read_config
from slubtla.errors import UsageError

from .tools import MODELS, write

A = Pin("1" * 64, "2" * 64, ("TypeOK", "NoLeak"), (), {"distinct": 10, "generated": 20})
B = Pin("3" * 64, "4" * 64, ("TypeOK",), ("Ends",))
PINS = Pins("f" * 64, {"leaks": B, "holds": A})


def changed_lines(before: str, after: str) -> list[str]:
    diff = difflib.ndiff(before.splitlines(), after.splitlines())
    return [line for line in diff if line[0] in "+-"]


def test_pins_are_added_and_everything_else_stays() -> None:
    after, changed = with_pins(MODELS, PINS)
    assert after.startswith(MODELS)
    assert changed == ("jar", "leaks", "holds")
    assert (
        after.removeprefix(MODELS)
        == f"""
[pins]
# Written by `slubtla prove --record`: review the diff.
jar_sha256 = "{"f" * 64}"

[pins.model.leaks]
spec_sha256 = "{"3" * 64}"
cfg_sha256 = "{"4" * 64}"
invariants = ["TypeOK"]
properties = ["Ends"]

[pins.model.holds]
spec_sha256 = "{"1" * 64}"
cfg_sha256 = "{"2" * 64}"
invariants = ["TypeOK", "NoLeak"]
distinct = 10
generated = 20
"""
    )


def test_what_is_read_back_is_what_was_written(tmp_path: Path) -> None:
    file = write(tmp_path, MODELS)
    assert write_pins(file, PINS) == ("jar", "leaks", "holds")
    pins = read_config(file).pins
    assert pins is not None
    assert (pins.jar_sha256, pins.models) == (PINS.jar_sha256, PINS.models)
    assert pins.lines == {"leaks": 19, "holds": 25}
    before = file.stat().st_mtime_ns
    assert write_pins(file, PINS) == ()
    assert file.stat().st_mtime_ns == before


def test_a_change_touches_only_its_lines_and_comments_survive() -> None:
    text, _ = with_pins(MODELS, PINS)
    text = text.replace("distinct = 10\n", "distinct = 10  # counted by hand\n")
    text = text.replace("[pins.model.holds]", "# the answer\n[pins.model.holds]")
    after, changed = with_pins(
        text, replace(PINS, models={"leaks": B, "holds": replace(A, spec_sha256="9" * 64)})
    )
    assert changed == ("holds",)
    assert changed_lines(text, after) == [
        f'- spec_sha256 = "{"1" * 64}"',
        f'+ spec_sha256 = "{"9" * 64}"',
    ]


def test_counts_come_and_go_with_the_verdict() -> None:
    text, _ = with_pins(MODELS, PINS)
    after, changed = with_pins(
        text, replace(PINS, models={"leaks": B, "holds": replace(A, counts={})})
    )
    assert changed == ("holds",)
    assert changed_lines(text, after) == ["- distinct = 10", "- generated = 20"]


def test_a_new_model_stands_where_the_file_has_it_and_a_deleted_one_goes() -> None:
    text, _ = with_pins(MODELS, PINS)
    after, changed = with_pins(text, Pins("f" * 64, {"new": B, "holds": A}))
    assert changed == ("leaks", "new")
    assert list(tomllib.loads(after)["pins"]["model"]) == ["new", "holds"]
    assert after.startswith(MODELS)
    assert after.endswith(text[text.index("[pins.model.holds]") :])


def test_a_file_that_cannot_be_written_is_left_as_it_is(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be written"):
        write_pins(tmp_path / "nowhere" / "x.toml", PINS)
    assert not list(tmp_path.iterdir())
