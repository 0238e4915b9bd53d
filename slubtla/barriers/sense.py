"""What may never happen within the bounds of a model: actions and antecedents, with the reason."""

from __future__ import annotations

from typing import Final

from slubtla.barriers.model import Model

_ABOVE_THE_LIMIT: Final = (
    "put_load_limit",
    "put_drain_irq_save",
    "put_drain_irq_restore",
)


def idle_actions(model: Model) -> dict[str, str]:
    """Return the actions that may never fire within a model's bounds, each with the reason.

    Any other action that never fires makes the verdict VACUOUS: then the model is smaller than it
    is believed to be.
    """
    idle: dict[str, str] = {}
    if model.slabs == 1:
        alone = "a single slab never finds another one on a list"
        idle |= dict.fromkeys(_ABOVE_THE_LIMIT, alone)
        idle["put_cmpxchg_fail"] = "a single slab is in hand: the list is empty, and stays so"
    if model.allocations and model.objects == 1:
        taken = "of one object a slab: where a CPU allocates from, none is free"
        idle |= dict.fromkeys(("flush_slab_lock_list", "flush_slab_unlock_list"), taken)
    return idle


def idle_antecedents(model: Model) -> dict[str, str]:  # noqa: ARG001 - for those to come
    """Return the antecedents that may never hold within a model's bounds, each with the reason.

    The key is ``property: antecedent``, the antecedent as it stands in the specification, on one
    line. Any other one that never holds makes the verdict VACUOUS.
    """
    return {}
