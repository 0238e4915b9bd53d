"""The program ``slubtla``: its groups of commands, and what every command does the same way."""

from __future__ import annotations

import importlib
import json
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final, TypeVar

import typer
from typer.core import TyperCommand, TyperGroup

from slubtla._version import __version__
from slubtla.cli.exits import exits, print_view, stdout, write

if TYPE_CHECKING:
    from rich.console import RenderableType

    from slubtla.tlc.run.result import Record

GROUPS: Final[Mapping[str, Mapping[str, str]]] = {
    "Ask": {
        "verify": "ask",
        "matrix": "campaigns",
        "argue": "campaigns",
        "cost": "campaigns",
        "explain": "words",
        "list": "words",
    },
    "Look": {"trace": "look", "diff": "diff", "plot": "plot", "report": "look", "runs": "look"},
    "Trust": {"prove": "prove", "mutate": "prove", "litmus": "litmus", "hardware": "hardware"},
    "Any specification": {"check": "spec", "render": "spec", "schema": "spec"},
    "Scale": {"sweep": "scale", "resume": "scale", "worker": "scale"},
    "Set up": {"doctor": "words"},
}
"""The commands, in the order in which `slubtla --help` lists them, with their modules."""

MODULES: Final = {name: module for group in GROUPS.values() for name, module in group.items()}
GROUP_OF: Final = {name: group for group, names in GROUPS.items() for name in names}


class _Unloaded(TyperCommand):
    """A command whose module is not imported yet; its help is read when it is listed."""


class _Program(TyperGroup):
    """All commands; the module of one is imported when the command is called."""

    def __init__(self, **given: Any) -> None:  # noqa: ANN401 - typer's own
        super().__init__(**given)
        loaded = self.commands
        self.commands = {
            name: loaded.get(name) or _Unloaded(name, rich_help_panel=group)
            for name, group in GROUP_OF.items()
        }

    def format_help(self, ctx: Any, formatter: Any) -> None:  # noqa: ANN401 - typer's own
        for name, command in self.commands.items():
            if isinstance(command, _Unloaded):
                command.help = _first_sentence(name)
        super().format_help(ctx, formatter)

    def resolve_command(self, ctx: Any, args: list[str]) -> tuple[Any, Any, list[str]]:  # noqa: ANN401 - typer's own
        name, command, others = super().resolve_command(ctx, args)
        if isinstance(command, _Unloaded):
            command = load_command(command.name or "")
        return name, command, others


def load_command(name: str) -> Any:  # noqa: ANN401 - typer's own
    """Return a command, after importing its module."""
    importlib.import_module(f"slubtla.cli.{MODULES[name]}")
    return typer.main.get_group(app).commands[name]


def _first_sentence(name: str) -> str:
    """The first line of the docstring of a command, from its module's source."""
    source = Path(__file__).with_name(f"{MODULES[name]}.py").read_text(encoding="utf-8")
    found = re.search(rf'"{name}"[^)]*\)\n.*?"""(.*?)(?:"""|\n)', source, re.DOTALL)
    return found[1] if found else ""


app = typer.Typer(
    cls=_Program,
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
    elif not isinstance(result, Mapping):
        write(result.model_dump_json(indent=2) + "\n")
    else:
        from slubtla.tlc.run.result import SCHEMA_VERSION  # noqa: PLC0415 - pydantic loads

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
