"""Which steps are shown."""

from __future__ import annotations

import pytest

from slubtla.barriers.trace.selection import Selection
from slubtla.errors import UnknownNameError, UsageError


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        (None, [1, 2, 3, 4, 5, 6]),
        ("3", [3]),
        ("2-4", [2, 3, 4]),
        ("5-", [5, 6]),
        ("-2", [1, 2]),
        ("1, 3-4,6-", [1, 3, 4, 6]),
        ("5-99", [5, 6]),
    ],
)
def test_numbers_and_ranges(steps: str | None, expected: list[int]) -> None:
    assert sorted(Selection(steps=steps).numbers(6)) == expected


@pytest.mark.parametrize("steps", ["", "-", "x", "3-x", "1,,2", "4-2", "7", "7-9", "1.5"])
def test_what_is_no_step_is_refused_with_a_next_step(steps: str) -> None:
    with pytest.raises(UsageError) as caught:
        Selection(steps=steps).numbers(6)
    assert caught.value.next_step


def test_a_cpu_must_exist() -> None:
    Selection(cpu="cpu1").check_cpu(("cpu0", "cpu1"))
    Selection().check_cpu(())
    with pytest.raises(UnknownNameError, match="did you mean 'cpu1'"):
        Selection(cpu="CPU1").check_cpu(("cpu0", "cpu1"))
    with pytest.raises(UsageError, match="has no CPUs"):
        Selection(cpu="cpu1").check_cpu(())
