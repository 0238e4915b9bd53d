"""A counterexample as steps of CPUs: stores, loads, interrupts, grace periods."""
