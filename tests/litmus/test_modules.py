"""The memory models are plain TLA+ modules with the same operators, for any specification."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from slubtla.barriers.data import data_dir
from slubtla.barriers.machines import MEMORY_MODELS
from slubtla.tlc.run.check import check_spec
from slubtla.tlc.run.settings import Settings
from slubtla.tlc.run.verdict import VerdictKind
from slubtla.tlc.tools import Toolchain

MODULES = {memory: data_dir("specs") / "memory" / memory for memory in MEMORY_MODELS}
TEXTS = {
    memory: (folder / "WeakMemory.tla").read_text(encoding="utf-8")
    for memory, folder in MODULES.items()
}
PAGE = (Path(__file__).parents[2] / "docs" / "memory.md").read_text(encoding="utf-8")
SB, FENCE = re.findall(r"```tla\n(.*?)```", PAGE, re.DOTALL)
(SB_CFG,) = re.findall(r"```text\n(SPECIFICATION.*?)```", PAGE, re.DOTALL)

MP = r"""
---- MODULE MP ----
EXTENDS WeakMemory
CPUS == {"writer", "reader"}
(* --algorithm MP {
variables
    mem = InitialMemory(CPUS, [location \in {"x", "y"} |-> 0]);
    flag = 0;
    data = 0;
process (writer = "writer")
{
write_data: mem := Store(mem, "writer", "x", 1);
write_flag: mem := STORE(mem, "writer", "y", 1);
}
process (reader = "reader")
{
read_flag: with (load \in LOADS(mem, "reader", "y")) { flag := load.value; mem := load.mem; };
read_data: with (load \in Loads(mem, "reader", "x")) { data := load.value; mem := load.mem; };
}
process (store_buffer = "store buffer")
{
drain: while (TRUE) { with (drained \in Drains(mem, "writer")) { mem := drained; } };
}
} *)
\* BEGIN TRANSLATION
\* END TRANSLATION
DataIsThere == pc["reader"] = "Done" /\ flag = 1 => data = 1
TypeOK == MemoryTypeOK(mem, LAMBDA location : {0, 1})
====
"""
MP_CFG = "SPECIFICATION Spec\nINVARIANTS TypeOK DataIsThere\nCHECK_DEADLOCK FALSE\n"

SPECS = {
    "SB": (SB, SB_CFG, {"tso", "pso", "relaxed"}),
    "SB, fenced": (SB.replace("read:\n", f"{FENCE}read:\n"), SB_CFG, set()),
    "MP": (MP.replace("STORE", "Store").replace("LOADS", "Loads"), MP_CFG, {"pso", "relaxed"}),
    "MP, released": (
        MP.replace("STORE", "StoreRelease").replace("LOADS", "Loads"),
        MP_CFG,
        {"relaxed"},
    ),
    "MP, released and acquired": (
        MP.replace("STORE", "StoreRelease").replace("LOADS", "LoadAcquires"),
        MP_CFG,
        set(),
    ),
}
"""Each specification, its cfg, and the models on which its invariant is violated."""

every_model = pytest.mark.parametrize("memory", MEMORY_MODELS)


def operators(text: str) -> dict[str, str]:
    """The parameters of each operator that a module exports."""
    return dict(re.findall(r"^(\w+)(\(.*\))? ==", text, re.MULTILINE))


@every_model
def test_the_operators_and_parameters_are_the_same(memory: str) -> None:
    assert operators(TEXTS[memory]) == operators(TEXTS["sc"])
    assert len(operators(TEXTS[memory])) > 15


@every_model
def test_every_group_of_operators_begins_with_a_sentence(memory: str) -> None:
    _, body = TEXTS[memory].split("\nEXTENDS ")
    groups = [group for group in body.split("\n\n") if " ==" in group]
    assert [group for group in groups if not group.startswith("\\* ")] == []


@every_model
def test_it_is_no_template_and_parses_by_itself(
    engine_at_hand: Toolchain, memory: str, tmp_path: Path
) -> None:
    assert re.search(r"<%|<#|\$\{", TEXTS[memory]) is None
    module = tmp_path / "WeakMemory.tla"
    module.write_text(TEXTS[memory], encoding="utf-8")
    java, jar = engine_at_hand.java.path, engine_at_hand.jar.path
    argv = [str(java), "-cp", str(jar), "tla2sany.SANY", str(module)]
    done = subprocess.run(argv, capture_output=True, text=True, check=False, timeout=60)
    assert (done.returncode, "Errors" in done.stdout) == (0, False), done.stdout


def test_the_page_describes_every_operator_and_macro() -> None:
    table = PAGE[PAGE.index("### The operators") : PAGE.index("## Litmus tests")]
    rows = re.findall(r"^\| `(\w+)(\(.*?\))?` \|", table, re.MULTILINE)
    assert sorted(rows) == sorted(operators(TEXTS["sc"]).items())
    macros = (data_dir("specs") / "memory" / "macros.pcal").read_text(encoding="utf-8")
    accesses = {"load", "store", *re.findall(r"^macro (smp_\w+|spin_\w+)", macros, re.MULTILINE)}
    assert {name for name in accesses if f"`{name}`" not in table} == set()


@pytest.mark.parametrize("name", SPECS)
@every_model
def test_a_specification_extends_it(
    engine_at_hand: Toolchain, tmp_path: Path, memory: str, name: str
) -> None:
    text, cfg, weak = SPECS[name]
    spec = tmp_path / f"{name[:2]}.tla"
    spec.write_text(text.lstrip(), encoding="utf-8")
    spec.with_suffix(".cfg").write_text(cfg, encoding="utf-8")
    settings = Settings(
        toolchain=engine_at_hand, timeout=60, library=(MODULES[memory],), out_dir=tmp_path / "run"
    )
    verdict = check_spec(spec, settings=settings).verdict
    expected = VerdictKind.VIOLATED if memory in weak else VerdictKind.PROVEN
    assert verdict.kind is expected, verdict.because
    if memory in weak:
        assert verdict.detail in {"OneSeesTheOther", "DataIsThere"}
