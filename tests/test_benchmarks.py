"""The benchmarks' figures as tables; what they measure is measured by hand."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).parents[1]))  # last: slubtla itself is the installed one

from benchmarks.__main__ import reading_table, scale_table, table
from benchmarks.picture import draw
from benchmarks.reading import STATES, long_output, long_trace, plain_trace, readers
from benchmarks.scale import Pair
from benchmarks.timing import Summary, measure_in_turn


def summary(*rounds: float) -> Summary:
    return measure_in_turn({"thing": iter(rounds).__next__}, len(rounds), lambda *_: None)["thing"]


def test_a_ratio_is_to_the_median_by_hand_and_says_whether_the_goal_is_reached() -> None:
    times = {
        "by hand": summary(3.0, 4.0, 9.0),
        "new process": summary(2.0, 2.5, 2.6),
        "second verify, engine jvm": summary(0.5),
    }
    lines = table(times).splitlines()
    assert lines[1].split()[2:] == ["4.000", "3.000", "9.000", "1.00", "baseline"]
    assert lines[2].endswith("0.62  0.3 x: MISSED")
    assert lines[3].endswith("0.12  0.15 x: reached")


def test_pairs_and_speeds_are_told_with_their_units() -> None:
    text = scale_table({"matrix": Pair(10, 50, "63 cells"), "big model": Pair(10.2, 10)})
    assert "5.00  10 x: MISSED; 63 cells" in text
    assert "0.98  0.971 x: reached" in text
    text = reading_table({"read 100 MB of output": summary(2.0)}, {"read 100 MB of output": 10**8})
    assert "50.0  30 MB/s: reached" in text


def test_what_is_read_is_what_was_written(tmp_path: Path) -> None:
    output = long_output(tmp_path / "out", 100_000)
    trace, plain = long_trace(tmp_path / "trace"), plain_trace(tmp_path / "plain")
    assert plain.read_text(encoding="utf-8").count("\nState ") == STATES
    for name, read in readers(output, trace, plain).items():
        assert read() > 0, name
    short = long_trace(tmp_path / "short", STATES // 2)
    with pytest.raises(RuntimeError, match="states read"):
        readers(output, short, plain)["read 10,000 states"]()


def test_the_picture_is_drawn(tmp_path: Path) -> None:
    draw({"by hand": summary(2.0, 3.0), "other": summary(1.0)}, {"other": 0.5}, tmp_path / "r.svg")
    assert (tmp_path / "r.svg").read_bytes().startswith(b"<?xml")
