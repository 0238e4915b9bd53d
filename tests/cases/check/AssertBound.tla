---- MODULE AssertBound ----
EXTENDS Naturals, TLC
(* An assert in a state that the constraint excludes fails in no step that is taken. *)
VARIABLES x, y
Init == x = 0 /\ y = 0
Up == x' = x + 1 /\ Assert(x < 3, "beyond the constraint") /\ UNCHANGED y
Right == y' = y + 1 /\ Assert(y < 5, "within it") /\ UNCHANGED x
Next == Up \/ Right
Small == x < 3
====
