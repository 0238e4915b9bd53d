---- MODULE PcLocals ----
EXTENDS Naturals, Sequences, TLC
(* --algorithm PcLocals {
  variables sum = 0;
  procedure add(v) { S: sum := sum + v; return; }
  procedure twice(v) { S: sum := sum + 2 * v; return; }
  process (one = 1) variables n = 1; { S: call add(n); T: n := 0; }
  process (two = 2) variables n = 2; { S: call twice(n); T: n := 0; }
} *)
Inv == sum < 5
====
