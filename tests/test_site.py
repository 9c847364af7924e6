"""The site is whole: every page exists, every link leads somewhere, nothing comes from outside."""

from __future__ import annotations

import json
from html.parser import HTMLParser
from pathlib import Path

import pytest

import archgraph as ag
from archgraph.cli import main
from archgraph.exporters.site import write_site
from archgraph.exporters.site.network_page import network_page
from archgraph.ops import Input, ReLU

NETS = ["lenet5", "alexnet_two_gpu", "resnet18/layer1"]


class Page(HTMLParser):
    """What a page links to, and what a reader who does not see it is told."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]

    @property
    def targets(self) -> set[str]:
        keys = ("href", "src", "srcset")
        return {a[key] for _, a in self.tags for key in keys if a.get(key)}


@pytest.fixture(scope="module")
def site(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("site") / "new" / "site"
    write_site(folder, NETS)
    return folder


def pages(site: Path) -> list[Path]:
    return [site / "index.html", *sorted(site.glob("*/index.html"))]


def test_there_is_an_index_and_a_page_per_network(site):
    assert len(pages(site)) == 1 + len(NETS)


def test_every_link_leads_to_a_file_of_the_site_or_to_a_paper(site):
    for file in pages(site):
        targets = Page(file.read_text(encoding="utf-8")).targets
        assert targets
        for target in targets:
            if target.startswith("https://"):
                assert target.startswith(("https://doi.org/", "https://arxiv.org/"))
            else:
                assert (file.parent / target).is_file(), f"{file}: {target}"


def test_every_file_is_linked(site):
    linked = {
        (file.parent / target).resolve()
        for file in pages(site)
        for target in Page(file.read_text(encoding="utf-8")).targets
    }
    written = {file.resolve() for file in site.rglob("*") if file.is_file()}
    assert written - linked == {(site / "index.html").resolve()} - linked


def test_pages_say_their_language_and_title_and_describe_pictures(site):
    for file in pages(site):
        page = Page(file.read_text(encoding="utf-8"))
        assert page.all("html") == [{"lang": "en"}]
        assert len(page.all("title")) == len(page.all("h1")) == len(page.all("main")) == 1
        assert all("alt" in image for image in page.all("img"))
        assert all(cell.get("scope") in ("col", "row") for cell in page.all("th"))
        assert not page.all("script")


def test_pages_show_the_networks_figures(site):
    text = (site / "alexnet_two_gpu" / "index.html").read_text(encoding="utf-8")
    assert "60,965,224 (61.0 M)" in text
    assert "724,406,816 (724 M)" in text
    assert "ImageNet classification with deep convolutional neural networks" in text


def test_downloads_hold_the_same_figures(site):
    costs = json.loads((site / "lenet5" / "lenet5.cost.json").read_text())
    assert costs["totals"]["params"] == 61_706
    assert ag.load(site / "lenet5" / "lenet5.json").total("params") == 61_706


def test_nothing_that_a_network_says_becomes_markup():
    evil = "<script>alert('x')</script>"
    net = ag.ArchGraph(name="x", title=evil, summary=evil, notes=[evil])
    net.graph["paper"] = dict.fromkeys(("authors", "title", "venue", "year"), evil)
    net.add("input", Input((3, 8, 8)), label=evil)
    net.add("relu", ReLU(), ["input"], label=evil)
    text = network_page(net, [], [])
    assert "<script" not in text
    assert "&lt;script&gt;" in text


def test_a_file_where_the_folder_should_be_is_refused(capsys, tmp_path):
    (tmp_path / "site").write_text("mine")
    assert main(["gallery", "lenet5", "-o", str(tmp_path / "site")]) == 1
    assert "cannot make the folder" in capsys.readouterr().err
    assert (tmp_path / "site").read_text() == "mine"


def test_an_unknown_network_stops_the_site_before_anything_is_written(capsys, tmp_path):
    assert main(["gallery", "lenet5", "lenet6", "-o", str(tmp_path / "site")]) == 1
    assert "did you mean 'lenet5'" in capsys.readouterr().err
    assert not (tmp_path / "site").exists()
