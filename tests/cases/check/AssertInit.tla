---- MODULE AssertInit ----
EXTENDS Naturals, TLC
VARIABLE x
Init == x = 0 /\ Assert(x > 2, "boom")
Next == x' = (x + 1) % 4
Spec == Init /\ [][Next]_x
====
