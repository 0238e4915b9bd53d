"""Outside of a notebook nothing of it is loaded, and nothing is otherwise."""

from __future__ import annotations

import subprocess
import sys

import slubtla
from slubtla.tlc.run.environment import default_engine, in_notebook

HEAVY = ("IPython", "anywidget", "traitlets", "pandas", "matplotlib", "jpype", "jinja2.runtime")


def test_this_is_no_notebook() -> None:
    assert not in_notebook()
    assert default_engine() == "process"
    assert slubtla.verify.__module__ == "slubtla.barriers.verify"
    assert not hasattr(slubtla.verify, "__wrapped__")


def test_importing_slubtla_loads_nothing_of_it() -> None:
    code = f"import slubtla, sys; print([m for m in {HEAVY!r} if m in sys.modules])"
    code += "; slubtla.Result; notebook = 'slubtla.barriers.show.notebook'"
    code += "; print([m for m in sys.modules if m.startswith(notebook)])"
    ran = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    first, second = ran.stdout.splitlines()
    assert first == "[]"
    assert second == "[]"


def test_an_ipython_on_a_terminal_is_no_notebook() -> None:
    code = (
        "from IPython.core.interactiveshell import InteractiveShell; "
        "InteractiveShell.instance(); from slubtla.tlc.run.environment import in_notebook; "
        "print(in_notebook())"
    )
    ran = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    assert ran.stdout == "False\n"
