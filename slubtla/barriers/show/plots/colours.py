"""The colours of pictures and pages: light and dark.

They are those of Okabe and Ito, which colour-blind readers tell apart; wherever a colour says
something, so does a shape, a hatch or a word, and the picture survives a grey printer.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any, Final

from slubtla.tlc.run.verdict import VerdictKind


@dataclass(frozen=True, slots=True)
class Palette:
    """The colours of one theme; ``pale_…`` is the ground for the colour of that name.

    Attributes:
        paper: the background.
        ink: text and lines.
        muted: what matters less.
        faint: rules, and the ground of lanes.
        bad: what went wrong.
        good: what went well.
        buffer: stores that wait.
        memory: memory.
        doubt: what is not decided.
        series: lines of a plot, in order.
    """

    paper: str
    ink: str
    muted: str
    faint: str
    bad: str
    pale_bad: str
    good: str
    pale_good: str
    buffer: str
    pale_buffer: str
    memory: str
    pale_memory: str
    doubt: str
    pale_doubt: str
    series: tuple[str, ...]

    def of_verdict(self, kind: VerdictKind) -> tuple[str, str]:
        """Return the ground and the ink of a verdict."""
        match kind:
            case VerdictKind.PROVEN:
                return self.pale_good, self.good
            case VerdictKind.VIOLATED | VerdictKind.ERROR:
                return self.pale_bad, self.bad
            case _:
                return self.pale_doubt, self.doubt

    def properties(self) -> dict[str, str]:
        """Return the colour of each CSS custom property: ``pale-bad``, ``series-1``, ...."""
        named = asdict(self)
        numbered = {f"series-{n}": c for n, c in enumerate(named.pop("series"), start=1)}
        return {name.replace("_", "-"): colour for name, colour in named.items()} | numbered


def _colours(single: str, series: str) -> Palette:
    names = [field.name for field in fields(Palette)]
    named: dict[str, Any] = dict(zip(names, single.split(), strict=False))
    return Palette(**named, series=tuple(series.split()))


THEMES: Final[Mapping[str, Palette]] = {
    "light": _colours(
        "#ffffff #1a1a1a #6a6a6a #ececec "
        "#b83a00 #fde3d6 #006f51 #d6efe7 #a86400 #ffe9c4 #005a8f #dcecf7 #7a4c75 #f2e2ee",
        "#0072b2 #d55e00 #009e73 #cc79a7 #e69f00 #56b4e9 #1a1a1a",
    ),
    "dark": _colours(
        "#16181d #ececec #a0a4ac #2a2e36 "
        "#ff8a5c #4a2416 #4fd0a8 #123a30 #f2b04a #4a3510 #74bdea #17344a #e0a3cf #42293b",
        "#56b4e9 #ff8a5c #4fd0a8 #e0a3cf #e69f00 #9ecbff #ececec",
    ),
}
