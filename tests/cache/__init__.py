"""Tests of :mod:`slubtla.cache`; a package, so that the names of its files are its own."""
