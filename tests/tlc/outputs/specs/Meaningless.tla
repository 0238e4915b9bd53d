---- MODULE Meaningless ----
EXTENDS Naturals
VARIABLE x
Init == x = Missing
Next == x' = y
====
