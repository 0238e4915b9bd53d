"""Where Java and ``tla2tools.jar`` are, and what they can do.

This room knows TLA+ tools and nothing of SLUB. It looks (:func:`find_toolchain`), and it asks
(:func:`probe`); it never guesses from a version. :mod:`slubtla.tlc.run.doctor` turns both, and a
real run, into a report.
"""

from __future__ import annotations

from slubtla.tlc.tools.capabilities import Capabilities, probe
from slubtla.tlc.tools.jar import Jar, cfg_keywords, inspect_jar, year_of
from slubtla.tlc.tools.java import Java, inspect_java
from slubtla.tlc.tools.locate import Toolchain, find_jar, find_java, find_toolchain

__all__ = [
    "Capabilities",
    "Jar",
    "Java",
    "Toolchain",
    "cfg_keywords",
    "find_jar",
    "find_java",
    "find_toolchain",
    "inspect_jar",
    "inspect_java",
    "probe",
    "year_of",
]
