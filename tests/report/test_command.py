"""``slubtla report``, and what it reads."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner
from typer.testing import Result as Ran
from views.tools import Verified, good, leak

from report.tools import Read
from slubtla.barriers.campaigns.matrix import Matrix
from slubtla.barriers.suite.proof import Proof
from slubtla.cli.app import app
from slubtla.tlc.run.rundir import runs_dir


def run(*words: object, stdin: str | None = None) -> Ran:
    return CliRunner().invoke(app, ["report", *map(str, words)], input=stdin)


def told(file: Path) -> str:
    return Read(file.read_text(encoding="utf-8")).text


def test_it_is_a_command_of_slubtla() -> None:
    helped = CliRunner().invoke(app, ["report", "--help"])
    assert helped.exit_code == 0
    assert "RUN|MATRIX" in helped.stdout


def test_a_run_is_reported_and_its_size_is_told(verified: Verified, tmp_path: Path) -> None:
    file = tmp_path / "report.html"
    ran = run(leak(verified).run_dir, "-o", file)
    assert (ran.exit_code, ran.stdout) == (0, "")
    assert ran.stderr.strip() == f"{file}: {file.stat().st_size / 1000:,.0f} kB"
    assert "Can a plain smp_mb()" in told(file)


def test_runs_matrices_and_proofs_go_into_one_report(
    verified: Verified, small_matrix: Matrix, tmp_path: Path
) -> None:
    matrix, proof = tmp_path / "matrix.json", tmp_path / "proof.json"
    matrix.write_text(small_matrix.model_dump_json(), encoding="utf-8")
    empty = Proof(ran=False, jar_sha256=None, wall_seconds=0, runs=0, files=())
    proof.write_text(empty.model_dump_json(), encoding="utf-8")
    single = tmp_path / "holds.json"
    single.write_text(good(verified).to_json(), encoding="utf-8")
    file = tmp_path / "report.html"
    ran = run(leak(verified).run_dir, matrix, single, proof, "-o", file, "--title", "All of it")
    assert ran.exit_code == 0
    page = Read(file.read_text(encoding="utf-8"))
    assert {"matrix", "smp_mb-x86", "smp_mb-x86-2", "smp_mb-x86-full"} <= set(page.ids)
    assert "All of it" in page.text


def test_a_directory_of_runs_is_each_of_them(small_matrix: Matrix, tmp_path: Path) -> None:
    place = small_matrix.cells[0].result.run_dir
    assert place is not None
    file = tmp_path / "report.html"
    assert run(place.parent, "-o", file).exit_code == 0
    ids = Read(file.read_text(encoding="utf-8")).ids
    assert {"smp_mb-x86-sc", "smp_mb-x86", "synchronize_sched-powerpc"} <= set(ids)


def test_a_matrix_is_read_from_stdin(small_matrix: Matrix, tmp_path: Path) -> None:
    file = tmp_path / "report.html"
    assert run("-", "-o", file, stdin=small_matrix.model_dump_json()).exit_code == 0
    assert "matrix" in Read(file.read_text(encoding="utf-8")).ids


def test_the_newest_run_is_the_default(verified: Verified, tmp_path: Path) -> None:
    kept = leak(verified).run_dir
    assert kept is not None
    runs_dir().mkdir(parents=True)
    (runs_dir() / "20160401-smp_mb").symlink_to(kept)
    assert run("-o", tmp_path / "report.html").exit_code == 0
    assert "smp_mb leaks on x86" in told(tmp_path / "report.html")


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (None, "cannot be read: No such file"),
        ("{", "is no JSON"),
        ("[1]", "is no result, matrix or proof"),
        ('{"title": 1}', "is no result, matrix or proof"),
        ('{"cells": [{"strategy": 1}]}', "is not a matrix that this slubtla reads"),
    ],
)
def test_what_is_none_of_these_is_refused_and_nothing_is_written(
    tmp_path: Path, content: str | None, says: str
) -> None:
    source, file = tmp_path / "source.json", tmp_path / "report.html"
    if content is not None:
        source.write_text(content, encoding="utf-8")
    ran = run(source, "-o", file)
    assert ran.exit_code == 2
    assert says in " ".join(ran.stderr.split())
    assert "next:" in ran.stderr
    assert not file.exists()


def test_a_directory_without_runs_is_refused(tmp_path: Path) -> None:
    ran = run(tmp_path, "-o", tmp_path / "report.html")
    assert ran.exit_code == 2
    assert "neither a run directory nor a directory of them" in " ".join(ran.stderr.split())


def test_a_proof_alone_is_no_report_and_two_are_one_too_many(
    verified: Verified, tmp_path: Path
) -> None:
    proof = tmp_path / "proof.json"
    empty = Proof(ran=False, jar_sha256=None, wall_seconds=0, runs=0, files=())
    proof.write_text(empty.model_dump_json(), encoding="utf-8")
    alone = run(proof, "-o", tmp_path / "report.html")
    assert alone.exit_code == 2
    assert "only a proof" in alone.stderr
    two = run(leak(verified).run_dir, proof, proof, "-o", tmp_path / "report.html")
    assert two.exit_code == 2
    assert "a second proof" in " ".join(two.stderr.split())


def test_a_file_that_cannot_be_written_is_exit_code_2(verified: Verified, tmp_path: Path) -> None:
    ran = run(leak(verified).run_dir, "-o", tmp_path / "nowhere" / "report.html")
    assert ran.exit_code == 2
    assert "cannot be written" in " ".join(ran.stderr.split())
