"""Tests of :mod:`slubtla.tlc.tools`; a package, so that the names of its files are its own."""
