"""SLUB's lockless ``cpu_partial`` protocol: its words are in ``specs/slub/protocol.toml``."""

from __future__ import annotations

from slubtla.barriers.data import data_dir
from slubtla.barriers.protocol import protocol, read_protocol
from slubtla.errors import UsageError
from slubtla.protocols.slub.rules import SlubRules

SLUB = read_protocol(data_dir("specs") / "slub" / "protocol.toml", SlubRules())


def require_slub(command: str) -> None:
    """Refuse a command that is about SLUB only.

    Raises:
        UsageError: another protocol is chosen.
    """
    if (chosen := protocol().name) != SLUB.name:
        raise UsageError(
            f"slubtla {command} is about the protocol {SLUB.name}, not {chosen}",
            next_step="leave out --protocol",
        )
