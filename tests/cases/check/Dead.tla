---- MODULE Dead ----
EXTENDS Integers
(*--algorithm dead
variables n = 0;
process p \in 1..2
begin
A: n := n + 1;
B: await n = 5;
end process;
end algorithm;*)
====
