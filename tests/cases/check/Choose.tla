---- MODULE Choose ----
EXTENDS Integers
VARIABLE x
Init == x = 1
Next == x' = CHOOSE y \in 1..3 : y > 5
Spec == Init /\ [][Next]_x
====
