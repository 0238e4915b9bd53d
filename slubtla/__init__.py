"""slubtla: is this barrier enough?

SLUB's lockless ``cpu_partial`` protocol in PlusCal, checked by TLC, explained by pictures::

    >>> import slubtla
    >>> result = slubtla.verify(strategy="smp_mb", arch="x86")   # doctest: +SKIP
    >>> str(result.verdict), len(result.trace.steps)   # doctest: +SKIP
    ('VIOLATED(NoLeak)', 25)

Names are loaded when they are used, so that ``import slubtla`` costs next to nothing.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from slubtla._version import __version__

if TYPE_CHECKING:
    from slubtla.checking import Settings, check_spec, verify
    from slubtla.errors import SlubtlaError
    from slubtla.matrix import Matrix, run_matrix
    from slubtla.model import Model, make_model
    from slubtla.proving import prove
    from slubtla.render import Rendered, render
    from slubtla.result import Result
    from slubtla.rundir import load_run
    from slubtla.sweep import Sweep, run_sweep
    from slubtla.verdict import Verdict, VerdictKind

_HOMES = {
    "Matrix": "slubtla.matrix",
    "Model": "slubtla.model",
    "Rendered": "slubtla.render",
    "Result": "slubtla.result",
    "Settings": "slubtla.checking",
    "SlubtlaError": "slubtla.errors",
    "Sweep": "slubtla.sweep",
    "Verdict": "slubtla.verdict",
    "VerdictKind": "slubtla.verdict",
    "check_spec": "slubtla.checking",
    "load_run": "slubtla.rundir",
    "make_model": "slubtla.model",
    "prove": "slubtla.proving",
    "render": "slubtla.render",
    "run_matrix": "slubtla.matrix",
    "run_sweep": "slubtla.sweep",
    "verify": "slubtla.checking",
}

__all__ = [
    "Matrix",
    "Model",
    "Rendered",
    "Result",
    "Settings",
    "SlubtlaError",
    "Sweep",
    "Verdict",
    "VerdictKind",
    "__version__",
    "check_spec",
    "load_run",
    "make_model",
    "prove",
    "render",
    "run_matrix",
    "run_sweep",
    "verify",
]


def __getattr__(name: str) -> Any:  # noqa: ANN401 - whatever lives there
    if name in _HOMES:
        value = getattr(importlib.import_module(_HOMES[name]), name)
        globals()[name] = value
        return value
    raise AttributeError(f"module 'slubtla' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
