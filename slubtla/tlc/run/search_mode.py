"""How TLC searches a specification of the user's own, and which of its own flags it is given.

TLC has flags that change what "no error" means: ``-dfid`` and ``-simulate`` search a part,
``-continue`` exits with 0 after a violation, ``-deadlock`` and ``-lncheck off`` check less. So a
flag is given to TLC only where the verdict knows of it. The others are refused, each with
slubtla's own option where there is one. Flags: ``tlc2.TLC.handleParameters`` of TLC 2.15, 2.19 and
2026.04.29.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any, Final

from slubtla.errors import UsageError
from slubtla.tlc.engine import Simulation, TlcOptions

GRACE_SECONDS: Final = 10.0
"""Between the time at which TLC is to end a simulation itself, and the one at which it is ended."""

DEPTH: Final = 100
"""States of a random behaviour at most; TLC's own default."""

_TUNING: Final = MappingProxyType(
    {
        "-fpmem": "fraction",
        "-fpbits": "count",
        "-maxSetSize": "count",
        "-gzip": "",
        "-cleanup": "",
    }
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


@dataclass(frozen=True, slots=True)
class SearchMode:
    """How TLC searches; by default breadth-first, the whole, up to the first violation.

    Attributes:
        simulate: try random behaviours instead: at best BOUNDED(simulation).
        keep_going: go on after a violation, to find more counterexamples.
        depth_first: search depth-first, deepening up to this many levels: at best BOUNDED(depth).
        liveness: TLC's ``-lncheck``: ``default``, ``final`` or ``seqfinal``.
        fp_index: which of the 131 fingerprint polynomials, 0 to 130.
        seed: of TLC's random numbers.
        tuning: further flags of TLC, which change nothing that it finds.
    """

    simulate: Simulation | None = None
    keep_going: bool = False
    depth_first: int | None = None
    liveness: str = "default"
    fp_index: int = 0
    seed: int = 0
    tuning: tuple[str, ...] = ()

    @property
    def whole(self) -> bool:
        """Whether it is a search that a checkpoint or a distributed search can be of."""
        plain = SearchMode(fp_index=self.fp_index, seed=self.seed, tuning=self.tuning)
        return self == plain

    def options(self, options: TlcOptions) -> TlcOptions:
        """Return TLC's options for this search.

        Raises:
            UsageError: a number out of range, or two modes that exclude each other.
        """
        tuning = self.tuning
        if self.liveness not in {"default", "final"}:
            tuning = ("-lncheck", self.liveness, *tuning)
        return replace(
            options,
            simulate=self.simulate,
            keep_going=self.keep_going,
            depth_first=self.depth_first,
            liveness_at_end=self.liveness == "final",
            fp_index=self.fp_index,
            seed=self.seed,
            extra_tlc=(*options.extra_tlc, *tuning),
        )

    @property
    def command(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """What repeats it on the command line: options, and what stands after ``--``."""
        own: list[str] = []
        if self.simulate is not None:
            own += ["--simulate", "--depth", str(self.simulate.depth)]
            if self.simulate.behaviours is not None:
                own += ["--traces", str(self.simulate.behaviours)]
        own += ["--continue"] if self.keep_going else []
        own += ["--fp", str(self.fp_index)] if self.fp_index else []
        own += ["--seed", str(self.seed)] if self.seed else []
        flags = [] if self.depth_first is None else ["-dfid", str(self.depth_first)]
        flags += [] if self.liveness == "default" else ["-lncheck", self.liveness]
        return tuple(own), (*flags, *self.tuning)


def read_tlc_flags(words: Sequence[str]) -> dict[str, Any]:
    """Read what stands after ``--`` on a command line: flags of TLC itself.

    Args:
        words: e.g. ``["-dfid", "10", "-lncheck", "final"]``.

    Returns:
        Fields of :class:`SearchMode`.

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
            fields["liveness"] = _liveness(rest)
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
    return fields | {"tuning": tuple(tuning)}


def _number(flag: str, rest: Iterator[str], kind: str) -> str:
    word = next(rest, "")
    try:
        if (int(word) if kind == "count" else float(word)) > 0:
            return word
    except ValueError:
        pass
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
