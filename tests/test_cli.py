"""The real command, as a user or a script meets it: exit codes, streams, words."""

from __future__ import annotations

import contextlib
import json
import os
import re
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import jsonschema
import psutil
import pytest
from engine.tools import descendants, names_in, still_there, write_spec

from slubtla.barriers.machines import ARCHES, CMPXCHGS, MEMORY_MODELS
from slubtla.protocols.slub import SLUB
from slubtla.tlc.tools import Toolchain

SLUBTLA = [
    *(sys.executable, "-c"),
    "import sys; from slubtla.cli import main; sys.argv[0] = 'slubtla'; main()",
]
"""What the console script does, with this Python."""

SECONDS = 120
SMALL = ["--slabs", "1"]
LARGE = ["--strategy", "smp_mb_paired", "--cpus", "4", "--slabs", "4", "--no-symmetry"]
"""Hours of work: proven at last, but not within a test."""

HOLDS = r"""
---- MODULE Up ----
EXTENDS Naturals
CONSTANT Last
VARIABLE x
Init == x = 0
Next == x < Last /\ x' = x + 1
Spec == Init /\ [][Next]_x /\ WF_x(Next)
InRange == x \in 0..Last
Below2 == x < 2
Ends == <>(x = Last)
====
"""
HOLDS_CFG = "CONSTANT Last = 3\nSPECIFICATION Spec\nINVARIANT InRange\n"

PLUSCAL = r"""
---- MODULE Count ----
EXTENDS Naturals
(* --algorithm count {
variables x = 0; {
  Step: while (x < 3) x := x + 1;
}
} *)
Small == x <= 3
====
"""


@pytest.fixture(autouse=True)
def _needs_java(engine_at_hand: Toolchain) -> None:
    """Without Java and a jar these tests skip, or fail in CI."""
    assert engine_at_hand


class Ran:
    """What a command said and how it ended."""

    def __init__(self, *arguments: str | Path, **environ: str) -> None:
        process = subprocess.run(
            [*SLUBTLA, *map(str, arguments)],
            capture_output=True,
            check=False,
            encoding="utf-8",
            env=os.environ | environ,
            timeout=SECONDS,
        )
        self.code, self.out, self.err = process.returncode, process.stdout, process.stderr
        assert "Traceback" not in self.err, self.err

    @property
    def json(self) -> Any:
        return json.loads(self.out)

    @property
    def screen(self) -> str:
        return " ".join(self.out.split())

    @property
    def complaint(self) -> str:
        """The diagnostics on one line, without the frame that typer draws."""
        return " ".join(re.sub("[│╭╮╰╯─]", " ", self.err).split())


def refused(code: int, *arguments: str | Path, **environ: str) -> str:
    """The complaint of a command that must not run: all on stderr, with a next step."""
    ran = Ran(*arguments, **{"COLUMNS": "400"} | environ)  # no path is broken
    assert (ran.code, ran.out) == (code, ""), ran.err
    assert "next: " in ran.complaint or "Try 'slubtla" in ran.complaint
    assert len(ran.err.splitlines()) < 12
    return ran.complaint


def runs() -> set[str]:
    """The run directories that were kept, and what a run left behind."""
    place = Path(os.environ["XDG_STATE_HOME"]) / "slubtla" / "runs"
    return names_in(place) if place.exists() else set()


# verify


def test_a_proven_model(tmp_path: Path) -> None:
    ran = Ran("verify", "--strategy", "smp_mb_paired", *SMALL, "--out-dir", tmp_path / "run")
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.split()[0] == "PROVEN"
    assert "again slubtla verify --strategy smp_mb_paired --slabs 1" in ran.screen
    assert str(tmp_path / "run") in ran.out.replace("\n", "").replace(" ", "")
    assert "\x1b" not in ran.out
    traced = Ran("trace", tmp_path / "run")
    assert (traced.code, traced.out.split()[0]) == (0, "PROVEN")
    assert "has no counterexample" in refused(2, "trace", tmp_path / "run", "--json")


def test_a_violated_model_and_its_trace_then_and_later() -> None:
    ran = Ran("verify", "--strategy", "none", *SMALL)
    assert (ran.code, ran.err) == (1, "")
    assert ran.out.split()[0] == "VIOLATED(NoLeak)"
    assert "sent no IPI" in ran.screen
    (name,) = runs()
    newest = Ran("trace", SLUBTLA_JAVA="none")
    assert (newest.code, newest.err) == (0, "")
    assert "sent no IPI" in newest.screen
    run = Path(os.environ["XDG_STATE_HOME"]) / "slubtla" / "runs" / name
    assert Ran("trace", run).out == newest.out
    itf = Ran("trace", run, "--json").json
    assert itf == json.loads((run / "trace.itf.json").read_text(encoding="utf-8"))
    assert itf["#meta"]["format"] == "ITF"
    assert {"vars", "states"} <= itf.keys()
    assert itf["states"][0]["#meta"]["index"] == 0
    (run / "tlc.out").unlink()
    assert "tlc.out is missing" in refused(2, "trace", run)
    assert "tlc.out is missing" in refused(2, "trace", run, "--json")


@pytest.mark.parametrize("strategy", ["none", "smp_mb_paired"])
def test_the_json_of_a_result_keeps_its_schema(strategy: str) -> None:
    schema = Ran("schema").json
    jsonschema.Draft202012Validator.check_schema(schema)
    ran = Ran("verify", "--strategy", strategy, *SMALL, "--json")
    jsonschema.validate(ran.json, schema, jsonschema.Draft202012Validator)
    assert ran.err == ""
    assert ran.json["schema_version"] == 2
    assert ran.json["verdict"]["kind"] == ("VIOLATED" if ran.code else "PROVEN")
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(ran.json | {"unknown": 1}, schema)


def test_the_json_of_a_matrix_keeps_its_schema() -> None:
    ran = Ran("matrix", "--strategy", "none", "--arch", "x86", *SMALL, "--json")
    assert (ran.code, ran.err) == (0, "")
    jsonschema.validate(ran.json, Ran("schema", "matrix").json, jsonschema.Draft202012Validator)
    found = {c["column"]: c["result"]["verdict"]["kind"] for c in ran.json["cells"]}
    assert found == {"sc": "PROVEN", "x86": "VIOLATED"}
    assert len(runs()) == 2


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ("verify --strategy smp_mbb", ["did you mean 'smp_mb'?", "smp_mb_paired", "none"]),
        ("verify", ["no strategy is named", "choose one of: none, smp_mb"]),
        ("verify --stratgy none", ["No such option: --stratgy", "--strategy"]),
        ("verify --strategy none --arch x68", ["did you mean 'x86'?"]),
        ("verify --strategy none --property NoLeek", ["did you mean 'NoLeak'?"]),
        ("verify --strategy none --cpus 99", ["cpus = 99", "at most 9"]),
        ("verify --strategy none --cpus two", ["--cpus"]),
        ("verify --strategy none --timeout 0", ["a timeout of 0 s leaves no time"]),
        ("verify --strategy none --timeout nan", ["a timeout of nan s leaves no time"]),
        ("verify --strategy none --heap much", ["--heap 'much' is no size", "4g"]),
        ("verify --strategy none --heap 1", ["a heap of 1 MiB is not between 8 MiB", "512m"]),
        ("verify --strategy none --workers 0", ["--workers"]),
        ("verify --parameters nowhere.toml", ["nowhere.toml", "No such file"]),
        ("matrix --strategy smp_mbb", ["did you mean 'smp_mb'?"]),
        ("matrix --arch x68", ["did you mean 'x86'?"]),
        ("render", ["no strategy is named"]),
        ("list strategy", ["'strategy' is not one of", "strategies"]),
        ("schema results", ["'results' is not one of"]),
        ("verfy", ["No such command 'verfy'"]),
        ("trace nowhere", ["nowhere is not a run directory"]),
        ("trace", ["there is no run in", "slubtla verify --strategy"]),
        ("check", ["Missing argument"]),
    ],
)
def test_a_wrong_command_is_told_what_is_wrong_and_what_to_do(
    arguments: str, words: list[str]
) -> None:
    complaint = refused(2, *shlex.split(arguments))
    for word in words:
        assert word in complaint
    assert runs() == set()


def test_out_dir_is_never_written_over(tmp_path: Path) -> None:
    (tmp_path / "mine").write_text("mine")
    model = ("--strategy", "none", "--out-dir")
    for place in (tmp_path, tmp_path / "mine", tmp_path / "mine" / "run"):
        assert str(tmp_path) in refused(2, "verify", *model, place)
    for place in (tmp_path / "mine", tmp_path / "mine" / "run"):
        assert str(tmp_path) in refused(2, "render", *model, place)
    assert names_in(tmp_path) == {"mine"}
    assert (tmp_path / "mine").read_text() == "mine"


def test_a_timeout_shows_how_far_the_search_came(tmp_path: Path) -> None:
    run = tmp_path / "run"
    ran = Ran("verify", *LARGE, "--timeout", "6", "--out-dir", run)
    assert (ran.code, ran.err) == (4, "")
    assert ran.out.split()[0] == "INCONCLUSIVE(timeout)"
    assert "the time limit ended the search" in ran.out
    reported = "STARTMSG 2200" in (run / "tlc.out").read_text(encoding="utf-8")
    assert (
        re.search(r"states so far, at TLC's last report: [\d,]+ distinct", ran.screen) is not None
    ) == reported
    assert ("no report yet" in ran.screen) == (not reported)
    stats = json.loads((run / "result.json").read_text(encoding="utf-8"))["stats"]
    assert stats["final"] is False
    assert (stats["distinct"] is not None) == reported


def test_too_small_a_heap_is_no_verdict() -> None:
    ran = Ran("verify", "--strategy", "none", *SMALL, "--heap", "9")
    assert (ran.code, ran.out.split()[0]) == (4, "INCONCLUSIVE(memory)")


def test_more_heap_than_the_machine_has_is_refused() -> None:
    ran = Ran("verify", "--strategy", "none", *SMALL, "--heap", "99999999999g")
    assert ran.code == 2
    assert "the machine's memory" in " ".join(ran.err.split())


# the toolchain


@pytest.fixture
def oddities(tmp_path: Path) -> Path:
    """What is taken for a jar or a Java by mistake."""
    (tmp_path / "folder").mkdir()
    (tmp_path / "corrupt.jar").write_bytes(b"PK\x03\x04 and no more")
    program = tmp_path / "program"
    program.write_text("#!/bin/sh\necho I am no Java\n")
    program.chmod(0o755)
    (tmp_path / "text").write_text("text")
    return tmp_path


@pytest.mark.parametrize(
    ("flag", "name", "reason"),
    [
        ("--tla2tools", "missing", "there is no such file"),
        ("--tla2tools", "folder", "it is a directory, not a jar"),
        ("--tla2tools", "corrupt.jar", "it is no intact jar"),
        ("--java", "missing", "there is no such file"),
        ("--java", "folder", "it is a directory, not a program"),
        ("--java", "text", "it is not executable"),
        ("--java", "program", "which is not what a Java says"),
    ],
)
def test_a_tool_that_does_not_work_is_never_silently_replaced(
    oddities: Path, flag: str, name: str, reason: str
) -> None:
    variable = {"--tla2tools": "SLUBTLA_TLA2TOOLS", "--java": "SLUBTLA_JAVA"}[flag]
    command = ("verify", "--strategy", "none", *SMALL)
    looked_for = "tla2tools.jar" if flag == "--tla2tools" else "Java 11 or newer"
    path = oddities / name
    for complaint, origin in (
        (refused(3, *command, flag, path), "argument"),
        (refused(3, *command, **{variable: str(path)}), variable),
    ):
        assert f"{looked_for}, named by {origin}: {path}: " in complaint
        assert reason in complaint
        assert "or name none and use the one" in complaint
    assert runs() == set()


def test_a_relative_path_to_a_jar_works(engine_at_hand: Toolchain, tmp_path: Path) -> None:
    spec, _ = write_spec(tmp_path, HOLDS, HOLDS_CFG)
    jar = os.path.relpath(engine_at_hand.jar.path)
    assert Ran("check", spec, "--no-deadlock", "--tla2tools", jar).code == 0


def test_dry_run_starts_nothing(tmp_path: Path) -> None:
    command = ("verify", "--strategy", "none", "--java", tmp_path / "nowhere", "--dry-run")
    ran = Ran(*command)
    assert (ran.code, ran.err) == (0, "")
    assert f"{tmp_path}/nowhere" in ran.out.replace("\n", "")
    assert "tlc2.TLC" in ran.out
    assert "pcal.trans" in ran.out
    plan = Ran(*command, "--json").json
    assert [argv[0] for argv in plan["argv"]] == [str(tmp_path / "nowhere")] * 2
    assert plan["model"]["strategy"] == "none"
    assert runs() == set()
    assert names_in(tmp_path) == set()


def test_the_doctor(tmp_path: Path) -> None:
    ran = Ran("doctor", "--json")
    assert (ran.code, ran.err) == (0, "")
    found = {check["name"]: check for check in ran.json["checks"]}
    assert {"java", "tla2tools.jar", "TLC", "smoke check"} <= found.keys()
    assert all(check["status"] != "fail" for check in found.values())
    bad = Ran("doctor", "--tla2tools", tmp_path / "nowhere.jar")
    assert bad.code == 3
    assert re.search(r"fail +tla2tools\.jar", bad.out)
    assert "next: name a tla2tools.jar" in bad.screen


# what there is


@pytest.mark.parametrize(
    ("kind", "entries"),
    [
        ("strategies", SLUB.strategies),
        ("arches", ARCHES),
        ("memory", MEMORY_MODELS),
        ("cmpxchg", CMPXCHGS),
        ("properties", SLUB.properties),
    ],
)
def test_each_name_is_listed_with_its_source(kind: str, entries: Mapping[str, Any]) -> None:
    ran = Ran("list", kind)
    assert (ran.code, ran.err) == (0, "")
    for entry in entries.values():
        assert re.search(rf"^ *{entry.name} ", ran.out, re.MULTILINE)
        assert entry.source in ran.screen
    listed = Ran("list", kind, "--json").json
    assert listed["schema_version"] == 2
    assert [entry["name"] for entry in listed[kind]] == list(entries)
    assert listed.keys() == {"schema_version", kind}


def test_runs_are_listed_the_newest_first_and_what_cannot_be_read_too(tmp_path: Path) -> None:
    state = {"XDG_STATE_HOME": str(tmp_path)}
    nothing = Ran("runs", **state)
    assert (nothing.code, "there is no run in" in nothing.screen) == (0, True)
    for strategy in ("smp_mb", "none"):
        assert Ran("verify", "--strategy", strategy, *SMALL, **state).code == 1
    kept = tmp_path / "slubtla" / "runs"
    for name in ("broken", "night.unfinished"):
        (kept / name).mkdir()
        (kept / name / "tlc.out").touch()
    (kept / "no run").mkdir()
    listed = Ran("runs", "--json", **state).json["runs"]
    assert [(run["name"], run["verdict"]) for run in listed[:2]] == [
        ("none-x86", "VIOLATED(NoLeak)"),
        ("smp_mb-x86", "VIOLATED(NoLeak)"),
    ]
    assert all(Path(run["run_dir"]).is_dir() for run in listed)
    verdicts = {run["name"]: run["verdict"] for run in listed[2:]}
    assert verdicts.keys() == {"broken", "night.unfinished"}
    assert "slubtla resume" in verdicts["night.unfinished"]
    screen = Ran("runs", kept, COLUMNS="200").screen
    assert "VIOLATED(NoLeak)" in screen
    assert "broken" in screen
    assert "there is no directory" in refused(2, "runs", tmp_path / "gone")


def test_the_former_spelling_of_an_option_is_accepted_and_not_listed(tmp_path: Path) -> None:
    for spelling in (["--out-dir", tmp_path / "a"], [f"--out-dir={tmp_path / 'b'}"]):
        assert Ran("render", "--strategy", "none", *spelling).code == 0
    assert {path.name for path in tmp_path.iterdir()} == {"a", "b"}
    for command in ("verify", "render", "diff", "prove"):
        assert "--out-dir" not in Ran(command, "--help").out


def test_help_shows_each_default_and_what_changes_it() -> None:
    words = " ".join(Ran("verify", "--help", COLUMNS="200").out.replace("│", " ").split())
    assert "(default: 2; 3 with --allocations on v5.15; 1 for liveness)" in words
    assert "(default: preemption; no-preemption with --allocations on v5.15; " in words
    for group in ("Ask", "Look", "Trust", "Any specification", "Scale"):
        assert f"─ {group} ─" in Ran("--help").out


def test_version_and_help() -> None:
    assert re.fullmatch(r"slubtla \d\S*\n", Ran("--version").out)
    assert "Exit codes: 0 as expected" in " ".join(Ran("--help").out.split())
    for command in ("verify", "matrix", "check", "trace", "doctor", "list"):
        words = Ran(command, "--help").out
        assert "--json" in words
        assert "--as-json" not in words


def test_render(tmp_path: Path) -> None:
    model = ("render", "--strategy", "smp_mb", *SMALL)
    spec, cfg = Ran(*model, SLUBTLA_JAVA="none"), Ran(*model, "--cfg")
    assert (spec.code, spec.err) == (0, "")
    assert spec.out.startswith("----")
    assert "MODULE Slub" in spec.out.splitlines()[0]
    assert "INVARIANT" in cfg.out
    written = Ran(*model, "--out-dir", tmp_path / "spec")
    paths = [Path(line) for line in written.out.splitlines()]
    assert [path.name for path in paths] == ["Slub.tla", "Slub.cfg", "WeakMemory.tla"]
    assert [path.read_text(encoding="utf-8") for path in paths[:2]] == [spec.out, cfg.out]
    paths[0].write_text("mine")
    assert "Slub.tla" in refused(2, *model, "--out-dir", tmp_path / "spec")
    assert paths[0].read_text() == "mine"


# check


@pytest.fixture
def holds(tmp_path: Path) -> Iterator[Path]:
    """A spec that holds, in a folder where nothing may be written: it must not change."""
    folder = tmp_path / "my [specs] größe"
    spec, _ = write_spec(folder, HOLDS, HOLDS_CFG)
    folder.chmod(0o555)
    before = {path: path.read_bytes() for path in folder.iterdir()}
    yield spec
    assert {path: path.read_bytes() for path in folder.iterdir()} == before
    folder.chmod(0o755)


def test_a_spec_that_holds_and_the_command_that_repeats_it(holds: Path) -> None:
    ran = Ran("check", holds, "--no-deadlock", "--json")
    assert (ran.code, ran.err) == (0, "")
    assert (ran.json["verdict"]["kind"], ran.json["properties"]) == ("PROVEN", ["InRange"])
    assert ran.json["command"] == shlex.join(["slubtla", "check", "--no-deadlock", str(holds)])
    jsonschema.validate(ran.json, Ran("schema").json, jsonschema.Draft202012Validator)
    again = Ran(*shlex.split(ran.json["command"])[1:])
    assert (again.code, again.out.split()[:2]) == (0, ["PROVEN", "Up"])


def test_a_deadlock_is_an_error_unless_it_is_said_not_to_be(holds: Path) -> None:
    ran = Ran("check", holds)
    assert (ran.code, ran.err) == (1, "")
    assert ran.out.split()[0] == "VIOLATED(Deadlock)"
    assert "4 Next x = 3" in ran.screen


@pytest.mark.parametrize(
    ("cfg", "code", "screen"),
    [
        ("CONSTANT Last = 3 SPECIFICATION Spec INVARIANT Below2", 1, "VIOLATED(Below2) … x = 2"),
        ("CONSTANT Last = 3 SPECIFICATION Spec PROPERTY Ends", 0, "PROVEN … checked Ends"),
        ("CONSTANT Last = 3 SPECIFICATION Spec", 1, "VACUOUS(properties) … nothing to check"),
        ('CONSTANT Last = "a" INIT Init NEXT Next', 2, "ERROR(evaluation) … TLC says:"),
        ("CONSTANT Last = 3 SPECIFICATION Spec INVARIANT Gone", 2, "ERROR(config) … Gone"),
        ("CONSTANT Last = 3", 2, "ERROR(config) … did not specify"),
        ("SPECIFICATION Spec INVARIANT InRange", 2, "ERROR(config) … Last"),
        (
            "CONSTANT Last = 3 SPECIFICATION Spec INVARIANT InRange CONSTRAINT Below2",
            4,
            "BOUNDED(constraint) … warning: the search is bounded by Below2",
        ),
        (
            "CONSTANT Last = 3 SPECIFICATION Spec INVARIANT InRange VIEW Below2",
            4,
            "BOUNDED(view) … warning: states that agree on Below2",
        ),
        (
            "CONSTANT Last = 3 SPECIFICATION Spec PROPERTY Ends CONSTRAINT Below2",
            4,
            "INCONCLUSIVE(warning) … violations may be missed",
        ),
    ],
)
def test_what_a_cfg_leads_to(holds: Path, tmp_path: Path, cfg: str, code: int, screen: str) -> None:
    other = tmp_path / "other.cfg"
    other.write_text(cfg, encoding="utf-8")
    ran = Ran("check", holds, "--config", other, "--no-deadlock")
    assert (ran.code, ran.err) == (code, ""), ran.out
    first, _, words = screen.partition(" … ")
    assert ran.out.split()[0] == first
    assert words in ran.screen


@pytest.mark.parametrize(
    ("cfg", "words"),
    [
        (b"CONSTANTS Last = 3 Lst = 3 INIT Init NEXT Next", "Lst, which no module declares"),
        (b"CONSTANTS Last = 3 x = 3 INIT Init NEXT Next", "x, which no module declares"),
        (b"INIT Init NEXT Next INVARIANT", "nothing would be checked"),
        (b"Init", "no keyword of TLC"),
        (b"CONSTANT Last = \xff", "cannot be read"),
    ],
)
def test_a_cfg_that_is_refused(holds: Path, tmp_path: Path, cfg: bytes, words: str) -> None:
    (tmp_path / "other.cfg").write_bytes(cfg)
    assert words in refused(2, "check", holds, "--config", tmp_path / "other.cfg")
    assert runs() == set()


def test_files_that_are_not_there(holds: Path, tmp_path: Path) -> None:
    for spec, words in (
        (tmp_path / "No.tla", "there is no specification"),
        (tmp_path, "there is no specification"),
        ("", "there is no specification"),
        (holds.with_suffix(".cfg"), "is no .tla file"),
    ):
        assert words in refused(2, "check", spec)
    missing = tmp_path / "No.cfg"
    assert "there is no configuration" in refused(2, "check", holds, "--config", missing)
    alone, cfg = write_spec(tmp_path / "alone", HOLDS, "")
    cfg.unlink()
    assert "Up.cfg" in refused(2, "check", alone)


def test_pluscal_is_translated_on_a_copy(tmp_path: Path) -> None:
    spec, _ = write_spec(tmp_path, PLUSCAL, "SPECIFICATION Spec\nINVARIANT Small\n")
    ran = Ran("check", spec, "--out-dir", tmp_path / "run")
    assert (ran.code, ran.err, ran.out.split()[0]) == (0, "", "PROVEN")
    assert "BEGIN TRANSLATION" in (tmp_path / "run" / "Count.tla").read_text(encoding="utf-8")
    assert spec.read_text(encoding="utf-8") == PLUSCAL.lstrip()
    assert names_in(tmp_path) == {"Count.tla", "Count.cfg", "run"}


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (("x := x + 1", "x := := 1"), r"Count\.tla:5:\d+: Empty right-hand side"),
        (("Step: ", "Step: Step: "), r"Count\.tla"),
    ],
)
def test_pluscal_that_is_refused_names_the_users_own_file(
    tmp_path: Path, change: tuple[str, str], words: str
) -> None:
    spec, _ = write_spec(tmp_path, PLUSCAL.replace(*change), "SPECIFICATION Spec\n")
    complaint = refused(2, "check", spec)
    assert re.search(words, complaint)
    assert str(tmp_path) in complaint
    assert ".slubtla-" not in complaint
    assert runs() == set()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (HOLDS.replace("Init == x = 0", "Init == x ="), r"Up\.tla:5:\d+: Was expecting"),
        (HOLDS.replace("x' = x + 1", "x' = y + 1"), r"Up\.tla:6:\d+: Unknown operator: `y'"),
        (HOLDS.replace("MODULE Up", "MODULE Down"), r"does not match the name 'Down'"),
        ("no module at all", r"Parsing or semantic analysis failed"),
    ],
)
def test_a_spec_that_does_not_parse(tmp_path: Path, text: str, words: str) -> None:
    spec, cfg = tmp_path / "Up.tla", tmp_path / "Up.cfg"
    spec.write_text(text.lstrip(), encoding="utf-8")
    cfg.write_text("SPECIFICATION Spec\n", encoding="utf-8")
    ran = Ran("check", spec)
    assert (ran.code, ran.err) == (2, "")
    assert ran.out.split()[0] == "ERROR(parse)"
    assert re.search(words, ran.screen)
    assert ".slubtla-" not in ran.out


# streams and signals


def test_a_reader_that_leaves_early_is_no_error() -> None:
    """As ``slubtla … | head -1``: the exit code is still the answer."""
    for arguments in (["list"], ["list", "--json"], ["schema"]):
        reader, writer = os.pipe()
        os.close(reader)
        with open(writer, "wb") as pipe:  # noqa: PTH123 - a descriptor has no path
            process = subprocess.run(
                [*SLUBTLA, *arguments],
                stdout=pipe,
                stderr=subprocess.PIPE,
                check=False,
                timeout=SECONDS,
            )
        assert (process.returncode, process.stderr) == (0, b"")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full here")
@pytest.mark.parametrize("arguments", [["list"], ["schema"]])
def test_a_full_disk_is_told(arguments: list[str]) -> None:
    with Path("/dev/full").open("wb") as full:
        process = subprocess.run(
            [*SLUBTLA, *arguments],
            stdout=full,
            stderr=subprocess.PIPE,
            check=False,
            encoding="utf-8",
            timeout=SECONDS,
        )
    assert process.returncode == 3
    assert "No space left on device" in process.stderr
    assert "Traceback" not in process.stderr


def test_a_defect_never_exits_with_1() -> None:
    """Python's own exit code for an exception would read as "violated"."""
    program = """
import slubtla.cli.words as cli
from slubtla.cli.app import app
def broken(*arguments, **options):
    raise ZeroDivisionError("broken")
cli.listing_view = broken
app()
"""
    process = subprocess.run(
        [sys.executable, "-c", program, "list"],
        capture_output=True,
        check=False,
        encoding="utf-8",
        timeout=SECONDS,
    )
    assert process.returncode == 3
    assert "ZeroDivisionError: broken" in process.stderr
    assert "please report it" in process.stderr


HEEDING_SIGINT = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)"
"""What runs in the background, as pytest-xdist's workers do, is born ignoring SIGINT."""


def is_tlc(process: psutil.Process) -> bool:
    with contextlib.suppress(psutil.Error):  # it may end while it is looked at
        return "java" in process.name() and "tlc2.TLC" in process.cmdline()
    return False


def a_java_below(parent: subprocess.Popen[str], seconds: float = 60.0) -> list[psutil.Process]:
    """The family of ``parent``, once TLC is in it."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline and parent.poll() is None:
        family = descendants(parent.pid)
        if any(map(is_tlc, family)):
            return family
        with contextlib.suppress(subprocess.TimeoutExpired):
            parent.wait(timeout=0.1)
    pytest.fail("TLC did not start")


@pytest.mark.parametrize("command", ["verify", "matrix"])
def test_ctrl_c_stops_tlc_and_says_so_in_one_line(command: str) -> None:
    bounds = LARGE if command == "verify" else [*LARGE, "--arch", "x86"]
    with subprocess.Popen(
        [*SLUBTLA[:2], f"{HEEDING_SIGINT}; {SLUBTLA[2]}", command, *bounds],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as parent:
        try:
            family = a_java_below(parent)
            parent.send_signal(signal.SIGINT)
            out, err = parent.communicate(timeout=SECONDS)
        finally:
            parent.kill()  # it is long gone, unless the test fails
    assert (parent.returncode, out) == (130, "")
    assert err == "slubtla: interrupted; TLC is stopped\n"
    assert still_there(family) == []
    assert not any(name.startswith(".") for name in runs())
