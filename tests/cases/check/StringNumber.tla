---- MODULE StringNumber ----
EXTENDS Integers
VARIABLE x
Init == x = 1
Next == IF x = "a" THEN x' = 2 ELSE x' = 3
Spec == Init /\ [][Next]_x
====
