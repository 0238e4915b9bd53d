"""Showing results to people. Views read results; nothing else depends on them."""
