"""What is run, in what order, and from which texts; without Java."""

from __future__ import annotations

import hashlib
import math
import shutil
from dataclasses import replace
from pathlib import Path

from slubtla.barriers.data import data_dir
from slubtla.barriers.model import Model
from slubtla.barriers.render import render
from slubtla.barriers.suite.config import Pin
from slubtla.barriers.suite.plan import named, plan
from slubtla.barriers.suite.reading import read_config
from slubtla.tlc.text.digest import digest

from .tools import COUNTER, MODELS, planned, with_pins, write, write_counter


def test_the_digests_are_of_what_render_prints(tmp_path: Path) -> None:
    for each in plan([read_config(write(tmp_path, MODELS))], tmp_path / "scratch"):
        assert isinstance(each.claim.subject, Model)
        rendered = render(each.claim.subject)
        assert (each.spec_sha256, each.cfg_sha256) == (rendered.spec_digest, rendered.cfg_digest)
        assert each.cfg.invariants == each.claim.subject.invariants


def test_the_digest_of_ones_own_spec_is_that_of_its_file(tmp_path: Path) -> None:
    (each,) = plan([read_config(write_counter(tmp_path))], tmp_path / "scratch")
    assert each.spec_sha256 == digest(COUNTER.lstrip())
    base = "---- MODULE Base ----\n====\n"
    (tmp_path / "Base.tla").write_text(base)
    text = COUNTER.lstrip().replace("EXTENDS", "EXTENDS Base,")
    (tmp_path / "Counter.tla").write_text(text)
    (each,) = plan([read_config(tmp_path / "models.toml")], tmp_path / "scratch")
    assert each.spec_sha256 == hashlib.sha256((text + base).encode()).hexdigest()


def test_a_template_that_changes_meanwhile_changes_no_run(tmp_path: Path) -> None:
    specs = Path(shutil.copytree(data_dir("specs"), tmp_path / "specs"))
    config = read_config(write(tmp_path, MODELS))
    (each, _) = plan([config], tmp_path / "scratch", specs=specs)
    template = specs / "slub" / "Slub.tla.j2"
    template.write_text(template.read_text(encoding="utf-8") + "\\* later\n", encoding="utf-8")
    assert isinstance(each.claim.subject, Model)
    assert render(each.claim.subject, specs=each.specs).spec_digest == each.spec_sha256


def test_what_makes_a_run_another(tmp_path: Path) -> None:
    arches = [
        f'[model.{name}]\nstrategy = "none"\narch = "{arch}"\n{more}'
        for name, arch, more in (
            ("a", "riscv", ""),
            ("b", "powerpc", ""),
            ("c", "riscv", "slabs = 1\n"),
            ("d", "riscv", "timeout = 5\n"),
            ("e", "riscv", 'properties = ["TypeOK", "ShrinkReturns"]\n'),
            ("f", "arm64", ""),
            ("g", "riscv", "slabs = 3\n"),  # another cfg alone
        )
    ]
    text = 'title = "x"\n' + "".join(arches)
    models = plan([read_config(write(tmp_path, text))], tmp_path / "scratch")
    keys = [each.key for each in models]
    assert keys[0] == keys[1]
    assert models[6].spec_sha256 == models[0].spec_sha256
    assert len(set(keys)) == len(keys) - 1


def test_the_longest_come_first_and_the_unknown_before_all(tmp_path: Path) -> None:
    leaks, holds = planned(tmp_path, MODELS)
    assert (leaks.weight, holds.weight) == (0, math.inf)
    pin = Pin("", "", (), (), {"distinct": 77})
    assert replace(holds, config=with_pins(holds.config, {"holds": pin})).weight == 77
    assert replace(leaks, config=with_pins(leaks.config, {})).weight == math.inf
    large = replace(leaks, claim=replace(leaks.claim, at_least={"distinct": 5000}))
    assert large.weight == 5000


def test_names_are_matched_as_in_the_shell() -> None:
    assert named("smp_mb-x86", ())
    assert named("smp_mb-x86", ["smp_*"])
    assert named("smp_mb-x86", ["none", "*-x86"])
    assert not named("smp_mb-x86", ["smp_mb", "SMP*"])
