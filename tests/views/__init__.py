"""Tests of :mod:`slubtla.views`; a package, so that the names of its files are its own."""
