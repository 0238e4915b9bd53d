------------------------------------- MODULE WeakMemory -------------------------------------
(*
Memory model tso: total store order.  The stores of a CPU wait, in order, in its store buffer; loads
are made in order, and see the newest store that waits in their own CPU's buffer.

Stands for:     x86, s390.
Source:         P. Sewell et al., "x86-TSO: a rigorous and usable programmer's model for x86
                multiprocessors", CACM 53(7), 2010.  LOCKed instructions and fences wait for an
                empty buffer rather than empty it, so each drain is a step of its own.
Leaves out:     nothing of that model.

A variable of the specification holds the memory: mem = InitialMemory(CPUS, values), where `values`
is a function from locations to first values.  The operators are pure.  Those with a name in the
plural return the set of what may happen, which is empty while the CPU has to wait; docs/memory.md
of slubtla describes all, and they are the same in every memory model.
*)
EXTENDS Naturals, Sequences

\* memory: location -> value, of the stores that have drained.
\* buffer: CPU -> the stores that wait, <<location, value>>, oldest first.
\* `loaded` and `acquired`, locations that plain loads and load-acquires read, matter on relaxed
\* memory only.
InitialMemoryOf(cpus, values, loaded, acquired) ==
    [memory |-> values, buffer |-> [cpu \in cpus |-> <<>>]]
InitialMemory(cpus, values) == InitialMemoryOf(cpus, values, {}, {})

\* Whether an interrupt is taken with an empty store buffer (Intel SDM vol. 3A, 11.10).
InterruptsDrain == TRUE

\* Of places in a buffer, the one of the newest store.
LOCAL Newest(indices) == CHOOSE i \in indices : \A j \in indices : j <= i

\* What a load on this CPU returns: the newest store to the location that waits in the CPU's own
\* buffer (forwarding), and memory if none does.
View(mem, cpu, location) ==
    LET entries == mem.buffer[cpu]
        waiting == {i \in DOMAIN entries : entries[i][1] = location}
    IN  IF waiting = {} THEN mem.memory[location] ELSE entries[Newest(waiting)][2]

\* What a load returns, and the memory afterwards.
Loads(mem, cpu, location) == {[value |-> View(mem, cpu, location), mem |-> mem]}
LoadAcquires(mem, cpu, location) == Loads(mem, cpu, location)

\* A loop of loads, until the value is there.
Awaits(mem, cpu, location, value) == IF View(mem, cpu, location) = value THEN {mem} ELSE {}
AwaitAcquires(mem, cpu, location, value) == Awaits(mem, cpu, location, value)

\* Stores drain in order, so a release has nothing more to do.
Store(mem, cpu, location, value) ==
    [mem EXCEPT !.buffer[cpu] = Append(@, <<location, value>>)]
StoreRelease(mem, cpu, location, value) == Store(mem, cpu, location, value)

\* A full fence waits until the CPU has drained its store buffer; the others have nothing to do.
Drained(mem, cpu) == mem.buffer[cpu] = <<>>
FullFence(mem, cpu) == mem
ReadFence(mem, cpu) == mem
WriteFence(mem, cpu) == mem

\* Read-modify-writes. LOCKed ones, whatever their `order` ("full", "relaxed", "acquire",
\* "release"), act on memory once the CPU's own buffer is empty; without LOCK ("local") the
\* instruction is atomic for its own CPU only: it works through the buffer.
Exchanges(mem, cpu, location, new, order) ==
    IF order = "local"
    THEN {[value |-> View(mem, cpu, location), mem |-> Store(mem, cpu, location, new)]}
    ELSE IF ~Drained(mem, cpu) THEN {}
    ELSE {[value |-> mem.memory[location], mem |-> [mem EXCEPT !.memory[location] = new]]}
CompareExchanges(mem, cpu, location, old, new, order) ==
    IF View(mem, cpu, location) = old THEN Exchanges(mem, cpu, location, new, order)
    ELSE IF order = "local" \/ Drained(mem, cpu) THEN Loads(mem, cpu, location)
    ELSE {}

\* Taking a lock that holds `free` while nobody has it, and then `held`.
Locks(mem, cpu, lock, free, held) ==
    IF Drained(mem, cpu) /\ mem.memory[lock] = free
    THEN {[mem EXCEPT !.memory[lock] = held]} ELSE {}

\* One store of the CPU's buffer reaches memory: the oldest.
Drains(mem, cpu) ==
    IF Drained(mem, cpu) THEN {}
    ELSE LET entry == Head(mem.buffer[cpu])
         IN  {[mem EXCEPT !.memory[entry[1]] = entry[2], !.buffer[cpu] = Tail(@)]}

\* Every location holds, and every store has, a value of its type.
MemoryTypeOK(mem, ValuesOf(_)) ==
    /\ \A location \in DOMAIN mem.memory : mem.memory[location] \in ValuesOf(location)
    /\ \A cpu \in DOMAIN mem.buffer : \A i \in DOMAIN mem.buffer[cpu] :
          /\ mem.buffer[cpu][i][1] \in DOMAIN mem.memory
          /\ mem.buffer[cpu][i][2] \in ValuesOf(mem.buffer[cpu][i][1])
=============================================================================================
