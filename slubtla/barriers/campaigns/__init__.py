"""Many models in one call: the matrix, the sweep over sizes, the cost of barriers."""
