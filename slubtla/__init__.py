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
from slubtla.registry import register
from slubtla.tlc.run.environment import in_notebook

if TYPE_CHECKING:
    from slubtla.barriers.campaigns.cost import Costs, measure_costs
    from slubtla.barriers.campaigns.matrix import Matrix, run_matrix
    from slubtla.barriers.campaigns.sweep import Sweep, run_sweep
    from slubtla.barriers.model import Model, make_model
    from slubtla.barriers.render import Rendered, render
    from slubtla.barriers.suite.prove import prove
    from slubtla.barriers.verify import verify
    from slubtla.errors import SlubtlaError
    from slubtla.protocols.slub.argument import Argument, argue
    from slubtla.tlc.run.check import check_spec
    from slubtla.tlc.run.result import Result
    from slubtla.tlc.run.rundir import load_run
    from slubtla.tlc.run.settings import Settings
    from slubtla.tlc.run.verdict import Verdict, VerdictKind

_HOMES = {
    "Argument": "slubtla.protocols.slub.argument",
    "Costs": "slubtla.barriers.campaigns.cost",
    "Matrix": "slubtla.barriers.campaigns.matrix",
    "Model": "slubtla.barriers.model",
    "Rendered": "slubtla.barriers.render",
    "Result": "slubtla.tlc.run.result",
    "Settings": "slubtla.tlc.run.settings",
    "SlubtlaError": "slubtla.errors",
    "Sweep": "slubtla.barriers.campaigns.sweep",
    "Verdict": "slubtla.tlc.run.verdict",
    "VerdictKind": "slubtla.tlc.run.verdict",
    "argue": "slubtla.protocols.slub.argument",
    "check_spec": "slubtla.tlc.run.check",
    "load_run": "slubtla.tlc.run.rundir",
    "make_model": "slubtla.barriers.model",
    "measure_costs": "slubtla.barriers.campaigns.cost",
    "prove": "slubtla.barriers.suite",
    "render": "slubtla.barriers.render",
    "run_matrix": "slubtla.barriers.campaigns.matrix",
    "run_sweep": "slubtla.barriers.campaigns.sweep",
    "verify": "slubtla.barriers.verify",
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
            value = _with_bar(name, value)
        globals()[name] = value
        return value
    raise AttributeError(f"module 'slubtla' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)


def _with_bar(name: str, value: Any) -> Any:  # noqa: ANN401 - whatever lives there
    """In a notebook, what takes long shows how far it is."""
    from slubtla.barriers.show.notebook.progress import SLOW, with_bar  # noqa: PLC0415 - only there

    return with_bar(value) if name in SLOW else value


def _register() -> None:
    """Name what lower layers find: protocols, and the views by which results show themselves."""
    show, argument = "slubtla.barriers.show", "slubtla.protocols.slub.argument.view"
    cards, frames = f"{show}.notebook.cards", f"{show}.notebook.frames"
    register("protocols", {"slub": "slubtla.protocols.slub:SLUB"})
    register("html", {"": f"{cards}:html_of"})
    register("text", {"": f"{cards}:text_of"})
    register("steps", {"": f"{show}.steps:timeline_steps"})
    register("stepper", {"Result": f"{show}.notebook:stepper"})
    register(
        "card",
        {
            "Result": f"{cards}:result_card",
            "Trace": f"{cards}:trace_card",
            "Matrix": f"{cards}:matrix_card",
            "Sweep": f"{cards}:sweep_card",
            "Costs": f"{cards}:cost_card",
            "Proof": f"{cards}:proof_card",
            "Argument": f"{argument}:argument_card",
        },
    )
    register(
        "terminal",
        {
            "Result": f"{show}.text:result_view",
            "Matrix": f"{show}.matrix:matrix_view",
            "Sweep": f"{show}.sweep:sweep_view",
            "Costs": f"{show}.cost:cost_view",
            "Proof": f"{show}.proof:proof_view",
            "Argument": f"{argument}:argument_view",
        },
    )
    register(
        "frame",
        {
            "Trace": f"{frames}:trace_frame",
            "Result": f"{frames}:result_frame",
            "Matrix": f"{frames}:matrix_frame",
            "Sweep": f"{frames}:sweep_frame",
            "Costs": f"{frames}:costs_frame",
        },
    )


def load_ipython_extension(shell: Any) -> None:  # noqa: ANN401 - IPython, which may not be here
    """Make ``%%pluscal`` known: IPython calls this for ``%load_ext slubtla``."""
    from slubtla.barriers.show.notebook.magic import load  # noqa: PLC0415 - only in IPython

    load(shell)


_register()
