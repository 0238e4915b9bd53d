"""A file is read in blocks, and nothing is read otherwise than line by line."""

from __future__ import annotations

import io

import pytest
from captured import FILES, OLD, OUTPUTS, lines_of

from slubtla.tlc.output import ReportReader, read_report, reader

COVERED = f"{OLD}/coverage.txt"
EXPRESSION = "@!@!@STARTMSG 2221:0 @!@!@\n  line 1, col 1 to line 1, col 9 of module M: 7\n"
END = "@!@!@ENDMSG 2221 @!@!@\n"


@pytest.mark.parametrize("size", [1, 64, 1 << 20])
@pytest.mark.parametrize("file", FILES)
def test_a_file_gives_what_its_lines_give(
    file: str, size: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reader, "_BLOCK", size)
    with (OUTPUTS / file).open(encoding="utf-8") as output:
        assert read_report(output) == read_report(lines_of(file))


def test_expressions_are_passed_over_but_counted_as_lines() -> None:
    text = "".join(lines_of(COVERED))
    assert text.count("STARTMSG 2221") > 1
    broken = text + "@!@!@ENDMSG 1 @!@!@\n"
    by_block = read_report(io.StringIO(broken))
    assert by_block == read_report(broken.splitlines())
    (place,) = by_block.unreadable
    assert place.startswith(f"line {len(broken.splitlines())} of TLC's output: expected no end")


@pytest.mark.parametrize(
    "text",
    [
        EXPRESSION,  # cut
        EXPRESSION + "@!@!@ENDMSG 2775 @!@!@\n",  # ends as another
        "@!@!@STARTMSG 1000:1 @!@!@\n" + EXPRESSION + END + "@!@!@ENDMSG 1000 @!@!@\n",  # inside
        "printed " + EXPRESSION + END,  # in mid-line
        EXPRESSION + "@!@!@STARTMSG 2110:1 @!@!@\nx\n@!@!@ENDMSG 2110 @!@!@\n" + END,
        (EXPRESSION + END) * 3 + "after\n",
        (EXPRESSION + END) * 3 + "no newline",
    ],
)
def test_what_only_looks_like_an_expression_is_read(text: str) -> None:
    assert read_report(io.StringIO(text)) == read_report(text.splitlines(keepends=True))


def test_a_block_may_be_fed_while_others_come_line_by_line() -> None:
    lines = lines_of(COVERED)
    mixed = ReportReader()
    mixed.feed_block("".join(lines[: len(lines) // 2]))
    for line in lines[len(lines) // 2 :]:
        mixed.feed(line)
    assert mixed.finish() == read_report(lines)
