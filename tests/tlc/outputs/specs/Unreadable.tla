---- MODULE Unreadable ----
VARIABLE x
Init == x = ?
Next == x' = x
====
