"""Run TLC; repeat without symmetry or instrumentation if those made it fail."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from slubtla.tlc.engine import Ended
from slubtla.tlc.output.messages import PREFIX
from slubtla.tlc.run.distributed import name_error, search_on_server
from slubtla.tlc.run.run import Run, run_tlc
from slubtla.tlc.run.second_search import find_steps
from slubtla.tlc.text.cfg import Cfg, leave_out

NOT_EXAMINED: Final = (
    "antecedents and constraints were not examined: TLC cannot evaluate them on their own "
    "(watched.out)"
)

_UNKNOWN_ERROR: Final = -1
"""The code of a message of TLC whose error has none."""


def search(run: Run) -> Run:
    """Run TLC, and again where it failed for a reason that does not lie in the specification.

    Raises:
        ToolchainError: TLC could not be started.
        TlcOutputError: TLC printed a line without end.
    """
    if run.settings.distributed:
        found = search_on_server(run)
        if found.interrupted or not found.report.finished or found.report.success:
            return found
        run = name_error(run, found)
    run = run_tlc(run)
    for stage in (_without_symmetry, _without_watching, find_steps):
        if run.interrupted is None:
            run = stage(run)
    if any(error.code == _UNKNOWN_ERROR for error in run.report.errors):
        run = run.noting(*_about_values(run.cfg))
    return run


def _about_values(cfg: Cfg) -> Iterator[str]:
    """What TLC 2.15 fails on, without saying so: a value of an operator that is a constant."""
    for call in [name for name in cfg.constants if "(" in name][:1]:
        name = call.partition("(")[0]
        yield (
            f"this TLC fails on {call} = ... where {name} is a constant of the specification: "
            f"define an operator and replace it ({name} <- Other), or name a newer tla2tools.jar "
            "with --tla2tools"
        )


def symmetry_failed(run: Run) -> bool:
    """Whether TLC failed because no two elements of a symmetry set can be exchanged.

    TLC 2.15 makes a table of the permutations but the identity, and fails where there is none;
    newer builds warn (2300). Source: ``tlc2.value.impl.MVPerms.permutationSubgroup``.
    """
    if not run.cfg.symmetry:
        return False
    failed = ("java.lang.IllegalArgumentException", "tlc2.value.impl.MVPerms.permutationSubgroup")
    return any(all(words in error.text for words in failed) for error in run.report.errors)


def _without_symmetry(run: Run) -> Run:
    """Search without a SYMMETRY that permutes nothing, if TLC failed on it."""
    if run.resumable or not symmetry_failed(run):
        return run
    run.rename_output("symmetry")
    text = leave_out(run.spec.cfg.read_text(encoding="utf-8"), {"SYMMETRY"})
    cfg_file = run.work / run.spec.cfg.name
    cfg_file.write_text(text, encoding="utf-8")
    names = ", ".join(run.cfg.symmetry)
    run = run.judged_by(cfg=replace(run.cfg, symmetry=())).noting(
        f"SYMMETRY {names} permutes nothing, as in a set of one element, and "
        "this TLC fails on it: it was left out, which changes no result"
    )
    return run_tlc(
        replace(
            run,
            spec=replace(run.spec, cfg=cfg_file),
            overlay=run.overlay and run.overlay.without_symmetry(),
            watching=run.watching and run.watching.without_symmetry(),
        )
    )


def _without_watching(run: Run) -> Run:
    """Search again without the instrumentation, if TLC may have failed because of it."""
    if run.watching is None or not _failed_by_watching(run):
        return run
    run.rename_output("watched")
    return run_tlc(replace(run, watching=None)).noting(NOT_EXAMINED)


def _failed_by_watching(run: Run) -> bool:
    """Whether TLC failed where the specification alone might not: an evaluation in what we added.

    A failure before the first state costs little to see again.
    """
    report = run.report
    if run.exit.ended is not Ended.EXITED or report.violations or run.exit.returncode == 0:
        return False
    said = "\n".join(error.text for error in report.errors)
    if not (said or report.parse_errors) or run.watching is None:
        return False
    return report.initial_states is None or run.watching.module in said or PREFIX in said
