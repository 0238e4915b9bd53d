"""Lines out of bytes that are cut anywhere."""

from __future__ import annotations

import itertools

from hypothesis import given
from hypothesis import strategies as st

from slubtla.tlc.engine.process import LineSplitter


def split(chunks: list[bytes]) -> list[str]:
    splitter = LineSplitter()
    lines = [line for chunk in chunks for line in splitter.feed(chunk)]
    return lines + splitter.close()


@given(st.text(st.characters(exclude_characters="\r")), st.lists(st.integers(0, 60)))
def test_where_the_bytes_are_cut_does_not_matter(text: str, cuts: list[int]) -> None:
    data = text.encode("utf-8", "surrogatepass")
    edges = [0, *sorted(min(cut, len(data)) for cut in cuts), len(data)]
    chunks = [data[a:b] for a, b in itertools.pairwise(edges)]
    expected = data.decode("utf-8", "replace").split("\n")
    assert split(chunks) == (expected if expected[-1] else expected[:-1])


def test_only_line_feeds_end_a_line() -> None:
    assert split([b"a\x0bb\xe2\x80\xa8c\r", b"\nd"]) == ["a\x0bb\u2028c", "d"]


def test_what_is_no_utf8_is_marked() -> None:
    assert split([b"x\xff\n\xe2\x80"]) == ["x\ufffd", "\ufffd"]
