---- MODULE Alias ----
EXTENDS Naturals
VARIABLE x
Init == x = 0
Next == x' = x + 1
Inv == x < 2
Seen == [twice |-> 2 * x]
====
