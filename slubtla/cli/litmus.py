"""``slubtla litmus``: litmus tests on the memory models that the SLUB model uses."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import typer
from typer.core import TyperGroup

from slubtla._version import __version__
from slubtla.barriers.litmus.comparison import WEAKEST, compare
from slubtla.barriers.litmus.export import export, write_exported
from slubtla.barriers.litmus.herd import CONF, find_herd
from slubtla.barriers.litmus.suite import SCHEMA_VERSION, shipped_files, try_litmus
from slubtla.barriers.litmus.views import comparison_view, outcomes_view, table_view
from slubtla.barriers.machines import MEMORY_MODELS
from slubtla.barriers.model import Model
from slubtla.cli import options as opt
from slubtla.cli.app import GROUP_OF, app, command, show
from slubtla.cli.exits import write
from slubtla.cli.progress import live_progress
from slubtla.errors import ExitCode, UsageError
from slubtla.tlc.run.settings import Settings

_RUN: Final = "run"


class _RunByDefault(TyperGroup):
    """``litmus FILE`` is ``litmus run FILE``: what is no command is a file or an option."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:  # noqa: ANN401 - typer's own
        if not args or args[0] not in {*self.commands, "-h", "--help"}:
            args = [_RUN, *args]
        return super().parse_args(ctx, args)


_litmus = typer.Typer(cls=_RunByDefault, context_settings={"help_option_names": ["-h", "--help"]})
app.add_typer(_litmus, name="litmus", rich_help_panel=GROUP_OF["litmus"])


@_litmus.callback()
def _group() -> None:
    """Litmus tests on the memory models: run some (`litmus [FILE]...`), or export a model."""


_HERD: Final = "herd7"


def _conf(*, herd: bool, herd_conf: str | None) -> str | None:
    """The model that herd7 uses; None where it is not asked."""
    if herd_conf is not None and not herd:
        raise UsageError("--herd-conf says which model herd7 uses", next_step="add --herd")
    return (herd_conf or CONF) if herd else None


_herd_options = opt.option_group(
    "conf",
    {
        "herd": opt.switch("Ask herd7, too: the kernel's own memory model.", "--herd", panel=_HERD),
        "herd_conf": opt.own(
            str | None,
            "The kernel's model: LINUX/tools/memory-model/linux-kernel.cfg. With --herd. "
            f"(default: {CONF}, here or where herd7 looks)",
            panel=_HERD,
            metavar="FILE",
        ),
    },
    _conf,
)


@command("run", to=_litmus)
@opt.run_options
@_herd_options
def litmus_command(  # what typer calls it with
    settings: Settings,
    conf: str | None,
    files: list[Path] | None = opt.argument(
        "Litmus tests in C. [default: our own set]", metavar="FILE"
    ),
    memory: list[str] | None = opt.param(
        "Only this memory model. Repeatable. [default: all]",
        "--memory",
        panel=opt.MODEL,
        autocompletion=opt.among(MEMORY_MODELS),
    ),
    as_json: bool = opt.JSON,
) -> ExitCode:
    """Run litmus tests on the memory models, through the macros that the SLUB model uses.

    Reads the C litmus format of the Linux-kernel memory model. Without a FILE, runs our own set and
    shows one table. A test is as expected when its verdict is that of its `slubtla:` comment, or,
    where it has none, not weaker than that of its `Result:` comment.

    With --herd, herd7 runs each test on the kernel's model, and one table has both verdicts. They
    agree unless a model of ours allows what herd7 forbids, or less for a reason that is not written
    down, or a `Result:` comment is not herd7's verdict: then the exit code is 1.

    A file that is refused, never ends or is too big is named with its line and the reason; the
    others are judged. The exit code is then 2, 3 or 4, unless a test is not as expected: 1.

    [dim]Example: slubtla litmus SB+mbs.litmus --memory tso[/dim]
    """
    tests = tuple(files or shipped_files())
    memories = tuple(memory or MEMORY_MODELS)
    if conf:
        return _compare(tests, memories, conf, settings, as_json=as_json)
    with live_progress(f"{len(tests)} litmus tests", settings) as watched:
        conformance = try_litmus(tests, memories, settings=watched)
    if not as_json and len(tests) == len(conformance.failures) == 1:
        raise conformance.failures[0].error
    view = outcomes_view if files else table_view
    show(conformance.to_json(), lambda: view(conformance), as_json=as_json)
    return conformance.exit_code


@command("export", to=_litmus)
@opt.model_options
@opt.tool_options
@_herd_options
def export_command(  # noqa: PLR0913, PLR0917  # what typer calls it with
    model: Model,
    tools: dict[str, Path | None],
    conf: str | None,
    out: Path | None = opt.param(
        "Write NAME.litmus here; never over existing files.", "-o", "--out", metavar="DIR"
    ),
    timeout: float | None = opt.param(
        "With --herd: end herd7 (default: 60), or our search, after so long.",
        panel=_HERD,
        metavar="SECONDS",
    ),
    as_json: bool = opt.JSON,
) -> ExitCode:
    """Print the core of a model as C litmus tests that herd7 and klitmus7 read.

    The put's cmpxchg and check; the shrink's store, strategy and has_cpu_slab(); with the verdict
    of the Linux-kernel memory model in the comment. A strategy that sends interrupts gives one
    test for each place where the handler can come.

    With --herd, herd7 runs the tests and its verdicts stand beside those of our `relaxed`; the
    exit code is 1 if they do not agree.

    [dim]Example: slubtla litmus export --strategy smp_mb --herd --herd-conf
    LINUX/tools/memory-model/linux-kernel.cfg[/dim]
    """
    if conf:
        settings = Settings(tools["tla2tools"], tools["java"], timeout=timeout)
        with tempfile.TemporaryDirectory(prefix="slubtla-litmus-") as folder:
            files = write_exported(model, out or Path(folder))
            return _compare(files, (WEAKEST,), conf, settings, as_json=as_json)
    tests = export(model)
    written = write_exported(model, out) if out is not None else ()
    kept = {path.stem: str(path) for path in written}
    if as_json:
        tests_json = [
            {"name": t.name, "expected": t.expected, "file": kept.get(t.name), "text": t.text}
            for t in tests
        ]
        head = {"schema_version": SCHEMA_VERSION, "slubtla": __version__}
        write(json.dumps(head | {"tests": tests_json}, indent=2) + "\n")
    elif written:
        write("".join(f"{path}\n" for path in written))
    else:
        write("\n".join(test.text for test in tests))
    return ExitCode.AS_EXPECTED


def _compare(
    files: Sequence[Path], memories: Sequence[str], conf: str, settings: Settings, *, as_json: bool
) -> ExitCode:
    """Run the tests in herd7 and here, and show both."""
    tool = find_herd(conf, timeout=settings.timeout)
    with live_progress(f"{len(files)} litmus tests", settings) as watched:
        comparison = compare(files, memories, tool, watched)
    show(comparison.to_json(), lambda: comparison_view(comparison), as_json=as_json)
    return comparison.exit_code
