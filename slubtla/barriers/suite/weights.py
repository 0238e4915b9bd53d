"""How long a run may take, before it is made: only the order of runs depends on it."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Iterator, Mapping

from slubtla.barriers.model import Model, defaults_for
from slubtla.barriers.suite.config import Claim, Config, Pin
from slubtla.barriers.suite.reading import read_config, shipped_configs
from slubtla.errors import UsageError
from slubtla.tlc.run.verdict import VerdictKind


def recorded_weight(claim: Claim, pin: Pin | None) -> float | None:
    """Return the states that a model had when it was recorded; None if that is not known.

    A violated model has no count; its search ends early, so it is 0, unless the model says that
    many are found (``at_least``).
    """
    if pin is None:
        return None
    if "distinct" in pin.counts:
        return pin.counts["distinct"]
    violated = claim.expect is not None and claim.expect.kind is VerdictKind.VIOLATED
    return claim.at_least.get("distinct", 0) if violated else None


def essence(model: Model) -> str:
    """What a search depends on: everything but the architecture's name."""
    return model.model_dump_json(exclude={"arch"})


def shipped_weights() -> Mapping[str, float]:
    """Return the recorded weights of the models that ship with slubtla, by :func:`essence`."""
    weights: dict[str, float] = {}
    for config in readable_configs():
        for claim in config.claims:
            pin = config.pins.models.get(claim.name) if config.pins else None
            weight = recorded_weight(claim, pin)
            if isinstance(claim.subject, Model) and not claim.edits and weight is not None:
                weights[essence(claim.subject)] = weight
    return weights


def readable_configs() -> Iterator[Config]:
    """Yield the files of models that ship with slubtla, but for those that cannot be read."""
    for file in shipped_configs():
        # Somebody may be at work on one: that is told where it matters.
        with contextlib.suppress(UsageError):
            yield read_config(file)


def guessed_weight(model: Model) -> float:
    """Return an order of magnitude of a model's states, from its memory model and bounds."""
    usual = defaults_for({})
    logs = (
        (getattr(model, parameter) - usual[parameter]) * math.log(parameter.factor)
        for parameter in model.protocol.parameters.values()
        if parameter.type is int
    )
    return model.memory.states * math.exp(sum(logs))
