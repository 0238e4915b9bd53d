"""Tests of :mod:`slubtla.tlc.cache`; a package, so that the names of its files are its own."""
