---- MODULE Neighbour ----
Zero == 0
====
