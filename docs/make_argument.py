"""Make what is generated on the page "The argument": ``python docs/make_argument.py``.

Everything is run first, and nothing is written unless it comes out as it is told. With
``--tables`` nothing is run: the tables and the statements are written from what is expected, which
is how the tests know that the page is up to date.
"""

from __future__ import annotations

import re
import sys
import tempfile
import textwrap
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from rich.console import Group, RenderableType
from rich.text import Text
from terminal_picture import terminal_picture

from slubtla import Result, Settings, verify
from slubtla.barriers.model import make_model
from slubtla.barriers.show.steps import timeline_steps
from slubtla.barriers.show.text import trace_view
from slubtla.barriers.table import Table
from slubtla.barriers.trace.counterexample import timeline_of
from slubtla.barriers.trace.timeline import Timeline
from slubtla.protocols.slub.argument import STATEMENTS, Argument, argue, read_answer
from slubtla.protocols.slub.argument.running import ExpectedArgument
from slubtla.protocols.slub.argument.sections import Part, Prose, sections_of
from slubtla.protocols.slub.argument.statements import Formal
from slubtla.protocols.slub.explanation import decisive_steps

PAGE = Path(__file__).with_name("argument.md")
TRACES: Mapping[str, str] = {"Case1": "arm64", "CasesExhaustive": "x86", "NoLeak": "x86"}
"""The machine on which each statement that falls is shown falling."""

WIDTH = 105
LAST_STEPS = 9
"""Of a shrink that waits for ever, the end."""


@dataclass(frozen=True)
class Shown:
    """A row of a table: what it is about, the model, and its verdict."""

    what: str
    model: Mapping[str, Any]
    verdict: str

    @property
    def cells(self) -> tuple[str, str, str]:
        """The row, as Markdown."""
        return self.what, f"`{make_model(**self.model).command}`", self.verdict


HISTORY = (
    Shown(
        "Linux v3.19, before the patch: nothing deactivates a cache",
        {"kernel": "v3.19"},
        "VIOLATED(NoLeak)",
    ),
    Shown(
        "v1, January 2015: two stores, then `flush_all()`",
        {"strategy": "none"},
        "VIOLATED(NoLeak)",
    ),
    Shown(
        "v2, Linux v4.0 (d6e0b7fa1186): `kick_all_cpus_sync()` in between",
        {"strategy": "kick_all_cpus_sync"},
        "PROVEN",
    ),
    Shown(
        "the same on arm64: its wait for the interrupts is no acquire",
        {"kernel": "v4.0", "arch": "arm64"},
        "VIOLATED(NoLeak)",
    ),
    Shown(
        "Linux v4.1 (8053871d0f7f) on arm64: now it is",
        {"kernel": "v4.1", "arch": "arm64"},
        "PROVEN",
    ),
    Shown("the mail, 1 April 2016: `smp_mb()`", {"strategy": "smp_mb"}, "VIOLATED(NoLeak)"),
    Shown(
        "its repair, in no kernel: `smp_mb()` on both sides",
        {"strategy": "smp_mb_paired"},
        "PROVEN",
    ),
    Shown(
        "Linux v4.8 (81ae6d03952c): `synchronize_sched()`, for each cache",
        {"kernel": "v4.8"},
        "PROVEN",
    ),
    Shown(
        "Linux v4.10 (89e364db71fb): one for all caches, outside `slab_mutex`",
        {"kernel": "v4.10"},
        "PROVEN",
    ),
    Shown(
        "Linux v4.11 (c9fc586403e7, 01fb58bcba63): `call_rcu_sched()` and a worker",
        {"kernel": "v4.11"},
        "PROVEN",
    ),
    Shown(
        "Linux v5.15: no dead caches, `local_lock`; its own promises",
        {"kernel": "v5.15"},
        "PROVEN",
    ),
)
DEADLOCK = (
    Shown(
        "v4.0, with an allocation in flight",
        {"kernel": "v4.0", "allocations": 1},
        "VIOLATED(NoSelfDeadlock)",
    ),
    Shown(
        "v5.15, with an allocation in flight",
        {"kernel": "v5.15", "allocations": 1, "properties": ("NoSelfDeadlock",)},
        "PROVEN",
    ),
)
_RETURNS = {"properties": ("ShrinkTerminates",)}
LIVENESS = (
    Shown(
        "a grace period, and a task that stays in its preempt-off region",
        {"strategy": "synchronize_sched", "stuck": "preempt_off", **_RETURNS},
        "VIOLATED(ShrinkTerminates)",
    ),
    Shown(
        "the kick, and a task that stays in its preempt-off region",
        {"strategy": "kick_all_cpus_sync", "stuck": "preempt_off", **_RETURNS},
        "PROVEN",
    ),
    Shown(
        "the kick, and a task that never turns irqs on again",
        {"strategy": "kick_all_cpus_sync", "stuck": "irqs_off", **_RETURNS},
        "VIOLATED(ShrinkTerminates)",
    ),
)


def sections() -> dict[str, str]:
    """Return the sections of the argument as expected, by title, each without its title."""
    found = {}
    for section in sections_of(ExpectedArgument()):
        parts = "\n".join(map(_markdown, section.parts))
        found[section.title] = parts.rstrip()
    return found


def question() -> str:
    """Return the question and the shape."""
    of = sections()
    return "\n\n".join(f"## {title}\n\n{of[title]}" for title in ("The question", "The shape"))


def statements() -> str:
    """Return each sentence, its formal statement, and what becomes of it."""
    of, told = sections(), []
    for statement in STATEMENTS:
        told.append(f"### {statement.title}\n\n{of[statement.title]}")
        if where := TRACES.get(statement.name):
            falls = f"{statement.name} falls on {where}"
            told.append(f"![{falls}](pictures/argument-{statement.name}.svg)")
    return "\n\n".join(told)


def answer() -> str:
    """Return the statements on each machine, and what follows."""
    of = sections()
    return "\n\n".join((of["All verdicts"], of["The answer"]))


def _markdown(part: Part) -> str:
    match part:
        case Prose():
            return _prose(f"**{part.text}**" if part.style.startswith("bold") else part.text)
        case Formal():
            width = max(map(len, part.history), default=0)
            noted = [f"\\* {name.ljust(width)}  {words}" for name, words in part.history.items()]
            return "\n".join(["```tla", *noted, part.definition, "```\n"])
        case Table():
            rows = [
                tuple(" ".join(getattr(c, "text", c).split()) for c in row) for row in part.rows
            ]
            return _table(tuple(column.head for column in part.columns), rows) + "\n"
        case Timeline():
            raise AssertionError("nothing was run")


def _prose(text: str) -> str:
    """A paragraph, with the kernel's names as code."""
    named = re.sub(r"\w+\(\)|(\w->)?\w+_\w+( = 0)?|__\w+", r"`\g<0>`", text)
    whole = named.replace(" = 0`", "~=~0`")  # what is code is not broken
    return textwrap.fill(whole, WIDTH, break_on_hyphens=False).replace("~=~", " = ") + "\n"


def _shown(rows: tuple[Shown, ...]) -> str:
    return _table(("what", "ask", "verdict"), [row.cells for row in rows])


BLOCKS: Mapping[str, Callable[[], str]] = {
    "question": question,
    "statements": statements,
    "answer": answer,
    "history": lambda: _shown(HISTORY),
    "deadlock": lambda: _shown(DEADLOCK),
    "liveness": lambda: _shown(LIVENESS),
}


def updated(page: str) -> str:
    """Return the page with every generated block made anew.

    Raises:
        ValueError: the page has no place for a block.
    """
    for name, make in BLOCKS.items():
        begin, end = f"<!-- {name}: by docs/make_argument.py -->", f"<!-- end of {name} -->"
        if page.count(begin) != 1 or page.count(end) != 1:
            raise ValueError(f"the page needs the lines {begin} and {end}, once each")
        block = f"{begin}\n\n{make()}\n\n{end}"
        page = re.sub(
            f"{re.escape(begin)}.*?{re.escape(end)}", lambda _, b=block: b, page, flags=re.DOTALL
        )
    return page


def _table(head: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    lines = [head, ("---",) * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def run_all(place: Path) -> tuple[Argument, Mapping[str, Result]]:
    """Run everything that the page tells of.

    Raises:
        SystemExit: something does not come out as it is told.
    """
    argument = argue(settings=Settings(out_dir=place / "argue"))
    answer = read_answer(argument)
    if answer.exit_code != 0:
        sys.exit(f"the argument does not come out as expected: {answer}")
    rows = HISTORY + DEADLOCK + LIVENESS

    def check(number: int) -> Result:
        settings = Settings(workers=1, out_dir=place / str(number))
        return verify(make_model(**rows[number].model), settings=settings)

    with ThreadPoolExecutor(max_workers=2) as pool:
        results = list(pool.map(check, range(len(rows))))
    for row, result in zip(rows, results, strict=True):
        if str(result.verdict) != row.verdict:
            sys.exit(f"{row.cells[1]} is {result.verdict}, and not {row.verdict}")
    return argument, {row.what: result for row, result in zip(rows, results, strict=True)}


def picture(name: str, command: str, view: RenderableType, place: Path) -> None:
    """Write what a command shows."""
    svg = terminal_picture(name, command, view, place)
    PAGE.with_name("pictures").joinpath(f"{name}.svg").write_bytes(svg)


def pictures(argument: Argument, results: Mapping[str, Result], place: Path) -> None:
    """Draw the counterexamples."""
    for name, arch in TRACES.items():
        judged = next(j for j in argument.machines if j.machine.name == arch)
        result = judged.run_of(name)
        table = timeline_steps(decisive_steps(result, name))
        shown = Group(Text(f"VIOLATED({name}) on {arch}: the decisive steps"), Text(), table)
        picture(f"argument-{name}", f"slubtla argue --arch {arch}", shown, place)
    dead = results[DEADLOCK[0].what]
    picture("argument-deadlock", dead.command, trace_view(dead), place)
    stuck = results[LIVENESS[0].what]
    if stuck.trace is None:
        sys.exit("a shrink that waits for ever has no trace")
    timeline = timeline_of(stuck)
    table = timeline_steps(replace(timeline, steps=timeline.steps[-LAST_STEPS:]))
    who = [Text(sentence) for sentence in timeline.summary]
    shown = Group(Text(f"{stuck.verdict}: the last steps"), *who, Text(), table)
    picture("argument-stuck", stuck.command, shown, place)


def main(arguments: list[str]) -> None:
    """Make the page."""
    if arguments != ["--tables"]:
        with tempfile.TemporaryDirectory() as folder:
            place = Path(folder)
            pictures(*run_all(place), place)
    PAGE.write_text(updated(PAGE.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
