---- MODULE Low ----
EXTENDS Integers, Lower
Limit == 3
====
