"""SLUB's lockless ``cpu_partial`` protocol: its words are in ``specs/slub/protocol.toml``."""

from __future__ import annotations

from slubtla.barriers.data import data_dir
from slubtla.barriers.protocol import read_protocol
from slubtla.protocols.slub.rules import SlubRules

SLUB = read_protocol(data_dir("specs") / "slub" / "protocol.toml", SlubRules())
