"""Draw lanes, memory, stores, loads and interrupts of a swim-lane picture."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from matplotlib.axes import Axes
from matplotlib.patches import FancyArrowPatch, Rectangle

from slubtla.barriers.show.plots.colours import Palette
from slubtla.barriers.show.plots.lane_frame import text_width
from slubtla.barriers.show.plots.lane_layout import STEM, STRIP, Lane, Layout
from slubtla.barriers.show.plots.style import MONO
from slubtla.barriers.trace.events import EARLY, OWN_BUFFER, GracePeriod, Ipi, Load, Store
from slubtla.barriers.trace.timeline import IDLE, StateView, Timeline

_WAITS: Final = "//////"
_NO_PREEMPTION: Final = "------"
_DASHED: Final = (0, (3, 2))
_BOX: Final = 0.19
Point = tuple[float, float]


class Marks:
    """Draws one picture; ``wrong``: the last value of a location that went wrong, and its words."""

    def __init__(
        self,
        ax: Axes,
        theme: Palette,
        timeline: Timeline,
        places: Layout,
        wrong: Mapping[str, tuple[str, str]],
    ) -> None:
        self.ax, self.theme, self.wrong = ax, theme, wrong
        self.timeline, self.places = timeline, places

    def draw_ground(self, top: float) -> None:
        """Draw lanes, flags, the fatal step's ground, heads, and the values of memory."""
        theme, places = self.theme, self.places
        for lane in places.lanes.values():
            left, right = lane.ground
            self._box(left, top, right - left, places.bottom - top, theme.faint, alpha=0.45)
        left, right = places.memory
        self._box(left, top, right - left, places.bottom - top, theme.pale_memory, alpha=0.45)
        for row in places.rows:
            if row.fatal:
                left, right = places.lanes[row.cpu].ground
                place = (left, row.top + 0.01, right - left, row.height - 0.02)
                self._box(*place, theme.pale_bad, zorder=0.6, gid="fatal")
        states = self._shown()
        for cpu in places.lanes:
            self._heads(cpu, top)
            self._flags(cpu, states)
        middle = sum(places.memory) / 2
        self._text(middle, top + 0.19, "memory", size=11.5, weight="bold", ha="center")
        head = {"size": 8, "color": theme.memory, "family": MONO, "ha": "center"}
        for location, (left, right) in places.bands.items():
            self._text((left + right) / 2, top + 0.42, location, **head)
            self._band(location, left, right, states)

    def draw_events(self) -> None:
        """Draw what travels, what matters most on top."""
        rows = self.places.by_number
        for grace in self.timeline.grace_periods:
            self._grace_period(grace)
        for store, slot in self.places.slots.items():
            if store.made <= max(rows, default=1) and (store.drained or max(rows)) >= min(rows):
                self._store(store, slot)
        for load in self.timeline.loads:
            row = rows.get(load.number)
            if row and load.location in self.places.bands and len(row.numbers) == 1:
                self._load(load, old=bool(row.notes))
        for ipi in self.timeline.ipis:
            if ipi.sent in rows:
                self._ipi(ipi)

    def draw_legend(self, top: float) -> None:
        """Draw one line that says what the marks mean, of those that occur."""
        x, y, theme = 0.26, top + 0.08, self.theme
        for mark, words in self._legend():
            mid = x + 0.14
            if mark == "waits":
                place = (x, y - 0.08, 0.24, 0.16)
                self._box(*place, theme.pale_buffer, edge=theme.buffer, hatch=_WAITS)
            elif mark == "drains":
                self._arrow((x, y), (x + 0.28, y), theme.buffer, width=2.0)
            elif mark == "load":
                self._arrow((x, y), (x + 0.28, y), theme.ink, width=0.9, style=_DASHED)
            elif mark == "old":
                self.ax.plot([mid], [y], "X", color=theme.bad, markersize=9)
            elif mark == "ring":
                self._ring(mid, y)
            elif mark == "grace":
                self.ax.plot([x, x + 0.24], [y, y], color=theme.doubt, linewidth=2.4)
                self.ax.plot([mid - 0.02], [y], "D", color=theme.doubt, markersize=5)
            else:
                face, hatch = self._flag(irqs_on=mark == "preempt")
                self._box(x, y - 0.08, 0.24, 0.16, face, hatch=hatch, edge=theme.muted)
            self._text(x + 0.36, y, words, size=7.8, color=theme.muted)
            x += 0.36 + text_width(words, 7.8, False) + 0.26

    def _legend(self) -> Iterator[tuple[str, str]]:
        drawn = {artist.get_gid() for artist in self.ax.get_children()}
        if self.timeline.stores:
            yield "waits", "a store waits in the store buffer"
            yield "drains", "drains to memory"
        yield "load", "load"
        if "old value" in drawn:
            yield "old", "reads an old value"
        if "new value waits" in drawn:
            yield "ring", "the new one waits here"
        if self.timeline.grace_periods:
            yield "grace", "grace period; a CPU reports"
        states = [cpu for state in self.timeline.states.values() for cpu in state.cpus.values()]
        if any(state.preempt_count and state.irqs_on for state in states):
            yield "preempt", "preemption off"
        if any(not state.irqs_on for state in states):
            yield "irqs", "irqs off"

    def _shown(self) -> list[tuple[StateView, float]]:
        """The states from that before the first shown step on, each with where it begins."""
        numbers = self.places.by_number
        first, last = min(numbers, default=1), max(numbers, default=1)
        before = max((n for n in self.timeline.states if n < first), default=1)
        return [
            (state, 0.0 if number == before else self.places.y(number))
            for number, state in sorted(self.timeline.states.items())
            if before <= number <= last
        ]

    def _heads(self, cpu: str, top: float) -> None:
        lane, task = self.places.lanes[cpu], self.timeline.running[cpu]
        self._text(lane.words, top + 0.19, cpu, size=11.5, weight="bold")
        runs = "idle" if task.lower() == IDLE else f"runs {task}"
        self._text(lane.words, top + 0.42, runs, size=8.4, color=self.theme.muted)
        if any(store.cpu == cpu for store in self.timeline.stores):
            middle, ink = sum(lane.buffer) / 2, self.theme.buffer
            self._text(middle, top + 0.42, "store buffer", size=8, color=ink, ha="center")

    def _flags(self, cpu: str, states: list[tuple[StateView, float]]) -> None:
        ends = [*(top for _, top in states[1:]), self.places.bottom]
        for (view, top), bottom in zip(states, ends, strict=True):
            state = view.cpus[cpu]
            if bottom > top and (state.preempt_count or not state.irqs_on):
                face, hatch = self._flag(irqs_on=state.irqs_on)
                place = (self.places.lanes[cpu].strip, top, STRIP, bottom - top)
                gid = f"flags {cpu} {view.number}"
                self._box(*place, face, hatch=hatch, zorder=1, gid=gid)

    def _flag(self, *, irqs_on: bool) -> tuple[str, str]:
        """Preemption off is ruled, on the lane's own ground; irqs off is solid."""
        return (self.theme.faint, _NO_PREEMPTION) if irqs_on else (self.theme.muted, "")

    def _band(
        self, location: str, left: float, right: float, states: list[tuple[StateView, float]]
    ) -> None:
        """The values of a location, each from the step that stored it on."""
        values: list[tuple[str, float]] = []
        for state, top in states:
            value = state.memory[location]
            if not values or values[-1][0] != value:
                values.append((value, top))
        ends = [*(top for _, top in values[1:]), self.places.bottom]
        last_value, words = self.wrong.get(location, ("", ""))
        for index, ((value, top), bottom) in enumerate(zip(values, ends, strict=True)):
            bad = index == len(values) - 1 and value == last_value
            face = self.theme.paper if index % 2 else self.theme.pale_memory
            face, ink = (self.theme.pale_bad, self.theme.bad) if bad else (face, self.theme.memory)
            place = (left, top, right - left, bottom - top)
            self._box(*place, face, edge=ink, zorder=1.2, gid=f"{location} = {value}")
            text, size = (words, 7.6) if bad else (value, 8.4)
            look = {"family": MONO, "weight": "bold", "color": ink, "ha": "center", "zorder": 1.4}
            self._text((left + right) / 2, top + 0.13, text, size=size, **look)

    def _store(self, store: Store, slot: int) -> None:
        """The box of a store, its stem while it waits, its arrow to memory."""
        theme, places, lane = self.theme, self.places, self.places.lanes[store.cpu]
        shown = places.by_number
        made = places.y(store.made) if store.made >= min(shown) else _BOX / 2
        drains = store.drained is not None and store.drained <= max(shown)
        end = places.y(store.drained) if drains else places.bottom
        stem, buffer = lane.stem(slot), theme.buffer
        place = (stem - STEM / 2, made, STEM, end - made)
        gid = f"waits: {store.entry}"
        self._box(*place, theme.pale_buffer, hatch=_WAITS, zorder=2, gid=gid, edge=buffer)
        left, right = lane.entry(slot)
        place = (left, made - _BOX / 2, right - left, _BOX)
        self._box(*place, theme.pale_buffer, zorder=2.2, edge=buffer)
        look = {"size": 7.6, "family": MONO, "ha": "center", "zorder": 2.4}
        self._text((left + right) / 2, made, store.entry, **look)
        if drains:
            edges = places.bands.get(store.location, places.memory)
            inset = 0 if store.location in places.bands else 0.02
            target = edges[0] + inset if lane.side < 0 else edges[1] - inset
            gid = f"drains: {store.entry}"
            self._arrow((stem, end), (target, end), buffer, width=2.0, gid=gid)

    def _load(self, load: Load, *, old: bool) -> None:
        """An arrow from where a value came from to the CPU that has loaded it."""
        theme, lane = self.theme, self.places.lanes[load.cpu]
        y = self.places.y(load.number)
        left, right = self.places.bands[load.location]
        source = lane.shore if load.source == OWN_BUFFER else right if lane.side > 0 else left
        target, gid = (lane.inner, y), f"load {load.number}"
        if not old:
            self._arrow((source, y), target, theme.ink, width=0.9, style=_DASHED, gid=gid)
            self.ax.plot([source], [y], "o", color=theme.ink, markersize=3.2, zorder=4)
            return
        self._arrow((source, y), target, theme.bad, width=1.8, gid=gid)
        inside = (left + right) / 2
        cross: dict[str, Any] = {"color": theme.bad, "markeredgecolor": theme.paper, "zorder": 5}
        self.ax.plot([inside], [y], "X", markersize=12, gid="old value", **cross)
        self.ax.plot([inside, source], [y, y], color=theme.bad, linewidth=1.8, zorder=4)
        if load.source != EARLY:
            self._new_value(load, inside, y)

    def _new_value(self, load: Load, x: float, y: float) -> None:
        """A dotted line from an old value to the store that waits and would have replaced it."""
        for store, slot in self.places.slots.items():
            waits = store.made < load.number < (store.drained or self.timeline.last + 1)
            if store.location == load.location and store.cpu != load.cpu and waits:
                stem = self.places.lanes[store.cpu].stem(slot)
                ink = self.theme.bad
                self.ax.plot([x, stem], [y, y], ":", color=ink, linewidth=1.8, zorder=3.5)
                self._ring(stem, y, gid="new value waits")

    def _ring(self, x: float, y: float, gid: str | None = None) -> None:
        look: dict[str, Any] = {"markerfacecolor": "none", "markeredgecolor": self.theme.bad}
        self.ax.plot([x], [y], "o", markersize=8, markeredgewidth=1.8, zorder=5, gid=gid, **look)

    def _ipi(self, ipi: Ipi) -> None:
        """An interrupt goes from CPU to CPU, and its acknowledgement goes back."""
        ink, places = self.theme.ink, self.places
        sender, target = places.lanes[ipi.sender], places.lanes[ipi.target]
        sent = (sender.inner, places.y(ipi.sent))
        taken = (target.inner, places.y(ipi.entered))
        name = f"{ipi.kind}: {ipi.function}()"
        if ipi.entered is None:
            taken = (target.inner, min(sent[1] + 0.35, places.bottom))
            name += ", not taken yet"
        self._arrow(sent, taken, ink, width=1.8, gid=f"ipi {ipi.sent}")
        self._on_arrow(sent, taken, name)
        if ipi.acknowledged is not None and ipi.seen is not None:
            done = (target.shore, places.y(ipi.acknowledged))
            seen = (sender.inner, places.y(ipi.seen))
            self._arrow(done, seen, ink, width=1.3, style=(0, (5, 2)), gid=f"ack {ipi.seen}")
            self._on_arrow(done, seen, "acknowledged")

    def _on_arrow(self, start: Point, end: Point, text: str) -> None:
        box = {"boxstyle": "round,pad=0.15", "facecolor": self.theme.paper, "linewidth": 0.6}
        box["edgecolor"] = self.theme.ink
        x, y = (start[0] + end[0]) / 2, (start[1] + end[1]) / 2
        self._text(x, y, text, size=8, ha="center", zorder=6, bbox=box)

    def _grace_period(self, grace: GracePeriod) -> None:
        """A bracket beside the CPU that waits, and a diamond where a CPU has reported."""
        lane = self.places.lanes[grace.cpu]
        x = _beside(lane)
        top, bottom = self.places.y(grace.began), self.places.y(grace.ended)
        line: dict[str, Any] = {"color": self.theme.doubt, "linewidth": 2.4, "zorder": 3}
        self.ax.plot([x, x], [top, bottom], gid="grace period", **line)
        for y in (top, bottom) if grace.ended else (top,):
            self.ax.plot([x - 0.05, x + 0.05], [y, y], **line)
        text = "grace period"
        if not grace.ended:
            missing = [other for other in self.places.lanes if other not in grace.reports]
            text += f": never over, {' and '.join(missing)} never reports"
        look = {"size": 8, "color": self.theme.doubt, "rotation": 90, "ha": "center"}
        self._text(x - 0.13 * lane.side, (top + bottom) / 2, text, **look)
        for other, number in grace.reports.items():
            start, y = _beside(self.places.lanes[other]), self.places.y(number)
            self.ax.plot([start, x], [y, y], **line | {"linewidth": 1.0, "linestyle": (0, (4, 2))})
            self.ax.plot([start], [y], "D", color=self.theme.doubt, markersize=6, zorder=4)

    def _text(self, x: float, y: float, text: str, **look: Any) -> None:  # noqa: ANN401 - matplotlib's
        self.ax.text(x, y, text, va="center", **{"color": self.theme.ink, **look})

    def _box(  # noqa: PLR0913 - what a box is
        self,
        x: float,
        y: float,
        width: float,
        height: float,
        face: str,
        *,
        edge: str | None = None,
        hatch: str = "",
        **look: Any,  # noqa: ANN401 - as a patch has it
    ) -> None:
        """Draw a box, ``height`` downwards from its upper left corner."""
        look = {"zorder": 0.5, "hatch": hatch or None, "linewidth": 0.9 if edge else 0, **look}
        ink = edge or (self.theme.muted if hatch else face)
        self.ax.add_patch(Rectangle((x, y), width, height, facecolor=face, edgecolor=ink, **look))

    def _arrow(  # noqa: PLR0913 - what an arrow is
        self,
        start: Point,
        end: Point,
        colour: str,
        *,
        width: float,
        style: Any = "-",  # noqa: ANN401 - matplotlib's dashes
        gid: str | None = None,
    ) -> None:
        look: dict[str, Any] = {"linewidth": width, "linestyle": style, "color": colour}
        look |= {"arrowstyle": "-|>", "mutation_scale": 7 + 3 * width, "shrinkA": 0, "shrinkB": 0}
        self.ax.add_patch(FancyArrowPatch(start, end, zorder=4, gid=gid, **look))


def _beside(lane: Lane) -> float:
    return lane.inner - 0.05 * lane.side
