---- MODULE AssumesNothing ----
EXTENDS Naturals
Two == 1 + 1
====
