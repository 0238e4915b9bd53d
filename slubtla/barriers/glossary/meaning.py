"""What is told of a word: a frozen record that is JSON."""

from __future__ import annotations

from pydantic import Field

from slubtla.tlc.run.result import Record, Versioned


class Fact(Record):
    """A line of what is told.

    Attributes:
        head: a word or two.
        text: a sentence or a list.
    """

    head: str
    text: str


class Shown(Record):
    """A named model of ``configs/`` that shows something of a word.

    Attributes:
        file: the file, e.g. ``configs/arches.toml``.
        name: the model's name there.
        expect: the verdict that it must get.
        on: what it is on, without the word itself: ``"x86"``, ``"smp_mb on arm64"``.
        asks: the properties that it asks for, where these are not the usual ones.
        about: what the file says about it; of a mutant that survives, why it does.
    """

    file: str
    name: str
    expect: str
    on: str
    asks: tuple[str, ...] = ()
    about: str = ""


class Excerpt(Record):
    """Lines of a rendered specification.

    Attributes:
        title: what they are.
        model: the command of the model that they were rendered for, as ``slubtla render`` takes it.
        line: where the first one stands there, from 1; None where they stand in several places.
        text: the lines.
    """

    title: str
    model: str
    line: int | None
    text: str


class Meaning(Record):
    """A word of one kind.

    Attributes:
        kind: what it is a name of: ``"strategy"``, ``"label"`` ...
        name: the word.
        says: what it is, in one sentence without a full stop.
        source: where it comes from: kernel function and version, mail, paper.
        facts: what else is known of it.
        holds: models without anything broken that are PROVEN with it.
        falls: such models that are not.
        mutants: models in which it is removed or broken, or that it notices.
        excerpts: what it is in PlusCal or TLA+.
        related: words to look at next.
        commands: what shows it.
    """

    kind: str
    name: str
    says: str
    source: str
    facts: tuple[Fact, ...] = ()
    holds: tuple[Shown, ...] = ()
    falls: tuple[Shown, ...] = ()
    mutants: tuple[Shown, ...] = ()
    excerpts: tuple[Excerpt, ...] = ()
    related: tuple[str, ...] = ()
    commands: tuple[str, ...] = ()


class Explanation(Versioned):
    """All that a word means.

    Attributes:
        word: what was asked for.
        meanings: one for each kind of thing that is so named.
    """

    word: str
    meanings: tuple[Meaning, ...] = Field(min_length=1)
