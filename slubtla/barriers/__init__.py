"""Questions about memory barriers: models, campaigns over them, suites, litmus tests, pictures."""
