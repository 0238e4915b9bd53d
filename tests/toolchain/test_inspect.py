"""Jars and Javas that do not work, and what is said of them."""

from __future__ import annotations

import zipfile
from typing import TYPE_CHECKING

import psutil
import pytest
from engine.tools import descendants, still_there

from slubtla.errors import ToolchainError
from slubtla.tlc.tools import Toolchain, inspect_jar, inspect_java
from slubtla.tlc.tools.jar import class_strings
from slubtla.tlc.tools.java import jvm_environment, output_of

if TYPE_CHECKING:
    from pathlib import Path


def zip_with(path: Path, *names: str) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for name in names:
            archive.writestr(name, b"\xca\xfe\xba\xbe" + name.encode())
    return path


def program(path: Path, text: str) -> Path:
    path.write_text(f"#!/bin/sh\n{text}\n", encoding="utf-8")
    path.chmod(0o755)
    return path


def test_a_jar_with_both_tools_is_accepted(tmp_path: Path) -> None:
    path = zip_with(tmp_path / "a.jar", "tlc2/TLC.class", "pcal/trans.class")
    jar = inspect_jar(path, "argument")
    assert (jar.path, jar.origin) == (path, "argument")


@pytest.mark.parametrize("missing", ["tlc2/TLC.class", "pcal/trans.class"])
def test_a_jar_without_a_tool_is_refused(tmp_path: Path, missing: str) -> None:
    names = {"tlc2/TLC.class", "pcal/trans.class"} - {missing}
    with pytest.raises(ToolchainError, match=f"zip archive without {missing}"):
        inspect_jar(zip_with(tmp_path / "a.jar", *names), "argument")


def test_what_is_no_jar_is_refused(tmp_path: Path) -> None:
    text = tmp_path / "text.jar"
    text.write_text("<html>404</html>")
    with pytest.raises(ToolchainError, match="no intact jar"):
        inspect_jar(text, "argument")
    with pytest.raises(ToolchainError, match="it is a directory"):
        inspect_jar(tmp_path, "argument")
    with pytest.raises(ToolchainError, match="no such file"):
        inspect_jar(tmp_path / "none.jar", "argument")
    with pytest.raises(ToolchainError, match="cannot hold a ':'"):
        inspect_jar(tmp_path / "a:b.jar", "argument")


@pytest.mark.parametrize("how", ["cut", "flipped"])
def test_a_damaged_jar_is_refused(toolchain: Toolchain, tmp_path: Path, how: str) -> None:
    data = bytearray(toolchain.jar.path.read_bytes())
    if how == "cut":
        data = data[: len(data) // 2]
    else:
        with zipfile.ZipFile(toolchain.jar.path) as archive:
            at = archive.getinfo("tlc2/TLC.class").header_offset + 500
        data[at : at + 50] = bytes(50)
    path = tmp_path / "damaged.jar"
    path.write_bytes(data)
    with pytest.raises(ToolchainError, match="no intact jar"):
        inspect_jar(path, "argument")


def test_the_strings_of_a_class_are_read(toolchain: Toolchain, tmp_path: Path) -> None:
    assert "-workers" in class_strings(toolchain.jar.path, "tlc2/TLC.class")
    with pytest.raises(ToolchainError):
        class_strings(toolchain.jar.path, "tlc2/None.class")
    with zipfile.ZipFile(tmp_path / "odd.jar", "w") as archive:
        archive.writestr("A.class", b"no class at all")
        archive.writestr("B.class", b"\xca\xfe\xba\xbe\0\0\0\x37\0\x09\x01")
    for name in ("A.class", "B.class"):
        with pytest.raises(ToolchainError, match="cannot be read"):
            class_strings(tmp_path / "odd.jar", name)


@pytest.mark.parametrize(
    ("script", "words"),
    [
        ("echo hello", "ended with 0 and said 'hello', which is not what a Java says"),
        ("exit 3", "ended with 3 and said ''"),
        ("echo 'Error: could not create the JVM' >&2; exit 1", "could not create"),
        ("printf '    java.specification.version = new\\n' >&2", "not what a Java says"),
        ("printf '    java.specification.version = 9\\n' >&2", "it is Java 9, TLC needs 11"),
        ("kill -9 $$", "ended with -9"),
    ],
)
def test_a_program_that_is_no_java_is_refused(tmp_path: Path, script: str, words: str) -> None:
    with pytest.raises(ToolchainError, match=words) as caught:
        inspect_java(program(tmp_path / "java", script), "argument")
    assert caught.value.next_step


def test_a_java_that_cannot_start_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ToolchainError, match="no such file"):
        inspect_java(tmp_path / "none", "argument")
    plain = tmp_path / "plain"
    plain.write_text("#!/bin/sh\n")
    with pytest.raises(ToolchainError, match="not executable"):
        inspect_java(plain, "argument")
    odd = program(tmp_path / "odd", "")
    odd.write_text("#!/no/such/interpreter\n")
    with pytest.raises(ToolchainError, match="it does not start"):
        inspect_java(odd, "argument")


def test_a_java_home_is_not_a_java_but_is_recognised(toolchain: Toolchain) -> None:
    home = toolchain.java.path.parent.parent
    with pytest.raises(ToolchainError, match=f"did you mean {toolchain.java.path}"):
        inspect_java(home, "argument")


def test_a_program_that_never_answers_is_killed_with_its_children(tmp_path: Path) -> None:
    slow = program(tmp_path / "slow", f"sleep 600 & echo $! > '{tmp_path}/pid'; sleep 600")
    with pytest.raises(ToolchainError, match=r"no answer within 0\.5 s"):
        output_of([str(slow)], timeout=0.5)
    assert descendants() == []
    pid = int((tmp_path / "pid").read_text())
    if psutil.pid_exists(pid):
        assert still_there([psutil.Process(pid)]) == []


def test_the_environment_of_a_jvm_is_clean() -> None:
    environ = {"JAVA_TOOL_OPTIONS": "x", "JDK_JAVA_OPTIONS": "x", "_JAVA_OPTIONS": "x", "A": "b"}
    assert jvm_environment(environ) == {"A": "b", "LC_ALL": "C.UTF-8"}
