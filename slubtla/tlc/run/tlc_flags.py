"""The flags of TLC itself that a user may give, and the command line that repeats a check.

TLC has flags that change what "no error" means: ``-dfid`` and ``-simulate`` search a part,
``-continue`` exits with 0 after a violation, ``-deadlock`` and ``-lncheck off`` check less. So a
flag is given to TLC only where the verdict knows of it. The others are refused, each with
slubtla's own option where there is one. Flags: ``tlc2.TLC.handleParameters`` of TLC 2.15, 2.19 and
2026.04.29.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from slubtla.errors import UsageError
from slubtla.tlc.engine import TlcOptions
from slubtla.tlc.run.settings import Settings

DEPTH: Final = 100
"""States of a random behaviour at most; TLC's own default."""

_TUNING: Final = MappingProxyType(
    {"-fpmem": "fraction", "-fpbits": "count", "-maxSetSize": "count", "-gzip": "", "-cleanup": ""}
)
"""Flags that change how fast a search ends, or whether it does; never what it finds."""

_LIVENESS: Final = frozenset({"default", "final", "seqfinal"})

_REFUSED: Final[Mapping[str, str]] = MappingProxyType(
    {
        "-simulate": "choose --simulate, with --depth, --traces and --seed",
        "-generate": "choose --simulate, with --depth, --traces and --seed",
        "-depth": "choose --simulate --depth N",
        "-seed": "choose --seed N",
        "-fp": "choose --fp N",
        "-workers": "choose --workers N",
        "-continue": "choose --continue",
        "-deadlock": "choose --no-deadlock: TLC's flag turns the check off",
        "-config": "choose --config FILE.cfg",
        "-checkpoint": "choose --checkpoint MINUTES",
        "-recover": "choose `slubtla resume RUN`",
        "-coverage": "leave it out: the steps of each action are always counted",
        "-metadir": "leave it out: TLC's states lie in the run's directory",
        "-tool": "leave it out: it is always given",
        "-dump": "choose `slubtla plot graph`",
        "-dumpTrace": "choose `slubtla trace -o trace.itf.json`",
        "-difftrace": "leave it out: `slubtla trace` shows what each step changes",
        "-view": "leave it out: with it TLC prints views instead of states",
        "-terse": "leave it out: with it TLC prints values that cannot be read back",
        "-nowarning": "leave it out: some of TLC's warnings spoil a proof",
        "-suppressMessages": "leave it out: the verdict rests on TLC's messages",
        "-messagesAsErrors": "leave it out: the verdict rests on TLC's messages",
        "-userFile": "leave it out: what the spec prints stands in tlc.out",
        "-inv": "name the invariant in the cfg",
        "-invlevel": "name what is checked in the cfg",
        "-postCondition": "name the postcondition in the cfg",
    }
)


def require_whole(options: TlcOptions, settings: Settings) -> None:
    """Refuse checkpoints and a distributed search of anything but the whole, to the first error.

    Raises:
        UsageError: such options.
    """
    part = options.simulate is not None or options.depth_first is not None or options.keep_going
    if not (part or options.liveness_at_end or "-lncheck" in options.extra_tlc):
        return
    given = {"--distributed": settings.distributed, "--checkpoint": bool(settings.checkpoint)}
    for option in (name for name, on in given.items() if on):
        raise UsageError(
            f"{option} excludes --simulate, --continue, -dfid and -lncheck",
            next_step="choose one of them",
        )


def command_of(
    spec: Path, cfg: Path | None, options: TlcOptions, settings: Settings
) -> tuple[str, ...]:
    """Return the command line that repeats a check."""
    words = [] if options.check_deadlock else ["--no-deadlock"]
    words += [] if cfg is None else ["--config", str(cfg)]
    for option in ("library", "classpath"):
        for path in getattr(settings, option):
            words += [f"--{option}", str(path)]
    if (simulate := options.simulate) is not None:
        words += [] if settings.timeout is None else ["--timeout", f"{settings.timeout:g}"]
        words += ["--simulate", "--depth", str(simulate.depth)]
        words += [] if simulate.behaviours is None else ["--traces", str(simulate.behaviours)]
    words += ["--continue"] if options.keep_going else []
    words += ["--fp", str(options.fp_index)] if options.fp_index else []
    words += ["--seed", str(options.seed)] if options.seed else []
    flags = [] if options.depth_first is None else ["-dfid", str(options.depth_first)]
    flags += ["-lncheck", "final"] if options.liveness_at_end else []
    flags += options.extra_tlc
    return ("slubtla", "check", *words, str(spec), *(("--", *flags) if flags else ()))


def read_tlc_flags(words: Sequence[str]) -> dict[str, Any]:
    """Read flags of TLC itself, e.g. ``["-dfid", "10"]``, as fields of :class:`TlcOptions`.

    Raises:
        UsageError: a flag that slubtla has an option for, that would change what a verdict means,
            or that it does not know; or a value that is missing or out of range.
    """
    fields: dict[str, Any] = {}
    tuning: list[str] = []
    rest = iter(words)
    for flag in rest:
        if flag == "-dfid":
            fields["depth_first"] = int(_number(flag, rest, "count"))
        elif flag == "-lncheck":
            mode = _liveness(rest)
            fields["liveness_at_end"] = mode == "final"
            tuning += ["-lncheck", mode] if mode == "seqfinal" else []
        elif flag in _TUNING:
            kind = _TUNING[flag]
            tuning += [flag, _number(flag, rest, kind)] if kind else [flag]
        elif flag in _REFUSED:
            raise UsageError(f"{flag} is not given to TLC", next_step=_REFUSED[flag])
        else:
            known = ", ".join(("-dfid", "-lncheck", *_TUNING))
            raise UsageError(
                f"{flag!r} is no flag that slubtla gives to TLC: it does not know what a verdict "
                "would mean then",
                next_step=f"choose among {known}; or an option of slubtla check --help",
            )
    return fields | {"extra_tlc": tuple(tuning)}


def _number(flag: str, rest: Iterator[str], kind: str) -> str:
    word = next(rest, "")
    with contextlib.suppress(ValueError):
        if (int(word) if kind == "count" else float(word)) > 0:
            return word
    raise UsageError(
        f"{flag} {word}".rstrip() + f": there is no {kind} above 0",
        next_step=f"write {flag} and a number",
    )


def _liveness(rest: Iterator[str]) -> str:
    word = next(rest, "")
    if word not in _LIVENESS:
        raise UsageError(
            f"-lncheck {word}".rstrip() + " would leave temporal properties unchecked, or is no "
            "mode of TLC's",
            next_step=f"write -lncheck and one of {', '.join(sorted(_LIVENESS))}",
        )
    return word
