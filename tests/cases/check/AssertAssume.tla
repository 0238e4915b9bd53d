---- MODULE AssertAssume ----
EXTENDS Naturals, TLC
ASSUME Assert(1 > 2, "boom")
====
