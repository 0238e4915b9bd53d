"""The trace explorer as a widget; see :func:`slubtla.barriers.show.notebook.stepper`."""

from __future__ import annotations

from typing import Any, Self

import anywidget
import traitlets

from slubtla.barriers.show.notebook.page import ASSETS, themed
from slubtla.barriers.show.report.assets import explorer_css, explorer_js
from slubtla.barriers.show.report.explorer import explorer_data
from slubtla.errors import UsageError
from slubtla.tlc.run.result import Result


class Stepper(anywidget.AnyWidget):
    """A counterexample, step by step; the report's explorer, with one trait more.

    Attributes:
        data: what is shown: see :class:`slubtla.barriers.show.report.explorer.ExplorerData`.
        step: the number of the step that is seen; set it to go there.
    """

    _esm = explorer_js() + (ASSETS / "widget.js").read_text(encoding="utf-8")
    _css = themed(".slubtla-explorer") + explorer_css()
    data = traitlets.Dict(read_only=True).tag(sync=True)
    step = traitlets.Int(1).tag(sync=True)

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
        made.set_trait("data", dict(data))
        made.step = step
        return made

    @traitlets.validate("step")
    def _within(self, proposal: dict[str, Any]) -> int:
        """The nearest step that there is: JavaScript would go there, too."""
        return max(1, min(int(proposal["value"]), len(self.data.get("steps", ())) or 1))
