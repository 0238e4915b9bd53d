"""Names and values that mean something to a shell, a template, a terminal or another locale."""

from __future__ import annotations

import ast
import json
import shlex
import sys
from pathlib import Path

import pytest
from engine.tools import COUNTER, names_in, write_spec

import slubtla
from faults.tools import MODEST, TINY, run, whole_runs
from slubtla import load_run
from slubtla.barriers.model import make_model, read_parameters
from slubtla.errors import UsageError

HOSTILE = [
    '"; touch pwned; "',
    "$(touch pwned)",
    "`touch pwned`",
    "{{ 7*7 }}",
    "${ 7*7 }",
    "<% include 'slub/Slub.tla.j2' %>",
    "none\n==== \\* x",
    "../../../../etc/passwd",
    "[bold]x[/bold]",
    "-strategy",
    "",
]
ASCII = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
"""A locale in which nothing but ASCII can be written."""
NAMED = ["strategy", "kernel", "arch", "memory", "cmpxchg", "stuck", "without", "property"]


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working directory, in which nothing may be made."""
    folder = tmp_path / "here"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


@pytest.mark.parametrize("option", NAMED)
def test_a_hostile_name_is_only_an_unknown_name(here: Path, option: str) -> None:
    """In a file of parameters, and on the command line."""
    key = {"property": "properties"}.get(option, option)
    for number, value in enumerate(HOSTILE):
        file = here.parent / f"{number}.toml"
        written = [value] if option in {"property", "without"} else value
        own = {} if option == "strategy" else {"strategy": "none"}
        lines = [f"{name} = {json.dumps(text)}" for name, text in (own | {key: written}).items()]
        file.write_text("\n".join(lines) + "\n", encoding="utf-8")
        with pytest.raises(UsageError):
            make_model(**read_parameters(file))
    given = [] if option == "strategy" else ["--strategy", "none"]
    ran = run("verify", *given, f"--{option}={HOSTILE[0]}")
    assert (ran.code, ran.out) == (2, "")
    assert repr(HOSTILE[0]) in ran.err
    assert names_in(here) == set()


@pytest.mark.parametrize(
    "name", ['it\'s "two" words', "$(touch pwned); {{ 7*7 }} [red]x", "-größe"]
)
def test_a_hostile_path_is_only_a_path(here: Path, tmp_path: Path, name: str) -> None:
    spec, _ = write_spec(tmp_path / name, COUNTER, "INIT Init\nNEXT Turn\nINVARIANT InRange\n")
    ran = run("check", *MODEST, "--json", f"--out-dir={tmp_path / 'kept' / name}", "--", spec)
    assert (ran.code, ran.err) == (0, "")
    assert whole_runs(tmp_path / "kept") == {name: "PROVEN"}
    result = json.loads(ran.out)
    assert shlex.split(result["command"]) == ["slubtla", "check", str(spec)]
    told = run("trace", tmp_path / "kept" / name)
    assert (told.code, told.out.split()[0]) == (0, "PROVEN")
    assert names_in(here) == set()


def test_an_edit_of_a_mutant_is_text_and_never_runs(here: Path, tmp_path: Path) -> None:
    """Somebody else's file of models, with a template that reaches for Python."""
    reach = "${ ''.__class__.__mro__[1].__subclasses__() }"
    file = tmp_path / "theirs.toml"
    file.write_text(
        'title = "t"\nabout = "t"\n[model.one]\nabout = "o"\nexpect = "VIOLATED(NoLeak)"\n'
        'strategy = "none"\n[[model.one.edit]]\ntemplate = "slub/Slub.tla.j2"\n'
        f'right = "EXTENDS "\nwrong = "{reach}EXTENDS "\n',
        encoding="utf-8",
    )
    ran = run("prove", file)
    assert (ran.code, ran.out) == (2, "")
    assert "a template does not render: access to attribute '__class__'" in ran.said
    assert names_in(here) == set()


RUNS_TEXT = {"eval", "exec", "compile", "os.system", "os.popen", "subprocess.getoutput"}


def test_no_part_of_slubtla_uses_a_shell_or_runs_text() -> None:
    """No value ever becomes a shell's line, Python's code or the source of a template."""
    found = []
    for path in sorted(Path(slubtla.__file__).parent.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call):
                called = ast.unparse(node.func)
                shell = any(keyword.arg == "shell" for keyword in node.keywords)
                if shell or called in RUNS_TEXT or called.endswith((".from_string", ".Template")):
                    found.append(f"{path.name}:{node.lineno}: {called}")
    assert found == []


def test_a_locale_without_unicode(tmp_path: Path) -> None:
    """What it lacks is an escape, and the answer is the same."""
    kept = tmp_path / "größe ∀"
    leak = ["--strategy", "none", *TINY, "--out-dir", kept]
    ran = run("verify", *leak, environ=ASCII)
    assert (ran.code, ran.err) == (1, "")
    assert ran.out.startswith("VIOLATED(NoLeak)")
    assert whole_runs(tmp_path) == {kept.name: "VIOLATED(NoLeak)"}
    for command in (["trace", kept], ["explain", "NoLeak"], ["list"], ["verify", "--help"]):
        told = run(*command, environ=ASCII)
        assert (told.code, told.err) == (0, "")
        assert told.out.replace(kept.name, "").isascii()
    spec, _ = write_spec(tmp_path / "größe", COUNTER, "INIT Init\nNEXT Turn\n")
    result = json.loads(run("check", spec, "--json", environ=ASCII).out)
    assert result["command"] == shlex.join(["slubtla", "check", str(spec)])


@pytest.mark.skipif(sys.platform == "darwin", reason="its file systems know no such names")
def test_a_path_that_is_no_unicode(tmp_path: Path) -> None:
    folder = Path(f"{tmp_path}/f\udcff")
    spec, _ = write_spec(folder, COUNTER, "INIT Init\nNEXT Turn\nINVARIANT InRange\n")
    ran = run("check", spec, *MODEST, "--out-dir", folder / "run")
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.startswith("PROVEN")
    assert str(load_run(folder / "run").verdict) == "PROVEN"
    told = run("check", spec, *MODEST, "--json", "--out-dir", folder / "again")
    assert (told.code, told.err) == (0, "")
    assert json.loads(told.out)["command"].endswith(r"f\xff/Counter.tla'")
