"""Break a memory macro in one place, on a copy of the templates, and see the set catch it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import pytest

from slubtla.barriers.litmus import run_litmus, shipped_files
from slubtla.tlc.run.settings import Settings
from slubtla.tlc.tools import Toolchain

FILES = {file.stem: file for file in shipped_files()}
TSO, PSO, RELAXED = (f"memory/{name}.pcal.j2" for name in ("tso", "pso", "relaxed"))
RCU = "litmus/Litmus.tla.j2"

FORWARDING = "IF waiting = {} THEN memory[location] ELSE buffer[cpu][Newest(waiting)][2]"
SMP_MB = "macro smp_mb(cpu)                                   { await Drained(cpu); }"
SMP_MB_RELAXED = "{ await Drained(cpu); older[cpu] := <<>>; }"
SMP_RMB_RELAXED = "macro smp_rmb(cpu)                                  { older[cpu] := <<>>; }"
SMP_WMB = "{ buffer[cpu] := Fenced(buffer[cpu]); }"
RELEASE = "    buffer[cpu] := Append(Fenced(buffer[cpu]), <<location, value>>);"
RELEASE_RELAXED = "    buffer[cpu] := Released(buffer[cpu], <<location, value>>);"
UNFENCED = "    buffer[cpu] := Append(buffer[cpu], <<location, value>>);"
ACQUIRE = """        register := seen[1];
        older[cpu] := Acquired(older[cpu], location, seen[2]);
    };
}
macro smp_store_release"""
ACQUIRED = "Acquired(older[cpu], location, seen[2])"
LOAD = """        register := seen[1];
        older[cpu] := Loaded(older[cpu], location, seen[2]);
    };
}
macro store"""
XCHG = "    register := memory[location];\n    memory[location] := value;"
XCHG_ACQUIRED = """<% if form == "_acquire" %>
    older[cpu] := Acquired(older[cpu], location, Len(older[cpu]) + 1);"""
CMPXCHG_ACQUIRED = """<% if form == "_acquire" %>
            older[cpu] := Acquired(older[cpu], location, seen[2]);"""
XCHG_WAITS = """    reserved[cpu] := reserved[cpu] \\union {location};
    buffer[cpu] := Append(buffer[cpu], <<location, value>>);"""
FREE = "Free(cpu, location) == \\A c \\in CPUS \\ {cpu} : location \\notin reserved[c]"
THROUGH_THE_BUFFER = "    register := View(cpu, location);\n    store(cpu, location, value);"


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
        "no forwarding", "tso", TSO, FORWARDING, "memory[location]", ("CoWR", "SB+rfi-po+rfi-po")
    ),
    Mutant("no forwarding", "pso", PSO, FORWARDING, "memory[location]", ("CoWR",)),
    Mutant("no forwarding", "relaxed", PSO, FORWARDING, "memory[location]", ("CoWR",)),
    Mutant("the oldest is forwarded", "tso", TSO, ": j <= i", ": j >= i", ("CoWR+newest",)),
    Mutant("the oldest is forwarded", "relaxed", PSO, ": j <= i", ": j >= i", ("CoWR+newest",)),
    Mutant(
        "LIFO drain",
        "tso",
        TSO,
        """        memory[Head(buffer[self[2]])[1]] := Head(buffer[self[2]])[2];
        buffer[self[2]] := Tail(buffer[self[2]]);""",
        """        memory[buffer[self[2]][Len(buffer[self[2]])][1]] :=
            buffer[self[2]][Len(buffer[self[2]])][2];
        buffer[self[2]] := SubSeq(buffer[self[2]], 1, Len(buffer[self[2]]) - 1);""",
        ("CoWW", "MP", "2+2W"),
    ),
    Mutant(
        "LIFO drain",
        "pso",
        PSO,
        "\\A j \\in 1..(i - 1) :",
        "\\A j \\in (i + 1)..Len(buffer[cpu]) :",
        ("CoWW",),
    ),
    Mutant(
        "stores to one location overtake",
        "relaxed",
        RELAXED,
        "{WriteBarrier[1], buffer[cpu][i][1]}",
        "{WriteBarrier[1]}",
        ("CoWW",),
    ),
    Mutant("smp_wmb does nothing", "pso", PSO, SMP_WMB, "{ skip; }", ("MP+wmb+rmb", "2+2W+wmbs")),
    Mutant("smp_wmb does nothing", "relaxed", RELAXED, SMP_WMB, "{ skip; }", ("MP+wmb+rmb",)),
    Mutant("smp_mb does not drain", "tso", TSO, SMP_MB, "macro smp_mb(cpu) { skip; }", ("SB+mbs",)),
    Mutant("smp_mb does not drain", "pso", PSO, SMP_MB, "macro smp_mb(cpu) { skip; }", ("SB+mbs",)),
    Mutant(
        "smp_mb does not drain",
        "relaxed",
        RELAXED,
        SMP_MB_RELAXED,
        "{ older[cpu] := <<>>; }",
        ("SB+mbs", "2+2W+mbs"),
    ),
    Mutant(
        "smp_mb orders no loads",
        "relaxed",
        RELAXED,
        SMP_MB_RELAXED,
        "{ await Drained(cpu); }",
        ("MP+mbs", "IRIW+mbs", "SB+mbs"),
    ),
    Mutant(
        "a fence waits for every buffer",
        "tso",
        TSO,
        SMP_MB,
        "macro smp_mb(cpu) { await \\A c \\in CPUS : Drained(c); }",
        ("SB+mb+po",),
    ),
    Mutant(
        "a fence waits for the other's buffer",
        "pso",
        PSO,
        SMP_MB,
        "macro smp_mb(cpu) { await \\A c \\in CPUS \\ {cpu} : Drained(c); }",
        ("SB+cmpxchg+mb", "R+wmb+mb"),
    ),
    Mutant(
        "a fence waits for every buffer",
        "relaxed",
        RELAXED,
        SMP_MB_RELAXED,
        "{ await \\A c \\in CPUS : Drained(c); older[cpu] := <<>>; }",
        ("R+po+mb",),
    ),
    Mutant(
        "a fence refreshes every CPU",
        "relaxed",
        RELAXED,
        SMP_MB_RELAXED,
        "{ await Drained(cpu); older := [c \\in CPUS |-> <<>>]; }",
        ("IRIW+mb+po", "RWC+po+mb"),
    ),
    Mutant(
        "smp_rmb does nothing",
        "relaxed",
        RELAXED,
        SMP_RMB_RELAXED,
        "macro smp_rmb(cpu) { skip; }",
        ("MP+wmb+rmb", "WRC+rel+rmb"),
    ),
    Mutant(
        "smp_rmb is a full fence",
        "relaxed",
        RELAXED,
        SMP_RMB_RELAXED,
        "macro smp_rmb(cpu) { await Drained(cpu); older[cpu] := <<>>; }",
        ("SB+rmb+mb",),
    ),
    Mutant(
        "smp_wmb is a full fence",
        "relaxed",
        RELAXED,
        SMP_WMB,
        "{ await Drained(cpu); older[cpu] := <<>>; }",
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
        ACQUIRE,
        ACQUIRE.replace("Acquired", "Loaded"),
        ("MP+rel+acq", "ISA2+rel+acq-rel+acq", "MP+mbs+po-acq-new"),
    ),
    Mutant(
        "an acquire is made when the program comes to it",
        "relaxed",
        RELAXED,
        ACQUIRE,
        ACQUIRE.replace(ACQUIRED, "<<>>"),
        ("MP+mbs+po-acq", "MP+mbs+po-acq-other"),
    ),
    Mutant(
        "an acquire of a value seen before forgets nothing",
        "relaxed",
        RELAXED,
        "    Loaded(entries, location, place) ==\n        Tidy([i \\in DOMAIN entries |->\n"
        "            IF i < place /\\ entries[i][1] = location THEN <<location>> "
        "ELSE entries[i]])",
        "    Loaded(entries, location, place) ==\n        Only(entries,\n"
        "            {i \\in DOMAIN entries : i >= place \\/ entries[i][1] # location})",
        ("MP+wmbs+po-acq-again",),
    ),
    Mutant(
        "a store of the same value is no store",
        "relaxed",
        RELAXED,
        "memory[location] = value /\\ location \\notin AcquiredLocations",
        "memory[location] = value",
        ("MP+wmb-same+cmpxchg_acquire",),
    ),
    Mutant(
        "loads go back in time",
        "relaxed",
        RELAXED,
        LOAD,
        LOAD.replace("        older[cpu] := Loaded(older[cpu], location, seen[2]);\n", ""),
        ("CoRR", "CoRR+2"),
    ),
    Mutant(
        "loads are never early",
        "relaxed",
        RELAXED,
        "Visible(cpu, location) ==\n        IF Waiting(cpu, location) # {}",
        "Visible(cpu, location) ==\n        IF TRUE",
        ("MP+wmb+po", "IRIW"),
    ),
    Mutant(
        "a read-modify-write reserves nothing",
        "relaxed",
        RELAXED,
        FREE,
        "Free(cpu, location) == TRUE",
        ("RMW+xchg_relaxeds", "RMW+store", "RMW+xchg_relaxed-po+po-xchg_relaxed"),
    ),
    Mutant(
        "a reserved location is stored to",
        "relaxed",
        RELAXED,
        "            /\\ Free(cpu, buffer[cpu][i][1])}",
        "        }",
        ("RMW+store",),
    ),
    Mutant(
        "a relaxed read-modify-write stores at once",
        "relaxed",
        RELAXED,
        XCHG_WAITS,
        "    memory[location] := value;",
        ("MP+xchg_relaxed-po+rmb", "MP+xchg_acquire-po+rmb", "MP+xchg_release-po+rmb"),
    ),
    Mutant(
        "a LOCKed read-modify-write goes through the buffer",
        "tso",
        TSO,
        XCHG,
        THROUGH_THE_BUFFER,
        ("RMW+xchg_relaxeds", "SB+xchg_relaxeds"),
    ),
    Mutant(
        "a LOCKed cmpxchg does not drain",
        "tso",
        TSO,
        "old, new, register) {\n    await Drained(cpu);",
        "old, new, register) {",
        ("MP+wmb-cmpxchg_acquire+rmb", "SB+po-failed-po+mb"),
    ),
    Mutant(
        "an acquiring xchg forgets nothing",
        "relaxed",
        RELAXED,
        XCHG_ACQUIRED,
        XCHG_ACQUIRED.replace("_acquire", ""),
        ("MP+xchg_release+xchg_acquire",),
    ),
    Mutant(
        "an acquiring xchg is made when the program comes to it",
        "relaxed",
        RELAXED,
        XCHG_ACQUIRED,
        re.sub(r"Acquired.*;", "<<>>;", XCHG_ACQUIRED),
        ("MP+mbs+po-xchg_acquire",),
    ),
    Mutant(
        "an acquiring cmpxchg forgets nothing",
        "relaxed",
        RELAXED,
        CMPXCHG_ACQUIRED,
        CMPXCHG_ACQUIRED.replace("_acquire", ""),
        ("MP+wmb-same+cmpxchg_acquire",),
    ),
    Mutant(
        "an acquiring cmpxchg is made when the program comes to it",
        "relaxed",
        RELAXED,
        CMPXCHG_ACQUIRED,
        re.sub(r"Acquired.*;", "<<>>;", CMPXCHG_ACQUIRED),
        ("MP+mbs+po-cmpxchg_acquire",),
    ),
    Mutant(
        "a full xchg forgets nothing",
        "relaxed",
        RELAXED,
        "[Outdated(cpu, location, value) EXCEPT ![cpu] = <<>>]",
        "Outdated(cpu, location, value)",
        ("SB+xchgs",),
    ),
    Mutant(
        "a full cmpxchg forgets nothing",
        "relaxed",
        RELAXED,
        "[Outdated(cpu, location, new) EXCEPT ![cpu] = <<>>]",
        "Outdated(cpu, location, new)",
        ("SB+cmpxchg+mb",),
    ),
    Mutant(
        "a lock excludes nobody",
        "relaxed",
        RELAXED,
        " /\\ memory[lock] = Unlocked;",
        ";",
        ("RMW+locked-increments", "SB+locks"),
    ),
    Mutant(
        "a lock acquires nothing",
        "relaxed",
        RELAXED,
        "    memory[lock] := Locked(cpu);\n    older[cpu] := <<>>;",
        "    memory[lock] := Locked(cpu);",
        ("MP+locks",),
    ),
    Mutant(
        "a lock lets stores pass another lock's unlock",
        "relaxed",
        RELAXED,
        "        buffer[cpu] := Fenced(buffer[cpu]);\n    };",
        "        skip;\n    };",
        ("MP+unlock-lock-other+rmb",),
    ),
    Mutant(
        "a quiescent state within a reader",
        "tso",
        RCU,
        "await nesting[self[2]] = 0 /\\ \\E cpu",
        "await \\E cpu",
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
        "        smp_mb(self[2]);\n        holdouts :=",
        "        holdouts :=",
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
def test_a_broken_macro_is_caught(
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
