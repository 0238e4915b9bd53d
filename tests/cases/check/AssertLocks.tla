---- MODULE AssertLocks ----
EXTENDS Integers, Sequences, TLC
(* --algorithm AssertLocks {
  variables lock = 0, n = 0;
  procedure get(who) {
    G: await lock = 0; lock := who; return;
  }
  process (p \in 1..2) variables i = 0; {
    A: while (i < 2) {
    B:   call get(self);
    C:   n := n + 1; i := i + 1;
         assert n < 3;
    D:   lock := 0;
    }
  }
} *)
====
