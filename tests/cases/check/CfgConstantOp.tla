---- MODULE CfgConstantOp ----
EXTENDS Naturals
CONSTANTS F(_)
VARIABLE x
Init == x = 0
Next == x' = x
Inv == F(0) = 1
====
