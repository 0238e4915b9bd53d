"""Too few descriptors, too little memory, a stdout that cannot be written: in plain words."""

from __future__ import annotations

import dataclasses
import os
import struct
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from engine.tools import need_toolchain, write_spec

from faults.tools import MAIN, MODEST, SECONDS, run, script, whole_runs
from slubtla.errors import ToolchainError
from slubtla.tlc.tools import Toolchain, inspect_jar


def limited(what: str, most: int) -> str:
    """Python that gives this process and its children no more than ``most`` of something."""
    return f"import resource; resource.setrlimit(resource.RLIMIT_{what}, ({most}, {most})); "


@pytest.mark.parametrize("most", [8, 11, 16])
def test_too_few_descriptors(counter: Path, tmp_path: Path, most: int) -> None:
    """For Java's start, for what slubtla opens beside it, and for TLC itself."""
    kept = tmp_path / "kept" / "run"
    imported = "import slubtla.cli.app; " + limited("NOFILE", most)
    ran = run("check", counter, *MODEST, "--out-dir", kept, before=imported)
    assert ran.code == 3
    assert "Too many open files" in ran.said
    if not ran.out:
        assert "next: raise the limit on open files: ulimit -n 1024" in ran.said
        assert f"{need_toolchain().java.path}: " in ran.said or f"{kept}: " in ran.said
    else:
        assert whole_runs(tmp_path / "kept") == {"run": "ERROR(tlc)"}


@pytest.mark.skipif(sys.platform == "darwin", reason="macOS does not limit the address space")
def test_too_little_address_space_for_any_java(counter: Path) -> None:
    ran = run("check", counter, *MODEST, before=limited("AS", 1_200 << 20))
    assert (ran.code, ran.out) == (3, "")
    assert "Java gets too little address space (limited to 1,200 MiB): " in ran.said
    assert "next: raise the limit: ulimit -v unlimited" in ran.said


@pytest.mark.skipif(sys.platform == "darwin", reason="macOS does not limit the address space")
def test_too_little_address_space_for_the_heap(counter: Path, tmp_path: Path) -> None:
    options = ["--heap", "5g", "--out-dir", tmp_path / "kept/run"]
    ran = run("check", counter, *options, before=limited("AS", 5 << 30))
    assert (ran.code, ran.out.split()[0]) == (4, "INCONCLUSIVE(memory)")
    assert "Java got too little memory to start (Could not reserve enough space for" in ran.said
    assert whole_runs(tmp_path / "kept") == {"run": "INCONCLUSIVE(memory)"}


def newer(jar: Path, folder: Path, names: tuple[str, ...]) -> Path:
    """A jar whose classes of these names say that they are of Java 99."""
    target = folder / "newer.jar"
    with zipfile.ZipFile(jar) as old, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new:
        for entry in old.infolist():
            data = old.read(entry)
            if entry.filename in names:
                data = data[:6] + struct.pack(">H", 99 + 44) + data[8:]
            new.writestr(entry, data)
    return target


def test_a_jar_that_is_too_new_for_the_java(counter: Path, tmp_path: Path) -> None:
    toolchain = need_toolchain()
    jar = newer(toolchain.jar.path, tmp_path, ("tlc2/TLC.class",))
    ran = run("check", counter, "--tla2tools", jar)
    assert (ran.code, ran.out) == (3, "")
    assert f"{jar} needs Java 99 or newer, and {toolchain.java.path} is Java " in ran.said
    assert "next: name a newer Java (--java, SLUBTLA_JAVA), or an older jar" in ran.said
    assert toolchain.jar.java in range(1, 12)
    with pytest.raises(ToolchainError, match="needs Java 99"):
        Toolchain(inspect_jar(jar, "test"), dataclasses.replace(toolchain.java))


def test_a_jar_of_which_only_a_part_is_too_new(counter: Path, tmp_path: Path) -> None:
    jar = newer(need_toolchain().jar.path, tmp_path, ("tlc2/tool/ModelChecker.class",))
    ran = run("check", counter, "--tla2tools", jar, "--out-dir", tmp_path / "kept/run")
    assert ran.code == 3
    assert "UnsupportedClassVersionError" in ran.out.partition("\n\n")[0] + ran.out[-600:]
    assert whole_runs(tmp_path / "kept") == {"run": "ERROR(tlc)"}


@pytest.mark.parametrize("name", ["-x", "a b", "1", "ä"])
def test_a_file_whose_name_no_module_has(tmp_path: Path, name: str) -> None:
    spec, _ = write_spec(tmp_path, "---- MODULE M ----\n====\n", "")
    odd = spec.rename(tmp_path / f"{name}.tla")
    for words in ([odd], ["--", odd.name]):
        ran = run("check", *words, before=f"import os; os.chdir({str(tmp_path)!r}); ")
        assert (ran.code, ran.out) == (2, "")
        assert f"{name!r} is no name of a module: these are letters, digits and _" in ran.said


def shown(*arguments: object, out: str) -> subprocess.CompletedProcess[str]:
    """Run the command with its stdout redirected by a shell."""
    command = [sys.executable, "-c", MAIN, *map(str, arguments)]
    return subprocess.run(
        ["/bin/sh", "-c", f'"$@" {out}', "sh", *command],
        capture_output=True,
        check=False,
        encoding="utf-8",
        env=os.environ | {"COLUMNS": "400"},
        timeout=SECONDS,
    )


OUTS = [">&-"] + ([">/dev/full"] if Path("/dev/full").exists() else [])


@pytest.mark.parametrize("out", OUTS)
@pytest.mark.parametrize("options", [[], ["--json"]])
def test_a_result_that_cannot_be_shown_is_kept_and_the_place_told(
    counter: Path, tmp_path: Path, out: str, options: list[str]
) -> None:
    kept = tmp_path / "kept" / "run"
    ran = shown("check", counter, *MODEST, "--out-dir", kept, *options, out=out)
    assert ran.returncode == 3
    why = "it is closed" if out == ">&-" else "No space left on device"
    assert ran.stderr.splitlines() == [
        f"slubtla: the standard output cannot be written: {why}; what was found is kept in {kept}",
        f"  next: send it somewhere else; or see it again: slubtla trace {kept}",
    ]
    assert whole_runs(tmp_path / "kept") == {"run": "PROVEN"}


@pytest.mark.parametrize("out", OUTS)
@pytest.mark.parametrize("words", [["list"], ["--help"], ["check", "--help"], ["--version"]])
def test_words_that_cannot_be_shown(words: list[str], out: str) -> None:
    ran = shown(*words, out=out)
    if words[-1] == "--help" and out == ">&-":
        assert (ran.returncode, ran.stderr) == (0, "")  # typer has nowhere to write to
        return
    assert ran.returncode == 3
    assert ran.stderr.startswith("slubtla: the standard output cannot be written: ")
    assert "Traceback" not in ran.stderr


def test_a_picture_that_cannot_be_shown(counter: Path, tmp_path: Path) -> None:
    """The cells of a matrix: their folder is told, since there are several."""
    options = ["--strategy", "none", "--arch", "x86", "--slabs", "1", "--tasks", "1"]
    ran = shown("matrix", *options, "--out-dir", tmp_path / "cells", out=">&-")
    assert counter.is_file()
    assert ran.returncode == 3
    assert f"what was found is kept in {tmp_path}/cells\n" in ran.stderr
    picture = shown("trace", tmp_path / "cells/none-x86", "--format", "png", out=">&-")
    assert (picture.returncode, "Traceback" in picture.stderr) == (3, False)


def test_errors_that_cannot_be_shown_keep_their_exit_code(tmp_path: Path) -> None:
    out = "2>/dev/full" if Path("/dev/full").exists() else "2>&-"
    assert shown("check", tmp_path / "Nope.tla", out=out).returncode == 2
    java = script(tmp_path / "java", "exit 1")
    assert shown("trace", java, out=out).returncode == 2
