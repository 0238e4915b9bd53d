"""Run the put/shrink race in C on this machine, and compare with the model.

A small C program (``race.c``, shipped beside this module, compiled when it is needed) runs the two
sides of the protocol on two CPUs and counts what they saw. Beside each count stands what the model
allows (:mod:`variants`): a leak that is seen proves that it is possible, one that
is not seen proves nothing, and one that is seen where it is forbidden refutes the model, or us.

The stages, one module each: machine → build → run → reading → results → view.
"""
