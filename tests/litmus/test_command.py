"""``slubtla litmus`` as a user meets it: exit codes, words, JSON."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from slubtla.barriers.litmus import Conformance, parse_litmus, shipped_files
from slubtla.barriers.litmus.views import table_view
from slubtla.barriers.machines import MEMORY_MODELS
from slubtla.cli.exits import print_view

FILES = {file.stem: file for file in shipped_files()}
COMMAND = "import sys; from slubtla.cli import main; sys.argv[0] = 'slubtla'; main()"


def slubtla(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """Run the command with this Python."""
    return subprocess.run(
        [sys.executable, "-c", COMMAND, "litmus", *map(str, arguments)],
        check=False,
        capture_output=True,
        text=True,
        timeout=180,
        env=os.environ | {"PYTHONWARNINGS": "error"},
    )


@pytest.mark.usefixtures("engine_at_hand")
def test_one_test_is_told_in_the_words_of_herd7() -> None:
    run = slubtla(FILES["SB"], "--memory", "tso", "--memory", "sc")
    assert run.returncode == 0, run.stderr
    tso, sc = run.stdout.split("\n\n")
    assert tso.splitlines() == [
        "Test SB Allowed on tso",
        "States 4",
        "0:r0=0; 1:r0=0;",
        "0:r0=0; 1:r0=1;",
        "0:r0=1; 1:r0=0;",
        "0:r0=1; 1:r0=1;",
        "Ok",
        "Witnesses",
        "Positive: 1 Negative: 3",
        "Condition exists (0:r0=0 /\\ 1:r0=0)",
        "Observation SB Sometimes 1 3",
    ]
    assert "No\nWitnesses\nPositive: 0 Negative: 3\n" in sc
    assert "Observation SB Never 0 3\nLKMM says Sometimes: this model is stronger here\n" in sc


@pytest.mark.usefixtures("engine_at_hand")
def test_a_flipped_expectation_is_exit_1_and_the_name(tmp_path: Path) -> None:
    for name in ("SB", "SB+mbs"):
        text = FILES[name].read_text(encoding="utf-8")
        flipped = text.replace("tso=Never", "tso=Sometimes")
        (tmp_path / f"{name}.litmus").write_text(flipped, encoding="utf-8")
    run = slubtla(*sorted(tmp_path.glob("*.litmus")), "--memory", "tso", "--memory", "sc")
    assert run.returncode == 1
    assert run.stdout.endswith("1 not as expected:\n  SB+mbs on tso: Never, not Sometimes\n"), (
        run.stdout
    )


@pytest.mark.usefixtures("engine_at_hand")
def test_a_model_that_is_weaker_than_the_result_is_exit_1(tmp_path: Path) -> None:
    text = FILES["SB"].read_text(encoding="utf-8").replace("Result: Sometimes", "Result: Never")
    file = tmp_path / "mine.litmus"
    file.write_text(text.replace("slubtla:", "other:"), encoding="utf-8")
    run = slubtla(file, "--memory", "tso")
    assert run.returncode == 1
    assert "Expected Never" in run.stdout
    assert slubtla(file, "--memory", "sc").returncode == 0


@pytest.mark.usefixtures("engine_at_hand")
def test_json() -> None:
    run = slubtla(FILES["CoWW"], "--json", "--memory", "pso")
    assert run.returncode == 0, run.stderr
    told = json.loads(run.stdout)
    assert told["schema_version"] == 1
    assert told["as_expected"] is True
    assert [row["memory"] for row in told["runs"]] == ["pso"]
    (outcome,) = told["outcomes"]
    assert outcome["name"] == "CoWW"
    assert outcome["verdict"] == outcome["expected"] == outcome["lkmm"] == "Always"
    assert outcome["states"] == [{"x": 2}]
    assert (outcome["positive"], outcome["negative"], outcome["ok"]) == (1, 0, True)


def test_what_cannot_be_read_is_exit_2_with_line_and_next_step(tmp_path: Path) -> None:
    file = tmp_path / "loop.litmus"
    file.write_text("C loop\n{}\nP0(int *x)\n{\n\twhile (1) { }\n}\nexists (x=1)\n")
    run = slubtla(file)
    assert run.returncode == 2
    assert "loop.litmus:5:2: while: a test with a loop" in " ".join(run.stderr.split())
    assert "next:" in run.stderr


def test_bad_usage_is_exit_2(tmp_path: Path) -> None:
    assert slubtla(tmp_path / "none.litmus").returncode == 2
    run = slubtla("--memory", "x86")
    assert run.returncode == 2
    assert "unknown memory model 'x86'" in run.stderr


def test_no_java_is_exit_3(tmp_path: Path) -> None:
    assert slubtla(FILES["SB"], "--java", tmp_path / "java").returncode == 3


@pytest.mark.usefixtures("engine_at_hand")
def test_too_little_time_is_exit_4() -> None:
    run = slubtla(FILES["SB"], "--memory", "sc", "--timeout", "0.05")
    assert run.returncode == 4
    assert "nothing is known of any test" in " ".join(run.stderr.split())


def test_the_table_has_a_row_for_each_test_and_fits(
    conformance: Conformance, capsys: pytest.CaptureFixture[str]
) -> None:
    from slubtla.cli.exits import stdout  # noqa: PLC0415 - it looks at the captured stream

    print_view(table_view(conformance), stdout())
    shown = capsys.readouterr().out
    assert "…" not in shown
    head, *rows = [line.split() for line in shown.splitlines() if line.strip()]
    assert head == ["test", "LKMM", *MEMORY_MODELS]
    assert {test.name for test in conformance.tests} <= {row[0] for row in rows}
    assert all(len(line.rstrip()) <= 100 for line in shown.splitlines())


def test_a_model_is_exported_and_read_back(tmp_path: Path) -> None:
    printed = slubtla("export", "--strategy", "smp_mb", "--arch", "arm64")
    assert printed.returncode == 0, printed.stderr
    assert printed.stdout.startswith("C slub-smp_mb-arm64-relaxed\n")
    written = slubtla("export", "--strategy", "smp_mb", "--arch", "arm64", "--out", tmp_path / "t")
    (file,) = (tmp_path / "t").iterdir()
    assert written.stdout == f"{file}\n"
    assert parse_litmus(file.read_text(encoding="utf-8")) == parse_litmus(printed.stdout)
    again = slubtla("export", "--strategy", "smp_mb", "--arch", "arm64", "--out", tmp_path / "t")
    assert again.returncode == 2
    assert "exists" in again.stderr
