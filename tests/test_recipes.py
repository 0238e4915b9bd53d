"""The recipes of CONTRIBUTING, carried out in a copy of the project.

Each test makes the edits that the recipe names, and no other.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from slubtla.barriers.protocol import protocol

STRATEGIES = protocol().strategies
ROOT = Path(__file__).parents[1]
SMALL = ("--slabs", "1", "--tasks", "1")

SUMMARY = STRATEGIES["smp_mb"].summary

STRATEGY = """
[strategies.copied_mb]
summary = "smp_mb, under another name"
source = "the test of CONTRIBUTING"
orders = "own CPU"
fence = "smp_mb"
"""

ARCH = """
        Arch(
            "toy",
            summary="TSO with a full this_cpu_cmpxchg()",
            source="the test of CONTRIBUTING",
            memory="tso",
            cmpxchg="full",
        ),
"""

MODELS = """
title = "Toys"
[model.copied]
strategy = "copied_mb"
slabs = 1
tasks = 1
expect = "VIOLATED(NoLeak)"
[model.copied-full]
strategy = "copied_mb"
cmpxchg = "full"
slabs = 1
tasks = 1
expect = "PROVEN"
"""


class Copy:
    """A copy of the project, in which slubtla can be changed and run."""

    def __init__(self, place: Path) -> None:
        self.place = place
        for name in ("slubtla", "specs", "configs"):
            ignored = shutil.ignore_patterns("__pycache__")
            shutil.copytree(ROOT / name, place / name, ignore=ignored)

    def insert(self, file: str, before: str, text: str) -> None:
        """Put some lines before a line that stands once in a file."""
        path = self.place / file
        parts = path.read_text(encoding="utf-8").split(before)
        assert len(parts) == 2, f"{file} has {before!r} {len(parts) - 1} times"
        path.write_text(text.lstrip("\n").join((parts[0], before + parts[1])), encoding="utf-8")

    def run(self, *words: str, exits: int = 0) -> str:
        """Run a command of the copy; return what it prints."""
        environment = {name: text for name, text in os.environ.items() if "PYTHON" not in name}
        ran = subprocess.run(
            [sys.executable, "-c", "from slubtla.cli import main; main()", *words],
            cwd=self.place,
            env=environment | {"PYTHONPATH": str(self.place), "COLUMNS": "200"},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert ran.returncode == exits, ran.stdout + ran.stderr
        return ran.stdout

    def json(self, *words: str, exits: int = 0) -> Any:
        """Run a command with ``--json``."""
        return json.loads(self.run(*words, "--json", exits=exits))


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Copy:
    made = Copy(tmp_path_factory.mktemp("copy"))
    barriers = made.place / "specs" / "slub" / "barriers"
    shutil.copy(barriers / "smp_mb.pcal.j2", barriers / "copied_mb.pcal.j2")
    made.insert("specs/slub/protocol.toml", "\n[strategies.smp_wmb]", STRATEGY)
    made.insert("slubtla/barriers/machines.py", '        Arch(\n            "s390"', ARCH)
    (made.place / "toys.toml").write_text(MODELS, encoding="utf-8")
    return made


def test_the_copy_is_what_runs(copy: Copy) -> None:
    where = copy.run("list", "strategies")
    assert "copied_mb" in where


@pytest.mark.usefixtures("engine_at_hand")
def test_a_strategy_is_verified_with_its_own_barrier(copy: Copy) -> None:
    found = copy.json("verify", "--strategy", "copied_mb", *SMALL, exits=1)
    assert found["verdict"] == {**found["verdict"], "kind": "VIOLATED", "detail": "NoLeak"}
    copy.json("verify", "--strategy", "copied_mb", "--cmpxchg", "full", *SMALL)


@pytest.mark.usefixtures("engine_at_hand")
def test_a_strategy_and_an_architecture_are_in_the_matrix(copy: Copy) -> None:
    words = ("matrix", "--strategy", "copied_mb", "--arch", "toy", "--arch", "x86", *SMALL)
    cells = copy.json(*words)["cells"]
    found = {(c["strategy"], c["column"]): c["result"]["verdict"]["kind"] for c in cells}
    assert found["copied_mb", "toy"] == "PROVEN"
    assert found["copied_mb", "x86"] == "VIOLATED"


def test_a_strategy_keeps_its_barrier_in_the_exported_litmus_test(copy: Copy) -> None:
    exported = copy.run("litmus", "export", "--strategy", "copied_mb")
    original = copy.run("litmus", "export", "--strategy", "smp_mb")
    assert "smp_mb();" in exported
    ours = exported.replace("copied_mb", "smp_mb").replace("smp_mb, under another name", SUMMARY)
    assert ours == original


@pytest.mark.parametrize("word", ["copied_mb", "toy"])
def test_a_word_is_explained(copy: Copy, word: str) -> None:
    assert "the test of CONTRIBUTING" in copy.run("explain", word)


@pytest.mark.usefixtures("engine_at_hand")
def test_a_strategy_is_proven_from_a_file_of_models(copy: Copy) -> None:
    copy.run("prove", "toys.toml", "--only", "copied*", exits=1)  # nothing is pinned yet
    copy.run("prove", "toys.toml", "--record")
    copy.run("prove", "toys.toml")


def test_a_strategy_without_a_model_is_not_covered(copy: Copy) -> None:
    files = copy.json("prove", "arches", "--dry-run", exits=1)["files"]
    said = " ".join(difference["message"] for difference in files[0]["differences"])
    assert "copied_mb with toy" in said
    assert "copied_mb with x86" in said
    assert "smp_mb with toy" in said
