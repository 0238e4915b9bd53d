---- MODULE PcalError ----
EXTENDS Integers
(*--algorithm p
variables n = 0;
begin
A: n = n + 1;
end algorithm;*)
====
