---- MODULE Endless ----
\* More states than any test waits for.
EXTENDS Naturals
VARIABLES a, b, c, d

Turn(n) == (n + 1) % 300
Init == a = 0 /\ b = 0 /\ c = 0 /\ d = 0
Next == \/ a' = Turn(a) /\ UNCHANGED <<b, c, d>>
        \/ b' = Turn(b) /\ UNCHANGED <<a, c, d>>
        \/ c' = Turn(c) /\ UNCHANGED <<a, b, d>>
        \/ d' = Turn(d) /\ UNCHANGED <<a, b, c>>
====
