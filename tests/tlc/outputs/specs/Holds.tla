---- MODULE Holds ----
\* A bounded queue that always behaves: every outcome of a run without an error is captured from it.
EXTENDS Naturals, Sequences, TLC
CONSTANTS Producers, Bound
VARIABLES queue, sent

Init == /\ queue = <<>>
        /\ sent = [p \in Producers |-> 0]

Send(p) == /\ Len(queue) < Bound
           /\ sent[p] < Bound
           /\ queue' = Append(queue, p)
           /\ sent' = [sent EXCEPT ![p] = @ + 1]

Receive == /\ queue # <<>>
           /\ queue' = Tail(queue)
           /\ UNCHANGED sent

Overflow == /\ Len(queue) > Bound   \* never fires
            /\ queue' = <<>>
            /\ UNCHANGED sent

Rest == /\ queue = <<>>
        /\ \A p \in Producers : sent[p] = Bound
        /\ UNCHANGED <<queue, sent>>

Next == \/ \E p \in Producers : Send(p)
        \/ Receive
        \/ Overflow
        \/ Rest

Spec == Init /\ [][Next]_<<queue, sent>> /\ WF_<<queue, sent>>(Next)

TypeOK == Len(queue) <= Bound
Small == Len(queue) < 2
Few == \A p \in Producers : sent[p] < 2
Monotone == [][\A p \in Producers : sent'[p] >= sent[p]]_sent
Still == [][sent' = sent]_sent
Drains == <>[](queue = <<>>)
Symmetry == Permutations(Producers)
====
