"""Compare runs: where two traces differ, and a passing run of the same race."""
