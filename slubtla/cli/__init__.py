"""The command line. Thin: every command is a few calls of the library."""

from __future__ import annotations


def main() -> None:
    """Run ``slubtla``; the entry point that the package installs."""
    from slubtla.cli.app import app  # noqa: PLC0415 - typer and rich load only for commands

    app()
