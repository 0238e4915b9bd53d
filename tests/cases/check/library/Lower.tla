---- MODULE Lower ----
EXTENDS Integers, Sequences
After(x) == IF x < 5 THEN x + 1 ELSE Head(<<>>)
====
