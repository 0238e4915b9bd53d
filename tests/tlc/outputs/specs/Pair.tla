---- MODULE Pair ----
\* Two threads: actions with arguments, and a variable that an action forgets.
EXTENDS Naturals
CONSTANT Threads
VARIABLES pc, turn

vars == <<pc, turn>>
Init == pc = [t \in Threads |-> "start"] /\ turn = 0
Enter(t, n) == pc[t] = "start" /\ pc' = [pc EXCEPT ![t] = "in"] /\ turn' = turn + n
Forget(t) == pc[t] = "in" /\ pc' = [pc EXCEPT ![t] = "out"]
Next == \E t \in Threads : Enter(t, 1)
Sloppy == Next \/ \E t \in Threads : Forget(t)
Alone == \E t \in Threads : pc[t] = "start"
====
