"""A protocol is a folder: another package's is found by its entry point, and can be checked."""

from __future__ import annotations

import json
import pickle
import shlex
import subprocess
import sys
from collections.abc import Iterator
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest

from slubtla import registry
from slubtla.barriers import protocol as protocols
from slubtla.barriers.model import make_model, model_of
from slubtla.barriers.protocol import Protocol, protocol, read_protocol
from slubtla.barriers.verify import verify
from slubtla.errors import UnknownNameError, UsageError
from slubtla.tlc.run.settings import Settings
from slubtla.tlc.tools import Toolchain

TABLES = """
name = "toy"
module = "Toy"
subject = "a toy"
question = "Is it set?"
question_of = "Is it set with {strategy}?"
conclusion = "IsSet"
falls = "fail"
default_kernel = "v1"
default_arch = "x86"
example_strategy = "sets"
pieces = ["step"]
small = { tasks = 1 }
help = {}

[parameters.tasks]
help = "Tasks."
least = 1
default = 2

[parameters.symmetry]
help = "Symmetry."
default = false

[[defaults]]
when = { old = true }
set = { tasks = 1 }

[strategies.sets]
summary = "it is set"
source = "this test"

[strategies.forgets]
summary = "it is not"
source = "this test"

[kernel_defaults]
old = false

[kernels.v1]
summary = "the first"
source = "this test"
strategy = "forgets"
old = true

[kernels.v2]
summary = "the second"
source = "this test"
strategy = "sets"

[properties.IsSet]
kind = "invariant"
summary = "at its end each task has set it"
source = "this test"
"""
SPEC = """---- MODULE Toy ----
EXTENDS Naturals
CONSTANT TASKS
(* --algorithm toy
{ variables is_set = FALSE;
  process (task \\in TASKS) {
  step: ${ strategy.step() } } } *)
\\* BEGIN TRANSLATION
\\* END TRANSLATION
IsSet == (\\A x \\in TASKS : pc[x] = "Done") => is_set
====
"""
CFG = """SPECIFICATION Spec
CONSTANTS TASKS = ${ members("task", model.tasks) }
defaultInitValue = defaultInitValue
INVARIANT IsSet
"""


@pytest.fixture
def settings(engine_at_hand: Toolchain) -> Settings:
    return Settings(toolchain=engine_at_hand, cache=False, workers=1)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The folder of a protocol."""
    (tmp_path / "toy" / "barriers").mkdir(parents=True)
    for name, text in {
        "protocol.toml": TABLES,
        "Toy.tla.j2": SPEC,
        "Toy.cfg.j2": CFG,
        "barriers/sets.pcal.j2": "<% macro step() %>is_set := TRUE;<% endmacro %>",
        "barriers/forgets.pcal.j2": "<% macro step() %>skip;<% endmacro %>",
    }.items():
        (tmp_path / "toy" / name).write_text(text, encoding="utf-8")
    return tmp_path / "toy"


@pytest.fixture
def toy(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Protocol]:
    """A protocol that another package brings."""
    point = EntryPoint("toy", f"{__name__}:TOY", "slubtla.protocols")
    monkeypatch.setattr("importlib.metadata.entry_points", lambda group: [point] if group else [])
    found = read_protocol(folder / "protocol.toml")
    brought = {point.value: found}
    monkeypatch.setattr(protocols, "load", lambda at: brought.get(at) or registry.load(at))
    protocol.cache_clear()
    yield found
    protocol.cache_clear()


def test_a_protocol_of_another_package_is_verified(toy: Protocol, settings: Settings) -> None:
    holds = verify(make_model(protocol="toy", kernel="v2"), settings=settings)
    assert (str(holds.verdict), holds.protocol, holds.module) == ("PROVEN", "toy", "Toy")
    falls = verify(make_model(protocol="toy", kernel="v1"), settings=settings)
    assert str(falls.verdict) == "VIOLATED(IsSet)"
    model = model_of(falls)
    assert model is not None
    assert model.protocol is toy
    assert (model.strategy, model.tasks, model.command) == (
        "forgets",
        1,
        "slubtla verify --strategy forgets",
    )


def test_its_models_are_its_own(toy: Protocol) -> None:
    model = make_model(protocol="toy", strategy="sets")
    assert pickle.loads(pickle.dumps(model)) == model  # noqa: S301 - our own bytes
    assert (model.name, model.bounds, model.kernel) == ("sets-x86", {"tasks": 1}, "v1")
    assert make_model(protocol="toy", kernel="v2").tasks == 2
    assert model.invariants == ("IsSet",)
    assert toy.promised() == ("IsSet",)
    with pytest.raises(UsageError, match="unknown parameter 'slabs'"):
        make_model(protocol="toy", strategy="sets", slabs=1)
    with pytest.raises(UnknownNameError, match="smp_mb"):
        make_model(protocol="toy", strategy="smp_mb")


def test_a_protocol_that_does_not_exist_is_refused() -> None:
    with pytest.raises(UnknownNameError, match=r"unknown protocol 'slab'; did you mean 'slub'\?"):
        make_model(protocol="slab", strategy="none")


def slubtla(*words: str | Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", "from slubtla.cli import main; main()", *map(str, words)]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)


def test_every_command_takes_the_folder_of_a_protocol(folder: Path, tmp_path: Path) -> None:
    run = tmp_path / "run"
    done = slubtla("--protocol", folder, "verify", "--strategy", "forgets", "-o", run, "--json")
    assert (done.returncode, done.stderr) == (1, "")
    result = json.loads(done.stdout)
    assert (result["protocol"], result["verdict"]["detail"]) == ("toy", "IsSet")
    assert result["command"] == f"slubtla --protocol {folder} verify --strategy forgets"
    assert shlex.split(result["command"])[1:3] == ["--protocol", str(folder)]
    assert "step" in slubtla(f"--protocol={folder}", "trace", run).stdout
    assert "it is set" in slubtla("--protocol", folder, "list", "strategies").stdout
    shown = slubtla("--protocol", folder, "verify", "--help").stdout
    assert "--tasks" in shown
    assert "--slabs" not in shown


def test_what_is_no_protocol_is_exit_2(tmp_path: Path) -> None:
    (tmp_path / "protocol.toml").write_text("name = 1 2")
    for named, words in ((tmp_path, "is no protocol"), ("slab", "did you mean 'slub'?")):
        refused = slubtla("--protocol", named, "list")
        assert (refused.returncode, refused.stdout) == (2, "")
        assert words in " ".join(refused.stderr.split())
