---- MODULE UsesLibrary ----
EXTENDS Low
VARIABLE x
Init == x = 1
Next == x' = IF x < Limit THEN x + 1 ELSE After(x)
Spec == Init /\ [][Next]_x
Inv == x < 9
====
