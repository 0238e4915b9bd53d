---- MODULE SymTwo ----
EXTENDS TLC
CONSTANTS P, Q
VARIABLE t
Init == t = {}
Next == \E p \in P \cup Q : t' = t \cup {p}
Sym == Permutations(P) \cup Permutations(Q)
Inv == t \subseteq P \cup Q
====
