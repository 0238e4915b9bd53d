"""A translation that is not what the translator makes: whose is it, and what is checked."""

from __future__ import annotations

import re
import zlib
from pathlib import Path

import pytest

from slubtla.tlc.engine import Translation, translate
from slubtla.tlc.run.check import check_spec
from slubtla.tlc.run.result import Result
from slubtla.tlc.text.pcal import fate_of, translation_of
from slubtla.tlc.tools import Toolchain

COUNT = """---- MODULE Count ----
EXTENDS Naturals
(* --algorithm count
variables x = 0, y = 0;
begin Step: while x < 3 do x := x + 1; end while;
end algorithm *)
Small == x < 9
====
"""
COUNT = COUNT.replace("Small", "\\* BEGIN TRANSLATION\n\\* END TRANSLATION\nSmall")
CFG = "SPECIFICATION Spec\nINVARIANT Small\n"
EDIT = ("x' = x + 1", "x' = x + 3")
NEWER = ("x < 3 do", "x < 7 do")
CHECKSUMS = re.compile(r" (?:PCal|TLA)-[0-9a-f]+$", re.MULTILINE)
KEPT = "it is checked as it stands in the file"


@pytest.fixture(scope="module")
def translated(engine_at_hand: Toolchain, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The module with the translation and the checksums of translator 1.9."""
    folder = tmp_path_factory.mktemp("count")
    (folder / "Count.tla").write_text(COUNT, encoding="utf-8")
    text = translate(engine_at_hand, folder / "Count.tla", folder / "run").text
    assert len(CHECKSUMS.findall(text)) == 2
    return text


def edited(text: str, *changes: tuple[str, str]) -> str:
    for old, new in changes:
        assert text.count(old) == 1
        text = text.replace(old, new)
    return text


def translate_text(toolchain: Toolchain, folder: Path, text: str) -> Translation:
    (folder / "home").mkdir()
    spec = folder / "home" / "Count.tla"
    spec.write_text(text, encoding="utf-8")
    return translate(toolchain, spec, folder / "run")


def check_text(folder: Path, text: str) -> Result:
    spec = folder / "Count.tla"
    spec.write_text(text, encoding="utf-8")
    spec.with_suffix(".cfg").write_text(CFG, encoding="utf-8")
    return check_spec(spec)


def with_crc(text: str) -> str:
    """The same with the checksums that later translators write."""
    lines = (translation_of(text) or "").replace("\n", "")
    text = CHECKSUMS.sub("", text)
    crc = f'(chksum(pcal) = "1a2b3c" /\\ chksum(tla) = "{zlib.crc32(lines.encode()):x}")'
    return text.replace("BEGIN TRANSLATION", f"BEGIN TRANSLATION {crc}")


def test_one_that_was_edited_by_hand_is_checked_as_it_stands(
    tmp_path: Path, translated: str
) -> None:
    text = edited(translated, EDIT)
    result = check_text(tmp_path, text)
    assert str(result.verdict) == "PROVEN"
    assert result.stats.distinct == 3  # 0, 3, and done; 5 by the algorithm
    assert f"Count: the translation was edited by hand; {KEPT}" in result.warnings
    assert result.spec_path.read_text(encoding="utf-8") == text


def test_one_that_is_older_than_its_algorithm_is_made_anew(tmp_path: Path, translated: str) -> None:
    result = check_text(tmp_path, edited(translated, NEWER))
    assert str(result.verdict) == "PROVEN"
    assert result.stats.distinct == 9
    said = "Count: the translation in the file is older than its algorithm: it is made anew"
    assert said in result.warnings


def test_of_two_changes_nobody_knows_which_is_meant(tmp_path: Path, translated: str) -> None:
    result = check_text(tmp_path, edited(translated, NEWER, EDIT))
    assert str(result.verdict) == "INCONCLUSIVE(warning)"
    assert "both the algorithm and its translation were changed by hand" in result.verdict.because


def test_without_checksums_nobody_knows_either(tmp_path: Path, translated: str) -> None:
    text = CHECKSUMS.sub("", edited(translated, EDIT))
    result = check_text(tmp_path, text)
    assert str(result.verdict) == "INCONCLUSIVE(warning)"
    assert result.stats.distinct == 3
    assert "has no checksum that says which of them is newer" in result.verdict.because


def test_what_differs_in_layout_alone_does_not_differ(
    engine_at_hand: Toolchain, tmp_path: Path, translated: str
) -> None:
    text = CHECKSUMS.sub("", translated).replace("VARIABLES x, y, pc", "VARIABLES pc,  y, x")
    text = edited(text, ("(* Global variables *)", "\\* all of them"))
    text = text.replace("<< x, y, pc >>", "<< pc, y, x >>")
    done = translate_text(engine_at_hand, tmp_path, text)
    assert (done.replaced, done.edited, done.doubts, done.warnings) == (("Count",), (), (), ())


def test_none_is_made(engine_at_hand: Toolchain, tmp_path: Path) -> None:
    done = translate_text(engine_at_hand, tmp_path, COUNT)
    assert (done.translated, done.replaced, done.warnings) == (("Count",), (), ())


def test_checksums_of_later_translators(translated: str) -> None:
    later = with_crc(translated)
    assert fate_of(later, edited(translated, EDIT)).warning.endswith("it is made anew")
    fate = fate_of(edited(later, EDIT), translated)
    assert (fate.keep, fate.doubt) == (True, "")
    again = later.replace("1a2b3c", "999")
    assert "was edited by hand" in fate_of(edited(later, EDIT), later).warning
    assert "both the algorithm" in fate_of(edited(later, EDIT), again).doubt
