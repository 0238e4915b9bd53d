---- MODULE Counter ----
\* One variable that counts: the smallest spec of nearly every kind of outcome.
EXTENDS Integers, TLC
CONSTANT Last
VARIABLE x

Init == x = 0
Impossible == x = 0 /\ x = 1

Step == x < Last /\ x' = x + 1
Wrap == x = Last /\ x' = 1
Forever == Step \/ Wrap
Unbounded == x' = x + 1
Branching == \/ x = 0 /\ (x' = 1 \/ x' = 2)
             \/ x > 99 /\ x' = 0
Asserting == Step /\ Assert(x < 2, "x must stay below 2")
Failing == x' = IF x < 2 THEN x + 1 ELSE x + "one"
Noisy == Step /\ PrintT("a line @!@!@ in between") /\ PrintT([value |-> x])

Lasso == Init /\ [][Forever]_x /\ WF_x(Forever)
Stutter == Init /\ [][Step]_x

BelowTwo == x < 2
BelowThree == x < 3
Positive == x > 0
Comparable == x # 2 \/ x = "two"

Reaches == <>(x > Last)
Swings == <>[](x = 1)
AlwaysAgain == []<>(x = 0)
Jumps == [][x' # 2]_x
StartsAtOne == x = 1 /\ [][TRUE]_x

ASSUME Last \in Int
ASSUME Last # 13
====
