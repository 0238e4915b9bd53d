"""Detect a notebook, and choose the default engine; loads nothing for it."""

from __future__ import annotations

import importlib.util
import sys


def in_notebook() -> bool:
    """Return whether the code runs in an IPython kernel, whoever shows what it says."""
    ipython = sys.modules.get("IPython")
    shell = None if ipython is None else ipython.get_ipython()
    return getattr(shell, "kernel", None) is not None


def default_engine() -> str:
    """Return the engine where none is named.

    In a notebook one looks again and again, so there the JVM stays warm, where JPype is installed.
    Everywhere else it is a JVM for each run.
    """
    warm = in_notebook() and importlib.util.find_spec("jpype") is not None
    return "jvm" if warm else "process"
