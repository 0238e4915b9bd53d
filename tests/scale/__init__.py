"""Bigger than one core, than memory, than one machine."""
