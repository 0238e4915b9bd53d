"""A server and workers on the loopback address, one of them killed: the count of a local run."""

from __future__ import annotations

import shutil
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil
import pytest
from engine.tools import descendants, still_there, write_spec
from typer.testing import CliRunner

from scale.tools import DISTINCT, GRID
from slubtla import load_run
from slubtla.barriers.model import make_model
from slubtla.barriers.verify import command_lines, verify
from slubtla.cli.app import app
from slubtla.cli.scale import tell_how_to_join
from slubtla.errors import CannotRunError, UsageError
from slubtla.tlc.engine import Ended
from slubtla.tlc.engine.distributed import (
    BINDER,
    DEFAULT_PORT,
    LOOPBACK,
    ServerAddress,
    require_free,
    worker_argv,
)
from slubtla.tlc.engine.joining import join, own_address
from slubtla.tlc.output import Progress, read_report
from slubtla.tlc.run.check import check_spec
from slubtla.tlc.run.judge import Criteria, judge
from slubtla.tlc.run.result import Result
from slubtla.tlc.run.settings import Settings
from slubtla.tlc.run.verdict import VerdictKind
from slubtla.tlc.text.cfg import Cfg
from slubtla.tlc.tools import Toolchain

SLUBTLA = [sys.executable, "-c", "from slubtla.cli import main; main()"]
TINY: dict[str, Any] = {"strategy": "none", "memory": "sc", "slabs": 1, "tasks": 2}
SMALL = "CONSTANT N = 3\nCONSTANT M = 4\nSPECIFICATION Spec\n"


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.create_server((LOOPBACK, 0)) as listener:
        return int(listener.getsockname()[1])


class Worker:
    """`slubtla worker` in a process of its own."""

    def __init__(self, port: int) -> None:
        self._process = subprocess.Popen(
            [*SLUBTLA, "worker", LOOPBACK, "--port", str(port), "--threads=1", "--heap=128m"],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def joined(self) -> None:
        """Wait until it has joined."""
        assert self._process.stderr is not None
        assert "joined" in self._process.stderr.readline()

    @property
    def java(self) -> psutil.Process:
        """The JVM."""
        (jvm,) = (one for one in descendants(self._process.pid) if "java" in one.name())
        return jvm

    def end(self) -> tuple[int, str, str]:
        """Wait for its end: exit code, stdout, the rest of stderr."""
        out, err = self._process.communicate()
        return self._process.returncode, out, err


@dataclass
class Server:
    """A distributed search in a thread of this process."""

    spec: Path
    settings: Settings
    check_deadlock: bool = False
    joining: list[str] = field(default_factory=list)
    ready: threading.Event = field(default_factory=threading.Event)
    results: list[Result] = field(default_factory=list)
    at_work: threading.Event = field(default_factory=threading.Event)

    def search(self) -> None:
        """Search to the end."""
        settings = self.settings
        try:
            self.results.append(
                check_spec(self.spec, settings=settings, check_deadlock=self.check_deadlock)
            )
        finally:  # who waits goes on
            self.ready.set()
            self.at_work.set()

    @property
    def java(self) -> psutil.Process:
        """The JVM of the server."""
        mine = [one for one in descendants() if "java" in one.name()]
        (jvm,) = (one for one in mine if any(word.endswith("TLCServer") for word in one.cmdline()))
        return jvm


@contextmanager
def serve(  # noqa: PLR0913  # keyword-only
    spec: Path,
    out_dir: Path,
    toolchain: Toolchain,
    *,
    hear: Callable[[Server, Progress], None] | None = None,
    timeout: float | None = None,
    check_deadlock: bool = False,
) -> Iterator[Server]:
    """Start a search and wait until its server is ready; its end is waited for."""
    cancel = threading.Event()

    def tell(command: str) -> None:
        server.joining.append(command)
        server.ready.set()

    settings = Settings(
        workers=1,
        distributed=True,
        port=free_port(),
        heap_mb=256,
        toolchain=toolchain,
        out_dir=out_dir,
        on_ready=tell,
        on_progress=lambda progress: hear(server, progress) if hear else None,
        cancel=cancel,
        timeout=timeout,
    )
    server = Server(spec, settings, check_deadlock)
    thread = threading.Thread(target=server.search)
    thread.start()
    try:
        server.ready.wait()
        assert server.joining, "the server ended before it was ready"
        yield server
    except BaseException:
        cancel.set()
        raise
    finally:
        thread.join()


@dataclass(frozen=True)
class Story:
    """A search of which one worker was killed."""

    result: Result
    joining: str
    listening: frozenset[str]
    survivor: tuple[int, str, str]
    victim: tuple[int, str, str]


@pytest.fixture(scope="module")
def story(
    grid: Callable[[str], Path], engine_at_hand: Toolchain, tmp_path_factory: pytest.TempPathFactory
) -> Story:
    """The server tells of work after both have joined: then one is killed."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("slubtla.tlc.engine.distributed.REPORT_SECONDS", 1)
        return kill_one(grid("INVARIANT Within\n"), engine_at_hand, tmp_path_factory)


def kill_one(spec: Path, toolchain: Toolchain, tmp_path_factory: pytest.TempPathFactory) -> Story:
    """Search with two workers, and kill one."""
    out_dir = tmp_path_factory.mktemp("distributed") / "run"
    joined = threading.Event()

    def hear(server: Server, progress: Progress) -> None:
        if joined.is_set() and progress.queue and (progress.distinct or 0) > 100:
            server.at_work.set()

    with serve(spec, out_dir, toolchain, hear=hear) as server:
        port = server.settings.place.port
        workers = [Worker(port), Worker(port)]
        for worker in workers:
            worker.joined()
        joined.set()
        everybody = [server.java, *(worker.java for worker in workers)]
        server.at_work.wait()
        assert not server.results, "the search was over before a worker could be killed"
        listening = frozenset(
            connection.laddr.ip
            for jvm in everybody
            for connection in jvm.net_connections("tcp")
            if connection.status == psutil.CONN_LISTEN
        )
        workers[1].java.kill()
        victim = workers[1].end()
    (result,) = server.results
    return Story(result, server.joining[0], listening, workers[0].end(), victim)


def test_one_worker_is_killed_and_the_count_is_that_of_a_local_run(
    story: Story, uninterrupted: Result
) -> None:
    assert story.result.stats.distinct == uninterrupted.stats.distinct == DISTINCT
    assert story.result.verdict.kind is VerdictKind.PROVEN
    assert story.result.stats.queue == 0
    assert story.result.stats.initial == 1
    assert story.result.provenance.workers == 2
    assert story.result.provenance.workers_lost == 1
    assert story.result.provenance.engine == "DistributedEngine"
    assert story.result.run_dir is not None
    assert load_run(story.result.run_dir) == story.result


def test_what_a_distributed_search_does_not_know_is_not_told(story: Story) -> None:
    assert story.result.stats.generated is None
    assert story.result.stats.collision_calculated is None
    assert story.result.actions == ()
    assert any("2 threads of workers, of which 1 were lost" in w for w in story.result.warnings)


def test_a_worker_ends_well_only_when_the_server_is_done(story: Story) -> None:
    code, out, _ = story.survivor
    assert code == 0
    assert out.startswith("the server said goodbye; computed ")
    code, out, err = story.victim
    assert (code, out) == (3, "")
    assert "the server did not dismiss the worker" in " ".join(err.split())


def test_no_other_machine_can_reach_any_of_them(story: Story) -> None:
    assert {ip.removeprefix("::ffff:") for ip in story.listening} == {LOOPBACK}
    assert story.joining.startswith(f"slubtla worker {LOOPBACK} --port ")


FOREIGN = """
import sys
import jpype
import jpype.imports

libjvm, jar, port = sys.argv[1:]
jpype.startJVM(libjvm, classpath=[jar], convertStrings=False)
from java.lang import Object
from java.lang.reflect import Proxy
from java.net import InetSocketAddress
from java.rmi.registry import LocateRegistry
from java.util import ArrayList
from tlc2.tool.distributed import TLCServerRMI

registry = LocateRegistry.getRegistry("127.0.0.1", int(port))
server = registry.lookup("TLCServer")
call = Proxy.getInvocationHandler(server)
(method,) = [m for m in TLCServerRMI.class_.getMethods() if m.getName() == "registerWorker"]

def send(argument):
    try:
        call.invoke(server, method, jpype.JArray(Object)([argument]))
    except jpype.JException as error:
        print(" ".join(str(error.toString()).split()))
    else:
        print("accepted")

send(ArrayList())
send(InetSocketAddress(1))
"""
"""Registers as a worker what is none: a list, which TLC sends, and what it never sends."""


def test_the_server_refuses_objects_of_foreign_classes(
    grid: Callable[[str], Path], engine_at_hand: Toolchain, tmp_path: Path
) -> None:
    """They are refused before they are made; a list only because it is no worker."""
    (libjvm,) = sorted(engine_at_hand.java.path.resolve().parent.parent.rglob("libjvm.so"))[:1]
    with serve(grid("INVARIANT Within\n"), tmp_path / "run", engine_at_hand) as server:
        port = str(server.settings.place.port)
        command = [sys.executable, "-c", FOREIGN, str(libjvm), str(engine_at_hand.jar.path), port]
        run = subprocess.run(command, capture_output=True, text=True, check=False)
        assert server.settings.cancel is not None
        server.settings.cancel.set()
    assert run.returncode == 0, run.stderr
    listed, foreign = run.stdout.splitlines()
    assert "argument type mismatch" in listed
    assert "filter status: REJECTED" in foreign
    (result,) = server.results
    assert str(result.verdict) == "INCONCLUSIVE(cancelled)"


@pytest.mark.parametrize(
    ("lines", "check_deadlock", "verdict", "length"),
    [
        ("INVARIANT Early\n", False, "VIOLATED(Early)", 5),
        ("INVARIANT Within\n", True, "VIOLATED(Deadlock)", 14),
    ],
)
def test_what_workers_find_is_named_and_has_its_whole_trace(  # noqa: PLR0913, PLR0917
    tmp_path: Path,
    engine_at_hand: Toolchain,
    lines: str,
    check_deadlock: bool,
    verdict: str,
    length: int,
) -> None:
    """TLC's distributed mode prints the last step alone, and not what is wrong."""
    spec, _ = write_spec(tmp_path / "spec", GRID, SMALL + lines)
    out_dir = tmp_path / "run"
    with serve(spec, out_dir, engine_at_hand, check_deadlock=check_deadlock) as server:
        worker = Worker(server.settings.place.port)
    (result,) = server.results
    assert worker.end()[0] == 0
    assert str(result.verdict) == verdict
    assert result.trace_length == length
    assert result.trace is not None
    assert [step.action for step in result.trace.steps][:3] == [None, "Start", "Step"]
    assert any("found an error after" in warning for warning in result.warnings)
    assert {"server.out", "tlc.out"} <= {path.name for path in out_dir.iterdir()}


def test_an_error_in_the_initial_state_needs_no_worker(
    tmp_path: Path, engine_at_hand: Toolchain
) -> None:
    cfg = SMALL + "INVARIANT NotAtTheEnd\n"
    spec, _ = write_spec(tmp_path / "spec", GRID, cfg.replace("M = 4", "M = 0"))
    settings = Settings(distributed=True, port=free_port(), toolchain=engine_at_hand, workers=1)
    result = check_spec(spec, settings=settings)
    assert str(result.verdict) == "VIOLATED(NotAtTheEnd)"
    assert result.trace_length == 1


def test_a_server_that_nobody_joins_ends_in_time(tmp_path: Path, engine_at_hand: Toolchain) -> None:
    spec, _ = write_spec(tmp_path / "spec", GRID, SMALL + "INVARIANT Within\n")
    with serve(spec, tmp_path / "run", engine_at_hand, timeout=4) as server:
        assert server.joining
    (result,) = server.results
    assert str(result.verdict) == "INCONCLUSIVE(timeout)"
    assert result.provenance.workers == 0


def test_a_model_is_proven_where_random_behaviours_reach_its_goals(
    tmp_path: Path, engine_at_hand: Toolchain, verified: Callable[..., Result]
) -> None:
    """TLC's distributed mode does not tell which actions fire."""
    workers: list[Worker] = []
    port = free_port()
    result = verify(
        **TINY,
        distributed=True,
        port=port,
        on_ready=lambda _: workers.append(Worker(port)),
        toolchain=engine_at_hand,
        out_dir=tmp_path / "run",
    )
    local = verified(**TINY)
    assert result.verdict == local.verdict
    assert result.verdict.kind is VerdictKind.PROVEN
    assert result.stats.distinct == local.stats.distinct
    assert {action.name for action in result.actions} == {a.name for a in local.actions}
    assert workers[0].end()[0] == 0


def test_a_model_is_not_proven_where_its_goals_were_not_seen(
    tmp_path: Path, engine_at_hand: Toolchain, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("slubtla.tlc.run.distributed.BEHAVIOUR_SECONDS", 0.1)
    workers: list[Worker] = []
    port = free_port()
    result = verify(
        **TINY,
        distributed=True,
        port=port,
        on_ready=lambda _: workers.append(Worker(port)),
        toolchain=engine_at_hand,
        out_dir=tmp_path / "run",
    )
    assert str(result.verdict) == "INCONCLUSIVE(uncounted)"
    assert "in smaller bounds, without --distributed" in result.verdict.because
    assert workers[0].end()[0] == 0


def test_a_worker_whose_filter_refuses_the_server_does_not_end_well(
    grid: Callable[[str], Path],
    engine_at_hand: Toolchain,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """TLC's worker exits with 0 then."""
    with serve(grid("INVARIANT Within\n"), tmp_path / "run", engine_at_hand) as server:
        monkeypatch.setattr("slubtla.tlc.engine.distributed.SERIAL_FILTER", "java.lang.*;!*")
        place = server.settings.place
        with pytest.raises(CannotRunError, match="serialization filter refused"):
            join(engine_at_hand, place, own=LOOPBACK, threads=1, heap_mb=64, wait=0)
        assert server.settings.cancel is not None
        server.settings.cancel.set()


def test_a_worker_without_a_server_says_how_to_start_one() -> None:
    run = CliRunner().invoke(app, ["worker", LOOPBACK, "--port", str(free_port()), "--wait", "0"])
    assert run.exit_code == 3
    assert "no server at port" in run.stderr
    assert "slubtla verify --distributed" in run.stderr


def test_who_listens_where_others_reach_it_is_warned(capsys: pytest.CaptureFixture[str]) -> None:
    tell_how_to_join(ServerAddress(LOOPBACK, 5).joining)
    quiet = capsys.readouterr().err
    tell_how_to_join(ServerAddress("192.0.2.1", DEFAULT_PORT).joining)
    loud = capsys.readouterr().err
    assert "warning" not in quiet
    assert f"slubtla worker {LOOPBACK} --port 5" in quiet
    assert "no authentication" in " ".join(loud.split())
    assert loud.rstrip().endswith("slubtla worker 192.0.2.1")


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"engine": "jvm"}, "excludes --engine"),
        ({"checkpoint": 1}, "excludes --checkpoint"),
        ({"coverage": True}, "excludes --coverage"),
        ({"distributed": False, "port": 5}, "without a distributed search"),
    ],
)
def test_what_does_not_go_together_is_refused(parameters: dict[str, Any], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        Settings(**{"distributed": True} | parameters)


def test_properties_are_refused(tmp_path: Path, engine_at_hand: Toolchain) -> None:
    """TLC's server says that no error was found, of a property that does not hold."""
    spec, _ = write_spec(tmp_path / "spec", GRID, SMALL + "PROPERTY Ends\n")
    settings = Settings(distributed=True, toolchain=engine_at_hand)
    with pytest.raises(UsageError, match="checks no properties"):
        check_spec(spec, settings=settings)


@pytest.mark.parametrize(
    ("address", "message"),
    [("0.0.0.0", "every address"), ("::", "every address"), ("192.0.2.1", "no address of this")],  # noqa: S104
)
def test_an_address_that_is_not_one_of_this_machine_is_refused(address: str, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        require_free(ServerAddress(address))


def test_a_port_that_is_taken_is_refused() -> None:
    with socket.create_server((LOOPBACK, 0)) as listener:
        port = listener.getsockname()[1]
        with pytest.raises(CannotRunError, match=f"port {port} of {LOOPBACK} cannot be used"):
            require_free(ServerAddress(LOOPBACK, port))


def test_a_worker_is_reached_on_the_way_to_its_server() -> None:
    assert own_address(ServerAddress("localhost"), None) == LOOPBACK
    with pytest.raises(UsageError, match="no address of this machine"):
        own_address(ServerAddress(LOOPBACK), "192.0.2.1")


def test_the_command_lines_bind_and_filter() -> None:
    settings = Settings(distributed=True, listen="localhost", port=7)
    server = command_lines(make_model(strategy="none"), settings)[-1]
    place = settings.place
    java, jar = Path("java"), Path("tla2tools.jar")
    worker = worker_argv(java=java, jar=jar, server=place, own=LOOPBACK, threads=2, heap_mb=64)
    for argv, main in ((server, "TLCServer"), (worker, "TLCWorker")):
        at = argv.index("BoundRmi")
        assert argv[at + 1] == f"tlc2.tool.distributed.{main}"
        assert any(word.startswith("-Djdk.serialFilter=") for word in argv[:at])
        assert "-Dtlc2.tool.distributed.TLCServer.port=7" in argv[:at]
    assert "-Djava.rmi.server.hostname=localhost" in server
    assert "-coverage" not in server


def test_the_class_that_binds_is_what_its_source_says(tmp_path: Path) -> None:
    javac = shutil.which("javac")
    if javac is None:
        pytest.skip("no javac, which is not needed to run")
    source = BINDER / "BoundRmi.java"
    flags = ["--release", "11", "-g:none", "-d", str(tmp_path)]
    subprocess.run([javac, *flags, str(source)], check=True)
    assert (tmp_path / "BoundRmi.class").read_bytes() == (BINDER / "BoundRmi.class").read_bytes()


def test_no_part_of_what_a_server_says_is_a_proof(story: Story) -> None:
    assert story.result.run_dir is not None
    assert story.result.provenance.tlc_version is not None
    said = (story.result.run_dir / "tlc.out").read_text(encoding="utf-8")
    lines = said.splitlines(keepends=True)
    asked = Criteria(cfg=Cfg(invariants=("Within",)))

    def verdict(end: int) -> VerdictKind:
        report = read_report(lines[:end])
        return judge(report, returncode=0, ended=Ended.EXITED, criteria=asked).kind

    whole = next(n for n, line in enumerate(lines, 1) if "ENDMSG 2186" in line)
    assert VerdictKind.PROVEN not in {verdict(end) for end in range(whole)}
    assert verdict(whole) is VerdictKind.PROVEN


def test_nothing_is_left_of_a_server_whose_slubtla_is_killed(
    tmp_path: Path, engine_at_hand: Toolchain
) -> None:
    assert engine_at_hand
    spec, _ = write_spec(tmp_path / "spec", GRID, SMALL + "INVARIANT Within\n")
    command = [*SLUBTLA, "check", str(spec), "--distributed", "--port", str(free_port())]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as parent:
        assert parent.stderr is not None
        assert "the server waits for workers" in parent.stderr.readline()
        family = descendants(parent.pid)
        assert any("java" in one.name() for one in family)
        parent.kill()
    assert still_there(family) == []
