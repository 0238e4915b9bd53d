"""Read the text of TLA+ modules and of TLC configuration files. Runs nothing."""
