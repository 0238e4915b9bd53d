"""Regression suite: named models with expected verdicts and recorded pins (hashes, state counts).

::

    TOML → claims → plan (rendered, hashed) → runs → differences → proof, pins, JUnit

A file (``configs/*.toml``) names models, mutants of them, or the user's own specifications, each
with its expected verdict. :func:`prove` runs them and reports every difference.
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
