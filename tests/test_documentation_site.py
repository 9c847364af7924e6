"""The documentation as a site: built without a warning, read in a browser, from files alone."""

from __future__ import annotations

import contextlib
import re
import subprocess
import sys
import zipfile

import pytest
from browser import chromium, page
from fresh import copied


@pytest.fixture(scope="module")
def site(built, tmp_path_factory):
    """Build the site as ``make docs`` does, its reference from what the wheel holds."""
    pytest.importorskip("mkdocstrings")
    tree = copied(tmp_path_factory.mktemp("docs") / "tree")
    with zipfile.ZipFile(built[1]) as wheel:
        wheel.extractall(tree / "build" / "typed")
    command = [sys.executable, "-m", "mkdocs", "build", "--strict"]
    done = subprocess.run(command, cwd=tree, capture_output=True, encoding="utf-8", check=False)
    assert done.returncode == 0, done.stderr
    return tree / "build" / "docs"


def test_no_page_asks_for_anything_elsewhere(site):
    for file in site.rglob("*.html"):
        text = file.read_text(encoding="utf-8")
        assert not re.findall(r'<(?:script|link|img|iframe)[^>]* (?:src|href)="?http[^>]*', text)


def test_pages_show_their_pictures_and_the_search_finds(site):
    playwright = pytest.importorskip("playwright.sync_api")
    with chromium() as browser, page(browser) as tab:
        for file in sorted(site.glob("*.html")):
            if file.stem != "404":
                tab.goto(file.as_uri())
                assert tab.title()
                assert tab.eval_on_selector_all("img", "all => all.every(i => i.naturalWidth > 9)")
        tab.goto((site / "index.html").as_uri())
        # The search loads behind the page (what is typed before it is there is lost), listens to
        # keys alone and shows what it finds one after another.
        wanted = '.md-search-result__item a[href*="/operators.html"]'
        for _ in range(6):
            tab.fill(".md-search__input", "")
            tab.type(".md-search__input", "Hardswish")
            with contextlib.suppress(playwright.TimeoutError):
                tab.wait_for_selector(wanted, state="attached", timeout=10_000)
                break
        assert tab.query_selector(wanted)
