"""From counts to standings, words and exit codes: pure functions, so the counts are made up."""

from __future__ import annotations

import json
import pickle
from dataclasses import replace

import pytest
from rich.console import Console

from hardware.tools import cell, leaks, result
from slubtla.errors import ExitCode
from slubtla.protocols.slub.hardware.results import CallCost, Counts, Standing
from slubtla.protocols.slub.hardware.view import duration, hardware_view, sentences

SEEN = cell("cmpxchg", "fence", leaks(7))
UNSEEN = cell("cmpxchg", "fence", leaks(0))
NEVER = cell("cmpxchg_mfence", "fence", leaks(0))
WRONG = cell("cmpxchg_mfence", "fence", leaks(1))
MISSING = cell("cmpxchg", "membarrier_global", None, "the kernel lacks it")


@pytest.mark.parametrize(
    ("given", "standing"),
    [
        (SEEN, Standing.ALLOWED_SEEN),
        (UNSEEN, Standing.ALLOWED_UNSEEN),
        (NEVER, Standing.FORBIDDEN_UNSEEN),
        (WRONG, Standing.FORBIDDEN_SEEN),
        (MISSING, Standing.NOT_RUN),
    ],
)
def test_standing(given: object, standing: Standing) -> None:
    assert getattr(given, "standing", None) is standing


@pytest.mark.parametrize(
    ("cells", "timed_out", "code"),
    [
        ((SEEN, NEVER), False, ExitCode.AS_EXPECTED),
        ((UNSEEN, NEVER), False, ExitCode.AS_EXPECTED),
        ((SEEN, MISSING), False, ExitCode.AS_EXPECTED),
        ((SEEN, WRONG), False, ExitCode.NOT_AS_EXPECTED),
        ((SEEN, MISSING), True, ExitCode.INCONCLUSIVE),
        ((WRONG, MISSING), True, ExitCode.NOT_AS_EXPECTED),
    ],
)
def test_exit_code(cells: tuple[object, ...], timed_out: bool, code: ExitCode) -> None:
    assert result(*cells, timed_out=timed_out).exit_code is code  # type: ignore[arg-type]


def test_an_unseen_leak_proves_nothing_and_the_screen_says_so() -> None:
    words = " ".join(sentence for sentence, _ in sentences(result(UNSEEN)))
    assert "cmpxchg / fence: allowed, not seen in 1,000 runs: that proves nothing" in words
    assert "--busy 24" in words
    assert "--busy" not in " ".join(s for s, _ in sentences(result(UNSEEN, busy=24)))


def test_a_forbidden_leak_is_named_with_its_reason_and_a_next_step() -> None:
    *_, (sentence, style) = sentences(result(SEEN, WRONG, MISSING))
    assert sentence.startswith("cmpxchg_mfence / fence: the leak was SEEN (1 of 1,000 runs)")
    assert "a full fence stands on both sides" in sentence
    assert "Run it again" in sentence
    assert "red" in style


def test_a_column_that_is_missing_says_why() -> None:
    words = " ".join(sentence for sentence, _ in sentences(result(SEEN, MISSING)))
    assert "Not run: cmpxchg / membarrier_global: the kernel lacks it." in words


@pytest.mark.parametrize("counts", [False, True])
def test_the_screen_needs_no_colour_and_fits_100_columns(counts: bool) -> None:
    whole = result(SEEN, MISSING, WRONG, cell("cmpxchg_mfence", "membarrier_global", None))
    console = Console(width=100, color_system=None)
    with console.capture() as capture:
        console.print(hardware_view(whole, counts=counts))
    text = capture.get()
    for words in ("leak: 7", "of 1,000", "allowed, seen", "FORBIDDEN, SEEN", "not run", "smp_mb"):
        assert words in text
    assert ("only shrink" in text) is counts


def test_the_sum_of_the_outcomes_is_the_number_of_runs() -> None:
    assert Counts(leak=1, put_flushes=20, shrink_flushes=300, both_flush=4000).runs == 4321


def test_json_says_all_of_it() -> None:
    told = json.loads(result(SEEN, MISSING).to_json())
    assert told["schema_version"] == 1
    assert told["exit_code"] == 0
    seen, missing = told["cells"]
    assert seen["counts"]["leak"] == 7
    assert (seen["runs"], seen["standing"]) == (1000, "allowed_seen")
    assert seen["ruling"]["allowed"] is True
    assert (missing["counts"], missing["runs"], missing["standing"]) == (None, None, "not_run")
    assert missing["not_run"] == "the kernel lacks it"


@pytest.mark.parametrize(("load", "noisy"), [(None, False), (0.1, False), (0.9, True)])
def test_costs_on_a_busy_machine_are_called_noise(load: float | None, noisy: bool) -> None:
    costs = tuple(
        CallCost(shrink=name, nanoseconds=nanoseconds, calls=9)
        for name, nanoseconds in (("fence", 10.0), ("membarrier_private", 2000.0))
    )
    quiet = replace(result(SEEN), costs=costs)
    found = replace(quiet, machine=replace(quiet.machine, load=load))
    told = " ".join(text for text, _ in sentences(found))
    assert ("The machine was busy" in told) is noisy
    assert ("Counted in fences" in told) is not noisy


def test_results_pickle() -> None:
    whole = result(SEEN, WRONG)
    assert pickle.loads(pickle.dumps(whole)) == whole  # noqa: S301  # our own


@pytest.mark.parametrize(
    ("nanoseconds", "written"),
    [(0.4, "0.4 ns"), (19.6, "20 ns"), (8_800, "8.8 µs"), (8_000_000, "8.0 ms"), (1.6e7, "16 ms")],
)
def test_duration(nanoseconds: float, written: str) -> None:
    assert duration(nanoseconds) == written
