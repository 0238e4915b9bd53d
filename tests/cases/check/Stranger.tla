---- MODULE Stranger ----
EXTENDS Naturals, Neighbour
VARIABLE Broken
Init == Broken = Zero
Next == Broken' = 1 - Broken
====
