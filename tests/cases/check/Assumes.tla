---- MODULE Assumes ----
EXTENDS Naturals
ASSUME 1 + 1 = 2
ASSUME Few == \A i \in 1..3 : i > 0
====
