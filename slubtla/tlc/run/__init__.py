"""Check one specification: RunSpec (what to check) → Run (what TLC did) → Result (verdict)."""
