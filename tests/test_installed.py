"""What the tests themselves rely on: the installed package, and children that heed Ctrl-C."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import installed_package

import slubtla

ROOT = Path(__file__).parents[1]
SECONDS = 120


def test_the_installed_package_is_tested_by_children_too() -> None:
    """A Python that is started with -c in the source tree would import that."""
    code = "import slubtla; print(slubtla.__file__)"
    ran = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        check=True,
        cwd=ROOT,
        text=True,
        timeout=SECONDS,
    )
    assert ran.stdout == f"{slubtla.__file__}\n"
    if os.environ.get("CI") and installed_package() is not None:
        assert Path(slubtla.__file__) == installed_package()


def test_a_child_starts_with_the_default_action_for_ctrl_c() -> None:
    code = "import signal; print(signal.getsignal(signal.SIGINT) is signal.default_int_handler)"
    ran = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, check=True, text=True, timeout=SECONDS
    )
    assert ran.stdout == "True\n"


@pytest.mark.skipif("INNER" in os.environ, reason="it runs itself")
def test_it_does_so_where_the_tests_are_started_in_the_background() -> None:
    """As by ``bash -c 'pytest &'``, where SIGINT is ignored, and that is inherited."""
    one = f"{__file__}::{test_a_child_starts_with_the_default_action_for_ctrl_c.__name__}"
    ran = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", one],
        capture_output=True,
        check=False,
        cwd=ROOT,
        env=os.environ | {"INNER": "1"},
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_IGN),
        text=True,
        timeout=SECONDS,
    )
    assert ran.returncode == 0, ran.stdout
    assert "1 passed" in ran.stdout
