"""The options that commands share, each written once.

A group of options stands for one parameter of a command: ``@model_options`` replaces the
parameter ``model`` by ``--strategy``, ``--arch`` and so on, and gives the command the model that
they describe.
"""

from __future__ import annotations

import functools
import inspect
import re
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Annotated, Any, Final, ParamSpec, TypeVar

import typer

from slubtla.barriers.machines import ARCHES, CMPXCHGS, MEMORY_MODELS
from slubtla.barriers.model import make_model, read_parameters
from slubtla.errors import UsageError
from slubtla.protocols.slub import SLUB
from slubtla.tlc.run.settings import ENGINES, Settings

MODEL: Final = "The model"
BOUNDS: Final = "Bounds"
RUN: Final = "The run"
OUTPUT: Final = "Output"

_SIZE: Final = re.compile(r"(\d+)\s*([kmgt]?)i?b?", re.IGNORECASE)
_MIB: Final = {"k": 1 / 1024, "": 1, "m": 1, "g": 1024, "t": 1024 * 1024}


def _among(names: Iterable[str]) -> Callable[[str], list[str]]:
    known = tuple(names)
    return lambda incomplete: [name for name in known if name.startswith(incomplete)]


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


P = ParamSpec("P")
R = TypeVar("R")


def _option(annotation: Any, default: Any = None) -> tuple[Any, Any]:  # noqa: ANN401
    return annotation, default


def _text(flag: str, text: str, known: Iterable[str], panel: str = MODEL) -> tuple[Any, Any]:
    return _option(
        Annotated[
            str | None,
            typer.Option(
                flag,
                help=text,
                autocompletion=_among(known),
                rich_help_panel=panel,
                show_default=False,
            ),
        ]
    )


def _texts(flag: str, text: str, known: Iterable[str]) -> tuple[Any, Any]:
    return _option(
        Annotated[
            list[str] | None,
            typer.Option(
                flag,
                help=f"{text} Repeatable.",
                autocompletion=_among(known),
                rich_help_panel=MODEL,
                show_default=False,
            ),
        ]
    )


def _bound(text: str) -> tuple[Any, Any]:
    return _option(
        Annotated[int | None, typer.Option(help=text, rich_help_panel=BOUNDS, show_default=False)]
    )


_BOUNDS: Final = {
    "cpus": _bound("Online CPUs. (default: 2)"),
    "tasks": _bound("Tasks that put slabs. (default: 2)"),
    "slabs": _bound("Slabs. (default: 2)"),
    "objects": _bound("Objects of a slab. (default: 1)"),
    "cpu_partial": _bound("The limit of a per-CPU list before the shrink. (default: 1)"),
    "min_partial": _bound("Empty slabs the node keeps before the shrink. (default: 1)"),
    "interrupts": _bound("Frees by interrupts of devices. (default: 0)"),
    "allocations": _bound("Allocations by one more task. (default: 0)"),
    "caches": _bound("Caches of the cgroup; all but one have no slab. (default: 1)"),
    "symmetry": _option(
        Annotated[
            bool | None,
            typer.Option(
                "--symmetry/--no-symmetry",
                help="Search up to the names of CPUs, tasks and slabs. (default: symmetry)",
                rich_help_panel=BOUNDS,
                show_default=False,
            ),
        ]
    ),
}

_MODEL: Final = {
    "strategy": _text(
        "--strategy",
        "What the shrink side does between its stores and flush_all(). (default: the kernel's)",
        SLUB.strategies,
    ),
    "kernel": _text(
        "--kernel", "The version whose code is modelled. (default: v4.0)", SLUB.kernels
    ),
    "arch": _text("--arch", "Architecture: fixes memory model and cmpxchg. (default: x86)", ARCHES),
    "memory": _text("--memory", "Memory model, instead of the architecture's.", MEMORY_MODELS),
    "cmpxchg": _text(
        "--cmpxchg", "What this_cpu_cmpxchg() is, instead of the architecture's.", CMPXCHGS
    ),
    "without": _texts("--without", "Take away this guard, to see what falls.", SLUB.guards),
    "properties": _texts(
        "--property", "Only this property; goals are always checked.", SLUB.properties
    ),
    "stuck": _text(
        "--stuck",
        "A task may stay for ever in this region (for liveness): preempt_off, irqs_off.",
        SLUB.parameters["stuck"].choices,
    ),
    "preemption": _option(
        Annotated[
            bool | None,
            typer.Option(
                "--preemption/--no-preemption",
                help="May the scheduler preempt a task? (default: yes; for liveness no)",
                rich_help_panel=MODEL,
                show_default=False,
            ),
        ]
    ),
    "parameters": _option(
        Annotated[
            Path | None,
            typer.Option(
                "--parameters",
                metavar="FILE.toml",
                help="Read the model from a file; options on the command line win.",
                rich_help_panel=MODEL,
            ),
        ]
    ),
    "counters": _option(
        Annotated[
            bool | None,
            typer.Option(
                "--counters/--no-counters",
                help="Count interrupts and grace periods, as `slubtla cost` does.",
                rich_help_panel=MODEL,
                show_default=False,
            ),
        ]
    ),
} | _BOUNDS

_MATRIX: Final = {
    "strategies": _texts("--strategy", "Only this strategy.", SLUB.strategies),
    "arches": _texts("--arch", "Only this architecture.", ARCHES),
} | _BOUNDS

_TOOLS: Final = {
    "tla2tools": _option(
        Annotated[
            Path | None,
            typer.Option(
                "--tla2tools",
                metavar="JAR",
                help="tla2tools.jar to use: TLC 2.15 or newer.",
                rich_help_panel=RUN,
            ),
        ]
    ),
    "java": _option(
        Annotated[
            Path | None,
            typer.Option(
                "--java", metavar="PROGRAM", help="java to use: 11 or newer.", rich_help_panel=RUN
            ),
        ]
    ),
}

RUN_GROUP: Final = {
    "timeout": _option(
        Annotated[
            float | None,
            typer.Option(
                metavar="SECONDS",
                help="End the search after so long: INCONCLUSIVE(timeout).",
                rich_help_panel=RUN,
            ),
        ]
    ),
    "heap": _option(
        Annotated[
            str | None,
            typer.Option(
                metavar="SIZE",
                help="Java heap, e.g. 4g. (default: by the machine's memory)",
                rich_help_panel=RUN,
                show_default=False,
            ),
        ]
    ),
    "workers": _option(
        Annotated[
            int | None,
            typer.Option(
                min=1,
                help="TLC's worker threads. (default: the cores; in a matrix 1 a cell)",
                rich_help_panel=RUN,
                show_default=False,
            ),
        ]
    ),
    "engine": _option(
        Annotated[
            str,
            typer.Option(
                help="What runs TLC: process (a JVM for each run), jvm (warm JVMs).",
                autocompletion=_among(ENGINES),
                rich_help_panel=RUN,
            ),
        ],
        "process",
    ),
    "cache": _option(
        Annotated[
            bool,
            typer.Option(
                "--cache/--no-cache",
                help="Use what was kept from earlier runs, and keep more.",
                rich_help_panel=RUN,
            ),
        ],
        True,
    ),
    "out_dir": _option(
        Annotated[
            Path | None,
            typer.Option(
                metavar="DIR",
                help="Keep the run here, in a new directory. (default: the user's state directory)",
                rich_help_panel=OUTPUT,
                show_default=False,
            ),
        ]
    ),
} | _TOOLS

SCALE_GROUP: Final = {
    "coverage": _option(
        Annotated[
            bool,
            typer.Option(
                "--coverage",
                help="Have TLC count the steps of each action; a third slower.",
                rich_help_panel=RUN,
            ),
        ],
        False,
    ),
    "distributed": _option(
        Annotated[
            bool,
            typer.Option(
                "--distributed",
                help="Start a server, and let workers do the search: `slubtla worker HOST`.",
                rich_help_panel=RUN,
            ),
        ],
        False,
    ),
    "listen": _option(
        Annotated[
            str | None,
            typer.Option(
                metavar="ADDRESS",
                help="With --distributed: the address to listen on. (default: 127.0.0.1, which no "
                "other machine reaches)",
                rich_help_panel=RUN,
                show_default=False,
            ),
        ]
    ),
    "port": _option(
        Annotated[
            int | None,
            typer.Option(
                min=1,
                max=65535,
                help="With --distributed: the port. (default: 10997)",
                rich_help_panel=RUN,
                show_default=False,
            ),
        ]
    ),
    "checkpoint": _option(
        Annotated[
            float | None,
            typer.Option(
                metavar="MINUTES",
                min=0,
                help="Write a checkpoint so often, for `slubtla resume` after a kill. (default: "
                "none)",
                rich_help_panel=RUN,
                show_default=False,
            ),
        ]
    ),
}

_RESUME: Final = {name: RUN_GROUP[name] for name in ("timeout", "heap")} | _TOOLS

JsonOption = Annotated[
    bool, typer.Option("--json", help="Print JSON on stdout.", rich_help_panel=OUTPUT)
]


def option_group(
    name: str, parameters: Mapping[str, tuple[Any, Any]], build: Callable[..., Any]
) -> Callable[[Callable[..., R]], Callable[..., R]]:
    """Make a decorator that replaces the parameter ``name`` by a group of options."""

    def decorate(command: Callable[..., R]) -> Callable[..., R]:
        @functools.wraps(command)
        def wrapped(**given: Any) -> R:  # noqa: ANN401 - whatever typer read
            own = {key: given.pop(key) for key in parameters}
            return command(**{name: build(**own)}, **given)

        signature = inspect.signature(command, eval_str=True)
        group = [
            inspect.Parameter(
                key, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=annotation
            )
            for key, (annotation, default) in parameters.items()
        ]
        others = [
            parameter.replace(kind=inspect.Parameter.KEYWORD_ONLY)
            for key, parameter in signature.parameters.items()
            if key != name
        ]
        wrapped.__signature__ = signature.replace(parameters=group + others)  # type: ignore[attr-defined]
        wrapped.__annotations__ = {
            parameter.name: parameter.annotation for parameter in group + others
        }
        return wrapped

    return decorate


def _build_model(*, parameters: Path | None, **given: Any) -> Any:  # noqa: ANN401
    for name in ("properties", "without"):
        given[name] = given[name] or None
    base = read_parameters(parameters) if parameters is not None else {}
    return make_model(**base | {name: value for name, value in given.items() if value is not None})


def build_settings(*, heap: str | None, timeout: float | None, **given: Any) -> Settings:  # noqa: ANN401
    """Return the settings that the options of :data:`RUN_GROUP` describe."""
    return Settings(heap_mb=heap_in_mib(heap), timeout=timeout, **given)


model_options = option_group("model", _MODEL, _build_model)
matrix_options = option_group("cells", _MATRIX, lambda **given: given)
run_options = option_group("settings", RUN_GROUP, build_settings)
search_options = option_group("settings", RUN_GROUP | SCALE_GROUP, build_settings)
resume_options = option_group("settings", _RESUME, build_settings)
tool_options = option_group("tools", _TOOLS, lambda **given: given)
