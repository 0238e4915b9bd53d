"""What a specification uses of the modules in jars (``--classpath``), as texts to be read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from slubtla.tlc.engine.stage import modules_in_jars
from slubtla.tlc.text.tla import (
    Token,
    all_definitions,
    definitions_of,
    modules_named,
    texts_of,
    tokens_of,
    words_reached,
)


def used_modules(jars: Iterable[Path], modules: Mapping[str, str]) -> dict[str, str]:
    """Return the modules in jars that some modules reach, without the definitions nobody reaches.

    A library holds many operators, and one that chooses at random says nothing against a
    specification that does not call it.

    Args:
        jars: where to look for modules.
        modules: the texts of the specification, by name: what lies there hides what is in a jar.

    Raises:
        UsageError: one of the jars is none.
    """
    at_hand = modules_in_jars(jars)
    found: dict[str, str] = {}
    unread = list(modules.values())
    while unread:
        for name in modules_named(unread.pop()):
            if name in at_hand and name not in modules and name not in found:
                found[name] = at_hand[name]
                unread.append(found[name])
    words = (word for text in modules.values() for word in texts_of(tokens_of(text)))
    reached = words_reached(words, all_definitions(found))
    return {name: _without_the_others(name, text, reached) for name, text in found.items()}


def _without_the_others(name: str, text: str, reached: set[str]) -> str:
    """The code of a module, in its lines, without the definitions that are not reached."""
    others: set[Token] = set()
    for word, definition in definitions_of(name, text).items():
        if word not in reached:
            others |= set(definition.body)
    lines: list[str] = []
    for token in tokens_of(text):
        shown = "" if token in others else token.text
        lines += [""] * (token.line - len(lines))
        lines[-1] = lines[-1].ljust(token.column - 1) + shown
    return "\n".join(lines)
