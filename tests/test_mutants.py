"""Break the model in one place and see the named property fall, with the real TLC.

A mutant that survives is listed with the reason why it is equivalent.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest

from slubtla.checking import verify
from slubtla.data import data_dir
from slubtla.toolchain import Toolchain

GRACE, KICK = "slub/barriers/synchronize_sched", "slub/barriers/kick_all_cpus_sync"
LEAK, BROKEN_LIST = "VIOLATED(NoLeak)", "VIOLATED(ListIntegrity)"


@dataclass(frozen=True)
class Mutant:
    """One place broken: in ``template``, ``right`` becomes ``wrong``, each pair once."""

    name: str
    strategy: str
    template: str
    edits: dict[str, str]
    verdict: str
    equivalent: str = ""


MUTANTS = [
    Mutant(
        "the grace period begins without a fence",
        "synchronize_sched",
        GRACE,
        {"    smp_mb(Cpu(self));\n    holdouts := CPUS;": "    holdouts := CPUS;"},
        LEAK,
    ),
    Mutant(
        "the shrink does not wait for the grace period",
        "synchronize_sched",
        GRACE,
        {"    await holdouts = {};\n": ""},
        LEAK,
    ),
    Mutant(
        "a quiescent state is no fence",
        "synchronize_sched",
        GRACE,
        {"        smp_mb(self[2]);\n": ""},
        LEAK,
    ),
    Mutant(
        "a quiescent state within a reader",
        "synchronize_sched",
        GRACE,
        {"holdouts /\\ Preemptible(self[2]);": "holdouts;"},
        "PROVEN",
        equivalent="the report is a full fence on each CPU after the stores, which is what the "
        "kick does: a put before it has reached memory, a put after it reads 0",
    ),
    Mutant(
        "no CPU ever reports",
        "synchronize_sched",
        GRACE,
        {"self[2] \\in holdouts /\\": "FALSE /\\"},
        "VACUOUS(ShrinkReturns)",
    ),
    Mutant(
        "the put has no fence",
        "smp_mb_paired",
        "slub/barriers/smp_mb_paired",
        {"put_fence:\n    executing();\n    smp_mb(Cpu(self));": "put_fence:\n    executing();"},
        LEAK,
    ),
    Mutant(
        "the shrink has no fence",
        "smp_mb_paired",
        "slub/barriers/smp_mb",
        {"    smp_mb(Cpu(self));": "    skip;"},
        LEAK,
    ),
    Mutant(
        "the limit is stored after the fence",
        "smp_mb_paired",
        "slub/shrink",
        {
            "    store(Cpu(self), CpuPartial, 0);\n": "    skip;\n",
            "    todo := CPUS;\n": "    todo := CPUS;\n    store(Cpu(self), CpuPartial, 0);\n",
        },
        LEAK,
    ),
    Mutant(
        "the kick is not waited for",
        "kick_all_cpus_sync",
        KICK,
        {"    wait_ack();": "    sent := {};"},
        LEAK,
    ),
    Mutant(
        "the kick leaves out the others",
        "kick_all_cpus_sync",
        KICK,
        {
            "with (cpu \\in CPUS \\ (sent \\union {Cpu(self)})) {": "with (cpu \\in CPUS) {",
            'send_ipi(cpu, "do_nothing"); }': "sent := CPUS; }",
            "    wait_ack();": "    sent := {};",
        },
        LEAK,
    ),
    Mutant(
        "an interrupt does not drain the buffer",
        "kick_all_cpus_sync",
        "slub/machine",
        {"irqs_on[self[2]];\n    smp_mb(self[2]);": "irqs_on[self[2]];"},
        "PROVEN",
        equivalent="under TSO the acknowledgement stands in the same FIFO buffer behind the put's "
        "store, so the wait for it is enough, whatever fence the handler has",
    ),
    Mutant(
        "an acknowledgement overtakes the buffer",
        "kick_all_cpus_sync",
        "slub/machine",
        {
            "irqs_on[self[2]];\n    smp_mb(self[2]);": "irqs_on[self[2]];",
            "    smp_store_release(self[2], Csd(self[2]), 0);": "    memory[Csd(self[2])] := 0;",
        },
        LEAK,
    ),
    Mutant(
        "the check after the cmpxchg is gone",
        "kick_all_cpus_sync",
        "slub/put",
        {"    if (limit # 0) { goto": "    if (TRUE) { goto"},
        LEAK,
    ),
    Mutant(
        "irqs stay on in the flush of the put",
        "kick_all_cpus_sync",
        "slub/put",
        {
            "put_flush_irq_save:\n    executing();\n    local_irq_save(Cpu(self));": (
                "put_flush_irq_save:\n    executing();"
            )
        },
        BROKEN_LIST,
    ),
    Mutant(
        "the put does not disable preemption",
        "synchronize_sched",
        "slub/put",
        {
            "    preempt_disable(Cpu(self));": "    skip;",
            "    preempt_enable(Cpu(self));\n": "",
        },
        LEAK,
    ),
    Mutant(
        "the cmpxchg does not compare",
        "kick_all_cpus_sync",
        "memory/tso",
        {
            "    register := View(cpu, location);\n"
            "    if (register = old) { store(cpu, location, new); };": (
                "    register := old;\n    store(cpu, location, new);"
            )
        },
        BROKEN_LIST,
    ),
    Mutant(
        "the flush does not wait for its interrupts",
        "kick_all_cpus_sync",
        "slub/shrink",
        {
            "flush_wait_ack:\n    executing();\n    wait_ack();": (
                "flush_wait_ack:\n    executing();\n    sent := {};"
            )
        },
        LEAK,
    ),
    Mutant(
        "the flush forgets its own CPU",
        "kick_all_cpus_sync",
        "slub/shrink",
        {"    if (Cpu(self) \\in targets) {": "    if (FALSE) {"},
        LEAK,
    ),
    Mutant(
        "empty slabs stay on the node list",
        "kick_all_cpus_sync",
        "slub/shrink",
        {
            "    discarded := discarded \\union {s \\in node_partial : inuse[s] = 0};\n": "",
            "    node_partial := {s \\in node_partial : inuse[s] > 0};": "    skip;",
        },
        LEAK,
    ),
    Mutant(
        "discarded slabs stay on the node list",
        "kick_all_cpus_sync",
        "slub/shrink",
        {"    node_partial := {s \\in node_partial : inuse[s] > 0};\n": ""},
        BROKEN_LIST,
    ),
    Mutant(
        "a slab is put without being frozen",
        "kick_all_cpus_sync",
        "slub/put",
        {"            frozen := frozen \\union {s};\n": ""},
        BROKEN_LIST,
    ),
    Mutant(
        "a load does not see the CPU's own store",
        "smp_mb_paired",
        "memory/tso",
        {
            "IF waiting = {} THEN memory[location] ELSE buffer[cpu][Newest(waiting)][2]": (
                "memory[location]"
            )
        },
        BROKEN_LIST,
    ),
    Mutant(
        "a store never leaves its buffer",
        "smp_mb_paired",
        "memory/tso",
        {"        buffer[self[2]] := Tail(buffer[self[2]]);": "        skip;"},
        "VACUOUS(ShrinkReturns)",
    ),
    Mutant(
        "a fence does not wait for the buffer",
        "smp_mb_paired",
        "memory/tso",
        {
            "macro smp_mb(cpu)                                   { await Drained(cpu); }": (
                "macro smp_mb(cpu) { skip; }"
            )
        },
        LEAK,
    ),
    Mutant(
        "two tasks run on one CPU's word",
        "smp_mb_paired",
        "slub/machine",
        {"(Runnable \\union {IDLE}) \\ {current[self[2]]}": "Contexts"},
        "VIOLATED(TypeOK)",
    ),
    Mutant(
        "the list lock is never free",
        "smp_mb_paired",
        "memory/tso",
        {"memory[lock] = Unlocked;": "memory[lock] = Locked(cpu);"},
        "VIOLATED(Deadlock)",
    ),
    Mutant(
        "the list lock excludes nobody",
        "smp_mb_paired",
        "memory/tso",
        {"await Drained(cpu) /\\ memory[lock] = Unlocked;": "await Drained(cpu);"},
        LEAK,
    ),
]


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name.replace(" ", "_"))
def test_a_broken_model_falls(engine_at_hand: Toolchain, tmp_path: Path, mutant: Mutant) -> None:
    specs = tmp_path / "specs"
    shutil.copytree(data_dir("specs"), specs)
    file = specs / f"{mutant.template}.pcal.j2"
    text = file.read_text(encoding="utf-8")
    for right, wrong in mutant.edits.items():
        assert text.count(right) == 1, right
        text = text.replace(right, wrong)
    file.write_text(text, encoding="utf-8")
    result = verify(
        strategy=mutant.strategy,
        specs=specs,
        toolchain=engine_at_hand,
        out_dir=tmp_path / "run",
        timeout=120,
    )
    assert str(result.verdict) == mutant.verdict
    assert bool(mutant.equivalent) == (mutant.verdict == "PROVEN")
