"""Break a memory model in one place, on a copy of the specifications, and see the set catch it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from slubtla.barriers.litmus import run_litmus, shipped_files
from slubtla.tlc.run.settings import Settings
from slubtla.tlc.tools import Toolchain

FILES = {file.stem: file for file in shipped_files()}
TSO, PSO, RELAXED = (f"memory/{name}/WeakMemory.tla" for name in ("tso", "pso", "relaxed"))
MACROS = "memory/macros.pcal"
RCU = "litmus/Litmus.tla.j2"

FORWARDING = "IF waiting = {} THEN mem.memory[location] ELSE entries[Newest(waiting)][2]"
FORWARDING_RELAXED = FORWARDING.replace("entries", "mem.buffer[cpu]")
NEWEST = "indices : \\A j \\in indices : j <= i"
SMP_MB = "macro smp_mb(cpu)   { await Drained(mem, cpu); mem"
FULL_FENCE = "FullFence(mem, cpu) == [mem EXCEPT !.older[cpu] = <<>>]"
READ_FENCE = "ReadFence(mem, cpu) == [mem EXCEPT !.older[cpu] = <<>>]"
WRITE_FENCE = "WriteFence(mem, cpu) == [mem EXCEPT !.buffer[cpu] = Fenced(@)]"
RELEASE = "Append(Fenced(@), <<location, value>>)"
RELEASE_RELAXED = "Released(@, <<location, value>>)"
UNFENCED = "Append(@, <<location, value>>)"
ACQUIRED = "Acquired(mem, @, location, seen[2])"
EXCHANGE_ACQUIRED = """IF order = "acquire"
                                    THEN Acquired(mem, @, location, Len(@) + 1) ELSE @"""
FORGOTTEN = "[Outdated(mem, cpu, location, new) EXCEPT ![cpu] = <<>>]"
XCHG = "    exchange(cpu, location, value, register, "
CMPXCHG = "    compare_exchange(cpu, location, old, new, register, "


@dataclass(frozen=True)
class Mutant:
    """One place broken: in ``template``, ``right`` becomes ``wrong``; ``caught_by`` fail."""

    name: str
    memory: str
    template: str
    right: str
    wrong: str
    caught_by: tuple[str, ...]


MUTANTS = [
    Mutant(
        "no forwarding",
        "tso",
        TSO,
        FORWARDING,
        "mem.memory[location]",
        ("CoWR", "SB+rfi-po+rfi-po"),
    ),
    Mutant("no forwarding", "pso", PSO, FORWARDING, "mem.memory[location]", ("CoWR",)),
    Mutant(
        "no forwarding", "relaxed", RELAXED, FORWARDING_RELAXED, "mem.memory[location]", ("CoWR",)
    ),
    Mutant(
        "the oldest is forwarded", "tso", TSO, NEWEST, NEWEST.replace("<=", ">="), ("CoWR+newest",)
    ),
    Mutant(
        "the oldest is forwarded",
        "relaxed",
        RELAXED,
        NEWEST,
        NEWEST.replace("<=", ">="),
        ("CoWR+newest",),
    ),
    Mutant(
        "LIFO drain",
        "tso",
        TSO,
        """Head(mem.buffer[cpu])
         IN  {[mem EXCEPT !.memory[entry[1]] = entry[2], !.buffer[cpu] = Tail(@)]}""",
        """mem.buffer[cpu][Len(mem.buffer[cpu])]
         IN  {[mem EXCEPT !.memory[entry[1]] = entry[2],
                          !.buffer[cpu] = SubSeq(@, 1, Len(@) - 1)]}""",
        ("CoWW", "MP", "2+2W"),
    ),
    Mutant(
        "LIFO drain",
        "pso",
        PSO,
        "\\A j \\in 1..(i - 1) :",
        "\\A j \\in (i + 1)..Len(entries) :",
        ("CoWW",),
    ),
    Mutant(
        "stores to one location overtake",
        "relaxed",
        RELAXED,
        "entries[j] # WriteBarrier /\\ ~IsStoreTo(entries[j], entries[i][1])",
        "entries[j] # WriteBarrier",
        ("CoWW",),
    ),
    Mutant(
        "smp_wmb does nothing",
        "pso",
        PSO,
        WRITE_FENCE,
        "WriteFence(mem, cpu) == mem",
        ("MP+wmb+rmb", "2+2W+wmbs"),
    ),
    Mutant(
        "smp_wmb does nothing",
        "relaxed",
        RELAXED,
        WRITE_FENCE,
        "WriteFence(mem, cpu) == mem",
        ("MP+wmb+rmb",),
    ),
    Mutant("smp_mb does not drain", "tso", MACROS, SMP_MB, "macro smp_mb(cpu) { mem", ("SB+mbs",)),
    Mutant("smp_mb does not drain", "pso", MACROS, SMP_MB, "macro smp_mb(cpu) { mem", ("SB+mbs",)),
    Mutant(
        "smp_mb does not drain",
        "relaxed",
        MACROS,
        SMP_MB,
        "macro smp_mb(cpu) { mem",
        ("SB+mbs", "2+2W+mbs"),
    ),
    Mutant(
        "smp_mb orders no loads",
        "relaxed",
        RELAXED,
        FULL_FENCE,
        "FullFence(mem, cpu) == mem",
        ("MP+mbs", "IRIW+mbs", "SB+mbs"),
    ),
    Mutant(
        "a fence waits for every buffer",
        "tso",
        MACROS,
        SMP_MB,
        "macro smp_mb(cpu) { await \\A c \\in CPUS : Drained(mem, c); mem",
        ("SB+mb+po",),
    ),
    Mutant(
        "a fence waits for the other's buffer",
        "pso",
        MACROS,
        SMP_MB,
        "macro smp_mb(cpu) { await \\A c \\in CPUS \\ {cpu} : Drained(mem, c); mem",
        ("SB+cmpxchg+mb", "R+wmb+mb"),
    ),
    Mutant(
        "a fence waits for every buffer",
        "relaxed",
        MACROS,
        SMP_MB,
        "macro smp_mb(cpu) { await \\A c \\in CPUS : Drained(mem, c); mem",
        ("R+po+mb",),
    ),
    Mutant(
        "a fence refreshes every CPU",
        "relaxed",
        RELAXED,
        FULL_FENCE,
        "FullFence(mem, cpu) == [mem EXCEPT !.older = [c \\in DOMAIN @ |-> <<>>]]",
        ("IRIW+mb+po", "RWC+po+mb"),
    ),
    Mutant(
        "smp_rmb does nothing",
        "relaxed",
        RELAXED,
        READ_FENCE,
        "ReadFence(mem, cpu) == mem",
        ("MP+wmb+rmb", "WRC+rel+rmb"),
    ),
    Mutant(
        "smp_rmb is a full fence",
        "relaxed",
        MACROS,
        "macro smp_rmb(cpu)  { mem",
        "macro smp_rmb(cpu)  { await Drained(mem, cpu); mem",
        ("SB+rmb+mb",),
    ),
    Mutant(
        "smp_wmb is a full fence",
        "relaxed",
        MACROS,
        "macro smp_wmb(cpu)  { mem := WriteFence(mem, cpu)",
        "macro smp_wmb(cpu)  { await Drained(mem, cpu); mem := FullFence(mem, cpu)",
        ("SB+wmb+mb",),
    ),
    Mutant("a release is a plain store", "pso", PSO, RELEASE, UNFENCED, ("MP+rel+acq", "MP+locks")),
    Mutant(
        "a release is a plain store",
        "relaxed",
        RELAXED,
        RELEASE_RELAXED,
        UNFENCED,
        ("MP+rel+acq", "MP+locks", "MP+rel-rel+acq"),
    ),
    Mutant(
        "a release binds what is behind it",
        "relaxed",
        RELAXED,
        RELEASE_RELAXED,
        RELEASE,
        ("MP+rel-po+acq", "MP+unlock-po+rmb"),
    ),
    Mutant(
        "an acquire forgets nothing",
        "relaxed",
        RELAXED,
        ACQUIRED,
        ACQUIRED.replace("Acquired", "Loaded"),
        ("MP+rel+acq", "ISA2+rel+acq-rel+acq", "MP+mbs+po-acq-new"),
    ),
    Mutant(
        "an acquire is made when the program comes to it",
        "relaxed",
        RELAXED,
        ACQUIRED,
        "<<>>",
        ("MP+mbs+po-acq", "MP+mbs+po-acq-other"),
    ),
    Mutant(
        "an acquire of a value seen before forgets nothing",
        "relaxed",
        RELAXED,
        """Tidy(mem, [i \\in DOMAIN entries |->
        IF i < place /\\ entries[i][1] = location THEN <<location>> ELSE entries[i]])""",
        "Only(entries, {i \\in DOMAIN entries : i >= place \\/ entries[i][1] # location})",
        ("MP+wmbs+po-acq-again",),
    ),
    Mutant(
        "a store of the same value is no store",
        "relaxed",
        RELAXED,
        "mem.memory[location] = value /\\ location \\notin mem.acquired",
        "mem.memory[location] = value",
        ("MP+wmb-same+cmpxchg_acquire",),
    ),
    Mutant(
        "loads go back in time",
        "relaxed",
        RELAXED,
        "[mem EXCEPT !.older[cpu] = Loaded(mem, @, location, seen[2])]",
        "mem",
        ("CoRR", "CoRR+2"),
    ),
    Mutant(
        "loads are never early",
        "relaxed",
        RELAXED,
        "IF Waiting(mem, cpu, location) # {} THEN {<<View",
        "IF TRUE THEN {<<View",
        ("MP+wmb+po", "IRIW"),
    ),
    Mutant(
        "a read-modify-write reserves nothing",
        "relaxed",
        RELAXED,
        "\\A c \\in DOMAIN mem.reserved : c = cpu \\/ location \\notin mem.reserved[c]",
        "TRUE",
        ("RMW+xchg_relaxeds", "RMW+store", "RMW+xchg_relaxed-po+po-xchg_relaxed"),
    ),
    Mutant(
        "a reserved location is stored to",
        "relaxed",
        RELAXED,
        "            /\\ Free(mem, cpu, entries[i][1])}",
        "        }",
        ("RMW+store",),
    ),
    Mutant(
        "a relaxed read-modify-write stores at once",
        "relaxed",
        RELAXED,
        """!.buffer[cpu] = Append(@, <<location, new>>),
                     !.reserved[cpu] = @ \\union {location},""",
        "!.memory[location] = new,",
        ("MP+xchg_relaxed-po+rmb", "MP+xchg_acquire-po+rmb", "MP+xchg_release-po+rmb"),
    ),
    Mutant(
        "a LOCKed read-modify-write goes through the buffer",
        "tso",
        TSO,
        "value |-> mem.memory[location], mem |-> [mem EXCEPT !.memory[location] = new]",
        "value |-> View(mem, cpu, location), mem |-> Store(mem, cpu, location, new)",
        ("RMW+xchg_relaxeds", "SB+xchg_relaxeds"),
    ),
    Mutant(
        "a LOCKed cmpxchg does not drain",
        "tso",
        TSO,
        """IF View(mem, cpu, location) = old THEN Exchanges(mem, cpu, location, new, order)
    ELSE IF order = "local" \\/ Drained(mem, cpu) THEN Loads(mem, cpu, location)
    ELSE {}""",
        """{[value |-> mem.memory[location],
      mem   |-> [mem EXCEPT !.memory[location] = IF @ = old THEN new ELSE @]]}""",
        ("MP+wmb-cmpxchg_acquire+rmb", "SB+po-failed-po+mb"),
    ),
    Mutant(
        "an acquiring read-modify-write forgets nothing",
        "relaxed",
        RELAXED,
        EXCHANGE_ACQUIRED,
        "@",
        ("MP+xchg_release+xchg_acquire", "MP+wmb-same+cmpxchg_acquire"),
    ),
    Mutant(
        "an acquiring read-modify-write is made when the program comes to it",
        "relaxed",
        RELAXED,
        EXCHANGE_ACQUIRED,
        'IF order = "acquire" THEN <<>> ELSE @',
        ("MP+mbs+po-xchg_acquire", "MP+mbs+po-cmpxchg_acquire"),
    ),
    Mutant(
        "a full read-modify-write forgets nothing",
        "relaxed",
        RELAXED,
        FORGOTTEN,
        "Outdated(mem, cpu, location, new)",
        ("SB+xchgs", "SB+cmpxchg+mb"),
    ),
    Mutant(
        "an acquiring xchg is a relaxed one",
        "relaxed",
        MACROS,
        f'{XCHG}"acquire"',
        f'{XCHG}"relaxed"',
        ("MP+xchg_release+xchg_acquire",),
    ),
    Mutant(
        "an acquiring xchg is a full one",
        "relaxed",
        MACROS,
        f'{XCHG}"acquire"',
        f'{XCHG}"full"',
        ("MP+mbs+po-xchg_acquire", "MP+xchg_acquire-po+rmb"),
    ),
    Mutant(
        "a full xchg is a releasing one",
        "relaxed",
        MACROS,
        f'{XCHG}"full"',
        f'{XCHG}"release"',
        ("SB+xchgs",),
    ),
    Mutant(
        "an acquiring cmpxchg is a relaxed one",
        "relaxed",
        MACROS,
        f'{CMPXCHG}"acquire"',
        f'{CMPXCHG}"relaxed"',
        ("MP+wmb-same+cmpxchg_acquire",),
    ),
    Mutant(
        "an acquiring cmpxchg is a full one",
        "relaxed",
        MACROS,
        f'{CMPXCHG}"acquire"',
        f'{CMPXCHG}"full"',
        ("MP+mbs+po-cmpxchg_acquire", "SB+cmpxchg_acquire+mb"),
    ),
    Mutant(
        "a full cmpxchg is a releasing one",
        "relaxed",
        MACROS,
        f'{CMPXCHG}"full"',
        f'{CMPXCHG}"release"',
        ("SB+cmpxchg+mb",),
    ),
    Mutant(
        "a lock excludes nobody",
        "relaxed",
        RELAXED,
        " \\/ mem.memory[lock] # free",
        "",
        ("RMW+locked-increments", "SB+locks"),
    ),
    Mutant(
        "a lock acquires nothing",
        "relaxed",
        RELAXED,
        "!.older[cpu] = <<>>,\n",
        "\n",
        ("MP+locks",),
    ),
    Mutant(
        "a lock lets stores pass another lock's unlock",
        "relaxed",
        RELAXED,
        "THEN Fenced(@) ELSE @",
        "THEN @ ELSE @",
        ("MP+unlock-lock-other+rmb",),
    ),
    Mutant(
        "a quiescent state within a reader",
        "tso",
        RCU,
        "nesting[reader] = 0 /\\ \\E cpu",
        "\\E cpu",
        ("MP+sync+rcu-span",),
    ),
    Mutant(
        "an inner unlock ends the section",
        "sc",
        RCU,
        "nesting[cpu] := nesting[cpu] - 1;",
        "nesting[cpu] := 0;",
        ("MP+sync+rcu-nested",),
    ),
    Mutant(
        "a report is no fence",
        "tso",
        RCU,
        "Drained(mem, reader) /\\ mem' = FullFence(mem, reader)",
        "mem' = mem",
        ("SB+rcu+sync", "SB+rcu-gap+sync"),
    ),
    Mutant(
        "nobody waits for the grace period",
        "sc",
        RCU,
        "await holdouts[cpu] = {}; ",
        "",
        ("MP+sync+rcu-span",),
    ),
    Mutant(
        "every thread is waited for",
        "tso",
        RCU,
        "Readers == Tests[test].readers",
        "Readers == CPUS",
        ("SB+po+sync",),
    ),
]


@pytest.mark.parametrize(
    "mutant", MUTANTS, ids=lambda mutant: f"{mutant.memory}-{mutant.name}".replace(" ", "_")
)
def test_a_broken_model_is_caught(
    engine_at_hand: Toolchain, specs_copy: Path, mutant: Mutant
) -> None:
    file = specs_copy / mutant.template
    text = file.read_text(encoding="utf-8")
    assert text.count(mutant.right) == 1, mutant.right
    file.write_text(text.replace(mutant.right, mutant.wrong), encoding="utf-8")
    result = run_litmus(
        [FILES[name] for name in mutant.caught_by],
        [mutant.memory],
        settings=Settings(toolchain=engine_at_hand, specs=specs_copy, timeout=60),
    )
    assert {outcome.litmus.name for outcome in result.surprises} == set(mutant.caught_by)
