"""A network shows itself in a notebook, as wide as the notebook, and harms nothing there."""

from __future__ import annotations

import re
import tempfile
from pathlib import Path
from xml.etree import ElementTree

import browser as browsers
import pytest
from IPython.core.formatters import DisplayFormatter
from sample_drawings import HOSTILE

import archgraph as ag

README = Path(__file__).parents[1] / "README.md"


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


NIGHT = {
    "the system": ("dark", "", True),
    "a light system": ("light", "", False),
    "JupyterLab": ("light", 'data-jp-theme-light="false"', True),
    "a light JupyterLab": ("dark", 'data-jp-theme-light="true"', False),
    "VS Code": ("light", 'class="vscode-dark"', True),
    "a light VS Code": ("dark", 'class="vscode-light"', False),
    "high contrast": ("light", 'class="vscode-high-contrast"', True),
    "the notebook before version 7": ("dark", 'class="notebook_app"', False),
}
"""What the system is, what a notebook says of itself, and whether that is dark."""


def background(tab) -> str:
    return tab.locator("svg rect.background").first.evaluate("e => getComputedStyle(e).fill")


def test_pictures_and_charts_are_dark_where_the_notebook_is():
    pictures = [
        ag.load("resnet18"),
        ag.chart(["lenet5", "alexnet"]),
        ag.draw("vgg16", color="macs"),
    ]
    with browsers.chromium() as browser, browsers.page(browser) as page:
        for picture in pictures:
            html = shown(picture)["text/html"]
            for name, (system, says, dark) in NIGHT.items():
                page.emulate_media(color_scheme=system)
                page.set_content(f"<html><body {says}>{html}</body></html>")
                wanted = "rgb(20, 23, 28)" if dark else "rgb(255, 255, 255)"
                assert background(page) == wanted, name
            page.set_content(f'<html theme="dark"><body>{html}</body></html>')  # Colab
            assert background(page) == "rgb(20, 23, 28)"


def test_dark_colours_are_those_of_the_dark_theme():
    net = ag.load("googlenet")
    html = shown(net)["text/html"]
    values = dict(re.findall(r"(--c\d+):(#\w+)", html))
    night = re.sub(r"var\((--c\d+),#\w+\)", lambda found: values[found[1]], html)
    day = re.sub(r"var\(--c\d+,(#\w+)\)", r"\1", html)
    colours = re.compile(r'(?:fill|stroke)="(#\w+)"')
    for made, theme in ((day, "light"), (night, "dark")):
        wanted = shown(net.show(theme=theme))["text/html"]
        assert colours.findall(made) == colours.findall(wanted)
    assert len(html) < 1.3 * len(shown(net.show(theme="light"))["text/html"])


@pytest.mark.parametrize("theme", ["light", "dark", "print"])
def test_a_theme_that_was_chosen_stays(theme):
    for picture in (ag.load("lenet5").show(theme=theme), ag.chart(["lenet5"], theme=theme)):
        html = shown(picture)["text/html"]
        assert "<style" not in html
        assert "var(" not in html


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *(("level", "layer"), ("fit", "4:3"), ("fit", "none"), ("color", "macs")),
        *(("scale", "log"), ("facts", "op,params"), ("style", "volumes"), ("title", "Mine")),
        *(("legend", False), ("set", "C1:label=First"), ("theme", "print")),
    ],
)
def test_a_network_shows_itself_with_any_option_of_draw(tmp_path, name, value):
    net = ag.load("lenet5")
    one = net.show(**{name: value}).save(tmp_path / "one.svg").read_bytes()
    assert one == ag.draw(net, tmp_path / "two.svg", **{name: value}).read_bytes()
    assert "<svg" in shown(net.show(**{name: value}))["text/html"]


def test_two_pictures_in_one_page_share_no_id_and_no_colour():
    html = shown(ag.load("resnet18"))["text/html"] + shown(ag.load("resnet18"))["text/html"]
    html += shown(ag.load("lenet5"))["text/html"]
    assert ' id="' not in html
    assert 'data-name="layer1' in html
    assert len(set(re.findall(r'class="(archgraph-\w+)"', html))) == 2


def test_without_its_style_sheet_a_picture_is_light():
    html = re.sub(r"<style>.*?</style>", "", shown(ag.load("lenet5"))["text/html"])
    with browsers.chromium() as browser, browsers.page(browser) as page:
        page.emulate_media(color_scheme="dark")
        page.set_content(html)
        assert background(page) == "rgb(255, 255, 255)"


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


NOTEBOOK = """
net = ag.load("resnet18")
net
---
net.show(level="stage")
---
ag.draw(["plain18", "resnet18"], fit="4:3")
---
ag.chart(["alexnet", "vgg16"])
---
ag.chart(net, chart="memory")
---
ag.growth_chart(ag.growth("lenet5", over="batch"))
---
ag.roofline_chart(ag.roofline(net, "A100", batch=32))
---
ag.cost(net, by="stage", columns="params,macs,share", unit="M")
---
ag.compare([net, "alexnet"])
---
ag.explain(net, "conv1")
---
ag.memory(net, training=True, fits="3GB")
---
ag.roofline(net, "A100", by="stage")
---
ag.growth(net, over="batch")
---
ag.placement("alexnet_two_gpu")
---
ag.diff("vgg16", "vgg19")
---
ag.sweep("lenet5", batch="1,8")
---
ag.cost(net).to_pandas().nlargest(3, "macs")
"""
"""What people type in a notebook, a cell each."""


@pytest.fixture(scope="module")
def notebook():
    nbformat = pytest.importorskip("nbformat")
    client = pytest.importorskip("nbclient")
    pytest.importorskip("ipykernel")
    made = nbformat.v4.new_notebook()
    examples = list(re.findall(r"^```python\n((?s:.*?))^```$", README.read_text("utf-8"), re.M))
    cells = ["import archgraph as ag", *NOTEBOOK.strip().split("\n---\n"), *examples]
    made.cells = [nbformat.v4.new_code_cell(text.strip()) for text in cells]
    with tempfile.TemporaryDirectory() as folder:
        client.NotebookClient(
            made, timeout=300, kernel_name="python3", resources={"metadata": {"path": folder}}
        ).execute()
    return made


def test_a_notebook_runs_the_examples_of_the_readme_without_an_error(notebook):
    said = [each for cell in notebook.cells for each in cell.outputs]
    assert not [each for each in said if each.output_type in ("error", "stream")]


def test_every_answer_shows_itself(notebook):
    shown = [cell.outputs[0].data for cell in notebook.cells[1:18]]
    assert all("text/html" in each for each in shown)
    pictures = ["<svg" in each["text/html"] for each in shown]
    tables = ["<table" in each["text/html"] for each in shown]
    assert pictures == [True] * 7 + [False] * 10
    assert tables == [False] * 7 + [True] * 10
    assert not any("<script" in each["text/html"] for each in shown)


def test_a_picture_and_a_chart_can_be_saved(tmp_path):
    for name, made in {
        "shown.svg": ag.load("lenet5").show(level="layer"),
        "chart.pdf": ag.chart(["lenet5", "alexnet"]),
        "growth.png": ag.growth_chart(ag.growth("lenet5", over="batch")),
    }.items():
        assert made.save(tmp_path / name) == tmp_path / name
        assert ".save(" in repr(made)
    with pytest.raises(ag.ArchGraphError, match=r"a .dot file holds no chart"):
        ag.chart(["lenet5"]).save(tmp_path / "x.dot")
    with pytest.raises(ag.ArchGraphError, match=r"write growth_chart\(growth\('lenet5'\)\)"):
        ag.growth_chart("lenet5")
    with pytest.raises(ag.ArchGraphError, match=r"roofline_chart\(roofline\('lenet5', 'A100'\)\)"):
        ag.roofline_chart("lenet5", device="A100")
    with pytest.raises(ag.ArchGraphError, match="say on which device, such as device='A100'"):
        ag.roofline("lenet5")
