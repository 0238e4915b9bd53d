"""Many runs: in order of their length, on threads, in other processes, on a Dask cluster."""

from __future__ import annotations

import contextlib
import importlib
import itertools
import multiprocessing
import os
import pickle
import pkgutil
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from threading import Event
from typing import Any

import distributed
import psutil
import pytest
from engine.tools import descendants, names_in, still_there, write_spec

import slubtla
from slubtla.barriers.campaigns.matrix import run_matrix
from slubtla.barriers.data import data_dir
from slubtla.barriers.litmus.errors import (
    HerdError,
    LitmusError,
    LitmusRunError,
    LitmusUndecidedError,
)
from slubtla.barriers.model import make_model
from slubtla.barriers.suite.plan import essence, guessed_weight, plan, shipped_weights
from slubtla.barriers.suite.prove import run_all
from slubtla.barriers.suite.reading import read_config
from slubtla.barriers.verify import model_spec
from slubtla.errors import (
    CannotRunError,
    ExitCode,
    OutputError,
    ResourceError,
    SlubtlaError,
    SpecError,
    TlcOutputError,
    ToolchainError,
    UnknownNameError,
    UsageError,
)
from slubtla.tlc.engine import ProcessEngine
from slubtla.tlc.jobs import Finding, Job, run_jobs
from slubtla.tlc.jobs.dask import Cluster
from slubtla.tlc.jobs.remote import RemoteJob, find_same, remote_job, run_remote
from slubtla.tlc.run.check import check_spec, user_spec
from slubtla.tlc.run.result import Result
from slubtla.tlc.run.rundir import load_run
from slubtla.tlc.run.settings import Settings
from slubtla.tlc.run.spec import RunSpec
from slubtla.tlc.tools import Toolchain

UP = r"""
---- MODULE Up ----
EXTENDS Step
VARIABLE x
Init == x = 0
Next == x < Last /\ x' = x + 1
InRange == x \in 0..Last
====
"""
STEP = "---- MODULE Step ----\nEXTENDS Naturals\nCONSTANT Last\n====\n"
SMALL = make_model(strategy="none", slabs=1, tasks=1)
"""VIOLATED(NoLeak) within a second."""
LARGE = make_model(strategy="smp_mb_paired", cpus=4, slabs=4, symmetry=False)
"""Hours of work."""
SMALL_SPEC, LARGE_SPEC = model_spec(SMALL), model_spec(LARGE)


@pytest.fixture
def settings(engine_at_hand: Toolchain) -> Settings:
    return Settings(toolchain=engine_at_hand, out_dir=None, timeout=100, workers=1, heap_mb=64)


def up(folder: Path, last: int = 3, **more: Any) -> Job:
    """A specification with a module beside it; it has ``last + 1`` states."""
    cfg = f"INIT Init\nNEXT Next\nCONSTANT Last = {last}\nINVARIANT InRange\n"
    spec, config = write_spec(folder, UP, cfg)
    (folder / "Step.tla").write_text(STEP, encoding="utf-8")
    return Job(f"up to {last}", user_spec(spec, config, check_deadlock=False), **more)


def result_of(finding: Finding) -> Result:
    if isinstance(finding, SlubtlaError):
        raise finding
    return finding


def tlc_of(pid: int | None = None) -> list[psutil.Process]:
    """The model checkers, not the translators, that a process started."""
    found = []
    for process in descendants(pid):
        with contextlib.suppress(psutil.Error):
            if "tlc2.TLC" in process.cmdline():
                found.append(process)
    return found


@pytest.fixture
def one_process() -> Iterator[ProcessPoolExecutor]:
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        yield pool


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Two workers in processes of their own, on loopback: the scheduler's address."""
    home = tmp_path_factory.mktemp("dask")
    with pytest.MonkeyPatch.context() as patch:
        for variable in ("XDG_STATE_HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME"):
            patch.setenv(variable, str(home / variable))
        with distributed.LocalCluster(  # type: ignore[no-untyped-call]
            n_workers=2,
            threads_per_worker=1,
            processes=True,
            host="127.0.0.1",
            dashboard_address=None,
            worker_dashboard_address=None,
            local_directory=str(home),
        ) as made:
            yield made.scheduler_address


# Errors and results travel


def examples() -> dict[type[SlubtlaError], SlubtlaError]:
    said = {"next_step": "do so"}
    plain = (
        *(SlubtlaError, UsageError, SpecError, CannotRunError, ToolchainError, ResourceError),
        *(OutputError, LitmusUndecidedError, LitmusRunError, HerdError),
    )
    return {kind: kind("wrong", **said) for kind in plain} | {
        UnknownNameError: UnknownNameError("strategy", "smp_mbb", ["smp_mb", "none"]),
        TlcOutputError: TlcOutputError("a number", line_number=7, text="x"),
        LitmusError: LitmusError("odd", file="a.litmus", line=3, column=4),
    }


def test_every_error_survives_the_way_between_processes() -> None:
    for module in pkgutil.walk_packages(slubtla.__path__, "slubtla."):
        if not module.name.endswith("__main__") and ".engine._" not in module.name:
            importlib.import_module(module.name)
    found, new = set(), {SlubtlaError}
    while new:
        found |= new
        new = set(itertools.chain(*(kind.__subclasses__() for kind in new))) - found
    known = examples()
    assert {kind for kind in found if kind.__module__.startswith("slubtla.")} == set(known)
    for kind, error in known.items():
        back = pickle.loads(pickle.dumps(error))  # noqa: S301 - our own
        assert type(back) is kind
        assert (str(back), vars(back)) == (str(error), vars(error))
        assert back.exit_code is error.exit_code


# On threads


def test_the_longest_comes_first_and_the_answer_keeps_the_order(
    settings: Settings, tmp_path: Path
) -> None:
    jobs = [
        up(tmp_path / str(last), last, weight=weight) for last, weight in ((1, 5), (2, 9), (3, 7))
    ]
    heard: list[int] = []
    findings = run_jobs(jobs, settings, at_once=1, on_done=lambda index, _: heard.append(index))
    assert heard == [1, 2, 0]
    assert [result_of(found).stats.distinct for found in findings] == [2, 3, 4]


def test_an_error_is_an_answer_and_ends_nothing(settings: Settings, tmp_path: Path) -> None:
    good = up(tmp_path / "good")
    gone = user_spec(tmp_path / "None.tla")
    findings = run_jobs([Job("gone", gone, weight=1), good], settings)
    assert isinstance(findings[0], UsageError)
    assert result_of(findings[1]).stats.distinct == 4


def test_a_job_may_be_added_when_another_is_done(settings: Settings, tmp_path: Path) -> None:
    later = up(tmp_path / "later", 2)
    jobs = [up(tmp_path / "first", 1), up(tmp_path / "second", 3)]
    findings = run_jobs(
        jobs, settings, at_once=1, on_done=lambda index, _: later if index == 0 else None
    )
    assert [result_of(found).stats.distinct for found in findings] == [2, 4, 3]


def test_what_the_listener_raises_ends_every_tlc(settings: Settings, tmp_path: Path) -> None:
    def hear(index: int, _: Finding) -> None:
        raise LookupError(index)

    with ThreadPoolExecutor(2) as threads:
        jobs = [Job("large", LARGE_SPEC, weight=9), up(tmp_path)]
        with pytest.raises(LookupError, match="1"):
            run_jobs(jobs, settings, executor=threads, on_done=hear)
        assert tlc_of() == []
        assert threads.submit(int).result() == 0, "a user's executor is not shut down"


def test_an_executor_has_its_own_number_of_runs(settings: Settings) -> None:
    with ThreadPoolExecutor(1) as threads, pytest.raises(UsageError, match="its own number"):
        run_jobs([], settings, executor=threads, at_once=2)


def test_a_matrix_is_told_in_the_order_of_its_rows(settings: Settings) -> None:
    heard: list[tuple[str, str]] = []
    matrix = run_matrix(
        ["none", "unconditional_flush"],
        ["x86"],
        settings=settings,
        on_cell=lambda cell: heard.append((cell.strategy, cell.column)),
        slabs=1,
        tasks=1,
    )
    assert heard == list(itertools.product(("none", "unconditional_flush"), ("sc", "x86")))
    assert heard == [(cell.strategy, cell.column) for cell in matrix.cells]


def test_the_weights_are_what_was_recorded_and_else_a_guess() -> None:
    known = shipped_weights()
    default = make_model(strategy="synchronize_sched")
    assert known[essence(default)] == 8400
    assert known[essence(make_model(strategy="smp_mb"))] == 0, "it is violated early"
    guesses = [
        guessed_weight(make_model(strategy="none", **more))
        for more in ({"slabs": 1}, {}, {"slabs": 3}, {"slabs": 3, "cpus": 3})
    ]
    assert guesses == sorted(guesses)
    assert guessed_weight(make_model(strategy="none", memory="relaxed")) > guesses[1]


# In other processes


def test_a_result_from_another_process_is_the_same_with_its_files_here(
    settings: Settings, tmp_path: Path, one_process: Executor, verified: Callable[..., Result]
) -> None:
    out_dir = tmp_path / "kept" / "small"
    jobs = [Job("small", SMALL_SPEC, out_dir=out_dir)]
    (finding,) = run_jobs(jobs, settings, executor=one_process)
    there, here = result_of(finding), verified(strategy="none", slabs=1, tasks=1)
    assert there.run_dir == out_dir
    assert (there.verdict, there.parameters) == (here.verdict, here.parameters)
    assert here.run_dir is not None
    assert names_in(out_dir) == names_in(here.run_dir)
    assert load_run(out_dir) == there
    assert there.trace is not None
    assert len(there.trace.steps) == there.trace_length
    assert names_in(out_dir.parent) == {"small"}, "no scratch is left beside it"


def test_a_taken_directory_is_told_before_anything_runs(
    settings: Settings, tmp_path: Path, one_process: Executor
) -> None:
    (tmp_path / "mine.txt").touch()
    with pytest.raises(UsageError, match="not an empty directory"):
        run_jobs([Job("small", SMALL_SPEC, out_dir=tmp_path)], settings, executor=one_process)
    assert names_in(tmp_path) == {"mine.txt"}


def test_ones_own_spec_travels_with_its_modules(
    settings: Settings, tmp_path: Path, one_process: Executor
) -> None:
    job = up(tmp_path / "with space")
    (finding,) = run_jobs([job], settings, executor=one_process)
    there = result_of(finding)
    assert isinstance(job.spec, RunSpec)
    here = check_spec(job.spec.spec, job.spec.cfg, settings=settings, check_deadlock=False)
    assert (there.verdict, there.stats) == (here.verdict, here.stats)
    assert there.stats.distinct == 4
    assert there.command == here.command
    assert there.run_dir is not None
    assert load_run(there.run_dir).command == here.command


def test_the_data_that_it_reads_travels_too(
    settings: Settings, tmp_path: Path, one_process: Executor
) -> None:
    text = UP.replace("EXTENDS Step", 'EXTENDS Step\nASSUME "up.json" \\in STRING')
    job = up(tmp_path)
    (tmp_path / "Up.tla").write_text(text.lstrip(), encoding="utf-8")
    (tmp_path / "up.json").write_text("[1]", encoding="utf-8")
    (finding,) = run_jobs([job], settings, executor=one_process)
    run_dir = result_of(finding).run_dir
    assert run_dir is not None
    assert (run_dir / "up.json").read_text(encoding="utf-8") == "[1]"


def test_ones_own_templates_travel(
    settings: Settings, tmp_path: Path, one_process: Executor
) -> None:
    specs = tmp_path / "specs"
    shutil.copytree(data_dir("specs"), specs)
    template = specs / "slub" / "Slub.tla.j2"
    template.write_text("\\* mine\n" + template.read_text(encoding="utf-8"), encoding="utf-8")
    (finding,) = run_jobs(
        [Job("small", model_spec(SMALL, specs=specs))], settings, executor=one_process
    )
    assert result_of(finding).spec_path.read_text(encoding="utf-8").startswith("\\* mine\n")


def test_a_proof_may_be_made_elsewhere(
    settings: Settings, tmp_path: Path, one_process: Executor
) -> None:
    text = (
        'title = "x"\n[defaults]\nslabs = 1\ntasks = 1\n'
        '[model.leaks]\nstrategy = "none"\n'
        '[model.same]\nstrategy = "none"\n'
        '[model.mine]\nspec = "Up.tla"\ndeadlock = false\n'
    )
    up(tmp_path)
    (tmp_path / "x.toml").write_text(text, encoding="utf-8")
    planned = plan([read_config(tmp_path / "x.toml")], tmp_path / "scratch")
    heard: list[tuple[int, int, int]] = []
    findings = run_all(
        planned,
        settings,
        executor=one_process,
        on_done=lambda group, _, done, of: heard.append((len(group), done, of)),
    )
    verdicts = {each.claim.name: str(result_of(findings[each.key]).verdict) for each in planned}
    assert verdicts == {"leaks": "VIOLATED(NoLeak)", "same": "VIOLATED(NoLeak)", "mine": "PROVEN"}
    assert sorted(size for size, *_ in heard) == [1, 2]
    assert [rest for _, *rest in heard] == [[1, 2], [2, 2]]


def test_what_had_finished_is_kept_when_a_worker_dies(
    settings: Settings, tmp_path: Path, one_process: ProcessPoolExecutor
) -> None:
    worker = one_process.submit(os.getpid).result()

    def hear(index: int, _: Finding) -> None:
        if index == 0:
            os.kill(worker, signal.SIGKILL)

    jobs = [up(tmp_path, weight=9), Job("large", LARGE_SPEC)]
    first, second = run_jobs(jobs, settings, executor=one_process, on_done=hear)
    run_dir = result_of(first).run_dir
    assert run_dir is not None
    assert load_run(run_dir).stats.distinct == 4
    assert isinstance(second, CannotRunError)
    assert second.exit_code is ExitCode.CANNOT_RUN
    assert "large did not come back: BrokenProcessPool" in second.message
    assert still_there(tlc_of()) == []


def test_a_run_elsewhere_ends_when_nobody_wants_it(settings: Settings, tmp_path: Path) -> None:
    jobs = [Job("large", LARGE_SPEC, weight=9), up(tmp_path)]
    with ProcessPoolExecutor(2, mp_context=multiprocessing.get_context("spawn")) as pool:
        seen: list[psutil.Process] = []

        def hear(index: int, _: Finding) -> None:
            seen.extend(wait_for(tlc_of))
            raise LookupError(index)

        with pytest.raises(LookupError, match="1"):
            run_jobs(jobs, settings, executor=pool, on_done=hear)
        assert still_there(seen) == []


def test_cancelling_ends_what_runs_elsewhere(settings: Settings, one_process: Executor) -> None:
    cancel = Event()
    cancel.set()
    with pytest.raises(CannotRunError, match="cancelled"):
        run_jobs(
            [Job("large", LARGE_SPEC)],
            replace(settings, cancel=cancel),
            executor=one_process,
        )
    assert still_there(tlc_of()) == []


def test_an_open_engine_does_not_travel(
    settings: Settings, one_process: Executor, engine_at_hand: Toolchain
) -> None:
    own = replace(settings, engine=ProcessEngine(engine_at_hand))
    with pytest.raises(UsageError, match="open ProcessEngine"):
        run_jobs([Job("small", SMALL_SPEC)], own, executor=one_process)


def test_checkpoints_do_not_travel(settings: Settings, one_process: Executor) -> None:
    with pytest.raises(UsageError, match="checkpoints lie on the machine that runs"):
        run_jobs([Job("small", SMALL_SPEC)], replace(settings, checkpoint=5), executor=one_process)


SENDER = """
import os
from concurrent.futures import ProcessPoolExecutor
import multiprocessing
from slubtla.barriers.campaigns.sweep import run_sweep
if __name__ == "__main__":
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        print(pool.submit(os.getpid).result(), flush=True)
        sizes = {"cpus": "3..4", "slabs": 4, "symmetry": False}
        run_sweep(strategy="smp_mb_paired", executor=pool, **sizes)
"""


def test_a_run_elsewhere_ends_when_its_sender_is_killed(
    tmp_path: Path, engine_at_hand: Toolchain
) -> None:
    assert engine_at_hand
    script = tmp_path / "sender.py"
    script.write_text(SENDER, encoding="utf-8")
    places = {"TMPDIR": str(tmp_path), "PYTHONPATH": str(Path(slubtla.__file__).parents[1])}
    with subprocess.Popen(
        [sys.executable, script], env=os.environ | places, stdout=subprocess.PIPE, text=True
    ) as sender:
        assert sender.stdout is not None
        worker = int(sender.stdout.readline())
        running = wait_for(lambda: tlc_of(worker))
        sender.kill()
        assert still_there(running) == []


def errand(settings: Settings, tmp_path: Path) -> RemoteJob:
    return remote_job(Job("small", SMALL_SPEC), settings, tmp_path / "elsewhere")


def test_a_machine_with_another_jar_is_refused(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wanted = errand(settings, tmp_path).toolchain
    moved = replace(wanted, jar=replace(wanted.jar, path=tmp_path / "gone.jar"))
    monkeypatch.setenv("SLUBTLA_TLA2TOOLS", str(wanted.jar.path))
    assert find_same(moved).jar.path == wanted.jar.path
    other = replace(moved, jar=replace(moved.jar, sha256="0" * 64))
    with pytest.raises(ToolchainError, match="not the same as here"):
        find_same(other)


def test_a_machine_with_another_slubtla_is_refused(settings: Settings, tmp_path: Path) -> None:
    answer = run_remote(replace(errand(settings, tmp_path), code="another"))
    assert isinstance(answer, CannotRunError)
    assert "slubtla there is not the same" in answer.message


# On a Dask cluster


def test_a_matrix_on_a_cluster_finds_the_same(settings: Settings, cluster: str) -> None:
    def verdicts(executor: str | None) -> dict[tuple[str, str], tuple[str, int | None]]:
        matrix = run_matrix(
            ["none"], ["x86"], settings=settings, executor=executor, slabs=1, tasks=1
        )
        assert all(cell.result.run_dir and cell.result.run_dir.is_dir() for cell in matrix.cells)
        return {
            (cell.strategy, cell.column): (
                str(cell.result.verdict),
                cell.result.stats.distinct,
            )
            for cell in matrix.cells
        }

    assert verdicts(cluster) == verdicts(None)


def test_a_task_that_dask_has_forgotten_ends(
    settings: Settings, tmp_path: Path, cluster: str
) -> None:
    """As on another machine: the file that says it is wanted was never there."""
    large = remote_job(Job("large", LARGE_SPEC), settings, tmp_path / "elsewhere")
    with distributed.Client(cluster, set_as_default=False) as client:  # type: ignore[no-untyped-call]
        workers = list(client.run(os.getpid).values())
        future = client.submit(run_remote, large, pure=False)
        running = wait_for(lambda: [tlc for pid in workers for tlc in tlc_of(pid)])
        future.cancel()
        assert still_there(running) == []


def wait_for(find: Callable[[], list[psutil.Process]]) -> list[psutil.Process]:
    over = Event()
    for _ in range(600):
        if found := find():
            return found
        over.wait(0.1)
    raise AssertionError("nothing came")


def test_a_scheduler_without_workers_is_told(cluster: str) -> None:
    class Alone:
        status = "running"

        def get_executor(self, **_: Any) -> None: ...

        def scheduler_info(self) -> dict[str, Any]:
            return {"workers": {}}

    alone = Cluster(Alone(), cluster, alone_seconds=-1)
    with pytest.raises(CannotRunError, match="has no workers"):
        alone.check()


def test_a_scheduler_that_is_not_there_is_told(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("slubtla.tlc.jobs.dask.CONNECT_SECONDS", 1)
    with socket.socket() as unheard:
        unheard.bind(("127.0.0.1", 0))
        address = f"tcp://127.0.0.1:{unheard.getsockname()[1]}"
        with pytest.raises(CannotRunError, match=f"no Dask scheduler answers at {address}"):
            run_jobs([Job("small", SMALL_SPEC)], settings, executor=address)


def test_an_address_that_is_none_is_told(settings: Settings) -> None:
    for address in ("nonsense://x", "tls://127.0.0.1:1", "127.0.0.1"):
        with pytest.raises(UsageError, match="no address of a Dask scheduler"):
            run_jobs([Job("small", SMALL_SPEC)], settings, executor=address)


def test_many_runs_are_not_distributed_each(settings: Settings) -> None:
    with pytest.raises(UsageError, match="each of them distributed") as told:
        run_jobs([Job("small", SMALL_SPEC)], replace(settings, distributed=True))
    assert "--dask" in told.value.next_step


def test_without_dask_the_extra_is_named(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(UsageError) as told:
        run_jobs([Job("small", SMALL_SPEC)], settings, executor="tcp://127.0.0.1:1")
    assert "slubtla[dask]" in told.value.next_step
