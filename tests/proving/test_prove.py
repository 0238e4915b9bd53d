"""The whole way, with the real TLC and the smallest models: break one thing, and see it told."""

from __future__ import annotations

import shutil
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

from slubtla.barriers.data import data_dir
from slubtla.barriers.suite import Kind, Proof, prove, read_config
from slubtla.errors import ExitCode, UsageError
from slubtla.tlc.run.rundir import runs_dir
from slubtla.tlc.run.settings import Settings
from slubtla.tlc.tools import Toolchain, inspect_jar

from .tools import COUNTER_CFG, COUNTERS, MODELS, write, write_counter


@pytest.fixture
def settings(engine_at_hand: Toolchain) -> Settings:
    """The real Java and jar, with a limit."""
    return Settings(toolchain=engine_at_hand, timeout=100)


@pytest.fixture
def counter(tmp_path: Path, settings: Settings) -> Path:
    """A spec of one's own, recorded."""
    file = write_counter(tmp_path)
    assert prove([file], settings=settings, record=True).exit_code == 0
    return file


@pytest.fixture(scope="module")
def recorded(engine_at_hand: Toolchain, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The two smallest models of SLUB, recorded."""
    file = write(tmp_path_factory.mktemp("recorded"), MODELS)
    proof = prove([file], settings=Settings(toolchain=engine_at_hand, timeout=100), record=True)
    assert (proof.exit_code, proof.runs) == (0, 2), proof.differences
    return file


def kinds(proof: Proof) -> dict[str, list[Kind]]:
    """The kinds of difference of each model, and of the file as ``""``."""
    found: dict[str, list[Kind]] = {}
    for _, model, difference in proof.differences:
        found.setdefault(model.name if model else "", []).append(difference.kind)
    return found


def copied(recorded: Path, tmp_path: Path, right: str = "", wrong: str = "") -> Path:
    text = recorded.read_text(encoding="utf-8")
    assert text.count(right) == 1 or not right
    return write(tmp_path, text.replace(right, wrong, 1) if right else text)


def broken_specs(tmp_path: Path, template: str, right: str, wrong: str) -> Path:
    specs = Path(shutil.copytree(data_dir("specs"), tmp_path / "specs"))
    file = specs / template
    text = file.read_text(encoding="utf-8")
    assert text.count(right) == 1, template
    file.write_text(text.replace(right, wrong), encoding="utf-8")
    return specs


def test_what_was_recorded_is_as_expected(
    recorded: Path, tmp_path: Path, settings: Settings
) -> None:
    file = copied(recorded, tmp_path)
    assert "# so says the answer" in file.read_text(encoding="utf-8")
    proof = prove([file], settings=settings)
    assert proof.exit_code is ExitCode.AS_EXPECTED
    leaks, holds = proof.models
    assert (leaks.found, holds.found) == ("VIOLATED(NoLeak)", "PROVEN")
    pins = read_config(file).pins
    assert pins is not None
    assert pins.models["leaks"].counts == {}
    assert pins.models["holds"].counts == {"distinct": holds.distinct, "generated": holds.generated}
    assert proof.jar_sha256 == pins.jar_sha256
    assert not list(runs_dir().iterdir())  # nothing is kept of what is as expected


def test_a_weakened_barrier(recorded: Path, tmp_path: Path, settings: Settings) -> None:
    specs = broken_specs(
        tmp_path,
        "slub/barriers/synchronize_sched.pcal.j2",
        "    await holdouts = {};\n",
        "",
    )
    proof = prove([copied(recorded, tmp_path)], settings=replace(settings, specs=specs))
    assert kinds(proof) == {"holds": [Kind.SPEC, Kind.VERDICT]}
    assert proof.exit_code is ExitCode.NOT_AS_EXPECTED
    _, holds = proof.models
    assert holds.found == "VIOLATED(NoLeak)"
    assert holds.run_dir is not None
    assert Path(holds.run_dir).is_dir()  # kept, to be looked at
    assert holds.run_dir in holds.differences[1].next_step


def test_a_deleted_invariant(recorded: Path, tmp_path: Path, settings: Settings) -> None:
    line = "<% for name in model.invariants %>\n"
    specs = broken_specs(
        tmp_path, "slub/Slub.cfg.j2", line, line.replace(" %>", ' if name != "NoLeak" %>')
    )
    proof = prove([copied(recorded, tmp_path)], settings=replace(settings, specs=specs))
    assert proof.exit_code is ExitCode.NOT_AS_EXPECTED
    assert kinds(proof) == {
        name: [Kind.INVARIANT, Kind.CFG, Kind.VERDICT] for name in ("leaks", "holds")
    }
    gone, _, verdict = proof.models[1].differences
    assert "INVARIANT NoLeak is gone" in gone.message
    assert "NoLeak was asked for but does not stand in the cfg" in verdict.message


def test_a_shrunk_bound(recorded: Path, tmp_path: Path, settings: Settings) -> None:
    file = copied(recorded, tmp_path, "slabs = 1\n", "slabs = 1\ntasks = 1\n")
    proof = prove([file], settings=settings, only=["holds"])
    assert kinds(proof) == {"holds": [Kind.CFG, Kind.COUNT]}
    before = file.read_bytes()
    proof = prove([file], settings=settings, only=["holds"], record=True)
    assert proof.exit_code is ExitCode.AS_EXPECTED
    assert proof.files[0].recorded == ("holds",)
    changed = set(before.splitlines()) ^ set(file.read_bytes().splitlines())
    assert len(changed) == 6  # cfg, distinct and generated, before and after


def test_a_wrong_verdict_is_never_recorded(
    recorded: Path, tmp_path: Path, settings: Settings
) -> None:
    specs = broken_specs(
        tmp_path, "slub/barriers/synchronize_sched.pcal.j2", "    await holdouts = {};\n", ""
    )
    file = copied(recorded, tmp_path)
    before = file.read_bytes()
    proof = prove([file], settings=replace(settings, specs=specs), record=True, only=["holds"])
    assert proof.exit_code is ExitCode.NOT_AS_EXPECTED
    assert file.read_bytes() == before


def test_an_equal_model_shares_a_run_whatever_its_architecture_is_called(
    tmp_path: Path, settings: Settings
) -> None:
    models = "".join(
        f'[model.{arch}]\nstrategy = "none"\narch = "{arch}"\nexpect = "VIOLATED(NoLeak)"\n'
        for arch in ("powerpc", "riscv", "generic")
    )
    file = write(tmp_path, f'title = "x"\n[defaults]\nslabs = 1\n{models}')
    proof = prove([file], settings=settings, record=True)
    assert (proof.exit_code, proof.runs) == (0, 1)
    assert [model.shares for model in proof.models] == [None, *[f"{file}::powerpc"] * 2]


def test_a_mutant_falls_and_a_survivor_is_named(tmp_path: Path, settings: Settings) -> None:
    edit = (
        '[[model.{0}.edit]]\ntemplate = "slub/barriers/smp_mb.pcal.j2"\n'
        'right = "{1}"\nwrong = "{2}"\n'
    )
    head = '[model.{0}]\nabout = "{1}"\nstrategy = "smp_mb"\nexpect = "VIOLATED(NoLeak)"\n'
    text = (
        'title = "x"\n[defaults]\nslabs = 1\narch = "s390"\n'
        + head.format("fence", "The fence is gone.")
        + edit.format("fence", "    smp_mb(Cpu(self));", "    skip;")
        + head.format("twice", "The fence stands twice.")
        + edit.format("twice", "    executing();", "    executing(); await TRUE;")
    )
    file = write(tmp_path, text)
    proof = prove([file], settings=settings, record=True)
    assert kinds(proof) == {"twice": [Kind.UNLISTED, Kind.SURVIVOR], "": [Kind.JAR]}
    assert "The fence stands twice" in proof.models[1].differences[1].message
    pins = read_config(file).pins
    assert pins is not None
    assert set(pins.models) == {"fence"}


# A spec of one's own.


def test_a_spec_of_ones_own(counter: Path, settings: Settings) -> None:
    proof = prove([counter], settings=settings)
    assert proof.exit_code is ExitCode.AS_EXPECTED
    (model,) = proof.models
    assert (model.found, model.distinct, model.about) == ("PROVEN", 4, "Counter.tla")


def test_its_deleted_invariant(counter: Path, settings: Settings) -> None:
    cfg = counter.with_name("Counter.cfg")
    cfg.write_text(COUNTER_CFG.replace("INVARIANTS InRange\n", "INVARIANT Small\n"))
    proof = prove([counter], settings=settings)
    found = {d.kind: d.message for _, _, d in proof.differences}
    assert set(found) == {Kind.INVARIANT, Kind.CFG, Kind.VERDICT}
    assert proof.differences[0][2].message.startswith("INVARIANT InRange is gone: it is pinned")
    assert found[Kind.VERDICT] == "expected PROVEN, found VIOLATED(Small), in 4 states"


def test_its_changed_bound(counter: Path, settings: Settings) -> None:
    counter.with_name("Counter.cfg").write_text(COUNTER_CFG.replace("Last = 4", "Last = 2"))
    (_, _, cfg), (_, _, count) = prove([counter], settings=settings).differences
    assert (cfg.kind, count.kind) == (Kind.CFG, Kind.COUNT)
    assert count.message.startswith("4 distinct states pinned, 2 found")


def test_its_changed_module(counter: Path, settings: Settings) -> None:
    spec = counter.with_name("Counter.tla")
    spec.write_text(spec.read_text().replace("====", "\\* Another comment.\n===="))
    assert kinds(prove([counter], settings=settings)) == {"counter": [Kind.SPEC]}


def test_a_module_that_it_extends_is_part_of_it(tmp_path: Path, settings: Settings) -> None:
    file = write_counter(tmp_path)
    spec = tmp_path / "Counter.tla"
    spec.write_text(spec.read_text().replace("EXTENDS Naturals", "EXTENDS Base"))
    base = tmp_path / "Base.tla"
    base.write_text("---- MODULE Base ----\nEXTENDS Naturals\n====\n")
    assert prove([file], settings=settings, record=True).exit_code == 0
    base.write_text("---- MODULE Base ----\nEXTENDS Integers\n====\n")
    assert kinds(prove([file], settings=settings, run=False)) == {"counter": [Kind.SPEC]}


def test_another_jar(counter: Path, settings: Settings, tmp_path: Path) -> None:
    toolchain = settings.find_toolchain()
    other = Path(shutil.copy(toolchain.jar.path, tmp_path / "other.jar"))
    with zipfile.ZipFile(other, "a") as archive:
        archive.comment = b"one byte is enough"
    jar = inspect_jar(other, "a test")
    proof = prove([counter], settings=replace(settings, toolchain=replace(toolchain, jar=jar)))
    assert kinds(proof) == {"": [Kind.JAR]}
    message = proof.differences[0][2].message
    assert toolchain.jar.sha256[:12] in message
    assert jar.sha256[:12] in message


def test_too_little_time_is_exit_4_and_other_trouble_beside_it_is_1(
    counter: Path, settings: Settings
) -> None:
    hurried = replace(settings, timeout=0.01)
    proof = prove([counter], settings=hurried)
    assert kinds(proof) == {"counter": [Kind.INCONCLUSIVE]}
    assert proof.exit_code is ExitCode.INCONCLUSIVE
    text = counter.read_text().replace('title = "A', 'complete = ["strategy"]\ntitle = "A')
    counter.write_text(text)
    assert prove([counter], settings=hurried).exit_code is ExitCode.NOT_AS_EXPECTED


def test_a_spec_that_is_refused_does_not_stop_the_others(
    tmp_path: Path, settings: Settings
) -> None:
    text = COUNTERS + '[model.bad]\nspec = "Counter.tla"\ncfg = "Bad.cfg"\nexpect = "PROVEN"\n'
    file = write_counter(tmp_path, models=text)
    (tmp_path / "Bad.cfg").write_text(COUNTER_CFG + "CONSTANT Lost = 3\n")
    proof = prove([file], settings=settings, record=True)
    assert kinds(proof) == {"bad": [Kind.UNLISTED, Kind.REFUSED], "": [Kind.JAR]}
    assert "gives a value to Lost" in proof.models[1].differences[1].message
    assert proof.models[0].found == "PROVEN"


def test_out_dir_keeps_every_run_and_must_be_empty(
    counter: Path, settings: Settings, tmp_path: Path
) -> None:
    kept = replace(settings, out_dir=tmp_path / "runs")
    (model,) = prove([counter], settings=kept).models
    assert model.run_dir == str(tmp_path / "runs" / "models-counter")
    assert (tmp_path / "runs" / "models-counter" / "result.json").is_file()
    with pytest.raises(UsageError, match="is not an empty directory"):
        prove([counter], settings=kept)


def test_without_a_run_only_the_texts_are_compared(counter: Path) -> None:
    proof = prove([counter], run=False)
    assert (proof.exit_code, proof.ran, proof.runs) == (0, False, 0)
    counter.write_text(counter.read_text().replace('jar_sha256 = "', 'jar_sha256 = "0'))
    assert kinds(prove([counter], run=False)) == {"": [Kind.JAR]}
    assert proof.models[0].found is None
    with pytest.raises(UsageError, match="nothing is recorded without a run"):
        prove([counter], run=False, record=True)


def test_a_name_that_no_model_has(counter: Path) -> None:
    with pytest.raises(UsageError, match="no model is named cunter"):
        prove([counter], run=False, only=["cunter"])
