"""A protocol is a folder: another package's is found by its entry point, and can be checked."""

from __future__ import annotations

import json
import pickle
import shlex
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest
from engine.tools import descendants, still_there

from slubtla import registry
from slubtla.barriers import protocol as protocols
from slubtla.barriers.model import make_model, model_of
from slubtla.barriers.protocol import Protocol, protocol, read_protocol
from slubtla.barriers.show.report.answer import answer_of
from slubtla.barriers.verify import verify
from slubtla.errors import UnknownNameError, UsageError
from slubtla.protocols.slub import SLUB
from slubtla.tlc.engine.checkpoint import has_checkpoint
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
    answer = answer_of([falls])
    assert (answer.question, answer.word) == ("Is it set with forgets?", "No.")
    assert answer.sentences == ("forgets fails on x86.",)
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


MAIN = "from slubtla.cli import main; main()"


def slubtla(*words: str | Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", MAIN, *map(str, words)]
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


@pytest.fixture(scope="module")
def mine(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of SLUB's folder, under another name."""
    folder = tmp_path_factory.mktemp("protocols") / "mine"
    shutil.copytree(SLUB.folder, folder)
    tables = (folder / "protocol.toml").read_text(encoding="utf-8")
    tables = tables.replace('name = "slub"', 'name = "mine"', 1)
    (folder / "protocol.toml").write_text(tables, encoding="utf-8")
    return folder


def test_a_word_of_a_protocol_is_explained(folder: Path) -> None:
    (folder / "configs").mkdir()
    models = '[model.it-is-set]\nstrategy = "sets"\nexpect = "PROVEN"\n'
    (folder / "configs" / "models.toml").write_text(f'title = "Toys"\n{models}', encoding="utf-8")
    meaning = json.loads(slubtla("--protocol", folder, "explain", "sets", "--json").stdout)
    (meaning,) = meaning["meanings"]
    assert (meaning["kind"], meaning["says"]) == ("strategy", "it is set")
    assert [shown["name"] for shown in meaning["holds"]] == ["it-is-set"]
    assert f"slubtla --protocol {folder} matrix --strategy sets" in meaning["commands"]
    for word in ("IsSet", "v2", "x86", "tso", "full", "VIOLATED"):
        assert slubtla("--protocol", folder, "explain", word).returncode == 0
    unknown = slubtla("--protocol", folder, "explain", "smp_mb")
    assert (unknown.returncode, unknown.stdout) == (2, "")


def test_a_copy_is_explained_by_its_own_specification(mine: Path) -> None:
    told = json.loads(slubtla("--protocol", mine, "explain", "put_check_limit", "--json").stdout)
    excerpt = told["meanings"][0]["excerpts"][0]
    assert "load(Cpu(self), CpuPartial, limit);" in excerpt["text"]
    assert excerpt["model"] == f"slubtla --protocol {mine} render --strategy smp_mb"


@pytest.mark.parametrize(
    ("words", "place"),
    [
        (("cost",), "protocol.toml, [costs]"),
        (("litmus", "export", "--strategy", "sets"), "export.litmus.j2"),
        (("prove", "--dry-run"), "configs/*.toml"),
        (("plot", "graph"), "views.toml"),
    ],
)
def test_what_a_protocol_does_not_declare_is_named(
    folder: Path, words: tuple[str, ...], place: str
) -> None:
    refused = slubtla("--protocol", folder, *words)
    assert (refused.returncode, refused.stdout) == (2, "")
    assert "the protocol toy declares no" in refused.stderr
    assert str(folder / place) in refused.stderr.replace("\n", "")


@pytest.mark.parametrize("command", ["argue", "hardware"])
def test_what_is_about_slub_only_is_refused(folder: Path, command: str) -> None:
    refused = slubtla("--protocol", folder, command)
    assert (refused.returncode, refused.stdout) == (2, "")
    assert f"slubtla {command} is about the protocol slub, not toy" in refused.stderr


@pytest.mark.usefixtures("engine_at_hand")
def test_the_costs_of_a_copy_are_counted(mine: Path) -> None:
    words = ("cost", "--strategy", "kick_all_cpus_sync", "--cpus", "2", "--caches", "1", "--json")
    costs = json.loads(slubtla("--protocol", mine, *words).stdout)["costs"]
    assert {cost["result"]["protocol"] for cost in costs} == {"mine"}
    assert [cost["barrier_ipis"] for cost in costs] == [{"least": 1, "most": 1}]


def test_a_copy_is_exported_under_its_own_name(mine: Path) -> None:
    words = ("litmus", "export", "--strategy", "smp_mb")
    exported = slubtla("--protocol", mine, *words).stdout
    assert exported.startswith("C mine-smp_mb-x86-unlocked\n")
    assert exported.replace("mine-", "slub-", 1) == slubtla(*words).stdout


def test_a_chosen_protocol_is_run_in_other_processes(folder: Path, tmp_path: Path) -> None:
    script = tmp_path / "sender.py"
    script.write_text(SENDER, encoding="utf-8")
    ran = subprocess.run(
        [sys.executable, script, folder], capture_output=True, text=True, timeout=120, check=False
    )
    assert (ran.stdout, ran.returncode) == ("PROVEN toy PROVEN toy\n", 0), ran.stderr


SENDER = """
import multiprocessing, sys
from concurrent.futures import ProcessPoolExecutor
from slubtla import run_sweep
from slubtla.barriers.protocol import choose_protocol
if __name__ == "__main__":
    choose_protocol(sys.argv[1])
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        sweep = run_sweep(strategy="sets", tasks="1..2", executor=pool)
    print(*(f"{size.result.verdict} {size.result.protocol}" for size in sweep.sizes))
"""


@pytest.mark.usefixtures("engine_at_hand")
def test_a_killed_run_of_a_chosen_protocol_is_resumed(folder: Path, tmp_path: Path) -> None:
    spec = folder / "Toy.tla.j2"
    counting = spec.read_text().replace("= FALSE;", "= FALSE, n = [x \\in TASKS |-> 0];")
    spec.write_text(counting, encoding="utf-8")
    step = "while (n[self] < 26) { n[self] := n[self] + 1; }; is_set := TRUE;"
    piece = folder / "barriers" / "sets.pcal.j2"
    piece.write_text(f"<% macro step() %>{step}<% endmacro %>", encoding="utf-8")
    begin = ("verify", "--strategy", "sets", "--tasks", "4", "--checkpoint", "0.02", "-o")
    chosen = ("--protocol", str(folder))
    place, work = tmp_path / "run", tmp_path / "run.unfinished"
    with subprocess.Popen([sys.executable, "-c", MAIN, *chosen, *begin, str(place)]) as begun:
        while not has_checkpoint(work):
            assert begun.poll() is None
            time.sleep(0.1)
        family = descendants(begun.pid)
        begun.kill()
    assert still_there(family) == []
    unknown = slubtla("resume", place)
    assert (unknown.returncode, unknown.stdout) == (2, "")
    assert "slubtla --protocol DIR" in unknown.stderr.replace("\n", " ")
    result = json.loads(slubtla(*chosen, "resume", place, "--json").stdout)
    assert (result["protocol"], result["verdict"]["kind"]) == ("toy", "PROVEN")


def test_what_is_no_protocol_is_exit_2(tmp_path: Path) -> None:
    (tmp_path / "protocol.toml").write_text("name = 1 2")
    for named, words in ((tmp_path, "is no protocol"), ("slab", "did you mean 'slub'?")):
        refused = slubtla("--protocol", named, "list")
        assert (refused.returncode, refused.stdout) == (2, "")
        assert words in " ".join(refused.stderr.split())
