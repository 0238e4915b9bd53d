"""Run the put/shrink race in C on this machine, and compare with the model.

A small C program (``race.c``, compiled when it is needed) runs the two sides of the protocol on two
CPUs and counts what they saw. The model says which leaks are allowed (:mod:`variants`). A leak that
is seen proves that it is possible; one that is not seen proves nothing; one that is seen where it
is forbidden refutes the model or this program.

The stages, one module each: machine → build → run → reading → results → view.
"""
