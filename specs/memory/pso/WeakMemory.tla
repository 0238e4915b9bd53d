------------------------------------- MODULE WeakMemory -------------------------------------
(*
Memory model pso: partial store order.  The stores of a CPU wait in its store buffer; those to
different locations may drain in any order, unless a write barrier stands between them.  Loads are
made in order, and see the newest store that waits in their own CPU's buffer.

Stands for:     SPARC PSO; here it is the step between tso and relaxed.
Source:         The SPARC Architecture Manual, Version 9, chapter 8 and appendix D; the buffer is
                that of x86-TSO (Sewell et al., CACM 53(7), 2010) without the order between
                locations.

A variable of the specification holds the memory: mem = InitialMemory(CPUS, values), where `values`
is a function from locations to first values.  The operators are pure.  Those with a name in the
plural return the set of what may happen, which is empty while the CPU has to wait; docs/memory.md
of slubtla describes all, and they are the same in every memory model.
*)
EXTENDS Naturals, Sequences

\* memory: location -> value, of the stores that have drained.
\* buffer: CPU -> the stores that wait, <<location, value>>, and write barriers, oldest first.
\* `loaded` and `acquired`, locations that plain loads and load-acquires read, matter on relaxed
\* memory only.
InitialMemoryOf(cpus, values, loaded, acquired) ==
    [memory |-> values, buffer |-> [cpu \in cpus |-> <<>>]]
InitialMemory(cpus, values) == InitialMemoryOf(cpus, values, {}, {})

\* Whether an interrupt is taken with an empty store buffer.
InterruptsDrain == FALSE

\* --- A store buffer.
\* A write barrier: what stands behind it drains after what stands before it.
LOCAL WriteBarrier == <<"smp_wmb">>
LOCAL Fenced(entries) ==
    IF entries = <<>> \/ entries[Len(entries)] = WriteBarrier
    THEN entries ELSE Append(entries, WriteBarrier)
LOCAL IsStore(entry) == Len(entry) = 2
LOCAL IsStoreTo(entry, location) == IsStore(entry) /\ entry[1] = location
LOCAL Newest(indices) == CHOOSE i \in indices : \A j \in indices : j <= i
\* The entries that may drain: the oldest store to any location, before all write barriers.
LOCAL MayDrain(entries) ==
    {i \in DOMAIN entries :
        /\ IsStore(entries[i])
        /\ \A j \in 1..(i - 1) : IsStore(entries[j]) /\ entries[j][1] # entries[i][1]}
LOCAL Without(entries, i) ==
    LET rest == SubSeq(entries, 1, i - 1) \o SubSeq(entries, i + 1, Len(entries))
    IN  IF rest # <<>> /\ rest[1] = WriteBarrier THEN Tail(rest) ELSE rest

\* What a load on this CPU returns: the newest store to the location that waits in the CPU's own
\* buffer (forwarding), and memory if none does.
View(mem, cpu, location) ==
    LET entries == mem.buffer[cpu]
        waiting == {i \in DOMAIN entries : IsStoreTo(entries[i], location)}
    IN  IF waiting = {} THEN mem.memory[location] ELSE entries[Newest(waiting)][2]

\* What a load returns, and the memory afterwards.
Loads(mem, cpu, location) == {[value |-> View(mem, cpu, location), mem |-> mem]}
LoadAcquires(mem, cpu, location) == Loads(mem, cpu, location)

\* A loop of loads, until the value is there.
Awaits(mem, cpu, location, value) == IF View(mem, cpu, location) = value THEN {mem} ELSE {}
AwaitAcquires(mem, cpu, location, value) == Awaits(mem, cpu, location, value)

\* A store waits in the CPU's buffer; a release, behind a write barrier.
Store(mem, cpu, location, value) ==
    [mem EXCEPT !.buffer[cpu] = Append(@, <<location, value>>)]
StoreRelease(mem, cpu, location, value) ==
    [mem EXCEPT !.buffer[cpu] = Append(Fenced(@), <<location, value>>)]

\* A full fence waits until the CPU has drained its store buffer; a read fence has nothing to do.
Drained(mem, cpu) == mem.buffer[cpu] = <<>>
FullFence(mem, cpu) == mem
ReadFence(mem, cpu) == mem
WriteFence(mem, cpu) == [mem EXCEPT !.buffer[cpu] = Fenced(@)]

\* Read-modify-writes act on memory, behind the CPU's own stores to the location and its write
\* barriers; a full or a release one behind all of its stores. One that fails is a load. A local one
\* is atomic for its own CPU only: it works through the buffer.
LOCAL MayStore(mem, cpu, location, order) ==
    IF order \in {"full", "release"} THEN Drained(mem, cpu)
    ELSE \A i \in DOMAIN mem.buffer[cpu] :
            IsStore(mem.buffer[cpu][i]) /\ mem.buffer[cpu][i][1] # location
Exchanges(mem, cpu, location, new, order) ==
    IF order = "local"
    THEN {[value |-> View(mem, cpu, location), mem |-> Store(mem, cpu, location, new)]}
    ELSE IF ~MayStore(mem, cpu, location, order) THEN {}
    ELSE {[value |-> mem.memory[location], mem |-> [mem EXCEPT !.memory[location] = new]]}
CompareExchanges(mem, cpu, location, old, new, order) ==
    IF View(mem, cpu, location) = old THEN Exchanges(mem, cpu, location, new, order)
    ELSE Loads(mem, cpu, location)

\* Taking a lock that holds `free` while nobody has it, and then `held`.
Locks(mem, cpu, lock, free, held) ==
    IF mem.memory[lock] = free /\ \A i \in DOMAIN mem.buffer[cpu] : ~IsStoreTo(mem.buffer[cpu][i], lock)
    THEN {[mem EXCEPT !.memory[lock] = held]} ELSE {}

\* One store of the CPU's buffer reaches memory: the oldest to its location.
Drains(mem, cpu) ==
    LET entries == mem.buffer[cpu]
    IN  {[mem EXCEPT !.memory[entries[i][1]] = entries[i][2], !.buffer[cpu] = Without(@, i)] :
            i \in MayDrain(entries)}

\* Every location holds, and every store has, a value of its type.
MemoryTypeOK(mem, ValuesOf(_)) ==
    /\ \A location \in DOMAIN mem.memory : mem.memory[location] \in ValuesOf(location)
    /\ \A cpu \in DOMAIN mem.buffer : \A i \in DOMAIN mem.buffer[cpu] :
          LET entry == mem.buffer[cpu][i]
          IN  \/ entry = WriteBarrier
              \/ entry[1] \in DOMAIN mem.memory /\ entry[2] \in ValuesOf(entry[1])
=============================================================================================
