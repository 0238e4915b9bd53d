"""The words of slubtla: strategies, kernels, guards, architectures, properties and their like.

Every name that a user can write is here once, with one line of explanation and its source; the
command line, the rendered specs and the documentation all read it from here.
"""

from slubtla.protocols.slub.vocabulary.entries import Entry, Vocabulary
from slubtla.protocols.slub.vocabulary.guards import GUARDS, GUARDS_OF_STRATEGIES
from slubtla.protocols.slub.vocabulary.kernels import KERNELS, Kernel
from slubtla.protocols.slub.vocabulary.machines import ARCHES, CMPXCHGS, MEMORY_MODELS, Arch
from slubtla.protocols.slub.vocabulary.properties import PROPERTIES, Property, PropertyKind
from slubtla.protocols.slub.vocabulary.strategies import STRATEGIES

__all__ = [
    "ARCHES",
    "CMPXCHGS",
    "GUARDS",
    "GUARDS_OF_STRATEGIES",
    "KERNELS",
    "MEMORY_MODELS",
    "PROPERTIES",
    "STRATEGIES",
    "Arch",
    "Entry",
    "Kernel",
    "Property",
    "PropertyKind",
    "Vocabulary",
]
