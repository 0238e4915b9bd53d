"""Tests of what is kept in the cache; a package, so that the names of its files are its own."""
