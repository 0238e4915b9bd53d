"""The options of ``slubtla check``: a specification of the user's own."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Final

import typer

from slubtla.cli.options import RUN, RUN_GROUP, SCALE_GROUP, build_settings, option_group
from slubtla.errors import UsageError
from slubtla.tlc.engine import Simulation
from slubtla.tlc.run.search_mode import DEPTH, SearchMode
from slubtla.tlc.run.settings import BEHAVIOURS, Settings

SEARCH: Final = "The search"


def _paths(metavar: str, text: str) -> tuple[Any, Any]:
    return (
        Annotated[
            list[Path],
            typer.Option(
                metavar=metavar,
                help=f"{text} Repeatable.",
                rich_help_panel=RUN,
                show_default=False,
            ),
        ],
        (),
    )


_PATHS: Final[dict[str, tuple[Any, Any]]] = {
    "library": _paths("DIR", "Look for modules here, too."),
    "classpath": _paths("JAR", "Modules, and operators in Java: behind TLC's own jar."),
}

_MODE: Final[dict[str, tuple[Any, Any]]] = {
    "simulate": (
        Annotated[
            bool,
            typer.Option(
                "--simulate",
                help="Try random behaviours instead of all: at best BOUNDED(simulation).",
                rich_help_panel=SEARCH,
            ),
        ],
        False,
    ),
    "depth": (
        Annotated[
            int | None,
            typer.Option(
                min=1,
                help=f"With --simulate: states of a behaviour at most. (default: {DEPTH})",
                rich_help_panel=SEARCH,
                show_default=False,
            ),
        ],
        None,
    ),
    "traces": (
        Annotated[
            int | None,
            typer.Option(
                min=1,
                help="With --simulate: behaviours to try. (default: until --timeout, else "
                f"{BEHAVIOURS:,})",
                rich_help_panel=SEARCH,
                show_default=False,
            ),
        ],
        None,
    ),
    "keep_going": (
        Annotated[
            bool,
            typer.Option(
                "--continue",
                help="Go on after a violation, and list every counterexample; see `slubtla trace "
                "--nth N`.",
                rich_help_panel=SEARCH,
            ),
        ],
        False,
    ),
    "seed": (
        Annotated[int, typer.Option(help="Of TLC's random numbers.", rich_help_panel=SEARCH)],
        0,
    ),
    "fp": (
        Annotated[
            int,
            typer.Option(
                min=0, max=130, help="Index of the fingerprint polynomial.", rich_help_panel=SEARCH
            ),
        ],
        0,
    ),
}


TlcFlags = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="[-- TLC_FLAGS]",
        help="Flags of TLC itself, e.g. -- -dfid 10 -lncheck final. Those that would change what a "
        "verdict means are refused.",
        show_default=False,
    ),
]
"""What stands after ``--``; see :func:`slubtla.tlc.run.search_mode.read_tlc_flags`."""


def _build_mode(  # noqa: PLR0913 - keyword-only: the options above
    *,
    simulate: bool,
    depth: int | None,
    traces: int | None,
    keep_going: bool,
    seed: int,
    fp: int,
) -> SearchMode:
    if not simulate and (depth is not None or traces is not None):
        option = "--traces" if depth is None else "--depth"
        raise UsageError(
            f"{option} bounds random behaviours", next_step="give --simulate, too, or leave it out"
        )
    return SearchMode(
        simulate=Simulation(depth or DEPTH, traces) if simulate else None,
        keep_going=keep_going,
        fp_index=fp,
        seed=seed,
    )


def _build_settings(*, library: list[Path], classpath: list[Path], **given: Any) -> Settings:  # noqa: ANN401
    return build_settings(library=tuple(library), classpath=tuple(classpath), **given)


_COUNTED: Final = {"coverage"}
"""Not asked: of a specification of the user's own the steps of each action are always counted."""

check_options = option_group(
    "settings",
    RUN_GROUP | _PATHS | {name: o for name, o in SCALE_GROUP.items() if name not in _COUNTED},
    _build_settings,
)
mode_options = option_group("mode", _MODE, _build_mode)
