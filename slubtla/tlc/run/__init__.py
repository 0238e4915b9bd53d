"""Check one specification: RunSpec (what) → Run (what TLC did) → Result (verdict, numbers, origin)."""
