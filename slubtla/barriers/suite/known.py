"""How many states a model is known to have: the pins of the models that ship with slubtla."""

from __future__ import annotations

from slubtla.barriers.model import Model
from slubtla.barriers.render import render
from slubtla.barriers.suite.weights import readable_configs


def known_states(model: Model) -> int | None:
    """Return the distinct states that a finished search of the very same has found.

    The very same: specification and cfg have the digests that were recorded with the number.
    None where there is no such search.
    """
    rendered = render(model)
    wanted = (rendered.spec_digest, rendered.cfg_digest)
    for config in readable_configs():
        for pin in config.pins.models.values() if config.pins else ():
            if (pin.spec_sha256, pin.cfg_sha256) == wanted and "distinct" in pin.counts:
                return pin.counts["distinct"]
    return None
