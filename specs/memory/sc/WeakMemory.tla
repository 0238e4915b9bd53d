------------------------------------- MODULE WeakMemory -------------------------------------
(*
Memory model sc: sequential consistency.  Every store is in memory at once, every load reads it.

Stands for:     no machine; it is the control.
Source:         L. Lamport, "How to make a multiprocessor computer that correctly executes
                multiprocess programs", IEEE Trans. Comput. C-28(9), 1979.

A variable of the specification holds the memory: mem = InitialMemory(CPUS, values), where `values`
is a function from locations to first values.  The operators are pure.  Those with a name in the
plural return the set of what may happen, which is empty while the CPU has to wait; docs/memory.md
of slubtla describes all, and they are the same in every memory model.
*)
EXTENDS Naturals, Sequences

\* `loaded` and `acquired`, locations that plain loads and load-acquires read, matter on relaxed
\* memory only.
InitialMemoryOf(cpus, values, loaded, acquired) == [memory |-> values]
InitialMemory(cpus, values) == [memory |-> values]

\* Whether an interrupt is taken with an empty store buffer.
InterruptsDrain == TRUE

\* What a load on this CPU returns.
View(mem, cpu, location) == mem.memory[location]

\* What a load returns, and the memory afterwards.
Loads(mem, cpu, location) == {[value |-> mem.memory[location], mem |-> mem]}
LoadAcquires(mem, cpu, location) == Loads(mem, cpu, location)

\* A loop of loads, until the value is there.
Awaits(mem, cpu, location, value) == IF mem.memory[location] = value THEN {mem} ELSE {}
AwaitAcquires(mem, cpu, location, value) == Awaits(mem, cpu, location, value)

\* A store is in memory at once.
Store(mem, cpu, location, value) == [mem EXCEPT !.memory[location] = value]
StoreRelease(mem, cpu, location, value) == Store(mem, cpu, location, value)

\* Fences have nothing to do. A full fence waits until the CPU has drained its store buffer.
Drained(mem, cpu) == TRUE
FullFence(mem, cpu) == mem
ReadFence(mem, cpu) == mem
WriteFence(mem, cpu) == mem

\* Read-modify-writes; `order` is "full", "relaxed", "acquire", "release", or "local": atomic for
\* its own CPU only.
Exchanges(mem, cpu, location, new, order) ==
    {[value |-> mem.memory[location], mem |-> Store(mem, cpu, location, new)]}
CompareExchanges(mem, cpu, location, old, new, order) ==
    {[value |-> mem.memory[location],
      mem   |-> IF mem.memory[location] = old THEN Store(mem, cpu, location, new) ELSE mem]}

\* Taking a lock that holds `free` while nobody has it, and then `held`.
Locks(mem, cpu, lock, free, held) ==
    IF mem.memory[lock] = free THEN {Store(mem, cpu, lock, held)} ELSE {}

\* One store of the CPU's buffer reaches memory.
Drains(mem, cpu) == {}

\* Every location holds a value of its type.
MemoryTypeOK(mem, ValuesOf(_)) ==
    \A location \in DOMAIN mem.memory : mem.memory[location] \in ValuesOf(location)
=============================================================================================
