"""Run the TLA+ tools on any specification and read what they print. Knows no protocol."""
