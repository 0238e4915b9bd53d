"""Commands for any specification: check, render, schema."""

from __future__ import annotations

import enum
import json
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, Final

from slubtla.barriers.campaigns.matrix import Matrix
from slubtla.barriers.campaigns.sweep import Sweep
from slubtla.barriers.model import Model, model_class
from slubtla.barriers.protocol import protocol
from slubtla.barriers.render import memory_file, render
from slubtla.barriers.show.text import result_view
from slubtla.barriers.suite.proof import Proof
from slubtla.barriers.verify import check_on_memory
from slubtla.cli import options as opt
from slubtla.cli.app import command, show
from slubtla.cli.exits import write
from slubtla.cli.progress import live_progress
from slubtla.cli.scale import tell_how_to_join
from slubtla.errors import ExitCode, UsageError
from slubtla.tlc.engine import Simulation, TlcOptions
from slubtla.tlc.run.check import check_spec
from slubtla.tlc.run.result import Record, Result, json_schema
from slubtla.tlc.run.settings import BEHAVIOURS, Settings
from slubtla.tlc.run.tlc_flags import DEPTH, read_tlc_flags

SEARCH: Final = "The search"

_PATHS: Final[opt.Options] = {
    "library": opt.own(
        list[Path],
        "Look for modules here, too. Repeatable.",
        default=(),
        metavar="DIR",
        show_default=False,
    ),
    "classpath": opt.own(
        list[Path],
        "Modules, and operators in Java: behind TLC's own jar. Repeatable.",
        default=(),
        metavar="JAR",
        show_default=False,
    ),
}

_search = partial(opt.own, panel=SEARCH)

_MODE: Final[opt.Options] = {
    "simulate": opt.switch(
        "Try random behaviours instead of all: at best BOUNDED(simulation).",
        "--simulate",
        panel=SEARCH,
    ),
    "depth": _search(
        int | None, f"With --simulate: states of a behaviour at most. (default: {DEPTH})", min=1
    ),
    "traces": _search(
        int | None,
        f"With --simulate: behaviours to try. (default: until --timeout, else {BEHAVIOURS:,})",
        min=1,
    ),
    "keep_going": opt.switch(
        "Go on after a violation, and list every counterexample; see `slubtla trace --nth N`.",
        "--continue",
        panel=SEARCH,
    ),
    "seed": _search(int, "Of TLC's random numbers.", default=0),
    "fp": _search(int, "Index of the fingerprint polynomial.", default=0, min=0, max=130),
}


def _build_mode(
    *,
    simulate: bool,
    depth: int | None,
    traces: int | None,
    fp: int,
    **given: Any,  # noqa: ANN401 - fields of TlcOptions
) -> TlcOptions:
    if not simulate and (depth is not None or traces is not None):
        flag = "--traces" if depth is None else "--depth"
        raise UsageError(
            f"{flag} bounds random behaviours", next_step="give --simulate, too, or leave it out"
        )
    simulation = Simulation(depth or DEPTH, traces) if simulate else None
    return TlcOptions(simulate=simulation, fp_index=fp, **given)


def _build_settings(*, library: list[Path], classpath: list[Path], **given: Any) -> Settings:  # noqa: ANN401
    return opt.build_settings(library=tuple(library), classpath=tuple(classpath), **given)


# Of a specification of the user's own the steps of each action are always counted.
_SCALE: Final = {name: own for name, own in opt.SCALE_GROUP.items() if name != "coverage"}
_check_options = opt.option_group("settings", opt.RUN_GROUP | _PATHS | _SCALE, _build_settings)
_mode_options = opt.option_group("mode", _MODE, _build_mode)


@command("check")
@_check_options
@_mode_options
def check_command(  # noqa: PLR0913, PLR0917 - a parameter for each option
    settings: Settings,
    mode: TlcOptions,
    spec: Path = opt.argument("The root module.", metavar="FILE.tla", default=...),
    config: Path | None = opt.param("Its configuration. (default: beside it)", metavar="FILE.cfg"),
    deadlock: bool = opt.param("Is a deadlock an error?", "--deadlock/--no-deadlock", default=True),
    memory: str = opt.param(
        "Supply the module WeakMemory that the spec extends, of these memory models: sc, tso, "
        "pso, relaxed. The spec is checked on each; -o DIR then keeps a folder for each.",
        metavar="NAME[,NAME]",
        default="",
        show_default=False,
    ),
    allow_bounds: bool = opt.param(
        "Exit with 0 where no violation is found within the bounds that the spec or its "
        "cfg sets itself: BOUNDED(constraint), (view), (exit), (random).",
        "--allow-bounds",
        default=False,
    ),
    flags: list[str] | None = opt.argument(
        "Flags of TLC itself, e.g. -- -dfid 10 -lncheck final. Those that would change "
        "what a verdict means are refused.",
        metavar="[-- TLC_FLAGS]",
        show_default=False,
    ),
    as_json: bool = opt.JSON,
) -> ExitCode:
    """Check any TLA+ or PlusCal specification with the same care; nothing is left beside it."""
    options = replace(mode, **read_tlc_flags(flags or []))
    names = [name.strip() for name in memory.split(",")]
    if memory:
        for name in names:
            memory_file(name)  # raises for an unknown name, before anything runs
    several = len(names) > 1
    results = []
    for name in names:
        check = partial(check_on_memory, name) if memory else check_spec
        own = replace(settings, on_ready=tell_how_to_join)
        if several and settings.out_dir:
            own = replace(own, out_dir=settings.out_dir / name)
        with live_progress(f"{spec.name} on {name} memory" if memory else spec.name, own) as own:
            result = check(spec, config, settings=own, check_deadlock=deadlock, options=options)
        results.append(result)
        if not (several and as_json):
            show(result, partial(result_view, result), as_json=as_json)
    if several and as_json:
        runs = {"runs": [json.loads(result.model_dump_json()) for result in results]}
        show(runs, lambda: "", as_json=True)
    codes = [result.verdict.exit_code_within(bounds_meant=allow_bounds) for result in results]
    return ExitCode.NOT_AS_EXPECTED if ExitCode.NOT_AS_EXPECTED in codes else max(codes)


@command("render")
@opt.model_options
def render_command(
    model: Model,
    cfg: bool = opt.param("Print the configuration instead of the spec.", "--cfg", default=False),
    out: Path | None = opt.param(
        "Write the spec and its cfg here; never over existing files.", "-o", "--out", metavar="DIR"
    ),
) -> None:
    """Print the PlusCal specification of a model; needs no Java.

    It extends the memory model, the module WeakMemory, which -o writes beside it. Both open as they
    are in the TLA+ tools and in VS Code, which translate the algorithm.
    """
    rendered = render(model)
    if out is None:
        write(rendered.cfg if cfg else rendered.spec)
        return
    for path in rendered.write_new(out):
        write(f"{path}\n")


_SCHEMAS: Final[Mapping[str, type[Record]]] = {
    "result": Result,
    "matrix": Matrix,
    "proof": Proof,
    "sweep": Sweep,
}

Schema = enum.StrEnum("Schema", {name.upper(): name for name in _SCHEMAS})  # type: ignore[misc]
_RESULT: Final = Schema("result")


@command("schema")
def schema_command(what: Schema = opt.argument("The JSON to describe.", default=_RESULT)) -> None:
    """Print the JSON schema of a result (verify, check --json), a matrix, a proof or a sweep."""
    schema = json_schema(_SCHEMAS[str(what)])
    result = schema.get("$defs", {}).get("Result", schema)["properties"]
    if "parameters" in result:  # the fields of a model, as the protocol has them
        own = model_class(protocol()).model_json_schema()
        result["parameters"]["anyOf"] = [own, {"type": "null"}]
    write(json.dumps(schema, indent=2) + "\n")
