"""What the tools say of themselves, against what they do."""

from __future__ import annotations

import dataclasses
import shutil
import zipfile
from typing import TYPE_CHECKING

import pytest

from slubtla.errors import ToolchainError
from slubtla.tlc.tools import Capabilities, Toolchain, inspect_jar, probe
from slubtla.tlc.tools.java import output_of

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def can(toolchain: Toolchain) -> Capabilities:
    return probe(toolchain)


def understands(toolchain: Toolchain, folder: Path, *options: str) -> bool:
    argv = [str(toolchain.java.path), f"-Djava.io.tmpdir={folder}", "-cp", str(toolchain.jar.path)]
    said = output_of([*argv, "tlc2.TLC", *options, "NoSuchSpec"], cwd=folder).stdout
    assert "TLC2 Version" in said
    return "Usage:" not in said


def test_the_installed_tools_are_these(can: Capabilities) -> None:
    assert (can.tlc_version, can.tlc_revision, can.pcal_version) == ("2.15", "d5b5a7f", "1.9")
    assert {"-workers", "-fp", "-lncheck", "-fpmem", "-metadir", "-coverage"} <= can.tlc_options
    assert "-nocfg" in can.pcal_options


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("-dumpTrace", "json"),
        ("-postCondition", "A!B"),
        ("-generate", ""),
        ("-noGenerateSpecTE", ""),
        ("-lncheck", "final"),
        ("-maxSetSize", "9"),
        ("-terse", ""),
    ],
)
def test_an_option_is_known_exactly_if_tlc_accepts_it(
    can: Capabilities, toolchain: Toolchain, tmp_path: Path, option: str, value: str
) -> None:
    given = [option, value] if value else [option]
    assert can.has(option) is understands(toolchain, tmp_path, *given)


def test_automatic_workers_are_known_exactly_if_tlc_accepts_them(
    can: Capabilities, toolchain: Toolchain, tmp_path: Path
) -> None:
    assert can.workers_auto is understands(toolchain, tmp_path, "-workers", "auto")


def test_a_jar_at_an_odd_path_works_in_any_locale(
    can: Capabilities, toolchain: Toolchain, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    odd = tmp_path / 'it\'s a "größe" jar.jar'
    shutil.copyfile(toolchain.jar.path, odd)
    monkeypatch.setenv("LC_ALL", "C")
    assert probe(dataclasses.replace(toolchain, jar=inspect_jar(odd, "argument"))) == can


def test_tools_that_do_not_introduce_themselves_are_refused(
    toolchain: Toolchain, tmp_path: Path
) -> None:
    hollow = tmp_path / "hollow.jar"
    with zipfile.ZipFile(toolchain.jar.path) as real, zipfile.ZipFile(hollow, "w") as archive:
        for name in ("tlc2/TLC.class", "pcal/trans.class"):
            archive.writestr(name, real.read(name))
    broken = dataclasses.replace(toolchain, jar=inspect_jar(hollow, "argument"))
    with pytest.raises(ToolchainError, match=r"tlc2\.TLC of .* did not introduce itself"):
        probe(broken)
