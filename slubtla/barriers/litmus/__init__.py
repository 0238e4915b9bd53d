"""Litmus tests: small concurrent programs, and the final states that our memory models allow.

The memory models are the macros of ``specs/memory``, the same that the protocols use; so what
passes here has proven them::

    text → syntax → steps → PlusCal → TLC → final states → Never, Sometimes or Always

:func:`read_litmus` reads the C litmus format of the Linux-kernel memory model, :func:`run_litmus`
does the rest.
"""

from __future__ import annotations

from slubtla.barriers.litmus.errors import LitmusError, LitmusRunError, LitmusUndecidedError
from slubtla.barriers.litmus.reader import parse_litmus, read_litmus
from slubtla.barriers.litmus.suite import Conformance, run_litmus, shipped_files
from slubtla.barriers.litmus.syntax import Litmus, Observation

__all__ = [
    "Conformance",
    "Litmus",
    "LitmusError",
    "LitmusRunError",
    "LitmusUndecidedError",
    "Observation",
    "parse_litmus",
    "read_litmus",
    "run_litmus",
    "shipped_files",
]
