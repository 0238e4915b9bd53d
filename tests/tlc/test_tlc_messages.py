"""The lexer of messages and plain lines."""

import pickle
import re
from collections.abc import Iterable, Iterator

import pytest
from captured import FILES, lines_of

from slubtla.errors import TlcOutputError
from slubtla.tlc.output import Line, Message, MessageLexer, Severity


def iter_messages(lines: Iterable[str]) -> Iterator[Message | Line]:
    """The messages and plain lines of an output; raises the first fault of the lexer."""
    lexer = MessageLexer()
    for line in lines:
        yield from lexer.feed(line)
        for fault in lexer.faults:
            raise fault
    if cut := lexer.finish():
        yield cut


NESTED = """\
before
@!@!@STARTMSG 1000:1 @!@!@
The exception was a tlc2.tool.EvalException
: @!@!@STARTMSG 2132:0 @!@!@
The second argument was:
"x"
@!@!@ENDMSG 2132 @!@!@
@!@!@ENDMSG 1000 @!@!@
after
""".splitlines(keepends=True)


def test_messages_nest_and_start_in_the_middle_of_a_line() -> None:
    inner = Message(2132, Severity.INFO, 'The second argument was:\n"x"', (), 4)
    text = 'The exception was a tlc2.tool.EvalException\n: The second argument was:\n"x"'
    outer = Message(1000, Severity.ERROR, text, (inner,), 2)
    assert list(iter_messages(NESTED)) == [Line("before", 1), outer, Line("after", 9)]
    assert outer.find(2132) == inner
    assert outer.find(1000) == outer
    assert outer.find(2110) is None
    assert outer.innermost == inner
    assert inner.innermost == inner


def test_what_leads_in_to_one_nested_message_is_not_repeated_before_the_next() -> None:
    nested = ["@!@!@STARTMSG 2:0 @!@!@", "two", "@!@!@ENDMSG 2 @!@!@"]
    lines = ["@!@!@STARTMSG 1:1 @!@!@", f"lead {nested[0]}", *nested[1:], *nested]
    (outer,) = iter_messages([*lines, "@!@!@ENDMSG 1 @!@!@"])
    assert outer.text == "lead two\ntwo"


def test_text_beside_a_marker_is_kept() -> None:
    lines = ["one @!@!@STARTMSG 7:0 @!@!@two", "three@!@!@ENDMSG 7 @!@!@ four"]
    assert list(iter_messages(lines)) == [
        Line("one ", 1),
        Message(7, Severity.INFO, "two\nthree", (), 1),
        Line(" four", 2),
    ]


def test_several_messages_on_one_line() -> None:
    line = "@!@!@STARTMSG 1:3 @!@!@a@!@!@ENDMSG 1 @!@!@@!@!@STARTMSG 2:4 @!@!@b@!@!@ENDMSG 2 @!@!@"
    assert list(iter_messages([line])) == [
        Message(1, Severity.WARNING, "a", (), 1),
        Message(2, Severity.STATE, "b", (), 1),
    ]


def test_unknown_and_negative_codes_are_kept() -> None:
    lines = ["@!@!@STARTMSG -123456:2 @!@!@", "text", "@!@!@ENDMSG -123456 @!@!@"]
    assert list(iter_messages(lines)) == [Message(-123456, Severity.BUG, "text", (), 1)]


def test_what_only_looks_like_a_marker_is_text() -> None:
    lines = ['"a line @!@!@ in between"', "@!@!@STARTMSG 2110:9 @!@!@", "@!@!@STARTMSG"]
    assert [event.text for event in iter_messages(lines)] == lines


def test_newlines_of_all_systems_are_taken_off() -> None:
    lines = ["@!@!@STARTMSG 1:0 @!@!@\r\n", "a\r\n", "\r\n", "@!@!@ENDMSG 1 @!@!@\r\n", "b\n"]
    assert list(iter_messages(lines)) == [Message(1, Severity.INFO, "a", (), 1), Line("b", 5)]


@pytest.mark.parametrize(
    ("lines", "number"),
    [
        (["@!@!@ENDMSG 1000 @!@!@"], 1),
        (["@!@!@STARTMSG 1000:1 @!@!@", "text", "@!@!@ENDMSG 2132 @!@!@"], 3),
    ],
)
def test_an_end_without_its_start_is_an_error(lines: list[str], number: int) -> None:
    with pytest.raises(TlcOutputError) as caught:
        list(iter_messages(lines))
    assert caught.value.line_number == number
    assert caught.value.text == lines[-1]


def test_a_cut_message_is_incomplete_with_all_that_it_nests() -> None:
    *_, last = iter_messages(NESTED[:5])
    assert isinstance(last, Message)
    assert not last.complete
    assert last.code == 1000
    assert last.text.endswith(": The second argument was:")
    assert [inner.complete for inner in last.nested] == [False]


@pytest.mark.parametrize("file", FILES)
def test_every_line_of_an_output_is_somewhere(file: str) -> None:
    lines = [line.rstrip() for line in lines_of(file)]
    texts = [event.text for event in iter_messages(lines)]
    kept = [line for text in texts for line in text.splitlines() if line]
    sent = [re.sub("@!@!@(START|END)MSG [0-9:]+ @!@!@", "", line) for line in lines]
    # a lead in ": @!@!@STARTMSG" is joined to the first line of the nested message
    assert "".join(kept) == "".join(sent)


@pytest.mark.parametrize("file", FILES)
def test_messages_survive_pickling(file: str) -> None:
    events = list(iter_messages(lines_of(file)))
    assert pickle.loads(pickle.dumps(events)) == events  # noqa: S301  # our own bytes


def test_the_lexer_holds_one_message_at_a_time() -> None:
    lexer = MessageLexer()
    assert not lexer.feed("@!@!@STARTMSG 2217:4 @!@!@")
    assert not lexer.feed("1: <Initial predicate>")
    (message,) = lexer.feed("@!@!@ENDMSG 2217 @!@!@")
    assert message == Message(2217, Severity.STATE, "1: <Initial predicate>", (), 1)
    assert lexer.finish() is None
