"""Every example in the help and in the documentation: its options exist, and cheap ones run."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from slubtla.cli.app import MODULES, app, load_command
from slubtla.tlc.tools import Toolchain

ROOT = Path(__file__).parent.parent
DOCS = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]
_BLOCK = re.compile(r"```console\n(.*?)```", re.DOTALL)
_PROMPT = re.compile(r"\w*\$ ")
_EXAMPLE = re.compile(r"Example: (slubtla .*?)\[/dim\]", re.DOTALL)
_NEXT_COMMAND = {"|", "&&", "||", ";"}

DRY = {"verify", "prove"}
"""Commands with a ``--dry-run``."""

CHEAP = {"explain", "list", "render", "schema"}
"""Commands that need no Java and no time."""


for _name in MODULES:
    load_command(_name)


def leaves(command: Any, words: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Every command that is no group, with the words that call it."""
    commands = getattr(command, "commands", None)
    if commands is None:
        yield words, command
        return
    for name, inner in commands.items():
        yield from leaves(inner, (*words, name))


def calls(line: str) -> Iterator[list[str]]:
    """The calls of slubtla in a line of a shell: the words behind ``slubtla``."""
    lexer = shlex.shlex(line, posix=True, punctuation_chars="|&;<>")
    lexer.whitespace_split = True
    words: list[str] = []
    for word in [*lexer, ";"]:
        if word not in _NEXT_COMMAND:
            words.append(word)
            continue
        if words and words[0] == "slubtla":
            own = words[1:]
            yield own[: own.index(">")] if ">" in own else own
        words = []


def examples() -> dict[str, list[str]]:
    """Each call, by where it stands."""
    found: dict[str, list[str]] = {}
    for document in DOCS:
        for block in _BLOCK.findall(document.read_text(encoding="utf-8")):
            for line in block.splitlines():
                if prompt := _PROMPT.match(line):
                    for words in calls(line[prompt.end() :]):
                        found[f"{document.name}: {shlex.join(words)}"] = words
    for names, command in leaves(typer.main.get_command(app)):
        for text in _EXAMPLE.findall(f"{command.help or ''} {command.epilog or ''}"):
            for words in calls(" ".join(text.split())):
                found[f"{' '.join(names)} --help: {shlex.join(words)}"] = words
    return found


EXAMPLES = examples()


def test_the_list_of_commands_is_the_same_before_their_modules_are_loaded() -> None:
    load = "from slubtla.cli.app import MODULES, load_command; [*map(load_command, MODULES)]; "
    shown = [
        subprocess.run(
            [sys.executable, "-c", f"{first}from slubtla.cli import main; main()", "--help"],
            capture_output=True,
            check=True,
            encoding="utf-8",
        ).stdout
        for first in ("", load)
    ]
    assert shown[0] == shown[1]
    assert "Check one strategy on one architecture" in shown[0]


def test_the_examples_are_found() -> None:
    assert len(EXAMPLES) > 60
    assert "README.md: check My.tla" in EXAMPLES
    assert any(where.startswith("litmus export --help:") for where in EXAMPLES)


Called = list[dict[str, Any]]


@pytest.fixture(scope="module")
def called() -> Called:
    """What the commands of :func:`reading` were called with."""
    return []


@pytest.fixture(scope="module")
def reading(called: Called) -> Any:
    """The whole command line, whose commands only note what they are called with."""
    command: Any = typer.main.get_command(app)
    for _, leaf in leaves(command):
        leaf.callback = lambda **given: called.append(given)
    return command


@pytest.mark.parametrize("where", EXAMPLES)
def test_its_options_and_arguments_are_read(where: str, reading: Any, called: Called) -> None:
    called.clear()
    reading.main(EXAMPLES[where], standalone_mode=False)
    (given,) = called
    for option in ("against", "model"):  # the text of another command line
        if isinstance(text := given.get(option), str) and text.startswith("--"):
            strategy = () if "--strategy" in text else ("--strategy", "smp_mb")  # RUN's own
            words = ["verify", *strategy, *shlex.split(text), "--dry-run"]
            done = CliRunner().invoke(app, words)
            assert done.exit_code == 0, done.output


def runnable() -> list[str]:
    """Those that cost little, and name no file of the reader's."""
    return [
        where
        for where, words in EXAMPLES.items()
        if words[0] in CHEAP | DRY and not any("models.toml" in word for word in words)
    ]


@pytest.mark.parametrize("where", runnable())
def test_a_cheap_one_runs(where: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    words = EXAMPLES[where]
    dry = ["--dry-run"] if words[0] in DRY and "--dry-run" not in words else []
    done = CliRunner().invoke(app, [*words, *dry])
    assert done.exit_code == 0, done.output


def test_the_page_on_tlc_from_python(
    engine_at_hand: Toolchain,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert engine_at_hand
    monkeypatch.chdir(tmp_path)
    page = (ROOT / "docs" / "tlc.md").read_text(encoding="utf-8")
    one, many = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    (spec,) = re.findall(r"```tla\n(.*?)```", page, re.DOTALL)
    (printed,) = re.findall(r"```text\n(.*?)```", page, re.DOTALL)
    (cfg,) = re.findall(r"the cfg `(.*)` it prints", page)
    Path("Clock.tla").write_text(spec, encoding="utf-8")
    for name in ("Clock.cfg", "Small.cfg", "Large.cfg"):
        Path(name).write_text(cfg + "\n", encoding="utf-8")
    assert len(one.splitlines()) <= 10
    names: dict[str, Any] = {}
    exec(one, names)  # noqa: S102 - our own
    assert capsys.readouterr().out == printed
    exec(many, names)  # noqa: S102 - likewise
    assert [str(found.verdict) for found in names["findings"]] == ["VIOLATED(Morning)"] * 2
