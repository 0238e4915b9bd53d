---- MODULE Twice ----
EXTENDS Integers
VARIABLE x
Init == x = 0
Next == \/ x < 4 /\ x' = x + 1
        \/ x < 4 /\ x' = x + 2
Spec == Init /\ [][Next]_x
NotThree == x # 3
NotFour == x # 4
Low == x < 9
====
