---- MODULE CfgTypo ----
EXTENDS Naturals
VARIABLE x
Init == x = 0
Next == UNCHANGED x
====
