"""Tests of :mod:`slubtla.barriers.show`; a package, so that the names of its files are its own."""
