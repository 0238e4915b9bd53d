---- MODULE SelfRuns ----
EXTENDS Integers, Sequences
(* An algorithm with two processes, in C syntax; its translation is still to be made.
--algorithm selfline {
  variables total = 0;  \* C: not a label
  define { Last(s) == s[Len(s)] }
  procedure push(item)
    variable copy = <<>>;
  { Put: copy := Append(copy, item);
    Back: return; }
  process (w \in 1..2)
    variable seen = <<>>;
  {
    Take: call push(self);
    Use: (* the next statement fails:
            seen is empty *)
      total := total + 1;
      seen := seen \o <<Last(seen)>>;
  }
} *)
\* BEGIN TRANSLATION

\* END TRANSLATION
Small ==
  total < 9
====
