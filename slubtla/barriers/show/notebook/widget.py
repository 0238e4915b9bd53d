"""The trace explorer as a widget; see :func:`slubtla.barriers.show.notebook.stepper`."""

from __future__ import annotations

from typing import Any, Self

import anywidget
import traitlets

from slubtla.barriers.show.html import asset, stylesheet
from slubtla.barriers.show.html.explorer import explorer_data
from slubtla.barriers.show.notebook.cards import html_of
from slubtla.errors import UsageError
from slubtla.tlc.run.result import Result


class Stepper(anywidget.AnyWidget):
    """A counterexample, step by step; the report's explorer, with one trait more.

    Attributes:
        data: what is shown: see :func:`slubtla.barriers.show.html.explorer.explorer_data`.
        step: the number of the step that is seen; set it to go there.
    """

    _esm = asset("explorer.js") + asset("widget.js")
    _css = stylesheet()
    data = traitlets.Dict(read_only=True).tag(sync=True)
    step = traitlets.Int(1).tag(sync=True)
    result: Result

    @classmethod
    def of(cls, result: Result, step: int = 1) -> Self:
        """Return the widget for a run; raises as :func:`slubtla.barriers.show.notebook.stepper`."""
        data = explorer_data(result)
        last = len(data["steps"])
        if not 1 <= step <= last:
            raise UsageError(
                f"there is no step {step}: the trace has {last}",
                next_step=f"choose a number from 1 to {last}",
            )
        made = cls()
        made.result = result
        made.set_trait("data", data)
        made.step = step
        return made

    def _repr_mimebundle_(self, **options: Any) -> Any:  # noqa: ANN401 - as anywidget has it
        """The widget, and its steps as a table where no widget runs, as in exported HTML."""
        bundle = super()._repr_mimebundle_(**options)
        data, *metadata = bundle if isinstance(bundle, tuple) else (bundle,)
        data = {**(data or {}), "text/html": html_of(self.result)}
        return (data, *metadata) if metadata else data

    @traitlets.validate("step")
    def _within(self, proposal: dict[str, Any]) -> int:
        """The nearest step that there is: JavaScript would go there, too."""
        return max(1, min(int(proposal["value"]), len(self.data.get("steps", ())) or 1))
