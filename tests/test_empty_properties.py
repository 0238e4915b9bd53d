"""The model's own properties: each antecedent is reached, and one that is not makes it VACUOUS."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from slubtla.barriers.data import data_dir
from slubtla.barriers.model import make_model
from slubtla.barriers.render import render
from slubtla.barriers.verify import command_lines, verify
from slubtla.tlc.run.result import Result
from slubtla.tlc.run.settings import Settings
from slubtla.tlc.tools import Toolchain

WEAKENED = {
    "NoLeak": ("    Quiescent =>\n", "    Quiescent /\\ ~Quiescent =>\n"),
    "ListIntegrity": ("    /\\ Quiescent => \\A x", "    /\\ Quiescent /\\ ~Quiescent => \\A x"),
    "NoSelfDeadlock": ("WaitsForListLock(x) =>", 'pc[x] = "nowhere" =>'),
    "TypeOK": ("current[a] = current[b] /\\ a # b =>", "current[a] # current[b] /\\ a = b =>"),
}


def verify_edited(folder: Path, toolchain: Toolchain, old: str, new: str) -> Result:
    specs = folder / "specs"
    shutil.copytree(data_dir("specs"), specs)
    properties = specs / "slub" / "properties.tla.j2"
    text = properties.read_text(encoding="utf-8")
    assert text.count(old) == 1
    properties.write_text(text.replace(old, new), encoding="utf-8")
    return verify(
        strategy="smp_mb_paired",
        slabs=1,
        specs=specs,
        toolchain=toolchain,
        out_dir=folder / "run",
        timeout=300,
    )


@pytest.mark.parametrize("name", WEAKENED)
def test_a_property_whose_antecedent_is_never_reached_is_vacuous(
    engine_at_hand: Toolchain, tmp_path: Path, name: str
) -> None:
    result = verify_edited(tmp_path, engine_at_hand, *WEAKENED[name])
    assert str(result.verdict) == f"VACUOUS({name})"
    assert "(Slub.tla:" in result.verdict.because
    unreached = {each.property_name for each in result.antecedents if not each.held}
    assert unreached == {name}


def test_the_default_model_reaches_them_all(engine_at_hand: Toolchain, tmp_path: Path) -> None:
    result = verify(
        strategy="synchronize_sched", toolchain=engine_at_hand, out_dir=tmp_path / "run"
    )
    assert (str(result.verdict), result.stats.distinct) == ("PROVEN", 8_400)
    assert {each.property_name for each in result.antecedents} == set(WEAKENED)
    assert all(each.held for each in result.antecedents)
    lines = render(make_model(strategy="synchronize_sched")).spec.splitlines()
    for each in result.antecedents:  # the line is that of the specification as it is printed
        assert each.text.split("(")[0].split()[0] in lines[each.line - 1]


@pytest.mark.parametrize("own", [{}, {"stuck": "preempt_off", "properties": ("ShrinkTerminates",)}])
def test_a_dry_run_names_the_module_that_is_checked(
    engine_at_hand: Toolchain, tmp_path: Path, own: dict[str, object]
) -> None:
    parameters: dict[str, Any] = {"strategy": "synchronize_sched", "slabs": 1, "tasks": 1} | own
    settings = Settings(toolchain=engine_at_hand, out_dir=tmp_path / "run", timeout=300)
    result = verify(settings=settings, **parameters)
    planned = command_lines(make_model(**parameters), settings)[-1]
    assert planned[-3:] == list(result.provenance.argv[-3:])
