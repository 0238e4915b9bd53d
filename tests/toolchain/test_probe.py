"""The versions that the tools print."""

from __future__ import annotations

import dataclasses
import shutil
import zipfile
from typing import TYPE_CHECKING

import pytest

from slubtla.errors import ToolchainError
from slubtla.tlc.tools import Toolchain, inspect_jar
from slubtla.tlc.tools.versions import ToolVersions, tool_versions

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def versions(toolchain: Toolchain) -> ToolVersions:
    return tool_versions(toolchain)


def test_the_installed_tools_are_these(versions: ToolVersions) -> None:
    assert versions == ("2.15", "d5b5a7f", "1.9")


def test_a_jar_at_an_odd_path_works_in_any_locale(
    versions: ToolVersions, toolchain: Toolchain, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    odd = tmp_path / 'it\'s a "größe" jar.jar'
    shutil.copyfile(toolchain.jar.path, odd)
    monkeypatch.setenv("LC_ALL", "C")
    renamed = dataclasses.replace(toolchain, jar=inspect_jar(odd, "argument"))
    assert tool_versions(renamed) == versions


def test_tools_that_do_not_introduce_themselves_are_refused(
    toolchain: Toolchain, tmp_path: Path
) -> None:
    hollow = tmp_path / "hollow.jar"
    with zipfile.ZipFile(toolchain.jar.path) as real, zipfile.ZipFile(hollow, "w") as archive:
        for name in ("tlc2/TLC.class", "pcal/trans.class"):
            archive.writestr(name, real.read(name))
    broken = dataclasses.replace(toolchain, jar=inspect_jar(hollow, "argument"))
    with pytest.raises(ToolchainError, match=r"tlc2\.TLC of .* did not introduce itself"):
        tool_versions(broken)
