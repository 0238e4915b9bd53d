"""``pytest --slubtla``: each model of a file is a test; without the option nothing happens."""

from __future__ import annotations

import importlib.metadata
import subprocess
import sys
from pathlib import Path

import pytest

from slubtla.barriers.suite import prove

from .tools import COUNTERS, write, write_counter

pytest_plugins = ["pytester"]

INSTALLED = any(
    point.value == "slubtla.pytest_plugin"
    for point in importlib.metadata.entry_points(group="pytest11")
)
TWO = (
    COUNTERS
    + """
[model.falls]
spec = "Counter.tla"
cfg = "Small.cfg"
expect = "VIOLATED(Small)"
"""
)
SMALL_CFG = "INIT Init\nNEXT Next\nCONSTANT Last = 4\nINVARIANT Small\n"


@pytest.fixture
def project(pytester: pytest.Pytester) -> Path:
    """A project with a test, a spec of its own, and a file of models that is recorded."""
    pytester.makepyfile(test_own="def test_own(): pass")
    file = write_counter(pytester.path / "specs", models=TWO)
    file.with_name("Small.cfg").write_text(SMALL_CFG)
    assert prove([file], record=True).exit_code == 0
    return file


def run(pytester: pytest.Pytester, *arguments: str) -> pytest.RunResult:
    plugin = [] if INSTALLED else ["-p", "slubtla.pytest_plugin"]
    return pytester.runpytest_subprocess(*plugin, "-p", "no:cacheprovider", *arguments)


@pytest.mark.usefixtures("engine_at_hand", "project")
def test_each_model_is_a_test(pytester: pytest.Pytester) -> None:
    result = run(pytester, "--slubtla", "specs/models.toml", "-v")
    result.assert_outcomes(passed=3)
    result.stdout.fnmatch_lines(
        [
            "specs/models.toml::?file? PASSED*",
            "specs/models.toml::counter PASSED*",
            "specs/models.toml::falls PASSED*",
        ]
    )


@pytest.mark.usefixtures("engine_at_hand", "project")
def test_with_other_arguments_they_are_added(pytester: pytest.Pytester) -> None:
    run(pytester, "--slubtla", "specs/models.toml", "test_own.py").assert_outcomes(passed=4)
    one = run(pytester, "--slubtla=specs/models.toml", "specs/models.toml::falls")
    one.assert_outcomes(passed=1)
    assert run(pytester, "--slubtla", "specs/models.toml", "-k", "falls").ret == 0


@pytest.mark.usefixtures("engine_at_hand", "project")
def test_from_the_ini_file_they_never_hide_the_tests(pytester: pytest.Pytester) -> None:
    pytester.makeini("[pytest]\naddopts = --slubtla specs/models.toml\n")
    run(pytester).assert_outcomes(passed=4)


@pytest.mark.usefixtures("engine_at_hand")
def test_a_difference_is_told_in_words_and_without_a_traceback(
    pytester: pytest.Pytester, project: Path
) -> None:
    project.with_name("Small.cfg").write_text(SMALL_CFG.replace("Small", "InRange"))
    result = run(pytester, "--slubtla", "specs/models.toml")
    result.assert_outcomes(passed=2, failed=1)
    result.stdout.fnmatch_lines(
        [
            "invariant: INVARIANT Small is gone: it is pinned, but the cfg no longer checks it",
            "  next: *",
            "verdict: expected VIOLATED(Small), found PROVEN*",
        ]
    )
    result.stdout.no_fnmatch_line("*Traceback*")
    result.stdout.no_fnmatch_line("*def runtest*")


@pytest.mark.usefixtures("engine_at_hand")
def test_what_holds_of_the_file_is_a_test_too(pytester: pytest.Pytester, project: Path) -> None:
    text = project.read_text()
    start, end = text.index("[model.falls]"), text.index("[pins]")
    project.write_text(text[:start] + text[end:])
    result = run(pytester, "--slubtla", "specs/models.toml")
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(["deleted: ?model.falls? is pinned, but no longer in the file"])


def test_a_file_that_makes_no_sense_is_an_error(pytester: pytest.Pytester) -> None:
    write(pytester.path, 'title = "x"\n[model.a]\nstrategy = "smp_bm"\n')
    result = run(pytester, "--slubtla", "models.toml")
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*unknown strategy 'smp_bm'; did you mean 'smp_mb'?"])


@pytest.mark.usefixtures("engine_at_hand", "project")
def test_pytest_xdist_runs_them_side_by_side(pytester: pytest.Pytester) -> None:
    run(pytester, "--slubtla", "specs/models.toml", "-n", "2").assert_outcomes(passed=3)


@pytest.mark.usefixtures("engine_at_hand", "project")
def test_without_the_option_it_does_nothing(pytester: pytest.Pytester) -> None:
    run(pytester).assert_outcomes(passed=1)
    assert run(pytester, "specs/models.toml").ret != 0


def test_its_import_costs_nothing() -> None:
    code = (
        "import pytest, sys; before = set(sys.modules); import slubtla.pytest_plugin;"
        "print(sorted(m for m in set(sys.modules) - before if not m.startswith('slubtla')))"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "[]"
