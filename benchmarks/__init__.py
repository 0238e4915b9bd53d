"""How fast slubtla is, against TLC by hand on the same machine at the same time.

``python -m benchmarks`` runs it; no part of the tests. Each round measures everything once, in
turn, so that a machine that is busy for a while is busy for all; what counts are the ratios of
medians.
"""
