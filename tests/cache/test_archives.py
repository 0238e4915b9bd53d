"""Archives of classes: Java starts with them, and a broken one harms nothing."""

from __future__ import annotations

import dataclasses
import os
from pathlib import Path

import pytest
from engine.tools import need_toolchain

from slubtla.tlc.engine import (
    JvmProfile,
    ProcessResult,
    TlcOptions,
    archives,
    pcal_argv,
    run_supervised,
    tlc_argv,
)
from slubtla.tlc.engine.archives import Archives

SPEC = "---- MODULE S ----\nEXTENDS Naturals\nVARIABLE x\nInit == x = 0\nNext == x' = 1 - x\n====\n"


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Archives:
    toolchain = need_toolchain()
    folder = tmp_path_factory.mktemp("archives")
    made = Archives(toolchain, folder)
    if not made.build():
        if os.environ.get("CI"):
            pytest.fail(f"CI's Java must make archives: {toolchain.java.version}")
        pytest.skip(f"Java {toolchain.java.version} makes no archives")
    assert len(list(folder.glob("*.archive"))) == 3
    return made


def argv_of(profile: JvmProfile = JvmProfile.SMALL, heap_mb: int = 100) -> list[str]:
    toolchain = need_toolchain()
    return tlc_argv(
        java=toolchain.java.path,
        jar=toolchain.jar.path,
        spec="S.tla",
        cfg="S.cfg",
        options=TlcOptions(profile=profile),
        default_heap_mb=heap_mb,
    )


def start(room: Path, argv: list[str], flags: tuple[str, ...]) -> tuple[ProcessResult, str]:
    (room / ".tlc/temp").mkdir(parents=True)
    (room / "S.tla").write_text(SPEC, encoding="utf-8")
    (room / "S.cfg").write_text("INIT Init\nNEXT Next\n", encoding="utf-8")
    argv = [argv[0], *flags, *argv[1:]]
    result = run_supervised(argv, cwd=room, stdout=room / "o", stderr=room / "e", timeout=60)
    return result, (room / "o").read_text(encoding="utf-8")


@pytest.mark.parametrize("profile", JvmProfile)
def test_tlc_takes_its_classes_from_the_archive(
    built: Archives, tmp_path: Path, profile: JvmProfile
) -> None:
    argv = argv_of(profile)
    flags = built.flags(argv)
    told = (*flags, f"-Xlog:class+load:file={tmp_path / 'classes'}")
    result, said = start(tmp_path / "run", argv, told)
    assert result.returncode == 0
    assert said.startswith("@!@!@STARTMSG 2262")  # Java itself has said nothing
    loaded = (tmp_path / "classes").read_text(encoding="utf-8").splitlines()
    (tlc,) = [line for line in loaded if " tlc2.TLC " in line]
    assert "shared objects file" in tlc


def test_what_is_there_is_not_made_again(built: Archives, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> ProcessResult:
        pytest.fail("Java was started")

    monkeypatch.setattr(archives, "run_supervised", fail)
    assert built.build()


def test_every_heap_shares_one_archive(built: Archives, tmp_path: Path) -> None:
    flags = built.flags(argv_of(heap_mb=50))
    assert flags == built.flags(argv_of(heap_mb=5000)) != ()
    assert start(tmp_path / "run", argv_of(heap_mb=5000), flags)[0].returncode == 0


def test_the_translator_has_an_archive_of_its_own(built: Archives) -> None:
    toolchain = need_toolchain()
    argv = pcal_argv(java=toolchain.java.path, jar=toolchain.jar.path, spec="S.tla")
    assert built.flags(argv) not in {(), built.flags(argv_of())}


def test_flags_without_an_archive_get_none(built: Archives) -> None:
    argv = argv_of()
    argv.insert(1, "-XX:+UseG1GC")
    assert built.flags(argv) == ()


def test_a_changed_archive_is_not_used(built: Archives) -> None:
    argv = argv_of()
    path = Path(built.flags(argv)[-1].partition("=")[2])
    whole = path.read_bytes()
    middle = len(whole) // 2
    try:
        path.write_bytes(whole[:middle] + bytes(4096) + whole[middle + 4096 :])
        assert built.flags(argv) == ()
        path.unlink()
        assert built.flags(argv) == ()
    finally:
        path.write_bytes(whole)
    assert built.flags(argv) != ()


def test_another_jar_or_java_gets_none(built: Archives) -> None:
    toolchain = need_toolchain()
    jar = dataclasses.replace(toolchain.jar, sha256="0" * 64)
    java = dataclasses.replace(toolchain.java, version="99")
    folder = Path(built.flags(argv_of())[-1].partition("=")[2]).parent
    assert Archives(dataclasses.replace(toolchain, jar=jar), folder).flags(argv_of()) == ()
    assert Archives(dataclasses.replace(toolchain, java=java), folder).flags(argv_of()) == ()


def test_what_cannot_be_built_is_no_error(sealed: Path, tmp_path: Path) -> None:
    toolchain = need_toolchain()
    assert not Archives(toolchain, sealed).build()
    gone = dataclasses.replace(toolchain.java, path=tmp_path / "nojava")
    archives = Archives(dataclasses.replace(toolchain, java=gone), tmp_path / "cache")
    assert not archives.build()
    assert archives.flags(argv_of()) == ()
