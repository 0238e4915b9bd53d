"""The table of what is allowed: against a search of all interleavings, and against TLC."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from slubtla.barriers.machines import CMPXCHGS, Orders
from slubtla.protocols.slub import SLUB
from slubtla.protocols.slub.hardware.build import SOURCES
from slubtla.protocols.slub.hardware.variants import PUTS, SHRINKS, Put, Shrink, rule
from slubtla.tlc.run.result import Result
from slubtla.tlc.run.verdict import VerdictKind

PAIRS = [
    pytest.param(put, shrink, id=f"{arch}-{put.name}-{shrink.name}")
    for arch, puts in PUTS.items()
    for put in puts.values()
    for shrink in SHRINKS.values()
]

Program = tuple[str, ...]


def outcomes(put: Program, shrink: Program) -> set[tuple[str, str]]:
    """What (put, shrink) can read, by every interleaving of two CPUs with FIFO store buffers.

    A program is made of ``store``, ``own`` (waits until its own buffer is empty), ``every`` (until
    all are) and ``load``. Both stores change a location from "old" to "new".
    """
    programs = (put, shrink)
    seen: set[tuple[str, str]] = set()
    done = set()
    # for each CPU: how far it is, is its store in its buffer, is it in memory, what it read
    states = [((0, False, False, ""), (0, False, False, ""))]
    while states:
        state = states.pop()
        if state in done:
            continue
        done.add(state)
        if all(at == len(program) for (at, *_), program in zip(state, programs, strict=True)):
            seen.add((state[0][3], state[1][3]))
        for cpu in (0, 1):
            at, buffered, stored, read = state[cpu]
            step = programs[cpu][at] if at < len(programs[cpu]) else ""
            following = []
            if buffered:
                following.append((at, False, True, read))
            if step == "store":
                following.append((at + 1, True, stored, read))
            elif step == "load":
                following.append((at + 1, buffered, stored, "new" if state[1 - cpu][2] else "old"))
            elif step and not buffered and not (step == "every" and state[1 - cpu][1]):
                following.append((at + 1, buffered, stored, read))
            states += [(new, state[1]) if cpu == 0 else (state[0], new) for new in following]
    return seen


@pytest.mark.parametrize(("put", "shrink"), PAIRS)
def test_the_ruling_is_what_store_buffers_do(put: Put, shrink: Shrink) -> None:
    puts: Program = ("store", "own", "load") if put.fenced else ("store", "load")
    barriers: dict[Orders, Program] = {
        Orders.NOBODY: (),
        Orders.OWN_CPU: ("own",),
        Orders.EVERY_CPU: ("every",),
    }
    seen = outcomes(puts, ("store", *barriers[shrink.orders], "load"))
    assert rule(put, shrink).allowed is (("old", "old") in seen)
    assert seen >= {("new", "old"), ("old", "new"), ("new", "new")}
    assert rule(put, shrink).reason


@pytest.mark.parametrize(
    ("strategy", "cmpxchg", "put"),
    [
        ("smp_mb", "unlocked", "cmpxchg"),
        ("smp_mb", "full", "lock_cmpxchg"),
        ("smp_mb_paired", "unlocked", "cmpxchg_mfence"),
    ],
)
def test_tlc_says_the_same_of_the_whole_protocol(
    verified: Callable[..., Result], strategy: str, cmpxchg: str, put: str
) -> None:
    twin = "smp_mb" if strategy == "smp_mb_paired" else strategy
    shrink = next(entry for entry in SHRINKS.values() if entry.twin == twin)
    verdict = verified(strategy=strategy, cmpxchg=cmpxchg, slabs=1).verdict
    expected = VerdictKind.VIOLATED if rule(PUTS["x86-64"][put], shrink).allowed else None
    assert verdict.kind is (expected or VerdictKind.PROVEN)


def test_every_name_of_the_model_exists() -> None:
    assert {shrink.twin for shrink in SHRINKS.values()} <= set(SLUB.strategies)
    kinds = {put.cmpxchg for puts in PUTS.values() for put in puts.values()}
    assert kinds - {None} <= set(CMPXCHGS)


def test_the_sources_and_the_table_have_the_same_names_for_every_machine() -> None:
    text = next(path for path in SOURCES if path.name == "variants.h").read_text("utf-8")
    tables = re.findall(r"put_variants\[\] = \{(.*?)\n\};", text, re.DOTALL)
    named = [re.findall(r'\{"(\w+)"', table) for table in tables]
    assert named == [list(puts) for puts in PUTS.values()]
    shrinks = re.search(r"shrink_variants\[\] = \{(.*?)\n\};", text, re.DOTALL)
    assert shrinks is not None
    assert re.findall(r'\{"(\w+)"', shrinks[1]) == list(SHRINKS)
