---- MODULE AssertProp ----
EXTENDS Naturals, TLC
VARIABLE x
Init == x = 0
Next == x' = (x + 1) % 4
Spec == Init /\ [][Next]_x
Prop == [][Assert(x < 2, "boom")]_x
====
