"""Groups of options: how to run, and the model, whose options come from its own parameters."""

from __future__ import annotations

import functools
import inspect
import re
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, Final, TypeVar

import typer

from slubtla.barriers.model import make_model, model_fields, read_parameters, vocabularies
from slubtla.barriers.names import listed
from slubtla.barriers.protocol import LARGEST_BOUND, Parameter, protocol
from slubtla.errors import UsageError
from slubtla.tlc.run.settings import ENGINES, Settings

MODEL: Final = "The model"
BOUNDS: Final = "Bounds"
RUN: Final = "The run"
OUTPUT: Final = "Output"

_SIZE: Final = re.compile(r"(\d+)\s*([kmgt]?)i?b?", re.IGNORECASE)
_MIB: Final = {"k": 1 / 1024, "": 1, "m": 1, "g": 1024, "t": 1024 * 1024}

R = TypeVar("R")
Options = dict[str, tuple[Any, Any]]
"""Options by parameter: the type, and the default that typer reads."""


def param(text: str, *flags: str, default: Any = None, **more: Any) -> Any:  # noqa: ANN401
    """Return an option as the default of a command's parameter; ``...`` if it must be given."""
    panel = more.pop("panel", None)
    return typer.Option(default, *flags, help=text, rich_help_panel=panel, **more)


def argument(text: str, *, default: Any = None, **more: Any) -> Any:  # noqa: ANN401
    """Return an argument as the default of a command's parameter; ``...`` if it must be given."""
    return typer.Argument(default, help=text, **more)


def file_param(text: str, *, default: Any = None) -> Any:  # noqa: ANN401
    """Return the option ``-o`` for a file."""
    return param(text, "-o", "--out", default=default, metavar="FILE", panel=OUTPUT)


def among(names: Iterable[str]) -> Callable[[str], list[str]]:
    """Return what completes a name on the command line."""
    return lambda incomplete: [name for name in names if name.startswith(incomplete)]


def heap_in_mib(text: str | None) -> int | None:
    """Read a heap size such as ``4g``, ``512m`` or ``2048`` (MiB).

    Raises:
        UsageError: it is no size.
    """
    if text is None:
        return None
    match = _SIZE.fullmatch(text.strip())
    if match is None:
        raise UsageError(f"--heap {text!r} is no size", next_step="write 4g, 512m or 2048 (MiB)")
    return int(int(match[1]) * _MIB[match[2].lower()])


def own(kind: Any, text: str, *flags: str, panel: str = RUN, **more: Any) -> tuple[Any, Any]:  # noqa: ANN401
    """Return an option of a group: its type, and its default."""
    return kind, param(text, *flags, panel=panel, **more)


def switch(text: str, flag: str, **more: Any) -> tuple[Any, Any]:  # noqa: ANN401
    """Return an option of a group that is off unless it is given."""
    return own(bool, text, flag, default=False, **more)


JSON: Final = param("Print JSON on stdout.", "--json", default=False, panel=OUTPUT)
DASK: Final = param(
    "Run on the workers of this Dask scheduler, e.g. tcp://HOST:8786. (default: here)",
    "--dask",
    metavar="ADDRESS",
    panel=RUN,
)
HEAP: Final = "Java heap, e.g. 4g. (default: by the machine's memory)"

TOOLS: Final[Options] = {
    "tla2tools": own(Path | None, "tla2tools.jar to use: TLC 2.15 or newer.", metavar="JAR"),
    "java": own(Path | None, "java to use: 11 or newer.", metavar="PROGRAM"),
}
_LIMITS: Final[Options] = {
    "timeout": own(
        float | None, "End the search after so long: INCONCLUSIVE(timeout).", metavar="SECONDS"
    ),
    "heap": own(str | None, HEAP, metavar="SIZE"),
}
_HOW: Final[Options] = {
    "workers": own(
        int | None, "TLC's worker threads. (default: the cores; in a matrix 1 a cell)", min=1
    ),
    "engine": own(
        str,
        "What runs TLC: process (a JVM for each run), jvm (warm JVMs).",
        default="process",
        autocompletion=among(ENGINES),
    ),
    "cache": own(
        bool, "Use cached results, and cache new ones.", "--cache/--no-cache", default=True
    ),
}
_PLACE: Final = "Keep the run here, in a new directory. (default: the user's state directory)"
_OUT: Final[Options] = {"out": own(Path | None, _PLACE, "-o", "--out", metavar="DIR", panel=OUTPUT)}
_KEEP: Final[Options] = {"keep": own(Path | None, _PLACE, metavar="DIR", panel=OUTPUT)}

RUN_GROUP: Final = _LIMITS | _HOW | _OUT | TOOLS

SCALE_GROUP: Final[Options] = {
    "coverage": switch("Have TLC count the steps of each action; a third slower.", "--coverage"),
    "distributed": switch(
        "Start a server, and let workers do the search: `slubtla worker HOST`.", "--distributed"
    ),
    "listen": own(
        str | None,
        "With --distributed: the address to listen on. (default: 127.0.0.1, which no other machine "
        "reaches)",
        metavar="ADDRESS",
    ),
    "port": own(int | None, "With --distributed: the port. (default: 10997)", min=1, max=65535),
    "checkpoint": own(
        float | None,
        "Write a checkpoint so often, for `slubtla resume` after a kill. (default: none)",
        metavar="MINUTES",
        min=0,
    ),
}


def option_group(
    name: str, options: Options | Callable[[], Options], build: Callable[..., Any]
) -> Callable[[Callable[..., R]], Callable[..., R]]:
    """Make a decorator that replaces the parameter ``name`` by a group of options.

    A group that takes long to make is made when a command is decorated.
    """

    def decorate(command: Callable[..., R]) -> Callable[..., R]:
        own = options() if callable(options) else options

        @functools.wraps(command)
        def wrapped(**given: Any) -> R:  # noqa: ANN401 - whatever typer read
            chosen = {key: given.pop(key) for key in own}
            return command(**{name: build(**chosen)}, **given)

        signature = inspect.signature(command, eval_str=True)
        group = [
            inspect.Parameter(key, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=kind)
            for key, (kind, default) in own.items()
        ]
        others = [
            parameter.replace(kind=inspect.Parameter.KEYWORD_ONLY)
            for key, parameter in signature.parameters.items()
            if key != name
        ]
        wrapped.__signature__ = signature.replace(parameters=group + others)  # type: ignore[attr-defined]
        wrapped.__annotations__ = {each.name: each.annotation for each in group + others}
        return wrapped

    return decorate


# --- The model: an option for each of its fields.


def field_options(*, several: bool = False) -> Options:
    """Return an option for each field of the protocol's models, with its real default.

    With ``several`` a bound can have several values: ``3``, ``2..4`` or ``2,3,4``.
    """
    of = protocol()
    found: Options = {}
    usual = {
        "strategy": " (default: the kernel's)",
        "kernel": f" (default: {of.default_kernel})",
        "arch": f" (default: {of.default_arch})",
        "without": " Repeatable.",
        "properties": " Repeatable.",
    }
    known, parameters = vocabularies(of), dict(of.parameters)
    for name, field in model_fields(of).items():
        parameter = parameters.get(name)
        text = of.help.get(name) or field.description or ""
        if parameter is None:
            flag = "--property" if name == "properties" else f"--{name}"
            kind: Any = list[str] | None if name in {"without", "properties"} else str | None
            text, names = text + usual.get(name, ""), among(known[name])
            found[name] = own(kind, text, flag, panel=MODEL, autocompletion=names)
        else:
            found[name] = _parameter_option(parameter, several=several)
    return found


def _parameter_option(parameter: Parameter, *, several: bool) -> tuple[Any, Any]:
    flag = f"--{parameter.replace('_', '-')}"
    text = f"{parameter.help}{_default_text(parameter)}"
    if parameter.type is bool:
        return own(bool | None, text, f"{flag}/--no-{flag[2:]}", panel=MODEL)
    if parameter.choices:
        text = f"{parameter.help} One of: {', '.join(parameter.choices)}."
        completed = among(parameter.choices)
        return own(str | None, text, flag, panel=MODEL, autocompletion=completed)
    if several:
        return own(str | None, text, flag, panel=BOUNDS, metavar="VALUES")
    metavar = f"{parameter.least}..{LARGEST_BOUND}"
    return own(int | None, text, flag, panel=BOUNDS, metavar=metavar)


def _default_text(parameter: Parameter) -> str:
    """The default of a parameter, and each condition under which it is another."""
    of = protocol()

    def word(value: object) -> str:
        switch = parameter.replace("_", "-")
        return f"{'' if value else 'no-'}{switch}" if isinstance(value, bool) else str(value)

    defaults = [word(parameter.default)]
    for when, changed in of.conditional_defaults:
        if parameter in changed:
            conditions = [_condition(name, value) for name, value in when.items()]
            defaults.append(f"{word(changed[parameter])} {' '.join(conditions)}")
    return f" (default: {'; '.join(defaults)})"


def _condition(name: str, value: object) -> str:
    of = protocol()
    if name == "liveness":
        return "for liveness"
    if name in of.parameters:
        return f"with --{name.replace('_', '-')}"
    return "on " + ", ".join(k for k in of.kernels.values() if getattr(k, name) == value)


def _build_model(*, parameters: Path | None, **given: Any) -> Any:  # noqa: ANN401
    base = read_parameters(parameters) if parameters is not None else {}
    return make_model(**base | given_only(given))


def given_only(options: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the user gave: neither None nor an empty list."""
    return {name: value for name, value in options.items() if value is not None and value != []}


def _matrix_options() -> Options:
    options = field_options()
    bounds = {p: options[p] for p in protocol().parameters if not protocol().parameters[p].choices}
    return {
        "strategies": _repeatable("Only this strategy.", "strategy"),
        "arches": _repeatable("Only this architecture.", "arch"),
        **bounds,
    }


def _cost_options() -> Options:
    costs, parameters = protocol().costs, protocol().parameters
    found: Options = {"strategies": _repeatable("Only this strategy.", "strategy")}
    for name, values in costs.over.items() if costs else ():
        text = f"{parameters[name].help} Repeatable. (default: {listed([*map(str, values)])})"
        found[name] = own(list[int] | None, text, panel=BOUNDS)
    return found


def _repeatable(text: str, field: str) -> tuple[Any, Any]:
    names = among(vocabularies(protocol())[field])
    flag, text = f"--{field}", f"{text} Repeatable."
    return own(list[str] | None, text, flag, panel=MODEL, autocompletion=names)


def build_settings(*, heap: str | None = None, out: Path | None = None, **given: Any) -> Settings:  # noqa: ANN401
    """Return the settings that the options of :data:`RUN_GROUP` describe."""
    return Settings(heap_mb=heap_in_mib(heap), out_dir=out, **given)


_PARAMETERS: Final[Options] = {
    "parameters": own(
        Path | None,
        "Read the model from a file; options on the command line win.",
        metavar="FILE.toml",
        panel=MODEL,
    )
}

model_options = option_group("model", lambda: field_options() | _PARAMETERS, _build_model)
sweep_options = option_group("model", lambda: field_options(several=True), dict)
matrix_options = option_group("cells", _matrix_options, dict)
cost_options = option_group("cells", _cost_options, lambda **given: given_only(given))
run_options = option_group("settings", RUN_GROUP, build_settings)
search_options = option_group("settings", RUN_GROUP | SCALE_GROUP, build_settings)
resume_options = option_group("settings", _LIMITS | TOOLS, build_settings)
diff_options = option_group(
    "settings",
    _LIMITS | _HOW | _KEEP | TOOLS,
    lambda *, keep, **given: build_settings(out=keep, **given),
)
tool_options = option_group("tools", TOOLS, dict)


def read_model_options(words: list[str]) -> dict[str, Any]:
    """Return the parameters of a model that some options of `slubtla verify` give.

    Raises:
        UsageError: they cannot be read.
    """
    reader = typer.Typer(add_completion=False)

    @reader.command(context_settings={"help_option_names": []})
    @option_group("model", field_options(), lambda **given: given_only(given))
    def read(model: dict[str, Any]) -> dict[str, Any]:
        return model

    try:
        given: dict[str, Any] = typer.main.get_command(reader).main(words, standalone_mode=False)
    except Exception as error:
        if hasattr(error, "format_message"):  # click's own, or that of typer's copy of click
            next_step = "write options of `slubtla verify`, e.g. --cmpxchg full"
            raise UsageError(error.format_message(), next_step=next_step) from None
        raise
    return given
