"""``slubtla check --memory``: a specification of the user's own on each memory model."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from slubtla.cli.app import app

SB = r"""
---- MODULE SB ----
EXTENDS WeakMemory
CPUS == {0, 1}
Mine(cpu) == IF cpu = 0 THEN "x" ELSE "y"
(* --algorithm SB {
variables
    mem = InitialMemory(CPUS, [x |-> 0, y |-> 0]),
    seen = [cpu \in CPUS |-> 1];
process (thread \in CPUS)
{
write: mem := Store(mem, self, Mine(self), 1);
read:  with (load \in Loads(mem, self, Mine(1 - self))) { seen[self] := load.value; };
}
process (buffers = 2)
{
drain: while (TRUE) { with (cpu \in CPUS, after \in Drains(mem, cpu)) { mem := after; }; };
}
} *)
\* BEGIN TRANSLATION
\* END TRANSLATION
OneSees == \A cpu \in CPUS : pc[cpu] = "Done" => \E other \in CPUS : seen[other] = 1
====
"""


@pytest.fixture
def spec(tmp_path: Path) -> Path:
    (tmp_path / "SB.tla").write_text(SB, encoding="utf-8")
    (tmp_path / "SB.cfg").write_text("SPECIFICATION Spec\nINVARIANT OneSees\n", encoding="utf-8")
    return tmp_path / "SB.tla"


def ran(*words: str | Path) -> tuple[int, str, str]:
    found = CliRunner().invoke(app, ["check", *map(str, words), "--no-deadlock"])
    return found.exit_code, found.stdout, found.stderr


@pytest.mark.usefixtures("engine_at_hand")
def test_it_is_checked_on_each_memory_model_that_is_named(spec: Path) -> None:
    out = spec.parent / "runs"
    code, told, _ = ran(spec, "--memory", "sc,tso", "--json", "-o", out)
    runs = json.loads(told)["runs"]
    assert code == 1
    assert [run["name"] for run in runs] == ["SB-sc", "SB-tso"]
    assert [run["verdict"]["kind"] for run in runs] == ["PROVEN", "VIOLATED"]
    assert {path.name for path in out.iterdir()} == {"sc", "tso"}
    assert {path.name for path in spec.parent.iterdir()} == {"SB.tla", "SB.cfg", "runs"}


@pytest.mark.usefixtures("engine_at_hand")
def test_a_trace_shows_memory_and_store_buffers(spec: Path) -> None:
    code, told, _ = ran(spec, "--memory", "tso")
    assert code == 1
    assert 'buffer[0] = <<<<"x", 1>>>>' in told or 'buffer = (0 :> <<<<"x", 1>>>>' in told
    assert "mem[" not in told


@pytest.mark.usefixtures("engine_at_hand")
def test_a_module_beside_the_spec_is_passed_over(spec: Path) -> None:
    (spec.parent / "WeakMemory.tla").write_text("no module", encoding="utf-8")
    assert ran(spec, "--memory", "sc")[0] == 0


def test_a_name_that_is_no_memory_model_is_refused_before_anything_runs(spec: Path) -> None:
    for names in ("tos", "tso,", "sc,x86"):
        code, told, wrong = ran(spec, "--memory", names)
        assert (code, told) == (2, "")
        assert "choose one of: sc, tso, pso, relaxed" in wrong


def test_a_spec_that_does_not_extend_the_module_is_refused(spec: Path) -> None:
    spec.write_text(SB.replace("EXTENDS WeakMemory", "EXTENDS Naturals"), encoding="utf-8")
    code, _, wrong = ran(spec, "--memory", "tso")
    assert code == 2
    assert "does not extend WeakMemory" in " ".join(wrong.split())
