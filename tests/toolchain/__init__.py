"""Tests of :mod:`slubtla.toolchain`; a package, so that the names of its files are its own."""
