"""Tests of :mod:`slubtla.engine`; a package, so that the names of its files are its own."""
