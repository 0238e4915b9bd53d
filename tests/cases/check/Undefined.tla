---- MODULE Undefined ----
EXTENDS Integers
(*--algorithm undef
variables n = 0;
begin
A: n := n + 1;
B: n := foo + 1;
end algorithm;*)
Inv == bar > 1
====
