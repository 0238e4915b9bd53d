---- MODULE CfgKinds ----
EXTENDS Naturals
CONSTANTS Nodes
VARIABLE x
F(i) == i + 7
G(i, j) == i + j
Init == x \in Nodes
Next == x' \in Nodes
Inv == F(0) = 1 /\ F(2) = 3 /\ G(1, 2) = 0
====
