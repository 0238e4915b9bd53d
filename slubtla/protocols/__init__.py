"""The protocols that slubtla can check. The first is ``slub``."""
