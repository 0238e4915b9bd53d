"""Chromium, axe-core, and a page that hears everything that goes wrong in it."""

from __future__ import annotations

import os
import shutil
import subprocess
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Dialog, Page

CHROMIUM = ("chromium", "chromium-browser", "google-chrome")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
AXE = "axe-core@4.14.1"


def lacking(what: str) -> NoReturn:
    """Skip where a machine lacks something; CI must have it."""
    if os.environ.get("CI"):
        pytest.fail(f"CI must have it: {what}")
    pytest.skip(what)


def find_chromium() -> str:
    """The system's Chromium; none is ever downloaded."""
    for name in CHROMIUM:
        if found := shutil.which(name):
            return found
    lacking("no Chromium: bash .ci/chromium.sh")


def fetch_axe(place: Path) -> str:
    """The text of axe-core, from the npm registry."""
    npm = shutil.which("npm")
    if npm is None:
        lacking("no npm to fetch axe-core: bash .ci/chromium.sh")
    packed = subprocess.run(
        [npm, "pack", "--silent", AXE], cwd=place, capture_output=True, text=True, check=False
    )
    if packed.returncode:
        lacking(f"npm cannot fetch {AXE}: {packed.stderr.strip()[-200:]}")
    (archive,) = place.glob("axe-core-*.tgz")
    with tarfile.open(archive) as files:
        member = files.extractfile("package/axe.min.js")
        assert member is not None
        return member.read().decode()


@dataclass
class Opened:
    """A page and what went wrong in it."""

    page: Page
    wrong: list[str] = field(default_factory=list)

    def text(self, selector: str) -> str:
        """The text of the first element of a selector, blanks in a row as one."""
        return " ".join(self.page.locator(selector).first.inner_text().split())

    def step(self) -> str:
        """Where the explorer that is seen stands."""
        return self.text(".slubtla-explorer:visible .count")

    def refuse(self, dialog: Dialog) -> None:
        """Note a dialog, and close it."""
        self.wrong.append(f"dialog: {dialog.message}")
        dialog.dismiss()

    def press(self, *keys: str) -> None:
        """Press keys, wherever the focus is."""
        for key in keys:
            self.page.keyboard.press(key)


@contextmanager
def opened(browser: Browser, file: Path, address: str = "", **context: Any) -> Iterator[Opened]:
    """Open a file as a double click does.

    At the end nothing may have gone wrong: no error or warning on the console, no request but the
    file itself, no dialog.
    """
    around = browser.new_context(**context)
    here = Opened(around.new_page())
    here.page.on("console", lambda said: here.wrong.append(f"{said.type}: {said.text}"))
    here.page.on("pageerror", lambda error: here.wrong.append(f"error: {error}"))
    here.page.on("dialog", here.refuse)
    asked: list[str] = []
    here.page.on("request", lambda request: asked.append(request.url.split("#")[0]))
    try:
        here.page.goto(file.as_uri() + address)
        yield here
        assert here.wrong == []
        assert set(asked) == {file.as_uri()}
    finally:
        around.close()


class Read(HTMLParser):
    """The ids of a page, what refers to them, and its text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.refers: set[str] = set()
        self.sources: list[str] = []
        self.words: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = dict(attrs)
        self.tags.append((tag, named))
        self.ids += [named["id"] or ""] if "id" in named else []
        for name in ("href", "xlink:href"):
            if value := named.get(name):
                self.refers |= {value[1:]} if value.startswith("#") else set()
                self.sources += [] if value.startswith("#") else [value]
        self.refers |= set((named.get("aria-labelledby") or "").split())
        self.sources += [value for name in ("src", "srcset", "data") if (value := named.get(name))]

    def handle_data(self, data: str) -> None:
        self.words.append(data)

    @property
    def text(self) -> str:
        """All its text, blanks in a row as one."""
        return " ".join(" ".join(self.words).split())
