---- MODULE AssumesNot ----
EXTENDS Naturals
ASSUME 1 + 1 = 2
ASSUME Three ==
   1 + 1 = 3
====
