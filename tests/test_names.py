"""One name where several are meant is one name, and not its letters."""

from __future__ import annotations

from typing import Any

import pytest

from slubtla.barriers.campaigns.matrix import run_matrix
from slubtla.barriers.model import make_model
from slubtla.barriers.names import names_of
from slubtla.errors import UnknownNameError, UsageError
from slubtla.protocols.slub.argument.statements import machines_for


@pytest.mark.parametrize("given", ["NoLeak", ["NoLeak"], ("NoLeak",), {"NoLeak"}, iter(["NoLeak"])])
def test_properties(given: Any) -> None:
    assert make_model(strategy="smp_mb", properties=given).properties == ("NoLeak",)


@pytest.mark.parametrize("given", ["post_check", ["post_check"], {"post_check"}])
def test_guards_that_are_taken_away(given: Any) -> None:
    assert make_model(strategy="kick_all_cpus_sync", without=given).without == ("post_check",)


def test_a_set_has_an_order() -> None:
    assert names_of({"b", "a", "c"}) == ("a", "b", "c")


@pytest.mark.parametrize("given", [3, [3], [None], [["NoLeak"]]])
def test_what_is_no_name_is_refused(given: Any) -> None:
    with pytest.raises(UsageError, match="is no name"):
        make_model(strategy="smp_mb", properties=given)


def test_one_architecture_and_one_strategy() -> None:
    assert machines_for("x86") == machines_for(["x86"])
    with pytest.raises(UnknownNameError, match="'smp_mbb'; did you mean 'smp_mb'"):
        run_matrix("smp_mbb")
