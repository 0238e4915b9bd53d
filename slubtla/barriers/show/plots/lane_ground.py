"""What stands behind the arrows of the swim lanes: lanes, flags, names, memory, the legend."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from slubtla.barriers.show.plots.lane_canvas import NO_PREEMPTION, STRIP, WAITS, Canvas
from slubtla.barriers.show.plots.lane_rows import Measure
from slubtla.barriers.show.plots.style import MONO
from slubtla.barriers.trace.timeline import CpuState, StateView


class Ground(Canvas):
    """Draws the ground of a picture."""

    def lanes(self, top: float) -> None:
        """The ground of the lanes and of memory, the fatal row, and the strips with the flags."""
        theme, places = self.theme, self.places
        for lane in places.lanes.values():
            left, right = sorted((lane.outer, lane.buffer[0 if lane.side > 0 else 1]))
            self.box(left, top, right - left, places.bottom - top, theme.faint, alpha=0.45)
        left, right = places.memory
        self.box(left, top, right - left, places.bottom - top, theme.pale_memory, alpha=0.45)
        fatal = places.rows.get(self.timeline.fatal or 0)
        if fatal is not None:
            lane = places.lanes[fatal.cpu]
            left, right = sorted((lane.outer, lane.buffer[0 if lane.side > 0 else 1]))
            self.box(
                left,
                fatal.top + 0.01,
                right - left,
                fatal.height - 0.02,
                theme.pale_bad,
                zorder=0.6,
                gid="fatal",
            )
        for cpu in places.lanes:
            self._flags(cpu)

    def _flags(self, cpu: str) -> None:
        """Preemption off is ruled, irqs off is solid."""
        lane = self.places.lanes[cpu]
        moments = self.shown
        for before, after in zip(moments, [*moments[1:], None], strict=True):
            state = before.cpus[cpu]
            top = self._edge(before)
            bottom = self._edge(after) if after else self.places.bottom
            if bottom <= top or (state.irqs_on and not state.preempt_count):
                continue
            face, hatch = self._flag(state)
            gid = f"flags {cpu} {before.number}"
            self.box(lane.strip, top, STRIP, bottom - top, face, hatch=hatch, zorder=1, gid=gid)

    def _flag(self, state: CpuState) -> tuple[str, str]:
        if not state.irqs_on:
            return self.theme.muted, ""
        return self.theme.paper, NO_PREEMPTION

    def _edge(self, moment: StateView) -> float:
        """Where a state begins: in the middle of the row of its step."""
        return 0.0 if moment is self.shown[0] else self.places.y(moment.number)

    def heads(self, top: float) -> None:
        """The names of CPUs, buffers and locations."""
        theme = self.theme
        for cpu, lane in self.places.lanes.items():
            task = self.timeline.running[cpu]
            self.ax.text(lane.words, top + 0.19, cpu, size=11.5, weight="bold", va="center")
            self.ax.text(
                lane.words,
                top + 0.42,
                f"runs {task}" if task != "IDLE" else "idle",
                size=8.4,
                color=theme.muted,
                va="center",
            )
            if any(store.cpu == cpu for store in self.timeline.stores):
                x = sum(lane.buffer) / 2
                self._head(x, top + 0.42, "store buffer", theme.buffer)
        self.ax.text(
            sum(self.places.memory) / 2,
            top + 0.19,
            "memory",
            size=11.5,
            weight="bold",
            ha="center",
            va="center",
        )
        for location, (left, right) in self.places.bands.items():
            self._head((left + right) / 2, top + 0.42, location, theme.memory, mono=True)

    def _head(self, x: float, y: float, text: str, colour: str, *, mono: bool = False) -> None:
        own: dict[str, Any] = {"family": MONO} if mono else {}
        self.ax.text(x, y, text, size=8, color=colour, ha="center", va="center", **own)

    def memory(self) -> None:
        """A band for each watched location, with the value that it has, from change to change."""
        theme = self.theme
        for location, (left, right) in self.places.bands.items():
            values = list(self._values(location))
            for index, (value, top, bottom) in enumerate(values):
                face = theme.pale_memory if index % 2 == 0 else theme.paper
                ink = theme.memory
                text = value
                if index == len(values) - 1 and value == self.bad_end.get(location, ("", ""))[0]:
                    face, ink, text = theme.pale_bad, theme.bad, self.bad_end[location][1]
                self.box(
                    left,
                    top,
                    right - left,
                    bottom - top,
                    face,
                    edge=ink,
                    zorder=1.2,
                    gid=f"{location} = {value}",
                )
                self.ax.text(
                    (left + right) / 2,
                    top + 0.13,
                    text,
                    size=8.4 if text == value else 7.6,
                    family=MONO,
                    weight="bold",
                    color=ink,
                    ha="center",
                    va="center",
                    zorder=1.4,
                )

    def _values(self, location: str) -> Iterator[tuple[str, float, float]]:
        moments = self.shown
        value, top = moments[0].memory[location], 0.0
        for moment in moments[1:]:
            if moment.memory[location] != value:
                bottom = self.places.y(moment.number)
                yield value, top, bottom
                value, top = moment.memory[location], bottom
        yield value, top, self.places.bottom

    def legend(self, top: float, measure: Measure) -> float:
        """One line that says what the marks mean, of those that occur; returns its height."""
        x, theme = 0.26, self.theme
        for mark, words in self._legend():
            y = top + 0.08
            if mark == "waits":
                self.box(x, y - 0.08, 0.24, 0.16, theme.pale_buffer, edge=theme.buffer, hatch=WAITS)
            elif mark == "drains":
                self.arrow((x, y), (x + 0.28, y), theme.buffer, width=2.0)
            elif mark == "load":
                self.arrow((x, y), (x + 0.28, y), theme.ink, width=0.9, style=(0, (3, 2)))
            elif mark == "old":
                self.ax.plot([x + 0.14], [y], "X", color=theme.bad, markersize=9)
            elif mark == "grace":
                self.ax.plot([x, x + 0.24], [y, y], color=theme.doubt, linewidth=2.4)
                self.ax.plot([x + 0.12], [y], "D", color=theme.doubt, markersize=5)
            else:
                hatch = NO_PREEMPTION if mark == "preempt" else ""
                face = theme.paper if mark == "preempt" else theme.muted
                self.box(x, y - 0.08, 0.24, 0.16, face, hatch=hatch, edge=theme.muted)
            self.ax.text(x + 0.36, y, words, size=7.8, color=theme.muted, va="center")
            x += 0.36 + measure(words, 7.8, False) + 0.3
        return 0.3

    def _legend(self) -> Iterator[tuple[str, str]]:
        if self.timeline.stores:
            yield "waits", "a store waits in the store buffer"
            yield "drains", "drains to memory"
        yield "load", "load"
        if self.timeline.fatal is not None:
            yield "old", "reads an old value"
        if self.timeline.grace_periods:
            yield "grace", "grace period; a CPU reports"
        states = [cpu for moment in self.timeline.states.values() for cpu in moment.cpus.values()]
        if any(state.preempt_count and state.irqs_on for state in states):
            yield "preempt", "preemption off"
        if any(not state.irqs_on for state in states):
            yield "irqs", "irqs off"
