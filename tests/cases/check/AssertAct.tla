---- MODULE AssertAct ----
EXTENDS Naturals, TLC
VARIABLE x
Init == x = 0
Next == \/ x' = (x + 1) % 4
        \/ x > 0 /\ x' = 0 /\ Assert(x < 2, "boom")
Spec == Init /\ [][Next]_x
====
