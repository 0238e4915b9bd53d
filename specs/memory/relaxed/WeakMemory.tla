------------------------------------- MODULE WeakMemory -------------------------------------
(*
Memory model relaxed: the stores of pso, and loads that may be satisfied early: a load may return
any value of its location that is not older than what its CPU has seen or fenced.

Stands for:     arm64, riscv, powerpc, and what the generic code must be right on.
Source:         C. Pulte et al., "Simplifying ARM concurrency: multicopy-atomic axiomatic and
                operational models for ARMv8", POPL 2018; tools/memory-model of Linux.
Leaves out:     load buffering (a store never becomes visible before an earlier load is made), and
                outcomes that are not multi-copy atomic (of powerpc): a store reaches all other
                CPUs at once.  It knows no dependencies: an address dependency does not order two
                loads.
Stronger:       than the kernel's model also where an acquire reads a store that still waits in its
                own CPU's buffer, takes a lock, spins, or reads a location that is not `acquired`:
                it then orders as if it were made now; where a read-modify-write waits for what a
                write barrier or a release holds back before it; and where Locks() behind a
                store-release that waits takes that for an unlock.

A variable of the specification holds the memory: mem = InitialMemory(CPUS, values), where `values`
is a function from locations to first values.  The operators are pure.  Those with a name in the
plural return the set of what may happen, which is empty while the CPU has to wait; docs/memory.md
of slubtla describes all, and they are the same in every memory model.
*)
EXTENDS Naturals, Sequences, FiniteSets

\* memory: location -> value, of the stores that have drained.
\* buffer: CPU -> the stores that wait, <<location, value>>, and marks, oldest first.
\* reserved: CPU -> locations whose read-modify-write waits in the buffer.
\* older: CPU -> <<location, value>> that a load may still return, first overwritten first.
\* loaded, acquired: the locations that plain loads and load-acquires read. What others held is not
\* remembered, and an acquire of one that is not `acquired` is made now: both make fewer states.
InitialMemoryOf(cpus, values, loaded, acquired) ==
    [memory   |-> values,
     buffer   |-> [cpu \in cpus |-> <<>>],
     reserved |-> [cpu \in cpus |-> {}],
     older    |-> [cpu \in cpus |-> <<>>],
     loaded   |-> loaded,
     acquired |-> acquired]
InitialMemory(cpus, values) == InitialMemoryOf(cpus, values, DOMAIN values, DOMAIN values)

\* Whether an interrupt is taken with an empty store buffer.
InterruptsDrain == FALSE

\* --- A store buffer.
\* A write barrier: what stands behind it drains after what stands before it.
LOCAL WriteBarrier == <<"smp_wmb">>
\* A release mark: the store directly behind it drains after all before it.
LOCAL ReleaseMark == <<"release">>
LOCAL Fenced(entries) ==
    IF entries = <<>> \/ entries[Len(entries)] = WriteBarrier
    THEN entries ELSE Append(entries, WriteBarrier)
LOCAL Released(entries, entry) ==
    IF entries = <<>> \/ entries[Len(entries)] = WriteBarrier
    THEN Append(entries, entry) ELSE entries \o <<ReleaseMark, entry>>
LOCAL IsStore(entry) == Len(entry) = 2
LOCAL IsStoreTo(entry, location) == IsStore(entry) /\ entry[1] = location
LOCAL Newest(indices) == CHOOSE i \in indices : \A j \in indices : j <= i
LOCAL Waiting(mem, cpu, location) ==
    {i \in DOMAIN mem.buffer[cpu] : IsStoreTo(mem.buffer[cpu][i], location)}
\* Between the load of a read-modify-write and its store no other CPU stores to the location.
LOCAL Free(mem, cpu, location) ==
    \A c \in DOMAIN mem.reserved : c = cpu \/ location \notin mem.reserved[c]
\* The entries that may drain: the oldest store to any location, before all write barriers.
LOCAL MayDrain(mem, cpu) ==
    LET entries == mem.buffer[cpu]
    IN  {i \in DOMAIN entries :
            /\ IsStore(entries[i])
            /\ \A j \in 1..(i - 1) :
                  entries[j] # WriteBarrier /\ ~IsStoreTo(entries[j], entries[i][1])
            /\ i = 1 \/ entries[i - 1] # ReleaseMark
            /\ Free(mem, cpu, entries[i][1])}
LOCAL Without(entries, i) ==
    LET rest == SubSeq(entries, 1, i - 1) \o SubSeq(entries, i + 1, Len(entries))
    IN  IF rest # <<>> /\ ~IsStore(rest[1]) THEN Tail(rest) ELSE rest

\* --- What a load may return.
\* Of some entries, in their order.
LOCAL Only(entries, indices) ==
    [n \in 1..Cardinality(indices) |->
        entries[CHOOSE i \in indices : Cardinality({j \in indices : j <= i}) = n]]
\* In `older` an entry <<location>> says when the location was overwritten, though its value is
\* forgotten: of use while something older is left, and until it is overwritten once more.
LOCAL Tidy(mem, entries) ==
    Only(entries,
        {i \in DOMAIN entries :
            \/ IsStore(entries[i])
            \/ /\ entries[i][1] \in mem.acquired
               /\ \E j \in 1..(i - 1) : IsStore(entries[j])
               /\ \A j \in (i + 1)..Len(entries) :
                     \/ entries[j] # <<entries[i][1]>>
                     \/ \E k \in (i + 1)..(j - 1) : entries[k][1] = entries[i][1]})
\* What is older once a load has returned what stands at a place: of its location no more.
LOCAL Loaded(mem, entries, location, place) ==
    Tidy(mem, [i \in DOMAIN entries |->
        IF i < place /\ entries[i][1] = location THEN <<location>> ELSE entries[i]])
\* And once a load-acquire has: nothing from before that value was stored.
LOCAL Acquired(mem, entries, location, place) ==
    LET before == {i \in 1..(place - 1) : entries[i][1] = location}
    IN  IF place = 0 \/ location \notin mem.acquired THEN <<>>
        ELSE IF before = {} THEN entries
        ELSE Tidy(mem, SubSeq(entries, Newest(before) + 1, Len(entries)))
\* What is older once a store of a CPU has reached memory.
LOCAL Outdated(mem, cpu, location, value) ==
    [c \in DOMAIN mem.older |->
        IF location \notin mem.loaded THEN mem.older[c]
        ELSE IF c = cpu
            THEN Tidy(mem, Append(
                Loaded(mem, mem.older[c], location, Len(mem.older[c]) + 1), <<location>>))
        ELSE IF Waiting(mem, c, location) # {} THEN mem.older[c]
        ELSE IF mem.memory[location] = value /\ location \notin mem.acquired THEN mem.older[c]
        ELSE Append(mem.older[c], <<location, mem.memory[location]>>)]

\* The newest value: a store that waits in the CPU's own buffer (forwarding), or memory.
View(mem, cpu, location) ==
    LET waiting == Waiting(mem, cpu, location)
    IN  IF waiting = {} THEN mem.memory[location] ELSE mem.buffer[cpu][Newest(waiting)][2]

\* Each value that a load may return, with its place in `older`; memory is behind all of these.
LOCAL Visible(mem, cpu, location) ==
    IF Waiting(mem, cpu, location) # {} THEN {<<View(mem, cpu, location), 0>>}
    ELSE {<<mem.memory[location], Len(mem.older[cpu]) + 1>>} \union
        {<<mem.older[cpu][i][2], i>> :
            i \in {j \in DOMAIN mem.older[cpu] : IsStoreTo(mem.older[cpu][j], location)}}

\* What a load may return, and the memory afterwards.
Loads(mem, cpu, location) ==
    {[value |-> seen[1],
      mem   |-> [mem EXCEPT !.older[cpu] = Loaded(mem, @, location, seen[2])]] :
        seen \in Visible(mem, cpu, location)}
LoadAcquires(mem, cpu, location) ==
    {[value |-> seen[1],
      mem   |-> [mem EXCEPT !.older[cpu] = Acquired(mem, @, location, seen[2])]] :
        seen \in Visible(mem, cpu, location)}

\* A loop of loads, until the value is there; with acquire it orders what follows.
Awaits(mem, cpu, location, value) ==
    {load.mem : load \in {l \in Loads(mem, cpu, location) : l.value = value}}
AwaitAcquires(mem, cpu, location, value) ==
    IF View(mem, cpu, location) = value THEN {[mem EXCEPT !.older[cpu] = <<>>]} ELSE {}

\* A store waits in the CPU's buffer; a release, until all before it have drained.
Store(mem, cpu, location, value) ==
    [mem EXCEPT !.buffer[cpu] = Append(@, <<location, value>>)]
StoreRelease(mem, cpu, location, value) ==
    [mem EXCEPT !.buffer[cpu] = Released(@, <<location, value>>)]

\* A full fence waits until the CPU has drained its store buffer, and orders its loads.
Drained(mem, cpu) == mem.buffer[cpu] = <<>>
FullFence(mem, cpu) == [mem EXCEPT !.older[cpu] = <<>>]
ReadFence(mem, cpu) == [mem EXCEPT !.older[cpu] = <<>>]
WriteFence(mem, cpu) == [mem EXCEPT !.buffer[cpu] = Fenced(@)]

\* --- Read-modify-writes. A full one acts on memory, behind all of the CPU's stores, and forgets
\* what is older. The others read memory, and their store waits in the buffer with the location
\* reserved; a release one begins behind all of the CPU's stores. One that fails is a load. A local
\* one is atomic for its own CPU only: it works through the buffer.
\* One begins when its store could drain at once, so that it always can.
LOCAL MayStore(mem, cpu, location, order) ==
    /\ Free(mem, cpu, location)
    /\ IF order \in {"full", "release"} THEN Drained(mem, cpu)
       ELSE \A i \in DOMAIN mem.buffer[cpu] :
               mem.buffer[cpu][i] # WriteBarrier /\ ~IsStoreTo(mem.buffer[cpu][i], location)
LOCAL Exchange(mem, cpu, location, new, order) ==
    IF order = "full"
    THEN [mem EXCEPT !.memory[location] = new,
                     !.older = [Outdated(mem, cpu, location, new) EXCEPT ![cpu] = <<>>]]
    ELSE [mem EXCEPT !.buffer[cpu] = Append(@, <<location, new>>),
                     !.reserved[cpu] = @ \union {location},
                     !.older[cpu] = IF order = "acquire"
                                    THEN Acquired(mem, @, location, Len(@) + 1) ELSE @]
Exchanges(mem, cpu, location, new, order) ==
    IF order = "local"
    THEN {[value |-> View(mem, cpu, location), mem |-> Store(mem, cpu, location, new)]}
    ELSE IF ~MayStore(mem, cpu, location, order) THEN {}
    ELSE {[value |-> mem.memory[location], mem |-> Exchange(mem, cpu, location, new, order)]}
CompareExchanges(mem, cpu, location, old, new, order) ==
    IF order = "local"
    THEN {[value |-> View(mem, cpu, location),
           mem   |-> IF View(mem, cpu, location) = old
                     THEN Store(mem, cpu, location, new) ELSE mem]}
    ELSE {load \in Loads(mem, cpu, location) : load.value # old} \union
         IF mem.memory[location] = old /\ Waiting(mem, cpu, location) = {}
         THEN Exchanges(mem, cpu, location, new, order) ELSE {}

\* Taking a lock that holds `free` while nobody has it, and then `held`. Behind an unlock that
\* waits, even of another lock, it orders the stores of the two sections.
Locks(mem, cpu, lock, free, held) ==
    IF Waiting(mem, cpu, lock) # {} \/ mem.memory[lock] # free THEN {}
    ELSE {[mem EXCEPT
              !.memory[lock] = held,
              !.older[cpu] = <<>>,
              !.buffer[cpu] =
                 IF \E i \in DOMAIN @ : @[i] = ReleaseMark THEN Fenced(@) ELSE @]}

\* One store of the CPU's buffer reaches memory: the oldest to its location.
Drains(mem, cpu) ==
    {LET entry == mem.buffer[cpu][i]
     IN  [mem EXCEPT !.memory[entry[1]] = entry[2],
                     !.older = Outdated(mem, cpu, entry[1], entry[2]),
                     !.reserved[cpu] = @ \ {entry[1]},
                     !.buffer[cpu] = Without(@, i)] :
        i \in MayDrain(mem, cpu)}

\* Every location holds, and every store has, a value of its type.
MemoryTypeOK(mem, ValuesOf(_)) ==
    /\ \A location \in DOMAIN mem.memory : mem.memory[location] \in ValuesOf(location)
    /\ \A cpu \in DOMAIN mem.buffer :
          /\ \A i \in DOMAIN mem.buffer[cpu] :
                LET entry == mem.buffer[cpu][i]
                IN  \/ entry \in {WriteBarrier, ReleaseMark}
                    \/ entry[1] \in DOMAIN mem.memory /\ entry[2] \in ValuesOf(entry[1])
          /\ \A location \in mem.reserved[cpu] : Waiting(mem, cpu, location) # {}
          /\ \A i \in DOMAIN mem.older[cpu] :
                LET entry == mem.older[cpu][i]
                IN  /\ entry[1] \in mem.loaded
                    /\ ~IsStore(entry) \/ entry[2] \in ValuesOf(entry[1])
=============================================================================================
