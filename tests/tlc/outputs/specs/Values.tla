---- MODULE Values ----
\* Every form in which TLC prints the value of a variable.
EXTENDS Integers, Sequences, FiniteSets, TLC
CONSTANTS c1, c2
VARIABLES step, plain, sets, text, functions, records, wide, long, lazy

Init ==
  /\ step = 0
  /\ plain = <<TRUE, FALSE, -5, 0, c1>>
  /\ sets = <<{}, {-1}, {c1, c2}, 1..3, -3..-1, 5..3, {<<>>}, BOOLEAN>>
  /\ text = <<"", "q\"uote", "back\\slash", "tab\tnewline\n", "@@ |-> } >> /\\ :>", "1">>
  /\ functions = <<[x \in {} |-> 1], [x \in 1..2 |-> x], [x \in {2, 3} |-> x], c1 :> 1 @@ c2 :> 2,
                   "a b" :> 1, <<1, c1>> :> {{}}, TRUE :> -1>>
  /\ records = <<[f |-> 1, g |-> [h |-> <<{}>>]], "a" :> 1>>
  /\ wide = <<>>
  /\ long = <<>>
  /\ lazy = <<>>

Next ==
  /\ step' = step + 1
  /\ wide' = [x \in {<<"thread", c1>>, <<"thread", c2>>, <<"interrupt", c1>>} |->
                <<"a label that is long", "and another one", {"some", "more", "text"}, [x |-> x]>>]
  \* TLC gives up wrapping where a string looks like TLA+
  /\ long' = [x \in {c1, c2} |-> <<"a label } >> @@ that is \"quoted\" :>", "/\\ x = 1", {"some", "text"}>>]
  /\ lazy' = <<SUBSET (1..12), [1..8 -> 1..4], [f : 1..100, g : 1..200], (1..300) \X (1..300)>>
  /\ UNCHANGED <<plain, sets, text, functions, records>>

Shown == step < 1
====
