"""The page about CI says what is so: its example runs, its workflow is the file beside it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from slubtla.barriers.suite import Kind, prove, read_config
from slubtla.cli.app import app

from .tools import write

PAGE = Path(__file__).parent.parent.parent / "docs" / "ci.md"
QUEUE = r"""
---- MODULE Queue ----
EXTENDS Naturals
CONSTANT Lock
VARIABLES lost, sent
TypeOK == lost \in BOOLEAN /\ sent \in 0..1500
Init == lost = FALSE /\ sent = 0
Next == sent < 1500 /\ sent' = sent + 1 /\ lost' = (~Lock /\ sent = 3)
Spec == Init /\ [][Next \/ (sent = 1500 /\ UNCHANGED <<lost, sent>>)]_<<lost, sent>>
NothingLost == ~lost
====
"""
CFG = "SPECIFICATION Spec\nCONSTANT Lock = TRUE\nINVARIANTS TypeOK NothingLost\n"


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)


@pytest.mark.usefixtures("engine_at_hand")
def test_the_example_runs(tmp_path: Path) -> None:
    example, pins = blocks("toml")
    file = write(tmp_path, example)
    (tmp_path / "Queue.tla").write_text(QUEUE.lstrip())
    (tmp_path / "Queue.cfg").write_text(CFG)
    (tmp_path / "WithoutLock.cfg").write_text(CFG.replace("TRUE", "FALSE"))
    proof = prove([file], record=True)
    assert proof.exit_code == 0, proof.differences
    assert [model.found for model in proof.models] == ["PROVEN", "VIOLATED(NothingLost)"]
    keys = re.findall(r"^\[?\S+", pins.split("[pins.model.safe]")[1], re.MULTILINE)
    recorded = file.read_text(encoding="utf-8")
    assert recorded.startswith(example)
    written = recorded.split("[pins.model.safe]")[1].split("[pins.model.without-lock]")[0]
    assert re.findall(r"^\[?\S+", written, re.MULTILINE) == keys
    assert read_config(file).pins


def test_the_workflow_is_the_file_beside_the_page() -> None:
    (workflow,) = blocks("yaml")
    assert PAGE.with_name("ci-workflow.yml").read_text(encoding="utf-8") == workflow


def test_every_kind_of_difference_and_every_command_is_there() -> None:
    text = PAGE.read_text(encoding="utf-8")
    told = text[text.index("## What is red") : text.index("| exit code")]
    assert {kind for kind in Kind if f"`{kind}`" not in told} == set()
    for command, options in re.findall(r"slubtla (prove|mutate)([^#\n]*)", text):
        known = CliRunner().invoke(app, [command, "--help"], env={"COLUMNS": "200"}).stdout
        for option in re.findall(r"--[a-z0-9-]+", options):
            assert option in known
