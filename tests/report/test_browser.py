"""The report in a real Chromium; see :func:`report.tools.opened` for what always holds."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from views.tools import Verified, leak

from report.conftest import NAME
from report.tools import Opened, opened
from slubtla.barriers.show.html import in_script
from slubtla.barriers.show.report import explorer_css, explorer_data, explorer_js
from slubtla.barriers.trace.counterexample import counterexample_of

if TYPE_CHECKING:
    from playwright.sync_api import Browser

Pages = dict[str, Path]
WIDE = {"width": 1400, "height": 1000}
NARROW = {"width": 375, "height": 800}
LIGHT: dict[str, Any] = {"color_scheme": "light", "viewport": WIDE, "reduced_motion": "reduce"}
DARK: dict[str, Any] = {"color_scheme": "dark", "viewport": NARROW, "reduced_motion": "reduce"}


def entries(page: Opened, cpu: str) -> list[str]:
    """What a CPU's store buffer shows."""
    card = page.page.locator(f'.slubtla-explorer:visible .cpu[aria-label="{cpu}"]')
    return [" ".join(text.split()) for text in card.locator(".entry").all_inner_texts()]


def test_arrow_keys_step_the_trace_without_a_click(
    browser: Browser, pages: Pages, verified: Verified
) -> None:
    story = counterexample_of(leak(verified))
    with opened(browser, pages["leak"]) as page:
        assert page.step() == f"1 / {story.length}"
        page.press("ArrowRight", "ArrowRight", "ArrowLeft", "ArrowRight")
        assert page.step() == f"3 / {story.length}"
        words = page.text(".slubtla-explorer .words")
        assert story.rows[2].words in words
        assert story.rows[2].function in words
        assert page.page.url.endswith("#trace=smp_mb-x86&step=3")


def test_home_and_end_go_to_the_ends(browser: Browser, pages: Pages, verified: Verified) -> None:
    last = counterexample_of(leak(verified)).length
    with opened(browser, pages["leak"]) as page:
        page.page.get_by_label("next step").focus()
        page.press("End")
        assert page.step() == f"{last} / {last}"
        assert page.page.get_by_label("next step").get_attribute("aria-disabled") == "true"
        page.press("ArrowRight")
        assert page.step() == f"{last} / {last}"
        page.press("ArrowLeft", "Home")
        assert page.step() == f"1 / {last}"


def test_buttons_slider_and_film_step_too(browser: Browser, pages: Pages) -> None:
    with opened(browser, pages["leak"], viewport=WIDE) as page:
        page.page.get_by_label("next step").click()
        assert page.step().startswith("2 /")
        page.page.get_by_label("last step").click()
        page.page.get_by_label("previous step").click()
        page.page.get_by_label("first step").click()
        assert page.step().startswith("1 /")
        page.page.get_by_role("slider").focus()
        page.press("ArrowRight", "ArrowRight", "ArrowRight")
        assert page.step().startswith("4 /")
        tracks = page.page.locator(".tracks")
        box = tracks.bounding_box()
        assert box is not None
        tracks.click(position={"x": 2, "y": box["height"] / 2})
        assert page.step().startswith("1 /")


def test_play_goes_on_by_itself_and_pauses(browser: Browser, pages: Pages) -> None:
    with opened(browser, pages["leak"]) as page:
        page.page.get_by_label("play", exact=True).click()
        page.page.locator(".count", has_text="2 /").wait_for()
        page.page.get_by_label("pause", exact=True).click()
        assert page.page.get_by_label("play", exact=True).is_visible()


def test_store_buffers_fill_and_drain(browser: Browser, pages: Pages, verified: Verified) -> None:
    story = counterexample_of(leak(verified))
    assert story.timeline is not None
    with opened(browser, pages["leak"]) as page:
        for row in story.rows:
            moment = story.timeline.states[row.number]
            for cpu in story.cpus:
                shown = [entry.removeprefix("+ ") for entry in entries(page, cpu)]
                assert shown == list(moment.cpus[cpu].buffer)
                came = {e for e in row.buffers.get(cpu, ()) if f"+ {e}" in entries(page, cpu)}
                assert bool(came) == (cpu in row.buffers and row.context != "store buffer")
            gone = page.page.locator(".slubtla-explorer .gone")
            assert gone.count() == (row.context == "store buffer")
            page.press("ArrowRight")


def test_changes_are_marked_with_a_sign_and_the_old_value(
    browser: Browser, pages: Pages, verified: Verified
) -> None:
    rows = counterexample_of(leak(verified)).rows
    drained = next(row.number for row in rows if "cpu_partial = 0" in row.changed)
    with opened(browser, pages["leak"], f"#trace=smp_mb-x86&step={drained}") as page:
        assert page.text(".memory tr.changed") == "cpu_partial ◆ 0was 1"
        page.press("ArrowLeft")
        waits = page.text('.memory tr:has-text("cpu_partial")')
        assert waits == "cpu_partial 1 ◇ 0 waits in cpu1's buffer"


def test_the_fatal_step_is_set_out_beside_its_pluscal(
    browser: Browser, pages: Pages, verified: Verified
) -> None:
    result = leak(verified)
    scene = counterexample_of(result).timeline
    assert scene is not None
    line = next(
        number
        for number, text in enumerate(result.spec_path.read_text().splitlines(), start=1)
        if text.startswith("flush_load_partial:")
    )
    with opened(browser, pages["leak"], f"#trace=smp_mb-x86&step={scene.fatal}") as page:
        assert "Here it goes wrong: an old value" in page.text(".note.fatal")
        assert "store buffer" in page.text(".note.fatal")
        assert page.text(".code .label") == f"{line} flush_load_partial:"
        assert "load(Cpu(self), Partial(cpu), head);" in page.text(".code pre")


def test_a_link_to_a_step_opens_it(browser: Browser, pages: Pages) -> None:
    address = "#trace=smp_mb-powerpc&step=7"
    with opened(browser, pages["matrix"], address) as page:
        body = page.page.locator("#smp_mb-powerpc")
        assert body.is_visible()
        assert body.locator(".count").inner_text().startswith("7 /")
        assert (body.locator(".link").get_attribute("href") or "") == address
        page.press("ArrowRight")
        assert body.locator(".count").inner_text().startswith("8 /")
        assert page.page.url.endswith("#trace=smp_mb-powerpc&step=8")
        page.page.goto(page.page.url.split("#")[0] + "#trace=smp_mb-powerpc&step=3")
        assert body.locator(".count").inner_text().startswith("3 /")


@pytest.mark.parametrize("wrong", ["#trace=nobody&step=3", "#step=x", "#%E0%A4%A", "#trace=("])
def test_a_wrong_address_does_no_harm(browser: Browser, pages: Pages, wrong: str) -> None:
    with opened(browser, pages["leak"], wrong) as page:
        assert page.step().startswith("1 /")
        page.press("ArrowRight")
        assert page.step().startswith("2 /")


def test_a_step_that_is_not_there_is_the_nearest(browser: Browser, pages: Pages) -> None:
    with opened(browser, pages["leak"], "#trace=smp_mb-x86&step=999") as page:
        at, _, last = page.step().partition(" / ")
        assert at == last


def test_each_cell_opens_its_result(browser: Browser, pages: Pages) -> None:
    with opened(browser, pages["matrix"]) as page:
        cells = page.page.locator(".matrix td a")
        assert cells.count() == 8
        for index in range(cells.count()):
            target = page.page.locator(cells.nth(index).get_attribute("href") or "")
            cells.nth(index).click()
            assert target.is_visible()
        assert page.page.locator(".slubtla-explorer").count() == 2  # x86; powerpc, which is riscv's


def test_an_explorer_is_made_only_when_its_result_is_opened(browser: Browser, pages: Pages) -> None:
    with opened(browser, pages["matrix"]) as page:
        assert page.page.locator(".slubtla-explorer").count() == 1
        page.page.get_by_role("button", name="Open all results").click()
        page.page.locator("#smp_mb-powerpc .slubtla-explorer").wait_for()
        assert page.page.locator("details.result:not([open])").count() == 0


def test_a_hostile_value_stays_text(browser: Browser, pages: Pages) -> None:
    with opened(browser, pages["hostile"]) as page:
        page.press("ArrowRight")
        assert f'"{NAME}"' in page.text(".memory")
        page.page.get_by_role("button", name="All steps as a table").click()
        assert f'"{NAME}"' in page.text(".steps")
        assert page.page.locator("b", has_text="alert").count() == 0


def test_a_spec_of_the_users_own_has_variables_and_its_lines(
    browser: Browser, pages: Pages
) -> None:
    with opened(browser, pages["hostile"]) as page:
        page.press("ArrowRight")
        assert page.text(".memory tr:last-child") == "count ◆ 1"
        assert "said' = Append" in page.text(".code pre")


@pytest.mark.parametrize("name", ["leak", "matrix", "hostile", "holds"])
def test_without_scripts_everything_is_there_to_read(
    browser: Browser, pages: Pages, name: str
) -> None:
    with opened(browser, pages[name], java_script_enabled=False) as page:
        assert page.page.locator("h1").is_visible()
        assert page.page.locator(".answer").is_visible()
        assert page.page.locator(".controls:visible").count() == 0
        if name != "holds":
            assert page.page.locator("details[open] .steps table").is_visible()
        if name == "matrix":
            page.page.locator('.matrix a[href="#smp_mb-powerpc"]').first.click()
            assert page.page.locator("#smp_mb-powerpc .steps").is_visible()


def test_in_print_the_steps_stand_for_the_explorer(browser: Browser, pages: Pages) -> None:
    with opened(browser, pages["leak"]) as page:
        assert page.page.locator(".steps").is_hidden()
        page.page.emulate_media(media="print")
        assert page.page.locator(".steps").is_visible()
        assert page.page.locator(".slubtla-explorer").is_hidden()
        assert page.page.locator("button:visible, nav:visible, select:visible").count() == 0


def test_the_table_of_steps_folds_and_unfolds(browser: Browser, pages: Pages) -> None:
    with opened(browser, pages["leak"]) as page:
        button = page.page.get_by_role("button", name="All steps as a table")
        assert button.get_attribute("aria-expanded") == "false"
        button.click()
        assert page.page.locator(".steps").is_visible()
        assert button.get_attribute("aria-expanded") == "true"


@pytest.mark.parametrize("name", ["leak", "matrix", "hostile", "holds"])
@pytest.mark.parametrize("size", [NARROW, WIDE], ids=["narrow", "wide"])
def test_nothing_runs_out_of_the_page(
    browser: Browser, pages: Pages, name: str, size: dict[str, int]
) -> None:
    with opened(browser, pages[name], viewport=size) as page:
        page.press(*["ArrowRight"] * 5)
        page.page.get_by_role("button", name="Open all results").click()
        width = page.page.evaluate("document.documentElement.scrollWidth")
        assert width <= size["width"]


@pytest.mark.parametrize("name", ["leak", "matrix", "hostile", "holds"])
@pytest.mark.parametrize("look", [LIGHT, DARK], ids=["light and wide", "dark and narrow"])
def test_axe_finds_nothing(
    browser: Browser, pages: Pages, axe: str, name: str, look: dict[str, Any]
) -> None:
    with opened(browser, pages[name], **look) as page:
        page.press(*["ArrowRight"] * 5)
        for more in page.page.locator("details").all():
            more.evaluate("each => (each.open = true)")
        page.page.evaluate(axe)
        found: dict[str, Any] = page.page.evaluate("axe.run()")
        told = [
            f"{v['id']}: {node['html'][:120]} {node['failureSummary']}"
            for v in found["violations"]
            for node in v["nodes"]
        ]
        assert told == []
        assert len(found["passes"]) > 20


def test_the_theme_can_be_chosen(browser: Browser, pages: Pages) -> None:
    ground = "getComputedStyle(document.body).backgroundColor"
    with opened(browser, pages["leak"], color_scheme="dark") as page:
        dark = page.page.evaluate(ground)
        page.page.get_by_label("Theme").select_option("light")
        assert page.page.evaluate(ground) == "rgb(255, 255, 255)" != dark


def test_nothing_moves_where_the_reader_wants_no_motion(browser: Browser, pages: Pages) -> None:
    moving = "document.querySelector('.stage').getAnimations({subtree: true}).length"
    for wish, some in (("no-preference", True), ("reduce", False)):
        with opened(browser, pages["leak"], reduced_motion=wish) as page:
            seen = 0
            for _ in range(8):
                page.press("ArrowRight")
                seen += page.page.evaluate(moving)
            assert bool(seen) is some


def test_the_explorer_works_in_a_page_of_another(
    browser: Browser, verified: Verified, tmp_path: Path
) -> None:
    data = in_script(explorer_data(leak(verified)))
    file = tmp_path / "other.html"
    file.write_text(
        f"<!DOCTYPE html><meta charset=utf-8><style>{explorer_css()}</style><div id=root></div>"
        f'<script type="module">{explorer_js()}; window.heard = [];'
        f"window.it = mount(document.getElementById('root'), {data},"
        "{onStep: (n) => heard.push(n), step: 3});</script>",
        encoding="utf-8",
    )
    with opened(browser, file) as page:
        page.page.evaluate("it.go(5)")
        page.page.get_by_label("next step").click()
        assert page.page.evaluate("heard") == [3, 5, 6]
        assert page.page.locator(".link").is_hidden()
        assert page.page.url == file.as_uri()
        page.page.evaluate("it.destroy()")
        page.page.locator("#root").evaluate(
            "root => root.dispatchEvent(new KeyboardEvent('keydown', {key: 'End'}))"
        )
        assert page.page.locator("#root > *").count() == 0
        assert json.loads(page.page.evaluate("JSON.stringify(heard)")) == [3, 5, 6]
