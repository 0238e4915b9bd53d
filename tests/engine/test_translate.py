"""Translating PlusCal with the real translator."""

from __future__ import annotations

import re
import threading
from typing import TYPE_CHECKING

import pytest

from engine.tools import names_in
from slubtla.errors import CannotRunError, SpecError
from slubtla.tlc.engine import CheckJob, ProcessEngine, translate
from slubtla.tlc.engine.translations import TranslationCache

if TYPE_CHECKING:
    from pathlib import Path

    from slubtla.tlc.tools import Toolchain

COUNT = """---- MODULE Count ----
EXTENDS Naturals
(* --algorithm count   \\* äöü ∀
variables x = 0;
begin Step: while x < 3 do x := x + 1; end while;
end algorithm *)
====
"""
CLASH = """---- MODULE Clash ----
EXTENDS Naturals
(* --algorithm clash
variables x = 0;
process A = 0 variables v = 0; begin Go: x := x + v; end process
process B = 1 variables v = 0; begin Go: x := x - v; end process
end algorithm *)
====
"""
PLAIN = """---- MODULE Plain ----
\\* translated from an --algorithm, but holds none
VARIABLE x
====
"""


def write(folder: Path, text: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{text.split()[2]}.tla"
    path.write_text(text, encoding="utf-8")
    return path


def states(toolchain: Toolchain, spec: Path) -> str:
    cfg = spec.with_suffix(".cfg")
    cfg.write_text("SPECIFICATION Spec\n", encoding="utf-8")
    run = ProcessEngine(toolchain).check(CheckJob(spec, cfg, spec.parent, timeout=60))
    counted = re.search(r"(\d+) distinct states found, 0", run.stdout.read_text(encoding="utf-8"))
    return counted[1] if counted and run.returncode == 0 else f"exit {run.returncode}"


def test_the_copy_is_translated_and_the_original_left_alone(
    toolchain: Toolchain, tmp_path: Path
) -> None:
    spec = write(tmp_path / "it's a home", COUNT)
    spec.parent.chmod(0o555)
    try:
        translation = translate(toolchain, spec, tmp_path / "rün 1")
    finally:
        spec.parent.chmod(0o755)
    assert translation.spec == tmp_path / "rün 1" / "Count.tla"
    assert (translation.translated, translation.warnings) == (("Count",), ())
    assert "äöü ∀" in translation.text
    assert "Termination ==" in translation.text
    assert spec.read_text(encoding="utf-8") == COUNT
    assert names_in(spec.parent) == names_in(tmp_path / "rün 1") == {"Count.tla"}
    assert states(toolchain, translation.spec) == "5"


def test_a_spec_in_the_run_directory_is_translated_in_place(
    toolchain: Toolchain, tmp_path: Path
) -> None:
    translate(toolchain, write(tmp_path, COUNT), tmp_path)
    once = (tmp_path / "Count.tla").read_bytes()
    again = translate(toolchain, tmp_path / "Count.tla", tmp_path)
    assert again.replaced == ()
    assert (tmp_path / "Count.tla").read_bytes() == once
    assert names_in(tmp_path) == {"Count.tla"}


def test_a_stale_translation_is_replaced_and_said(toolchain: Toolchain, tmp_path: Path) -> None:
    first = translate(toolchain, write(tmp_path / "a", COUNT), tmp_path / "a")
    stale = write(tmp_path / "b", first.text.replace("while x < 3", "while x < 7"))
    assert states(toolchain, stale) == "5"  # the trap: TLC warns, exits 0, and counts the old one
    fresh = translate(toolchain, stale, tmp_path / "c")
    assert fresh.replaced == ("Count",)
    assert states(toolchain, fresh.spec) == "9"


def test_a_module_without_an_algorithm_is_passed_through(
    toolchain: Toolchain, tmp_path: Path
) -> None:
    spec = write(tmp_path, PLAIN)
    translation = translate(toolchain, spec, tmp_path / "run")
    assert translation.translated == ()
    assert translation.spec.read_bytes() == spec.read_bytes()


def test_an_extended_module_is_translated_too(toolchain: Toolchain, tmp_path: Path) -> None:
    write(tmp_path, COUNT)
    root = write(tmp_path, "---- MODULE MCount ----\nEXTENDS Count\n====\n")
    translation = translate(toolchain, root, tmp_path / "run")
    assert translation.translated == ("Count",)
    assert [path.name for path in translation.modules] == ["MCount.tla", "Count.tla"]
    assert states(toolchain, translation.spec) == "5"


def test_a_refusal_names_the_place_in_the_translators_words(
    toolchain: Toolchain, tmp_path: Path
) -> None:
    spec = write(tmp_path, COUNT.replace("x := x + 1", "x := := 1"))
    with pytest.raises(SpecError, match=r"Count\.tla:5:\d+: Empty right-hand side") as caught:
        translate(toolchain, spec, tmp_path / "run")
    assert caught.value.next_step
    assert names_in(tmp_path / "run") == {"Count.tla"}


def test_a_silent_rename_is_an_error(toolchain: Toolchain, tmp_path: Path) -> None:
    spec = write(tmp_path, CLASH)
    with pytest.raises(SpecError, match=r"Label Go of process A .* changed to Go_"):
        translate(toolchain, spec, tmp_path / "strict")
    allowed = translate(toolchain, spec, tmp_path / "allowed", allow_renames=True)
    assert len(allowed.renamed) == 2
    assert allowed.renamed[1].startswith("Clash: Process variable v of process A")
    assert allowed.warnings == ()  # the names say more


def test_labels_that_nobody_wrote_are_told(toolchain: Toolchain, tmp_path: Path) -> None:
    spec = write(tmp_path, COUNT.replace("Step: ", ""))
    assert translate(toolchain, spec, tmp_path).warnings == ("Count: Labels added.",)


def test_a_translator_that_takes_too_long_is_ended(toolchain: Toolchain, tmp_path: Path) -> None:
    spec = write(tmp_path, COUNT)
    with pytest.raises(CannotRunError, match="timeout"):
        translate(toolchain, spec, tmp_path, timeout=0.001)
    cancel = threading.Event()
    cancel.set()
    with pytest.raises(CannotRunError, match="cancelled"):
        translate(toolchain, spec, tmp_path, cancel=cancel)
    assert names_in(tmp_path) == {"Count.tla"}
    assert spec.read_text(encoding="utf-8") == COUNT


def test_what_was_translated_before_needs_no_java(toolchain: Toolchain, tmp_path: Path) -> None:
    cache = TranslationCache(tmp_path / "cache")
    spec = write(tmp_path, COUNT.replace("Step: ", ""))
    first = translate(toolchain, spec, tmp_path / "a", cache=cache)
    again = translate(toolchain, spec, tmp_path / "b", cache=cache, timeout=0.001)
    assert again.text == first.text != COUNT
    assert again.warnings == first.warnings == ("Count: Labels added.",)
    assert names_in(tmp_path / "b") == {"Count.tla"}
    other = write(tmp_path / "other", COUNT)
    with pytest.raises(CannotRunError, match="timeout"):
        translate(toolchain, other, tmp_path / "c", cache=cache, timeout=0.001)


def test_a_refusal_and_a_rename_are_told_each_time(toolchain: Toolchain, tmp_path: Path) -> None:
    cache = TranslationCache(tmp_path / "cache")
    broken = write(tmp_path, COUNT.replace("x := x + 1", "x := := 1"))
    clash = write(tmp_path, CLASH)
    for number in "ab":
        with pytest.raises(SpecError, match="Empty right-hand side"):
            translate(toolchain, broken, tmp_path / f"broken-{number}", cache=cache)
        with pytest.raises(SpecError, match="changed to Go_"):
            translate(toolchain, clash, tmp_path / f"clash-{number}", cache=cache)
