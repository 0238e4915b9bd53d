"""The swim lanes, by their artists: what is drawn, where it begins and where it ends."""

from __future__ import annotations

import itertools
import subprocess
import sys
from typing import Any

import pytest
from matplotlib.axes import Axes
from matplotlib.patches import FancyArrowPatch, Rectangle
from views.tools import Verified, graced, kicked, leak, locked, stuck

from slubtla.barriers.show.plots.colours import THEMES
from slubtla.barriers.show.plots.lane_frame import text_width
from slubtla.barriers.show.plots.lane_layout import lane_rows, shown_locations, slots_of
from slubtla.barriers.show.plots.lanes import draw_lanes, lanes
from slubtla.barriers.show.plots.style import figure_of, new_axes, picture, styled
from slubtla.barriers.trace.counterexample import Counterexample, counterexample_of
from slubtla.barriers.trace.events import Store
from slubtla.barriers.trace.selection import Selection
from slubtla.errors import UnknownNameError


def named(ax: Axes, gid: str) -> list[Any]:
    return [artist for artist in ax.get_children() if artist.get_gid() == gid]


def starting(ax: Axes, gid: str) -> list[Any]:
    return [artist for artist in ax.get_children() if (artist.get_gid() or "").startswith(gid)]


def row_of(ax: Axes, number: int) -> float:
    """Where the words of a step stand."""
    return float(named(ax, f"step-{number}")[0].get_position()[1])


def scene_and_axes(story: Counterexample) -> tuple[Any, Axes]:
    assert story.timeline is not None
    return story.timeline, draw_lanes(story)


def test_each_store_waits_as_a_stem_and_drains_by_an_arrow(verified: Verified) -> None:
    scene, ax = scene_and_axes(counterexample_of(leak(verified)))
    for store in scene.stores:
        (stem,) = named(ax, f"waits: {store.entry}")
        assert isinstance(stem, Rectangle)
        assert stem.get_hatch()
        assert stem.get_y() == pytest.approx(row_of(ax, store.made))
        assert stem.get_y() + stem.get_height() == pytest.approx(row_of(ax, store.drained))
        (arrow,) = named(ax, f"drains: {store.entry}")
        assert isinstance(arrow, FancyArrowPatch)
    assert len(starting(ax, "drains: ")) == len(scene.stores)


def test_bands_of_memory_have_each_value_in_its_time(verified: Verified) -> None:
    scene, ax = scene_and_axes(counterexample_of(leak(verified)))
    (old,), (new,) = named(ax, "cpu_partial = 1"), named(ax, "cpu_partial = 0")
    drained = next(s.drained for s in scene.stores if s.location == "cpu_partial")
    assert old.get_y() == 0
    assert old.get_y() + old.get_height() == pytest.approx(new.get_y())
    assert new.get_y() == pytest.approx(row_of(ax, drained))
    words = [text.get_text() for text in ax.texts]
    assert "slab1 leaked" in words


def test_the_fatal_read_is_marked_and_leads_to_the_store_that_waits(verified: Verified) -> None:
    scene, ax = scene_and_axes(counterexample_of(leak(verified)))
    (cross,) = named(ax, "old value")
    (ring,) = named(ax, "new value waits")
    y = row_of(ax, scene.fatal)
    assert cross.get_ydata()[0] == pytest.approx(y)
    assert cross.get_marker() == "X"
    (put,) = [s for s in scene.stores if s.location.startswith("partial")]
    (stem,) = named(ax, f"waits: {put.entry}")
    assert ring.get_xdata()[0] == pytest.approx(stem.get_x() + stem.get_width() / 2)
    (ground,) = named(ax, "fatal")
    assert ground.get_y() < y < ground.get_y() + ground.get_height()


def test_the_step_in_which_any_property_falls_is_marked(verified: Verified) -> None:
    ax = lanes(locked(verified))
    (ground,) = named(ax, "fatal")
    last = counterexample_of(locked(verified)).length
    assert ground.get_y() < row_of(ax, last) < ground.get_y() + ground.get_height()
    assert "cpu1 has it" in [text.get_text() for text in ax.texts]
    assert not named(lanes(stuck(verified)), "fatal")


def test_the_legend_says_what_the_ring_is_where_there_is_one(verified: Verified) -> None:
    ring = "the new one waits here"
    assert ring in [text.get_text() for text in lanes(leak(verified)).texts]
    assert ring not in [text.get_text() for text in lanes(stuck(verified)).texts]


def test_two_old_values_are_two_crosses(verified: Verified) -> None:
    _, ax = scene_and_axes(counterexample_of(graced(verified)))
    assert len(named(ax, "old value")) == 2
    assert len(named(ax, "grace period")) == 1


def test_a_grace_period_that_never_ends_is_open_and_said_to_be(verified: Verified) -> None:
    scene, ax = scene_and_axes(counterexample_of(stuck(verified)))
    (line,) = named(ax, "grace period")
    words = {text.get_text(): text for text in ax.texts}
    (never,) = set(scene.cpus) - set(scene.grace_periods[0].reports)
    assert f"grace period: never over, {never} never reports" in words
    assert not named(ax, "old value")
    assert line.get_ydata()[1] > max(text.get_position()[1] for text in starting(ax, "step-"))


def test_an_ipi_goes_from_lane_to_lane_and_is_acknowledged(verified: Verified) -> None:
    scene, ax = scene_and_axes(counterexample_of(kicked(verified)))
    ipi = scene.ipis[0]
    assert len(named(ax, f"ipi {ipi.sent}")) == 1
    assert len(named(ax, f"ack {ipi.seen}")) == 1
    assert [t.get_text() for t in ax.texts if t.get_text().startswith("IPI")] == [
        "IPI: do_nothing()"
    ]


def test_the_strip_shows_preemption_and_irqs_off(verified: Verified) -> None:
    scene, ax = scene_and_axes(counterexample_of(kicked(verified)))
    flagged = {}
    for number, moment in scene.states.items():
        for cpu, state in moment.cpus.items():
            boxes = named(ax, f"flags {cpu} {number}")
            off = bool(state.preempt_count) or not state.irqs_on
            assert len(boxes) <= off
            for box in boxes:
                flagged[state.irqs_on] = box.get_hatch()
    assert flagged[True]
    assert not flagged[False]


def test_title_and_caption(verified: Verified) -> None:
    result = leak(verified)
    ax = lanes(result)
    story = counterexample_of(result)
    assert [text.get_text() for text in named(ax, "verdict")] == ["VIOLATED(NoLeak)"]
    caption = " ".join(text.get_text() for text in named(ax, "caption"))
    assert caption == " ".join(story.summary)
    (command,) = named(ax, "command")
    assert command.get_text() == f"$ {result.command}"


def test_no_words_are_wider_than_their_lane(verified: Verified) -> None:
    story = counterexample_of(kicked(verified))
    assert story.timeline is not None
    for width in (1.5, 2.5):
        rows = lane_rows(story, story.timeline, width)
        for row in rows:
            for line in row.words:
                assert text_width(line, 8.8, False) <= width or " " not in line
        told = [number for row in rows for number in row.numbers]
        assert told == [row.number for row in story.rows[1:]]
        for above, below in itertools.pairwise(rows):
            assert above.top + above.height == pytest.approx(below.top)


def test_a_part_of_the_trace_ends_with_what_is_true_then(verified: Verified) -> None:
    scene, whole = scene_and_axes(counterexample_of(leak(verified)))
    _, part = scene_and_axes(counterexample_of(leak(verified), Selection(steps=f"5-{scene.fatal}")))
    (put,) = [s for s in scene.stores if s.location.startswith("partial")]
    assert named(whole, f"drains: {put.entry}")
    assert named(part, f"waits: {put.entry}")
    assert not named(part, f"drains: {put.entry}")
    assert "slab1 leaked" not in [text.get_text() for text in part.texts]
    assert not named(part, f"{put.location} = {put.value}")


def test_what_is_watched_is_what_was_stored_to(verified: Verified) -> None:
    scene, _ = scene_and_axes(counterexample_of(leak(verified)))
    (put,) = [s for s in scene.stores if s.location.startswith("partial")]
    assert sorted(shown_locations(scene)) == sorted(["cpu_partial", put.location])


def test_two_stores_of_a_buffer_never_share_a_slot_at_a_time() -> None:
    def store(made: int, drained: int | None, cpu: str = "cpu0") -> Store:
        return Store(cpu, "x", str(made), made, drained)

    stores = [store(1, 4), store(2, 5), store(3, None, "cpu1"), store(4, 6), store(5, 7)]
    assert list(slots_of(stores).values()) == [0, 1, 0, 0, 1]


def test_it_draws_into_axes_of_the_callers_own(verified: Verified) -> None:
    with styled("dark"):
        ax = new_axes(6, 4)
    assert lanes(leak(verified), ax, theme="dark") is ax
    assert figure_of(ax).get_size_inches().tolist() == [6, 4]


def test_the_themes_differ_and_an_unknown_one_is_refused(verified: Verified) -> None:
    colours = {
        theme: named(lanes(leak(verified), theme=theme), "verdict")[0].get_color()
        for theme in THEMES
    }
    assert colours["light"] != colours["dark"]
    with pytest.raises(UnknownNameError, match="did you mean 'dark'"):
        lanes(leak(verified), theme="drak")


def test_the_same_lanes_are_the_same_bytes(verified: Verified) -> None:
    for kind in ("svg", "png", "pdf"):
        files = {picture(lanes(leak(verified)), kind, title="t") for _ in range(2)}
        assert len(files) == 1


def contrast(one: str, other: str) -> float:
    """The contrast of two colours, as WCAG 2 counts it: 1 to 21."""

    def light(colour: str) -> float:
        parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
        linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    high, low = sorted((light(one), light(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("theme", THEMES.values(), ids=THEMES)
def test_every_text_can_be_read_on_its_ground(theme: Any) -> None:
    for ink in (theme.ink, theme.muted, theme.bad, theme.good, theme.memory, theme.doubt):
        assert contrast(ink, theme.paper) >= 4.5
    for ink, ground in (
        (theme.ink, theme.pale_buffer),
        (theme.bad, theme.pale_bad),
        (theme.good, theme.pale_good),
        (theme.memory, theme.pale_memory),
        (theme.doubt, theme.pale_doubt),
        (theme.muted, theme.faint),
    ):
        assert contrast(ink, ground) >= 4.4


def test_importing_slubtla_and_its_commands_loads_no_matplotlib() -> None:
    modules = "slubtla, slubtla.cli.ask, slubtla.cli.campaigns, slubtla.cli.look"
    code = f"import sys, {modules}; print('matplotlib' in sys.modules)"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "False"
