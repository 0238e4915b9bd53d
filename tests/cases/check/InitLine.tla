---- MODULE InitLine ----
EXTENDS Integers, Sequences
(*--algorithm p
variables q = <<>>,
   n = Head(q);
begin
A: n := n + 1;
end algorithm;*)
====
