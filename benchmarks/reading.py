"""How fast TLC's output is read, against a peer's reader of the same states.

The peer is no part of any extra: ``pip install tlakit`` beside slubtla to have it measured. (The
reader of modelator-py was not done with 10,000 states after a minute.)
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from benchmarks.timing import clocked
from slubtla.tlc.output import parser, read_report

MEGABYTE = 1_000_000

STATES = 10_000

_HEAD = """\
@!@!@STARTMSG 2262:0 @!@!@
TLC2 Version 2.15 of Day Month 20?? (rev: d5b5a7f)
@!@!@ENDMSG 2262 @!@!@
@!@!@STARTMSG 2187:0 @!@!@
Running breadth-first search Model-Checking with fp 0 and seed 0 with 1 worker on 2 cores.
@!@!@ENDMSG 2187 @!@!@
@!@!@STARTMSG 2185:0 @!@!@
Starting... (2026-01-01 00:00:00)
@!@!@ENDMSG 2185 @!@!@
"""
_VIOLATED = """\
@!@!@STARTMSG 2110:1 @!@!@
Invariant NoLeak is violated.
@!@!@ENDMSG 2110 @!@!@
@!@!@STARTMSG 2121:1 @!@!@
The behavior up to this point is:
@!@!@ENDMSG 2121 @!@!@
"""


def long_output(path: Path, size: int = 100 * MEGABYTE) -> Path:
    """Write an output of ``size`` bytes: coverage and progress, as a run of days prints them."""
    with path.open("w", encoding="utf-8") as file:
        file.write(_HEAD)
        written = 0
        while written < size:
            written += file.write(_report(written))
    return path


def long_trace(path: Path, states: int = STATES) -> Path:
    """Write a counterexample of ``states`` states, of the size that the protocol's have."""
    with path.open("w", encoding="utf-8") as file:
        file.writelines([_HEAD, _VIOLATED])
        for number, head, values in _states(states):
            lines = _message(2217, 4, f"{number}: {head}\n{values}")
            file.write("\n".join(lines) + "\n")
    return path


def plain_trace(path: Path, states: int = STATES) -> Path:
    """Write the same as TLC prints it without ``-tool``, which is what the peers read."""
    with path.open("w", encoding="utf-8") as file:
        file.write("Error: Invariant NoLeak is violated.\n")
        file.write("Error: The behavior up to this point is:\n")
        for number, head, values in _states(states):
            file.write(f"State {number}: {head}\n{values}\n")
        file.write(f"{states} states generated, {states} distinct states found, 0 states left on ")
        file.write("queue.\nFinished in 01s at (2026-01-01 00:00:00)\n")
    return path


def readers(output: Path, trace: Path, plain: Path) -> dict[str, Callable[[], float]]:
    """What is measured, by name."""
    found = {
        "read 100 MB of output": lambda: clocked(lambda: _read(output)),
        "read 10,000 states": lambda: clocked(lambda: _read_states(trace, values=False)),
        "read them with all values": lambda: clocked(lambda: _read_states(trace, values=True)),
    }
    peer = _tlakit()
    if peer is not None:
        found["tlakit: all values"] = _clocked_on(peer, plain)
    return found


def _clocked_on(read: Callable[[str], int], trace: Path) -> Callable[[], float]:
    def run() -> None:
        count = read(trace.read_text(encoding="utf-8"))
        if count != STATES:
            raise RuntimeError(f"{count:,} states read, not {STATES:,}")

    return lambda: clocked(run)


def _read(output: Path) -> None:
    with output.open(encoding="utf-8") as lines:
        if read_report(lines).coverage is None:
            raise RuntimeError("no coverage read")


def _read_states(trace: Path, *, values: bool) -> None:
    """The states, whose values are parsed when they are looked at; or all of those, too."""
    parser._parse.cache_clear()  # noqa: SLF001  # else only the first round would parse
    with trace.open(encoding="utf-8") as lines:
        steps = getattr(read_report(lines).trace, "steps", ())
    if sum(bool(dict(step.values) if values else step.action) for step in steps) < STATES - 1:
        raise RuntimeError(f"{len(steps):,} states read, not {STATES:,}")


def _tlakit() -> Callable[[str], int] | None:
    try:
        module = importlib.import_module("tlakit.trace")
    except ImportError:
        return None
    return lambda text: len(module.parse_text_trace(text).states)


def _report(number: int) -> str:
    lines: list[str] = []
    add = lines.extend
    add(_message(2201, 0, "The coverage statistics at 2026-01-01 00:00:00"))
    for label in range(40):
        place = f"line {label + 1}, col 1 to line {label + 1}, col 9 of module Slub"
        add(_message(2772, 0, f"<put_label_{label} {place}>: {number}:{number + label}"))
        for column in range(12):
            inner = f"  line {label + 1}, col {column} to line {label + 1}, col 19 of module Slub"
            add(_message(2221, 0, f"{inner}: {number}"))
    add(_message(2202, 0, "End of statistics."))
    now = "2026-01-01 00:00:00"
    add(
        _message(
            2200,
            0,
            f"Progress(42) at {now}: {number:,} states generated (1,000 s/min), {number:,} "
            "distinct states found (1,000 ds/min), 7 states left on queue.",
        )
    )
    return "\n".join(lines) + "\n"


def _message(code: int, kind: int, text: str) -> Iterable[str]:
    return (f"@!@!@STARTMSG {code}:{kind} @!@!@", text, f"@!@!@ENDMSG {code} @!@!@")


def _states(count: int) -> Iterator[tuple[int, str, str]]:
    for number in range(1, count + 1):
        head = "<Initial predicate>"
        if number > 1:
            head = "<put_load_head line 650, col 24 to line 663, col 60 of module Slub>"
        values = (
            f'/\\ memory = ( <<"partial", cpu0>> :> slab{number % 3} @@\n'
            '  <<"partial", cpu1>> :> NULL @@\n  <<"limit">> :> 1 )\n'
            f'/\\ buffer = (cpu0 :> << <<<<"limit">>, {number}>> >> @@ cpu1 :> <<>>)\n'
            '/\\ pc = ( task1 :> "put_load_head" @@\n  task2 :> "free_cmpxchg_slab" @@\n'
            '  <<"irq", cpu0>> :> "ipi_enter" )\n'
            "/\\ current = (cpu0 :> task1 @@ cpu1 :> shrinker)\n"
            "/\\ frozen = {slab1, slab2}\n"
            '/\\ stack = (task1 :> <<[pc |-> "put_return", page |-> slab1]>> @@ task2 :> <<>>)\n'
        )
        yield number, head, values
