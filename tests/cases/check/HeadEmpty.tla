---- MODULE HeadEmpty ----
EXTENDS Integers, Sequences
VARIABLE q
Init == q = <<>>
Next == q' = Tail(q)
Spec == Init /\ [][Next]_q
Inv == Head(q) = 1
====
