"""``slubtla explain``: a word, in the kernel's words and with its source."""

from __future__ import annotations

from typing import Annotated, Final

import typer

from slubtla.barriers.show.text import print_view
from slubtla.cli import options as opt
from slubtla.cli.exits import exits, stdout, write

_WIDEST: Final = 120
"""Columns that :func:`slubtla.barriers.show.text.print_view` uses at most."""


def register(app: typer.Typer) -> None:
    """Add the command to the application."""
    app.command("explain")(explain_command)


def _words() -> list[str]:
    from slubtla.barriers.glossary import all_words  # noqa: PLC0415 - it reads every specification

    return list(all_words())


@exits
def explain_command(
    word: Annotated[
        str,
        typer.Argument(
            metavar="WORD",
            help="A strategy, property, guard, architecture, memory model, cmpxchg, kernel, "
            "verdict, label or action of a trace, or kernel function.",
            autocompletion=_words,
        ),
    ],
    as_json: opt.JsonOption = False,
) -> None:
    """Explain a word: what it is, where it comes from, where it is enough; needs no Java.

    What holds and falls is what the models that ship must show, and `slubtla prove` checks.

    [dim]Example: slubtla explain put_check_limit[/dim]
    """
    from slubtla.barriers.glossary import explain  # noqa: PLC0415 - it reads every specification
    from slubtla.barriers.show.meaning import explanation_view  # noqa: PLC0415 - likewise

    explanation = explain(word)
    if as_json:
        write(explanation.model_dump_json(indent=2) + "\n")
        return
    console = stdout()
    print_view(explanation_view(explanation, min(console.width, _WIDEST)), console)
