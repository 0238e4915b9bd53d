"""Tests of :mod:`slubtla.tlc.engine`; a package, so that the names of its files are its own."""
