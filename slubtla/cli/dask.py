"""The option of the commands that can send their runs to other machines."""

from __future__ import annotations

from typing import Annotated

import typer

from slubtla.cli import options as opt

DaskOption = Annotated[
    str | None,
    typer.Option(
        "--dask",
        metavar="ADDRESS",
        help="Run on the workers of this Dask scheduler, e.g. tcp://HOST:8786. (default: here)",
        rich_help_panel=opt.RUN,
        show_default=False,
    ),
]
