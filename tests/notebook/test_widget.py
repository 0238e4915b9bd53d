"""The stepper: its traits in Python, and its module in a real browser with a model beside it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from report.tools import FLAGS, find_chromium, lacking
from views.tools import Verified, good, leak

from slubtla.barriers.show.notebook.widget import Stepper
from slubtla.barriers.show.report import explorer_data
from slubtla.errors import UsageError

PAGE = """\
<!DOCTYPE html>
<html lang="en"><meta charset="utf-8"><title>stepper</title><link rel="icon" href="data:,">
<style>{css}</style>
<body><div id="cell"></div>
<script type="module">
{esm}
</script></body></html>
"""
MODEL = """
const values = {data}, heard = {{}};
let saved = 0;
const model = {{
  get: (name) => values[name],
  set(name, value) {{
    values[name] = value;
    (heard[`change:${{name}}`] ?? []).forEach((each) => each());
  }},
  on: (name, f) => (heard[name] ??= []).push(f),
  off: (name, f) => (heard[name] = heard[name].filter((each) => each !== f)),
  save_changes: () => (saved += 1),
}};
const widget = {{ render }};
window.stepper = {{
  model,
  saved: () => saved,
  listeners: () => (heard["change:step"] ?? []).length,
  end: widget.render({{ model, el: document.getElementById("cell") }}),
}};
"""


def test_it_holds_what_the_report_shows(verified: Verified) -> None:
    result = leak(verified)
    stepper = result.explore(step=5)
    assert stepper.data == explorer_data(result)
    assert stepper.step == 5


def test_a_step_that_is_not_there_becomes_the_nearest(verified: Verified) -> None:
    stepper = leak(verified).explore()
    for asked, found in ((0, 1), (999, len(stepper.data["steps"])), (7, 7)):
        stepper.step = asked
        assert stepper.step == found


@pytest.mark.parametrize("step", [0, 999])
def test_it_does_not_begin_where_there_is_no_step(verified: Verified, step: int) -> None:
    with pytest.raises(UsageError, match=f"no step {step}"):
        leak(verified).explore(step=step)


def test_without_a_counterexample_there_is_nothing_to_step_through(verified: Verified) -> None:
    with pytest.raises(UsageError, match="no counterexample"):
        good(verified).explore()


def test_where_no_widget_runs_its_steps_are_a_table(verified: Verified) -> None:
    result = leak(verified)
    bundle = result.explore()._repr_mimebundle_()
    data = bundle[0] if isinstance(bundle, tuple) else bundle
    assert "application/vnd.jupyter.widget-view+json" in data
    assert f"All {result.trace_length} steps as a table" in data["text/html"]


def test_its_step_and_the_readers_are_one(verified: Verified, tmp_path: Path) -> None:
    """What anywidget does with the module, in Chromium: the model is a stub, the rest is real."""
    data = json.dumps({"data": explorer_data(leak(verified)), "step": 5}).replace("<", "\\u003c")
    page = tmp_path / "stepper.html"
    esm = f"{Stepper._esm}{MODEL.format(data=data)}"  # noqa: SLF001 - what anywidget sends
    page.write_text(PAGE.format(css=Stepper._css, esm=esm), encoding="utf-8")  # noqa: SLF001
    chromium = find_chromium()
    try:
        from playwright.sync_api import sync_playwright  # noqa: PLC0415 - may be missing
    except ImportError:
        lacking("no playwright: pip install '.[test]'")
    wrong: list[str] = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        here = browser.new_page(color_scheme="dark")
        here.on("pageerror", lambda error: wrong.append(str(error)))
        here.on("console", lambda said: wrong.append(said.text))
        here.goto(page.as_uri())
        count = here.locator(".slubtla-explorer .count")
        assert count.inner_text() == "5 / 20"
        here.locator(".slubtla-explorer input").focus()
        here.locator(".slubtla-explorer .play").focus()
        here.keyboard.press("ArrowRight")
        assert count.inner_text() == "6 / 20"
        assert here.evaluate("[stepper.model.get('step'), stepper.saved()]") == [6, 1]
        here.evaluate("stepper.model.set('step', 14)")
        assert count.inner_text() == "14 / 20"
        assert here.evaluate("stepper.saved()") == 1
        here.locator(".slubtla-explorer .play").click()  # it plays on, although the trait follows
        here.wait_for_function("stepper.model.get('step') === 16", timeout=20_000)
        assert here.evaluate("stepper.saved()") == 3
        assert here.evaluate("document.querySelector('[data-lm-suppress-shortcuts]') !== null")
        assert here.evaluate("[stepper.end(), stepper.listeners()][1]") == 0
        assert here.locator(".slubtla-explorer").count() == 0
        browser.close()
    assert wrong == []
