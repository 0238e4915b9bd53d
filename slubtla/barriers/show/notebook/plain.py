"""What IPython shows where there is no HTML: the same as the command line prints."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Final

from slubtla.barriers.campaigns.cost import Costs
from slubtla.barriers.campaigns.matrix import Matrix
from slubtla.barriers.campaigns.sweep import Sweep
from slubtla.barriers.show.cost import cost_view
from slubtla.barriers.show.matrix import matrix_view
from slubtla.barriers.show.proof import proof_view
from slubtla.barriers.show.sweep import sweep_view
from slubtla.barriers.show.text import headline, result_view
from slubtla.barriers.suite.report import Proof
from slubtla.errors import SlubtlaError
from slubtla.protocols.slub.argument import Argument, read_answer
from slubtla.protocols.slub.argument.view import argument_view
from slubtla.tlc.output import Trace
from slubtla.tlc.run.result import Result

if TYPE_CHECKING:
    from rich.console import RenderableType

_WIDTH: Final = 100


def text_of(shown: object) -> str:
    """Return an object as plain text: its view on a terminal, or its ``repr`` if it has none."""
    if isinstance(shown, Trace):
        return f"Trace({len(shown.steps)} steps, {shown.kind.value})"
    view = _view(shown)
    return repr(shown) if view is None else plain(view)


def plain(view: RenderableType) -> str:
    """Return a view as text without colours."""
    from rich.console import Console  # noqa: PLC0415 - only where it is shown

    out = io.StringIO()
    Console(file=out, width=_WIDTH, color_system=None, force_jupyter=False).print(view)
    return "\n".join(line.rstrip() for line in out.getvalue().splitlines())


def _view(shown: object) -> RenderableType | None:  # noqa: PLR0911  # one for each kind
    match shown:
        case Result():
            return _of_result(shown)
        case Matrix():
            return matrix_view(shown)
        case Sweep():
            return sweep_view(shown)
        case Costs():
            return cost_view(shown)
        case Proof():
            return proof_view(shown)
        case Argument():
            return argument_view(shown, read_answer(shown))
        case _:
            return None


def _of_result(result: Result) -> RenderableType:
    try:
        return result_view(result)
    except SlubtlaError:  # the run directory is gone; the verdict stands
        return headline(result)
