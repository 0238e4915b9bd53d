"""The program ``slubtla``: its groups of commands, and what every command does the same way."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Annotated, Any, Final, TypeVar

import typer
from rich.console import RenderableType
from typer.core import TyperCommand

from slubtla._version import __version__
from slubtla.barriers.show.text import print_view
from slubtla.cli.exits import exits, stdout, write
from slubtla.tlc.run.result import SCHEMA_VERSION, Record

GROUPS: Final[Mapping[str, tuple[str, ...]]] = {
    "Ask": ("verify", "matrix", "argue", "cost", "explain", "list"),
    "Look": ("trace", "diff", "plot", "report", "runs"),
    "Trust": ("prove", "mutate", "litmus", "hardware"),
    "Any specification": ("check", "render", "schema"),
    "Scale": ("sweep", "resume", "worker"),
    "Set up": ("doctor",),
}
"""The commands, in the order in which `slubtla --help` lists them."""

GROUP_OF: Final = {name: group for group, names in GROUPS.items() for name in names}

app = typer.Typer(
    no_args_is_help=True,
    add_completion=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    context_settings={"help_option_names": ["-h", "--help"]},
    help="Is this barrier enough? SLUB's lockless cpu_partial protocol, checked by TLC.",
    epilog="Exit codes: 0 as expected, 1 not as expected, 2 usage or specification error, "
    "3 could not run, 4 inconclusive, 130 interrupted.",
)

F = TypeVar("F", bound=Callable[..., Any])


class _Command(TyperCommand):
    """A command that also accepts the former spelling ``--out-dir`` of its option for a place."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:  # noqa: ANN401 - typer's own
        known = {word for parameter in self.params for word in parameter.opts}
        now = "--keep" if "--keep" in known else "--out"
        end = args.index("--") if "--" in args else len(args)
        renamed = [
            now + word.removeprefix("--out-dir")
            if word == "--out-dir" or word.startswith("--out-dir=")
            else word
            for word in args[:end]
        ]
        return super().parse_args(ctx, renamed + args[end:])


def command(name: str, *, to: typer.Typer = app) -> Callable[[F], F]:
    """Make a function the command of this name; what it returns or raises is the exit code."""

    def register(function: F) -> F:
        group = GROUP_OF.get(name) if to is app else None
        to.command(name, cls=_Command, rich_help_panel=group)(exits(function))
        return function

    return register


def show(
    result: Record | Mapping[str, Any], view: Callable[[], RenderableType], *, as_json: bool
) -> None:
    """Show a result on stdout: as JSON, or as the view that is made of it for people.

    A mapping gets the version of the schema.
    """
    if not as_json:
        print_view(view(), stdout())
    elif isinstance(result, Record):
        write(result.model_dump_json(indent=2) + "\n")
    else:
        write(json.dumps({"schema_version": SCHEMA_VERSION} | dict(result), indent=2) + "\n")


def _version(wanted: bool) -> None:
    if wanted:
        write(f"slubtla {__version__}\n")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
    protocol: Annotated[
        str | None,
        typer.Option(
            metavar="NAME|DIR",
            help="Ask about this protocol, or the one in this folder. Before the command.",
        ),
    ] = None,
) -> None:
    """Nothing: ``--version`` is handled when it is read, ``--protocol`` before that."""
