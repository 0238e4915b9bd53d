"""The doctor's report, as data."""

from __future__ import annotations

import tempfile
from typing import TYPE_CHECKING

import pytest

from slubtla.tlc.run import doctor as room
from slubtla.tlc.run.doctor import Report, Status, doctor

if TYPE_CHECKING:
    from pathlib import Path

    from slubtla.tlc.tools import Toolchain

NAMES = [
    *("configuration", "tla2tools.jar", "digest", "java", "cores", "memory", "temporary folder"),
    *("TLC", "PlusCal translator", "smoke check", "class archives"),
]


@pytest.fixture
def nowhere(tmp_path: Path) -> Path:
    return tmp_path / "no-config.toml"


def statuses(report: Report) -> dict[str, str]:
    return {check.name: check.status.value for check in report.checks}


def test_a_healthy_machine(toolchain: Toolchain, nowhere: Path) -> None:
    report = doctor(environ={}, config_file=nowhere)
    found = {check.name: check.found for check in report.checks}
    assert [check.name for check in report.checks] == NAMES
    assert report.status is Status.OK
    assert not any(check.next_step for check in report.checks)
    assert found["digest"] == f"sha256 {toolchain.jar.sha256}"
    assert found["TLC"] == "2.15"
    assert found["smoke check"] == "5 states, as expected"


def test_what_is_missing_is_told_and_the_rest_still_looked_at(
    toolchain: Toolchain, nowhere: Path, tmp_path: Path
) -> None:
    report = doctor(
        jar=tmp_path / "none.jar", java=toolchain.java.path, environ={}, config_file=nowhere
    )
    assert report.status is Status.FAIL
    assert statuses(report)["tla2tools.jar"] == "fail"
    assert statuses(report)["java"] == "ok"
    assert "smoke check" not in statuses(report)
    assert all(check.next_step for check in report.checks if check.status is Status.FAIL)


def test_a_wrong_configuration_is_told(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_text("[toolchain]\njava = 3\n")
    report = doctor(environ={}, config_file=file)
    assert statuses(report)["configuration"] == "fail"


def test_a_wrong_count_fails_the_smoke_check(
    toolchain: Toolchain, nowhere: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(room, "SMOKE_COUNT", "6 distinct states found, 0 states left on queue.")
    report = doctor(jar=toolchain.jar.path, environ={}, config_file=nowhere, archives=False)
    assert statuses(report)["smoke check"] == "fail"


def test_an_unwritable_temporary_folder_is_told(
    nowhere: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "missing"))
    report = doctor(jar=tmp_path / "none.jar", environ={}, config_file=nowhere)
    check = next(check for check in report.checks if check.name == "temporary folder")
    assert check.status is Status.FAIL
    assert "TMPDIR" in check.next_step


def test_little_memory_is_a_warning(
    nowhere: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(room, "_LITTLE_MEMORY", 1 << 60)
    report = doctor(jar=tmp_path / "none.jar", environ={}, config_file=nowhere)
    assert statuses(report)["memory"] == "warn"
