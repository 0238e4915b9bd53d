"""Find Java and ``tla2tools.jar``: :func:`find_toolchain`."""

from __future__ import annotations

from slubtla.tlc.tools.jar import Jar, cfg_keywords, inspect_jar, year_of
from slubtla.tlc.tools.java import inspect_java
from slubtla.tlc.tools.locate import Toolchain, find_jar, find_java, find_toolchain

__all__ = [
    "Jar",
    "Toolchain",
    "cfg_keywords",
    "find_jar",
    "find_java",
    "find_toolchain",
    "inspect_jar",
    "inspect_java",
    "year_of",
]
