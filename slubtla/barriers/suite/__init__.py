"""Suspicion: files of models, what each must show, and what each was when it was last recorded.

::

    TOML → claims → plan (rendered, hashed) → runs → differences → report, pins, JUnit

A file (``configs/*.toml``) names models, mutants of them, or any specs of the user's own,
each with the verdict that it must get. :func:`prove` runs them and tells every difference.
"""

from __future__ import annotations

from slubtla.barriers.suite.compare import Difference, Kind
from slubtla.barriers.suite.config import Claim, Config, Edit, Pin, Pins, UserSpec
from slubtla.barriers.suite.proof import Checked, CheckedFile, Proof
from slubtla.barriers.suite.prove import find_config, prove
from slubtla.barriers.suite.reading import read_config, shipped_configs

__all__ = [
    "Checked",
    "CheckedFile",
    "Claim",
    "Config",
    "Difference",
    "Edit",
    "Kind",
    "Pin",
    "Pins",
    "Proof",
    "UserSpec",
    "find_config",
    "prove",
    "read_config",
    "shipped_configs",
]
