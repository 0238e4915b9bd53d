"""SLUB's lockless cpu_partial check: its words, the mail's argument, and the race on hardware."""
