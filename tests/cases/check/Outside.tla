---- MODULE Outside ----
EXTENDS Integers, Sequences
VARIABLE f, i
Init == f = [x \in 1..2 |-> x] /\ i = 1
Next == i' = i + f[i] /\ f' = f
Spec == Init /\ [][Next]_<<f,i>>
====
