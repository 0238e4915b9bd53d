"""The version of slubtla, read by the build backend and by ``slubtla --version``."""

__version__ = "0.1.0"
