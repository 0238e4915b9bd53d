"""Jupyter output: HTML cards, data frames, trace widget, progress bar, ``%%pluscal``.

Nothing here is loaded before a notebook asks for it, and on a machine without Jupyter everything
else works.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from slubtla.errors import UsageError

if TYPE_CHECKING:
    from slubtla.barriers.show.notebook.widget import Stepper
    from slubtla.tlc.run.result import Result

INSTALL = "pip install 'slubtla[notebook]'"
"""What brings all that a notebook needs."""

__all__ = ["INSTALL", "stepper"]


def stepper(result: Result, *, step: int = 1) -> Stepper:
    """Return a widget that steps through a run's counterexample, as the report's explorer does.

    Args:
        result: the run.
        step: where to begin; the initial state is 1.

    Raises:
        UsageError: anywidget is not installed, there is no counterexample or no such step, or the
            run directory is gone.
    """
    try:
        from slubtla.barriers.show.notebook.widget import Stepper  # noqa: PLC0415 - optional, and slow to load
    except ImportError as error:
        raise UsageError(f"the stepper needs anywidget: {error}", next_step=INSTALL) from error
    return Stepper.of(result, step)
