"""NoSelfDeadlock knows every place where list_lock is taken: one left out would be no deadlock."""

from __future__ import annotations

import re

import pytest

from slubtla.barriers.model import Model, make_model
from slubtla.barriers.render import render

LABEL = re.compile(r"^(\w+):")
TAKES = re.compile(r"(?<!un)lock_list\(Cpu\(self\)\)")
KNOWN = re.compile(r"^LockLabels ==\s*\{([^}]*)\}", re.MULTILINE)

MODELS = {
    "v4.0": make_model(kernel="v4.0"),
    "v4.0, objects": make_model(kernel="v4.0", objects=2),
    "v4.0, allocations": make_model(kernel="v4.0", allocations=1),
    "v4.11, interrupts": make_model(kernel="v4.11", interrupts=1),
    "v5.15": make_model(kernel="v5.15"),
    "v5.15, objects and allocations": make_model(kernel="v5.15", objects=2, allocations=1),
}


def places_that_lock(spec: str) -> set[str]:
    """The labels whose step takes list_lock."""
    algorithm = spec[spec.index("--algorithm") : spec.index("BEGIN TRANSLATION")]
    found: set[str] = set()
    label = ""
    for line in algorithm.splitlines():
        if named := LABEL.match(line):
            label = named[1]
        if TAKES.search(line):
            found.add(label)
    return found


@pytest.mark.parametrize("model", MODELS.values(), ids=MODELS)
def test_the_labels_of_the_lock_are_the_steps_that_take_it(model: Model) -> None:
    spec = render(model).spec
    known = KNOWN.search(spec)
    assert known is not None
    labels = set(re.findall(r'"(\w+)"', known[1]))
    assert labels == places_that_lock(spec)
    assert {"node_lock_list", "unfreeze_lock_list"} <= labels
