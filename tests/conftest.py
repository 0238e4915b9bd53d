"""What all tests share: a home of their own, and runs that are made once."""

from __future__ import annotations

import functools
import importlib.metadata
import os
import signal
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from engine.tools import need_toolchain

import slubtla
from slubtla.barriers.verify import verify
from slubtla.tlc.engine.store import cache_dir
from slubtla.tlc.run.result import Result
from slubtla.tlc.tools import Toolchain

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN and (
    threading.current_thread() is threading.main_thread()
):
    # Started in the background, as the workers of pytest-xdist are, too: SIGINT is ignored, and
    # whatever is started would inherit that. With a handler it starts with the default action.
    signal.signal(signal.SIGINT, lambda *_: None)


def installed_package() -> Path | None:
    """Where the installed slubtla lies; None where that is the source tree (``pip install -e``)."""
    try:
        place = importlib.metadata.distribution("slubtla").locate_file("slubtla/__init__.py")
    except importlib.metadata.PackageNotFoundError:
        return None
    path = Path(str(place))
    return path if path.is_file() else None


if installed_package() is not None:
    os.environ["PYTHONSAFEPATH"] = "1"  # no test's child imports what lies where it is started


def pytest_sessionstart() -> None:
    """In CI, test what is installed: not a source tree that lies where pytest was started."""
    installed, imported = installed_package(), Path(slubtla.__file__)
    if os.environ.get("CI") and installed is not None and not installed.samefile(imported):
        raise pytest.UsageError(
            f"slubtla is imported from {imported}, and not from {installed}: start `pytest`, with "
            "PYTHONSAFEPATH=1 or where the source tree is not in the path"
        )


ARCHIVES = cache_dir() / "archives"
"""The user's own, which let Java start faster; ``slubtla doctor`` and ``prove`` make them."""


@pytest.fixture(autouse=True)
def _own_home(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Keep the user's configuration, state and terminal out of the tests; but for the archives."""
    home = tmp_path_factory.mktemp("home")
    for variable in ("XDG_STATE_HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME"):
        monkeypatch.setenv(variable, str(home / variable))
    for variable in ("SLUBTLA_TLA2TOOLS", "SLUBTLA_JAVA", "COLUMNS", "FORCE_COLOR"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("NO_COLOR", "1")
    if ARCHIVES.is_dir():
        own = home / "XDG_CACHE_HOME" / "slubtla" / "archives"
        own.parent.mkdir(parents=True)
        own.symlink_to(ARCHIVES)


@pytest.fixture(scope="session")
def engine_at_hand() -> Toolchain:
    """The real Java and jar; without them a test skips, but fails in CI."""
    return need_toolchain()


@pytest.fixture(scope="session")
def verified(
    engine_at_hand: Toolchain, tmp_path_factory: pytest.TempPathFactory
) -> Callable[..., Result]:
    """Verify a model with the real TLC, each one once in a session."""
    parent = tmp_path_factory.mktemp("runs")

    @functools.cache
    def run(**parameters: Any) -> Result:
        place = parent / "-".join(f"{key}={value}" for key, value in parameters.items())
        return verify(**parameters, out_dir=Path(place), toolchain=engine_at_hand)

    return run


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add ``--update-golden``."""
    parser.addoption("--update-golden", action="store_true", help="write golden files anew")
