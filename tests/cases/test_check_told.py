"""What ``slubtla check`` says of specifications of others, and where: a table of small inputs."""

from __future__ import annotations

import importlib.util
import json
import shutil
import subprocess
import zipfile
from pathlib import Path
from typing import Any

import pytest
from report.tools import lacking
from typer.testing import CliRunner

from slubtla.cli.app import app
from slubtla.tlc.tools import Toolchain

CASES = Path(__file__).parent / "check"


def run(*words: str | Path) -> tuple[int, str]:
    """Run slubtla; return the exit code, and all that it said, with single spaces."""
    done = CliRunner().invoke(app, [str(word) for word in words])
    return done.exit_code, " ".join((done.stdout + done.stderr).split())


def check(*words: str | Path) -> dict[str, Any]:
    """Check a case; return its result as JSON says it, with the exit code."""
    done = CliRunner().invoke(app, ["check", "--json", *map(str, words)])
    assert done.stdout, done.stderr
    result: dict[str, Any] = json.loads(done.stdout)
    return result | {"exit": done.exit_code}


@pytest.fixture(autouse=True)
def _in_the_folder_of_the_cases(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(CASES)


SAID = {
    "ErrorLine": (
        "ERROR(evaluation)",
        "ErrorLine.tla line 8, label C: Attempted to apply Head to the empty sequence.",
    ),
    "HeadEmpty": (
        "ERROR(evaluation)",
        "HeadEmpty.tla line 7, column 8: Attempted to apply Head to the empty sequence.",
    ),
    "InitLine": (
        "ERROR(evaluation)",
        "InitLine.tla line 5, column 8: Attempted to apply Head to the empty sequence.",
    ),
    "SelfRuns": (
        "ERROR(evaluation)",
        (
            "SelfRuns.tla line 6, column 23, called in line 18, label Use: Attempted to apply "
            "tuple <<>> to integer 0 which is out of domain."
        ),
    ),
    "Outside": (
        "ERROR(evaluation)",
        (
            "Outside.tla line 5, column 18: Attempted to apply function: <<1, 2>> to argument 4, "
            "which is not in the domain of the function."
        ),
    ),
    "StringNumber": (
        "ERROR(evaluation)",
        (
            "StringNumber.tla line 5, column 12: Attempted to check equality of integer 1 with "
            'non-integer: "a"'
        ),
    ),
    "Choose": (
        "ERROR(evaluation)",
        (
            "Choose.tla line 5, column 14: Attempted to compute the value of an expression of form "
            r"CHOOSE x \in S: P, but no element of S satisfied P."
        ),
    ),
    "Unbounded": (
        "ERROR(evaluation)",
        (
            r"Unbounded.tla line 5, column 9: TLC attempted to evaluate an unbounded \E. Make sure "
            r"that the expression is of form \E x \in S: P(x)."
        ),
    ),
    "NoConst": (
        "ERROR(config)",
        "The constant parameter N is not assigned a value by the configuration file.",
    ),
    "Dead": ("VIOLATED(Deadlock)", "Deadlock reached."),
    "Undefined": ("ERROR(parse)", "Undefined.tla:7:9: in label B: Unknown operator: `foo'."),
    "SelfLine": ("ERROR(parse)", "SelfLine.tla:25:11: Unknown operator: `Missing'."),
    "ParseError": (
        "ERROR(parse)",
        (
            'ParseError.tla:8:14: Was expecting "==== or more Module body" Encountered "1" at '
            'line 8, column 14 and token "="'
        ),
    ),
    "UsesLibrary": (
        "ERROR(parse)",
        (
            "Cannot find source file for module Low imported in module UsesLibrary: --library DIR "
            "names a folder of modules, --classpath JAR a jar"
        ),
    ),
}
EXITS = {"ERROR(evaluation)": 2, "ERROR(config)": 2, "ERROR(parse)": 2, "VIOLATED(Deadlock)": 1}


@pytest.mark.parametrize("name", SAID)
def test_the_headline_is_the_cause_with_the_users_own_place(name: str) -> None:
    result = check(f"{name}.tla")
    verdict = result["verdict"]
    said = f"{verdict['kind']}({verdict['detail']})", verdict["because"]
    assert said == SAID[name]
    assert result["exit"] == EXITS[said[0]]
    copy = Path(CASES, f"{name}.tla").read_text(encoding="utf-8").count("\n")
    assert all(place["line"] <= copy for place in result["places"])


def test_what_stands_below_the_headline_names_the_users_lines_too() -> None:
    _, said = run("check", "ErrorLine.tla")
    assert "following positions: ErrorLine.tla line 8, label C" in said
    assert "line 31" not in said  # of the copy
    places = check("ErrorLine.tla")["places"]
    assert places[-1] == {"file": "ErrorLine.tla", "line": 8, "column": 9, "label": "C"}


def test_what_the_translator_refuses_is_in_the_users_line() -> None:
    code, said = run("check", "PcalError.tla")
    assert code == 2
    assert 'PcalError.tla:6:13: Expected ":=" but found ";"' in said


@pytest.mark.parametrize("engine", ["process", "jvm"])
def test_modules_come_from_a_library(engine: str) -> None:
    if engine == "jvm" and importlib.util.find_spec("jpype") is None:
        lacking("JPype")
    result = check("UsesLibrary.tla", "--library", "library", "--engine", engine)
    assert result["verdict"]["detail"] == "evaluation"
    assert result["verdict"]["because"].startswith("Lower.tla line 3, column 38: ")
    assert [Path(path).name for path in result["provenance"]["library_sha256"]] == [
        "Low.tla",
        "Lower.tla",
    ]
    assert result["command"] == "slubtla check --library library UsesLibrary.tla"
    copies = {path.name for path in Path(result["run_dir"]).glob("*.tla")}
    assert copies >= {"UsesLibrary.tla", "Low.tla", "Lower.tla"}  # the record is whole
    assert sorted(path.name for path in Path("library").iterdir()) == ["Low.tla", "Lower.tla"]


def test_a_module_beside_the_specification_wins_over_a_library(tmp_path: Path) -> None:
    for name in ("UsesLibrary.tla", "UsesLibrary.cfg"):
        shutil.copy(name, tmp_path)
    own = "---- MODULE Low ----\nEXTENDS Integers\nLimit == 3\nAfter(x) == 1\n====\n"
    (tmp_path / "Low.tla").write_text(own, encoding="utf-8")
    result = check(tmp_path / "UsesLibrary.tla", "--library", "library")
    assert result["verdict"]["kind"] == "PROVEN"
    assert result["provenance"]["library_sha256"] == {}


DOUBLE = """
package tlc2.overrides;
import tlc2.value.impl.IntValue;
public class {name} {{
  @TLAPlusOperator(identifier = "Twice", module = "Double")
  public static IntValue Twice(IntValue x) {{ return IntValue.gen(2 * x.val); }}
}}
"""
LISTED = """
package tlc2.overrides;
public class TLCOverrides implements ITLCOverrides {
  public Class[] get() { return new Class[] {Doubling.class}; }
}
"""
BY_NAME = """
import tlc2.value.impl.IntValue;
public class Double { public static IntValue Twice(IntValue x) { return IntValue.gen(2 * x.val); } }
"""
MODULE = "---- MODULE Double ----\nEXTENDS Integers\nCONSTANT Unused\nTwice(x) == x\n====\n"
USES = r"""---- MODULE Uses ----
EXTENDS Integers, Double
VARIABLE x
Init == x = 1
Next == x < 8 /\ x' = Twice(x)
Spec == Init /\ [][Next]_x
NotEight == x # 8
====
"""


def jar_of(folder: Path, tla2tools: Path, sources: dict[str, str]) -> Path:
    """Compile Java sources, and make a jar of the classes and the module."""
    if (javac := shutil.which("javac")) is None:
        pytest.skip("no javac")
    for name, text in sources.items():
        path = folder / "src" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    made = folder / "classes"
    files = [str(path) for path in (folder / "src").rglob("*.java")]
    command = [javac, "--release", "11", "-cp", str(tla2tools), "-d", str(made), *files]
    subprocess.run(command, check=True, timeout=120)
    jar = folder / "own.jar"
    with zipfile.ZipFile(jar, "w") as archive:
        archive.writestr("Double.tla", MODULE)
        for path in sorted(made.rglob("*.class")):
            archive.write(path, path.relative_to(made).as_posix())
    return jar


def uses(folder: Path) -> Path:
    """Write the specification that the jar is for."""
    spec = folder / "Uses.tla"
    spec.write_text(USES, encoding="utf-8")
    cfg = "SPECIFICATION Spec\nINVARIANT NotEight\nCONSTANT Unused = 1\n"
    spec.with_suffix(".cfg").write_text(cfg, encoding="utf-8")
    return spec


@pytest.mark.parametrize("engine", ["process", "jvm"])
def test_modules_and_operators_in_java_come_from_a_jar(
    engine: str, tmp_path: Path, engine_at_hand: Toolchain
) -> None:
    if engine == "jvm" and importlib.util.find_spec("jpype") is None:
        lacking("JPype")
    sources = {
        "tlc2/overrides/Doubling.java": DOUBLE.format(name="Doubling"),
        "tlc2/overrides/TLCOverrides.java": LISTED,
    }
    jar = jar_of(tmp_path, engine_at_hand.jar.path, sources)
    spec = uses(tmp_path)
    result = check(spec, "--no-deadlock", "--classpath", jar, "--engine", engine)
    assert result["verdict"]["detail"] == "NotEight"  # else x stays 1
    assert list(result["provenance"]["classpath_sha256"]) == [str(jar)]


def test_a_class_of_a_modules_own_name_needs_a_jvm_of_its_own(
    tmp_path: Path, engine_at_hand: Toolchain
) -> None:
    jar = jar_of(tmp_path, engine_at_hand.jar.path, {"Double.java": BY_NAME})
    spec = uses(tmp_path)
    assert check(spec, "--no-deadlock", "--classpath", jar)["verdict"]["detail"] == "NotEight"
    if importlib.util.find_spec("jpype") is None:
        lacking("JPype")
    code, said = run("check", spec, "--classpath", jar, "--engine", "jvm")
    assert code == 2
    assert "the engine `jvm` cannot load Double.class" in said
    assert "--engine process" in said


def test_a_simulation_is_bounded_and_its_seed_repeats_it() -> None:
    bounded = ("--config", "TwiceLow.cfg", "--no-deadlock", "--simulate", "--depth", "4")
    result = check("Twice.tla", *bounded, "--traces", "20", "--seed", "3")
    assert result["exit"] == 4
    assert result["verdict"]["detail"] == "simulation"
    assert "20 random behaviours of at most 4 states" in result["verdict"]["because"]
    argv = result["provenance"]["argv"]
    assert argv[argv.index("-simulate") + 1] == "num=20"
    assert argv[argv.index("-seed") + 1] == "3"
    again = check(*result["command"].split()[2:])
    assert again["stats"] == result["stats"]

    found = check("Twice.tla", "--no-deadlock", "--simulate", "--seed", "3")
    assert found["exit"] == 1
    assert found["trace_length"] > 1


def test_a_simulation_lasts_as_long_as_it_may() -> None:
    result = check("Twice.tla", "--config", "TwiceLow.cfg", "--no-deadlock", *SIMULATE_A_SECOND)
    assert (result["exit"], result["verdict"]["detail"]) == (4, "simulation")
    assert result["stats"]["generated"] > 1000


SIMULATE_A_SECOND = ("--simulate", "--timeout", "1")


def test_every_counterexample_is_in_the_result() -> None:
    words = ("Twice.tla", "--continue", "--workers", "1")
    result = check(*words)
    assert (result["exit"], result["verdict"]["detail"]) == (1, "NotThree")
    found = [(one["property"], one["trace_length"]) for one in result["counterexamples"]]
    assert found[:2] == [("NotThree", 3), ("NotFour", 3)]
    assert found[2][0] == "Deadlock"
    assert result["violations_found"] == len(found)
    _, screen = run("check", *words)
    assert "2 NotFour, 3 states: Invariant NotFour is violated." in screen
    code, second = run("trace", "--nth", "2")
    assert code == 0
    assert second.startswith("VIOLATED(NotFour)")
    assert second.rstrip().endswith("x = 4")
    code, said = run("trace", "--nth", "99")
    assert code == 2
    assert f"no counterexample number 99: this run has {len(found)}" in said


@pytest.mark.parametrize(
    ("flags", "code", "words"),
    [
        ("-dfid 30 -lncheck final", 4, "BOUNDED(depth)"),
        ("-fpmem 0.3 -fpbits 2 -maxSetSize 1000", 0, "PROVEN"),
        ("-lncheck seqfinal", 0, "PROVEN"),
        ("-lncheck off", 2, "would leave temporal properties unchecked"),
        ("-dfid", 2, "-dfid: there is no count above 0"),
        ("-dfid x", 2, "-dfid x: there is no count above 0"),
        ("-fpmem 0", 2, "-fpmem 0: there is no fraction above 0"),
        ("-simulate", 2, "choose --simulate, with --depth, --traces and --seed"),
        ("-deadlock", 2, "choose --no-deadlock"),
        ("-continue", 2, "choose --continue"),
        ("-depth 3", 2, "choose --simulate --depth N"),
        ("-recover x", 2, "choose `slubtla resume RUN`"),
        ("-view", 2, "with it TLC prints views instead of states"),
        ("-nowarning", 2, "some of TLC's warnings spoil a proof"),
        ("-inv Low", 2, "name the invariant in the cfg"),
        ("-brandNew", 2, "it does not know what a verdict would mean then"),
    ],
)
def test_flags_of_tlc_are_understood_or_refused(flags: str, code: int, words: str) -> None:
    own = ("--config", "TwiceLow.cfg", "--no-deadlock")
    exit_code, said = run("check", "Twice.tla", *own, "--", *flags.split())
    assert (exit_code, words in said) == (code, True), said


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("--depth 3", "--depth bounds random behaviours"),
        ("--traces 3", "--traces bounds random behaviours"),
        ("--library nowhere", "--library nowhere: there is no such folder"),
        ("--classpath nowhere.jar", "--classpath nowhere.jar: there is no such file"),
        ("--classpath Twice.cfg", "Twice.cfg is no jar"),
        ("--checkpoint 1 --simulate", "--checkpoint excludes --simulate"),
        ("--checkpoint 1 -- -dfid 3", "--checkpoint excludes --simulate, --continue, -dfid"),
        ("--distributed --continue", "--distributed excludes --simulate, --continue"),
        ("--simulate -- -dfid 3", "exclude each other"),
    ],
)
def test_what_makes_no_sense_is_refused(words: str, said: str) -> None:
    code, screen = run("check", "Twice.tla", *words.split())
    assert (code, said in screen) == (2, True), screen
