"""What travels between CPUs and memory in the swim lanes: stores, loads, IPIs, grace periods."""

from __future__ import annotations

from typing import Any, Final

from slubtla.barriers.show.plots.lane_canvas import WAITS, Canvas
from slubtla.barriers.show.plots.lane_places import STEM, Lane
from slubtla.barriers.show.plots.style import MONO
from slubtla.barriers.trace.events import EARLY, OWN_BUFFER, Ipi, Load, Store

_ENTRY_SIZE: Final = 7.6
_BOX: Final = 0.19


class Arrows(Canvas):
    """Draws what travels."""

    def draw(self) -> None:
        """Draw all of it, what matters most on top."""
        self.grace_periods()
        self.stores()
        self.loads()
        self.ipis()

    def stores(self) -> None:
        """Each store: its box, its stem while it waits, its arrow to memory."""
        first, last = min(self.places.rows, default=1), max(self.places.rows, default=1)
        for store, slot in self.slots.items():
            if store.made <= last and (store.drained is None or store.drained >= first):
                self._store(store, slot, first, last)

    def _store(self, store: Store, slot: int, first: int, last: int) -> None:
        theme, lane = self.theme, self.places.lanes[store.cpu]
        made = self.places.y(store.made) if store.made >= first else _BOX / 2
        drains = store.drained is not None and store.drained <= last
        end = self.places.y(store.drained) if drains else self.places.bottom
        stem = lane.stem(slot)
        self.box(
            stem - STEM / 2,
            made,
            STEM,
            end - made,
            theme.pale_buffer,
            edge=theme.buffer,
            hatch=WAITS,
            zorder=2,
            gid=f"waits: {store.entry}",
        )
        left, right = lane.entry(slot)
        self.box(
            left,
            made - _BOX / 2,
            right - left,
            _BOX,
            theme.pale_buffer,
            edge=theme.buffer,
            zorder=2.2,
        )
        self.ax.text(
            (left + right) / 2,
            made,
            store.entry,
            size=_ENTRY_SIZE,
            family=MONO,
            color=theme.ink,
            ha="center",
            va="center",
            zorder=2.4,
        )
        if drains:
            target = self._memory_edge(store.location, lane)
            gid = f"drains: {store.entry}"
            self.arrow((stem, end), (target, end), theme.buffer, width=2.0, gid=gid)

    def _memory_edge(self, location: str, lane: Lane) -> float:
        """The edge of a location's band that faces a lane; memory's own for other locations."""
        left, right = self.places.bands.get(location, self.places.memory)
        if location not in self.places.bands:
            return left + 0.02 if lane.side < 0 else right - 0.02
        return left if lane.side < 0 else right

    def loads(self) -> None:
        """An arrow from where a value came from to the CPU that has loaded it."""
        for load in self.timeline.loads:
            row = self.places.rows.get(load.number)
            if row is None or load.location not in self.places.bands:
                continue
            if len(row.numbers) == 1:
                self._load(load, row.fatal or bool(row.notes))

    def _load(self, load: Load, old: bool) -> None:
        theme, lane = self.theme, self.places.lanes[load.cpu]
        y = self.places.y(load.number)
        left, right = self.places.bands[load.location]
        source = right if lane.side > 0 else left
        if load.source == OWN_BUFFER:
            source = lane.buffer[1] if lane.side < 0 else lane.buffer[0]
        colour = theme.bad if old else theme.ink
        target = lane.inner
        self.arrow(
            (source, y),
            (target, y),
            colour,
            width=1.8 if old else 0.9,
            style="-" if old else (0, (3, 2)),
            gid=f"load {load.number}",
        )
        if not old:
            self.ax.plot([source], [y], "o", color=colour, markersize=3.2, zorder=4)
            return
        inside = (left + right) / 2
        self.ax.plot(
            [inside],
            [y],
            marker="X",
            color=theme.bad,
            markeredgecolor=theme.paper,
            markersize=12,
            zorder=5,
            gid="old value",
        )
        self.ax.plot([inside, source], [y, y], color=colour, linewidth=1.8, zorder=4)
        if load.source != EARLY:
            self._where_the_new_one_waits(load, inside, y)

    def _where_the_new_one_waits(self, load: Load, x: float, y: float) -> None:
        for store, slot in self.slots.items():
            waits = store.made < load.number < (store.drained or self.timeline.last + 1)
            if store.location == load.location and store.cpu != load.cpu and waits:
                stem = self.places.lanes[store.cpu].stem(slot)
                self.ax.plot(
                    [x, stem], [y, y], ":", color=self.theme.bad, linewidth=1.8, zorder=3.5
                )
                self.ax.plot(
                    [stem],
                    [y],
                    "o",
                    markersize=8,
                    markerfacecolor="none",
                    markeredgecolor=self.theme.bad,
                    markeredgewidth=1.8,
                    zorder=5,
                    gid="new value waits",
                )

    def ipis(self) -> None:
        """An interrupt goes from CPU to CPU, and its acknowledgement goes back."""
        for ipi in self.timeline.ipis:
            if ipi.sent in self.places.rows:
                self._ipi(ipi)

    def _ipi(self, ipi: Ipi) -> None:
        theme = self.theme
        sender, target = self.places.lanes[ipi.sender], self.places.lanes[ipi.target]
        sent = (sender.inner, self.places.y(ipi.sent))
        taken = (target.inner, self.places.y(ipi.entered))
        name = f"{ipi.kind}: {ipi.function}()"
        if ipi.entered is None:
            taken = (target.inner, min(sent[1] + 0.35, self.places.bottom))
            name = f"{name}, not taken yet"
        self.arrow(sent, taken, theme.ink, width=1.8, gid=f"ipi {ipi.sent}", head="-|>")
        self._on_arrow(sent, taken, name)
        if ipi.acknowledged is not None and ipi.seen is not None:
            edge = target.buffer[1] if target.side < 0 else target.buffer[0]
            done = (edge, self.places.y(ipi.acknowledged))
            seen = (sender.inner, self.places.y(ipi.seen))
            self.arrow(done, seen, theme.ink, width=1.3, style=(0, (5, 2)), gid=f"ack {ipi.seen}")
            self._on_arrow(done, seen, "acknowledged")

    def _on_arrow(self, start: tuple[float, float], end: tuple[float, float], text: str) -> None:
        self.ax.text(
            (start[0] + end[0]) / 2,
            (start[1] + end[1]) / 2,
            text,
            size=8,
            ha="center",
            va="center",
            color=self.theme.ink,
            zorder=6,
            bbox={
                "boxstyle": "round,pad=0.15",
                "facecolor": self.theme.paper,
                "edgecolor": self.theme.ink,
                "linewidth": 0.6,
            },
        )

    def grace_periods(self) -> None:
        """A bracket beside the CPU that waits, and a diamond where a CPU has reported."""
        for grace in self.timeline.grace_periods:
            lane = self.places.lanes[grace.cpu]
            x = lane.inner + 0.05 * -lane.side
            top, bottom = self.places.y(grace.began), self.places.y(grace.ended)
            line: dict[str, Any] = {"color": self.theme.doubt, "linewidth": 2.4, "zorder": 3}
            self.ax.plot([x, x], [top, bottom], gid="grace period", **line)
            self.ax.text(
                x + 0.13 * -lane.side,
                (top + bottom) / 2,
                "grace period" if grace.ended else "grace period: never over",
                size=8,
                color=self.theme.doubt,
                rotation=90,
                ha="center",
                va="center",
            )
            for y in (top, bottom) if grace.ended else (top,):
                self.ax.plot([x - 0.05, x + 0.05], [y, y], **line)
            for cpu, number in grace.reports.items():
                other, y = self.places.lanes[cpu], self.places.y(number)
                start = other.inner + 0.05 * -other.side
                thin = line | {"linewidth": 1.0, "linestyle": (0, (4, 2))}
                self.ax.plot([start, x], [y, y], **thin)
                self.ax.plot([start], [y], "D", color=self.theme.doubt, markersize=6, zorder=4)
