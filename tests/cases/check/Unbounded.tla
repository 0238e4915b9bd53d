---- MODULE Unbounded ----
EXTENDS Integers
VARIABLE x
Init == x = 1
Next == \E y : x' = y
Spec == Init /\ [][Next]_x
====
