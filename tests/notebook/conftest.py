"""One kernel for all that only looks."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from notebook.tools import Kernel, kernel
from slubtla.tlc.tools import Toolchain


@pytest.fixture(scope="session")
def jupyter(
    engine_at_hand: Toolchain,  # noqa: ARG001 - a kernel without Java has nothing to show
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Kernel]:
    """A kernel in which slubtla is imported, as a notebook begins."""
    with kernel(tmp_path_factory.mktemp("jupyter")) as running:
        running.run("import slubtla")
        yield running
