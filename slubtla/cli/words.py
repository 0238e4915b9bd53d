"""Commands that need no run: explain and list (the words that commands take), doctor."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from slubtla.barriers.entries import Vocabulary
from slubtla.barriers.machines import ARCHES, CMPXCHGS, MEMORY_MODELS
from slubtla.barriers.protocol import protocol
from slubtla.barriers.show.listing import doctor_view, listing_view
from slubtla.cli import options as opt
from slubtla.cli.app import command, show
from slubtla.cli.exits import WIDEST, stdout
from slubtla.errors import ExitCode


def _words() -> list[str]:
    from slubtla.barriers.glossary import all_words  # noqa: PLC0415 - it reads every specification

    return list(all_words())


@command("explain")
def explain_command(
    word: str = opt.argument(
        "A strategy, property, guard, architecture, memory model, cmpxchg, kernel, "
        "verdict, label or action of a trace, or kernel function.",
        metavar="WORD",
        autocompletion=_words,
        default=...,
    ),
    as_json: bool = opt.JSON,
) -> None:
    """Explain a word: what it is, where it comes from, where it is enough; needs no Java.

    What holds and falls is what the models that ship must show, and `slubtla prove` checks.

    [dim]Example: slubtla explain put_check_limit[/dim]
    """
    from slubtla.barriers.glossary import explain  # noqa: PLC0415 - it reads every specification
    from slubtla.barriers.show.meaning import explanation_view  # noqa: PLC0415 - likewise

    explanation = explain(word)
    width = min(stdout().width, WIDEST)
    show(explanation, lambda: explanation_view(explanation, width), as_json=as_json)


_LISTS: Final[Mapping[str, Vocabulary[Any]]] = {
    "strategies": protocol().strategies,
    "kernels": protocol().kernels,
    "arches": ARCHES,
    "memory": MEMORY_MODELS,
    "cmpxchg": CMPXCHGS,
    "guards": protocol().guards,
    "properties": protocol().properties,
}

Listed = enum.StrEnum("Listed", {name.upper(): name for name in _LISTS})  # type: ignore[misc]


@command("list")
def list_command(
    what: Listed | None = opt.argument("Only these."), as_json: bool = opt.JSON
) -> None:
    """List every name that a command takes, with its meaning and source."""
    chosen = {name: _LISTS[name] for name in (_LISTS if what is None else [str(what)])}
    data = {
        name: [{"name": e.name, "summary": e.summary, "source": e.source} for e in known.values()]
        for name, known in chosen.items()
    }
    show(data, lambda: listing_view(chosen), as_json=as_json)


@command("doctor")
@opt.tool_options
def doctor_command(tools: dict[str, Path | None], as_json: bool = opt.JSON) -> ExitCode:
    """Report what was found, what it can do, and what to do when something is missing."""
    from slubtla.tlc.run.doctor import Status, doctor  # noqa: PLC0415 - it starts Java

    checks = doctor(jar=tools["tla2tools"], java=tools["java"]).checks
    fields = ("name", "found", "detail", "next_step")
    rows = [
        {"status": check.status.value} | {name: getattr(check, name) for name in fields}
        for check in checks
    ]
    show({"checks": rows}, lambda: doctor_view(checks), as_json=as_json)
    failed = any(check.status is Status.FAIL for check in checks)
    return ExitCode.CANNOT_RUN if failed else ExitCode.AS_EXPECTED
