"""Tests of :mod:`slubtla.barriers.plots`; a package, so that the names of its files are its own."""
