"""Search with TLC's distributed mode, and find by local runs what it does not report.

It does not report which actions fire, nor which error was found: TLC 2.15 prints only the last
step, alike for a violation, a deadlock and a failed evaluation. So there are up to three runs::

    random behaviours, here     which actions fire       only for a model with goals
    the search, on the server   whether there is an error
    a search from the start     which error, and its trace    only if there is one
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Final

from slubtla.errors import UsageError
from slubtla.tlc.engine import CheckJob, JvmProfile, ProcessEngine, Simulation, TlcOptions
from slubtla.tlc.engine.cancel import OwnCancel
from slubtla.tlc.engine.distributed import DistributedEngine
from slubtla.tlc.output.messages import MARK, read_mark
from slubtla.tlc.run.instrument import instrument_actions
from slubtla.tlc.run.run import Run, run_tlc
from slubtla.tlc.text.cfg import Cfg

_FIRINGS: Final = "firings"
"""The folder of the random behaviours in a run directory."""

BEHAVIOUR_SECONDS: Final = 60
"""Time limit of the random behaviours, in seconds."""

BEHAVIOUR_DEPTH: Final = 120
"""Length limit of a random behaviour, in states."""

_UNCOUNTED: Final = (
    "TLC's distributed mode does not report it, and no random behaviour reached it; check the "
    "goals in smaller bounds, without --distributed"
)

_SEEN_HERE: Final = (
    f"which actions fire was seen in random behaviours (depth {BEHAVIOUR_DEPTH}) before the search"
)


def require_distributable(cfg: Cfg) -> None:
    """Refuse what TLC's distributed mode does not check.

    Raises:
        UsageError: the cfg has temporal properties or postconditions, which it silently ignores.
    """
    unchecked = {"postconditions": cfg.judged_at_end, "properties": cfg.properties}
    for what, names in unchecked.items():
        if names:
            raise UsageError(
                f"TLC's distributed mode checks no {what} ({', '.join(names)}), and would say that "
                "no error was found",
                next_step=f"check the invariants with --distributed and the {what} without",
            )


def search_on_server(run: Run) -> Run:
    """Search on a server that workers join.

    Raises:
        As :meth:`slubtla.tlc.engine.distributed.DistributedEngine.check`.
    """
    fired, actions = frozenset[str](), None
    if run.criteria.goals or run.criteria.idle is not None:
        fired, actions = _see_firing(run)
    if actions is not None:
        run = run.noting(_SEEN_HERE)
    run = run.judged_by(instrumented=actions, uncounted=_UNCOUNTED)
    options = replace(run.options, coverage_minutes=0)
    found = run_tlc(
        replace(
            run,
            spec=replace(run.spec, options=options),
            engine=DistributedEngine(run.toolchain, run.settings.place, run.settings.on_ready),
            overlay=None,
            distributed=True,
        )
    )
    return replace(found, report=replace(found.report, fired=found.report.fired | fired))


def name_error(run: Run, found: Run) -> Run:
    """Prepare a local run that finds the server's error again; rename the server's output."""
    run.rename_output("server")
    who = f"a distributed search by {found.report.joined:,} worker threads"
    what = f"{who} found an error after {found.exit.wall_seconds:.1f} s (server.out)"
    return run.judged_by(doubt=f"{what}, and a search on this machine found none").noting(
        f"{what}; distributed TLC does not report which one: this result is from a second search "
        "on this machine"
    )


def _see_firing(run: Run) -> tuple[frozenset[str], tuple[str, ...] | None]:
    """Try random behaviours until every action that must fire has done so, or the time is up.

    Return the actions that fired, and all actions: None if the spec could not be instrumented.
    """
    translation, criteria = run.translation, run.criteria
    cfg = run.spec.cfg.read_text(encoding="utf-8")
    overlay = instrument_actions(translation.spec.stem, translation.text, cfg, once=False)
    if overlay is None or overlay.actions is None:
        return frozenset(), None
    idle = set(overlay.actions if criteria.idle is None else criteria.idle)
    wanted = (set(overlay.actions) - idle) | set(criteria.goals.values())
    seen: set[str] = set()
    enough = OwnCancel(run.settings.cancel)

    def on_line(line: str) -> None:
        mark, action = read_mark(line) or ("", "")
        if mark == MARK:
            seen.add(action)
        if wanted <= seen:
            enough.set()

    folder = run.work / _FIRINGS
    folder.mkdir()
    for module in translation.modules:
        (folder / module.name).write_bytes(module.read_bytes())
    spec, own_cfg = overlay.write_to(folder)
    options = TlcOptions(
        heap_mb=run.options.heap_mb,
        profile=JvmProfile.SMALL,
        check_deadlock=run.options.check_deadlock,
        coverage_minutes=0,
        simulate=Simulation(depth=BEHAVIOUR_DEPTH),
    )
    left = run.left
    limit = min(BEHAVIOUR_SECONDS, (math.inf if left is None else left) / 4)
    job = CheckJob(spec, own_cfg, folder, options, limit)
    ended = ProcessEngine(run.toolchain).check(job, on_line=on_line, cancel=enough)
    ended.stdout.unlink()  # large: a line for each step
    return frozenset(seen), overlay.actions
