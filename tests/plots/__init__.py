"""Tests of :mod:`plots`; a package, so that the names of its files are its own."""
