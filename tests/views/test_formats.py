"""A trace in every format, read back by the standard reader of its kind."""

from __future__ import annotations

import csv
import io
import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from itf_py import trace_from_json

from slubtla.barriers.show.formats import (
    Format,
    format_of,
    html_text,
    markdown_text,
    text_of,
    written,
)
from slubtla.barriers.trace.counterexample import Counterexample, counterexample_of
from slubtla.barriers.trace.selection import Selection
from slubtla.barriers.trace.values import pretty_value
from slubtla.errors import UsageError
from slubtla.tlc.output import parse_value
from slubtla.tlc.run.result import Result

from .tools import Verified, good, kicked, leak, run, stuck

VOID = {"meta", "br"}


class Page(HTMLParser):
    """Collects the text of each step, and sees that all tags are closed in order."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.rows: dict[str, str] = {}
        self.tags: set[str] = set()
        self._row = ""
        self.feed(text)
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        if tag not in VOID:
            self.open.append(tag)
        if tag == "tr" and (name := dict(attrs).get("id")):
            self._row = name
            self.rows[name] = ""

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag
        if tag == "tr":
            self._row = ""

    def handle_data(self, data: str) -> None:
        if self._row:
            self.rows[self._row] += data


def odd(story: Counterexample, text: str) -> Counterexample:
    """The story with a step whose words and value hold what a format might take for its own."""
    row = replace(story.rows[1], words=text, changed=(f'x = "{text}"',), notes=(text,))
    return replace(story, rows=(story.rows[0], row, *story.rows[2:]), summary=(text,))


@pytest.mark.parametrize("width", [60, 80, 95, 96, 100, 200])
def test_text_fits_its_width_and_tells_every_step(verified: Verified, width: int) -> None:
    story = counterexample_of(leak(verified))
    text = text_of(story, width)
    assert max(map(len, text.splitlines())) <= width
    numbers = [int(n) for n in re.findall(r"^ +(\d+) {2}", text, re.MULTILINE)]
    assert numbers == [row.number for row in story.rows]
    squeezed = re.sub(r"\s+", " ", text)
    for words in ("runs task1", "on_each_cpu_mask()", "the new one is still in"):
        assert words in squeezed


def test_below_96_columns_no_word_is_cut(verified: Verified) -> None:
    story = counterexample_of(kicked(verified))
    for width in (60, 80):
        words = set(text_of(story, width).split())
        for row in story.rows:
            assert set(row.words.split()) <= words
            assert not row.function or f"{row.function.split()[0]}".rstrip(":,") in " ".join(words)
        assert "●" in words


def test_csv_has_a_row_for_each_step_and_the_machine_beside_it(verified: Verified) -> None:
    result = leak(verified)
    story = counterexample_of(result)
    assert story.timeline is not None
    rows = list(csv.DictReader(io.StringIO(written(result, Format.CSV).decode())))
    assert [int(row["step"]) for row in rows] == [row.number for row in story.rows]
    for row, told in zip(rows, story.rows, strict=True):
        assert (row["words"], row["cpu"]) == (told.words, told.cpu)
        for cpu, state in story.timeline.states[told.number].cpus.items():
            assert row[f"{cpu}_buffer"] == "; ".join(state.buffer)
            assert int(row[f"{cpu}_preempt_count"]) == state.preempt_count


def test_json_has_the_journeys_and_the_machine(verified: Verified) -> None:
    told = json.loads(written(kicked(verified), Format.JSON))
    assert told["verdict"] == "VIOLATED(NoLeak)"
    assert [step["number"] for step in told["steps"]] == list(range(1, told["length"] + 1))
    assert told["ipis"][0]["function"] == "do_nothing"
    store = told["stores"][0]
    waiting = told["steps"][store["made"] - 1]["machine"]["cpus"][store["cpu"]]["buffer"]
    assert waiting == [f"{store['location']} = {store['value']}"]


def test_itf_is_the_whole_behaviour(verified: Verified) -> None:
    result = leak(verified)
    text = written(result, Format.ITF).decode()
    assert len(trace_from_json(json.loads(text)).states) == result.trace_length
    with pytest.raises(UsageError, match="whole behaviour"):
        written(result, Format.ITF, Selection(steps="2-3"))


def test_markdown_has_as_many_cells_in_every_row(verified: Verified) -> None:
    for story in (
        counterexample_of(leak(verified)),
        odd(counterexample_of(leak(verified)), "a|b *c* <i> _d_ `e`"),
    ):
        rows = [li for li in markdown_text(story).splitlines() if li.startswith("| ")]
        cells = {len(re.findall(r"(?<!\\)\|", row)) for row in rows}
        assert cells == {7}
        assert len(rows) == len(story.rows) + 2
    assert r"a\|b \*c\* \<i> \_d\_ \`e\`" in rows[3]
    assert "s->cpu_partial = 0" in markdown_text(counterexample_of(leak(verified)))


def test_html_is_well_formed_and_values_stay_text(verified: Verified) -> None:
    story = counterexample_of(leak(verified))
    page = Page(html_text(story))
    assert list(page.rows) == [f"step-{row.number}" for row in story.rows]
    for row in story.rows[1:]:
        assert row.words in page.rows[f"step-{row.number}"]
    assert "has_cpu_slab()" in page.rows[f"step-{story.timeline.fatal}"]  # type: ignore[union-attr]
    strange = html_text(odd(story, "<script>alert(1)</script>&amp;"))
    assert "script" not in Page(strange).tags
    assert Page(strange).rows["step-2"].count("<script>alert(1)</script>&amp;") == 3
    assert not re.search(r"https?:|src=|url\(", strange)


@pytest.mark.parametrize("kind", [Format.SVG, Format.PNG])
def test_pictures_are_files_of_their_kind(verified: Verified, kind: Format) -> None:
    content = written(leak(verified), kind)
    if kind is Format.PNG:
        assert content.startswith(b"\x89PNG")
        return
    root = ET.fromstring(content)  # noqa: S314 - our own
    assert root.tag.endswith("svg")
    words = " ".join("".join(text.itertext()) for text in root.iter() if text.tag.endswith("text"))
    assert "VIOLATED(NoLeak)" in words
    assert "has_cpu_slab()" in words
    assert written(leak(verified), kind) == content


def test_a_lasso_and_stuttering_are_shown_as_such(
    lasso: Result, stuttering: Result, verified: Verified
) -> None:
    assert "back to 2" in text_of(counterexample_of(lasso), 80)
    assert json.loads(written(lasso, Format.ITF))["loop"] == 1
    assert "and again from step 2, for ever" in text_of(
        counterexample_of(lasso, Selection(steps="1-3")), 80
    )
    assert "stutters for ever" in text_of(counterexample_of(stuttering), 80)
    for kind in (Format.MD, Format.HTML, Format.TEXT):
        assert "and so for ever" in written(stuck(verified), kind).decode()


@pytest.mark.parametrize("kind", [Format.SVG, Format.PNG])
def test_a_spec_without_processes_has_no_lanes(lasso: Result, kind: Format) -> None:
    with pytest.raises(UsageError, match="Counter has no processes to draw") as caught:
        written(lasso, kind)
    assert "html" in caught.value.next_step
    with pytest.raises(UsageError, match="has no CPUs"):
        counterexample_of(lasso, Selection(cpu="cpu0"))


@pytest.mark.parametrize("kind", list(Format))
def test_without_a_counterexample_every_format_says_so(verified: Verified, kind: Format) -> None:
    with pytest.raises(UsageError, match="no counterexample: its verdict is PROVEN"):
        written(good(verified), kind)


def test_a_choice_of_steps(verified: Verified) -> None:
    result = leak(verified)
    whole, some = counterexample_of(result), counterexample_of(result, Selection(steps="5-8"))
    assert [row.number for row in some.rows] == [5, 6, 7, 8]
    assert "4 of" in text_of(some, 100)
    assert not some.complete
    assert whole.complete
    one = counterexample_of(result, Selection(cpu="cpu1"))
    assert {row.cpu for row in one.rows[1:]} == {"cpu1"}
    changes = counterexample_of(result, Selection(only_changes=True))
    assert 3 < len(changes.rows) < len(whole.rows)
    assert all(row.changed or row.buffers or row.notes for row in changes.rows)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("a.svg", Format.SVG),
        ("a.HTML", Format.HTML),
        ("a.itf.json", Format.ITF),
        ("a.json", Format.JSON),
    ],
)
def test_a_file_name_tells_the_format(name: str, expected: Format) -> None:
    assert format_of(name) is expected


def test_the_command(verified: Verified, tmp_path: Path) -> None:
    result = leak(verified)
    assert "VIOLATED(NoLeak)" in run("trace", result.run_dir).output
    assert (
        run("trace", result.run_dir, "--json").output
        == run("trace", result.run_dir, "--format", "itf").output
    )
    picture = tmp_path / "leak.svg"
    assert run("trace", result.run_dir, "-o", picture, "--theme", "dark").exit_code == 0
    assert "#16181d" in picture.read_text(encoding="utf-8")
    for words, message in (
        (["--json", "--format", "md"], "--json and --format md"),
        (["-o", tmp_path / "x.doc"], "is not that of a format"),
        (["-o", tmp_path / "none" / "x.md"], "cannot be written"),
        (["--steps", "99"], "no such step"),
        (["--cpu", "cpu7"], "unknown CPU"),
    ):
        ran = run("trace", result.run_dir, *words)
        assert ran.exit_code == 2
        assert message in re.sub(r"\s+", " ", ran.output)
        assert "next:" in ran.output


def test_without_a_counterexample_the_command_says_so_and_is_content(verified: Verified) -> None:
    ran = run("trace", good(verified).run_dir)
    assert ran.exit_code == 0
    assert ran.output.split()[0] == "PROVEN"
    assert "No counterexample" in ran.output
    assert "`slubtla runs` lists them" in " ".join(ran.output.split())
    assert run("trace", good(verified).run_dir, "--json").exit_code == 2


def test_long_values_stand_on_several_lines() -> None:
    long = "[" + ", ".join(f"field{n} |-> <<{n}, {{a{n}, b{n}}}>>" for n in range(1, 9)) + "]"
    value = parse_value(long)
    text = pretty_value(value, 40)
    assert parse_value(text) == value
    assert max(map(len, text.splitlines())) <= 40
    assert pretty_value(value, 1000) == re.sub(r"\s+", " ", long)
