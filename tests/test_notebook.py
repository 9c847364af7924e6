"""A network shows itself in a notebook, as wide as the notebook, and harms nothing there."""

from __future__ import annotations

from xml.etree import ElementTree

import browser as browsers
import pytest
from IPython.core.formatters import DisplayFormatter
from sample_drawings import HOSTILE

import archgraph as ag


def shown(net):
    found, _ = DisplayFormatter().format(net)
    return found


def test_ipython_shows_the_picture():
    found = shown(ag.load("resnet18"))
    assert "ResNet-18" in ElementTree.fromstring(found["image/svg+xml"])[0].text
    assert found["text/html"].startswith("<svg")
    assert "resnet18" in found["text/plain"]


@pytest.mark.parametrize("name", sorted(ag.architectures()))
def test_every_network_shows_itself_without_a_warning(name, recwarn):
    assert "text/html" in shown(ag.load(name))
    assert not recwarn.list


def test_what_cannot_be_drawn_is_told_in_words():
    assert set(shown(ag.ArchGraph(name="empty"))) == {"text/plain"}


def test_the_picture_follows_the_width_of_its_cell():
    with browsers.chromium() as browser:
        for width in (500, 900, 1300):
            with browsers.page(browser, width=1400) as page:
                html = shown(ag.load("googlenet"))["text/html"]
                page.set_content(f'<div style="width:{width}px">{html}</div>')
                box = page.locator("svg").bounding_box()
                assert box["width"] == pytest.approx(width, abs=1)
                assert box["width"] / box["height"] == pytest.approx(16 / 9, rel=0.01)


def test_hostile_words_are_only_words():
    b = ag.Builder("x", input=(3, 8, 8))
    net = b.build(b.conv("conv", b.input, 4, 3, label="<script>window.harmed = 1</script>"))
    net.graph["title"] = HOSTILE["script"]
    with browsers.chromium() as browser, browsers.page(browser) as page:
        page.set_content(shown(net)["text/html"])
        assert page.evaluate("window.harmed === undefined")
        assert page.locator("script").count() == 0
        assert HOSTILE["script"] in page.locator("svg").inner_html().replace("&lt;", "<").replace(
            "&gt;", ">"
        )
