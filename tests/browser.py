"""A real browser for what people see: Chromium through Playwright, or a skipped test."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

__all__ = ["chromium", "page"]

# Chromium asks the network for its own business unless told not to.
QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@contextmanager
def chromium() -> Iterator[Any]:
    """Yield a browser; skip the test where none is installed."""
    playwright = pytest.importorskip("playwright.sync_api")
    names = ("chromium", "chromium-browser", "google-chrome", "chrome")
    found = next(filter(None, map(shutil.which, names)), None)
    if found is None:
        pytest.skip("no Chromium is installed")
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=found, args=list(QUIET))
        yield browser
        browser.close()


@contextmanager
def page(browser: Any, width: int = 1400, height: int = 900) -> Iterator[Any]:
    """Yield an empty tab; fail where the page logs an error or asks for anything outside."""
    tab = browser.new_page(viewport={"width": width, "height": height})
    said: list[str] = []
    tab.on("console", lambda message: said.append(f"{message.type}: {message.text}"))
    tab.on("pageerror", lambda error: said.append(str(error)))
    tab.on("request", lambda r: said.append(r.url) if r.url.startswith("http") else None)
    yield tab
    tab.close()
    assert said == []


def shown(page):
    """Return the names of the boxes in an interactive page's picture."""
    return set(page.eval_on_selector_all("#picture g.node", "all => all.map(n => n.dataset.id)"))
