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
from slubtla.surroundings import in_notebook

if TYPE_CHECKING:
    from slubtla.argument import Argument, argue
    from slubtla.checking import check_spec, verify
    from slubtla.cost import Costs, measure_costs
    from slubtla.errors import SlubtlaError
    from slubtla.matrix import Matrix, run_matrix
    from slubtla.model import Model, make_model
    from slubtla.proving.prove import prove
    from slubtla.render import Rendered, render
    from slubtla.result import Result
    from slubtla.rundir import load_run
    from slubtla.settings import Settings
    from slubtla.sweep import Sweep, run_sweep
    from slubtla.verdict import Verdict, VerdictKind

_HOMES = {
    "Argument": "slubtla.argument",
    "Costs": "slubtla.cost",
    "Matrix": "slubtla.matrix",
    "Model": "slubtla.model",
    "Rendered": "slubtla.render",
    "Result": "slubtla.result",
    "Settings": "slubtla.settings",
    "SlubtlaError": "slubtla.errors",
    "Sweep": "slubtla.sweep",
    "Verdict": "slubtla.verdict",
    "VerdictKind": "slubtla.verdict",
    "argue": "slubtla.argument",
    "check_spec": "slubtla.checking",
    "load_run": "slubtla.rundir",
    "make_model": "slubtla.model",
    "measure_costs": "slubtla.cost",
    "prove": "slubtla.proving",
    "render": "slubtla.render",
    "run_matrix": "slubtla.matrix",
    "run_sweep": "slubtla.sweep",
    "verify": "slubtla.checking",
}

__all__ = [
    "Argument",
    "Costs",
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
    "argue",
    "check_spec",
    "load_ipython_extension",
    "load_run",
    "make_model",
    "measure_costs",
    "prove",
    "render",
    "run_matrix",
    "run_sweep",
    "verify",
]


def __getattr__(name: str) -> Any:  # noqa: ANN401 - whatever lives there
    if name in _HOMES:
        value = getattr(importlib.import_module(_HOMES[name]), name)
        if in_notebook():
            value = _watched(name, value)
        globals()[name] = value
        return value
    raise AttributeError(f"module 'slubtla' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)


def _watched(name: str, value: Any) -> Any:  # noqa: ANN401 - whatever lives there
    """In a notebook, what takes long shows how far it is."""
    from slubtla.notebook.watched import WATCHED, with_bar  # noqa: PLC0415 - only there

    return with_bar(value) if name in WATCHED else value


def load_ipython_extension(shell: Any) -> None:  # noqa: ANN401 - IPython, which may not be here
    """Make ``%%pluscal`` known: IPython calls this for ``%load_ext slubtla``."""
    from slubtla.notebook.magic import load  # noqa: PLC0415 - only in IPython

    load(shell)
