"""Check one specification: from a job to a result in a run directory."""
