"""The rows of the matrix, without a run."""

from __future__ import annotations

from slubtla.barriers.campaigns.matrix import _rows
from slubtla.protocols.slub import SLUB


def test_the_kick_has_a_row_for_each_way_to_wait_for_its_ipis() -> None:
    """v4.0 waits with plain loads, and leaks on arm64; v4.1 waits with acquire, and holds."""
    rows = list(_rows(SLUB.strategies, None))
    assert [strategy for strategy, kernel in rows if kernel is None] == list(SLUB.strategies)
    assert [row for row in rows if row[1] is not None] == [("kick_all_cpus_sync", "v4.1")]
    assert rows.index(("kick_all_cpus_sync", "v4.1")) == (
        rows.index(("kick_all_cpus_sync", None)) + 1
    )
    assert {SLUB.kernels[name].ipi_wait for name in ("v4.0", "v4.1")} == {"plain", "acquire"}


def test_a_kernel_that_is_named_has_no_further_rows() -> None:
    assert list(_rows(SLUB.strategies, "v4.0")) == [
        (strategy, None) for strategy in SLUB.strategies
    ]
    assert list(_rows(["smp_mb"], None)) == [("smp_mb", None)]
