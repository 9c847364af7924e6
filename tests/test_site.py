"""The site is whole: every page exists, every link leads somewhere, nothing comes from outside."""

from __future__ import annotations

import json
import re
from base64 import b64encode
from hashlib import sha256
from html.parser import HTMLParser
from pathlib import Path

import pytest

import archgraph as ag
from archgraph import files
from archgraph.cli import main
from archgraph.errors import FileError
from archgraph.exporters.site import write_site
from archgraph.exporters.site.network_page import network_page
from archgraph.exporters.site.page_contents import Contents
from archgraph.ops import Input, Opaque, ReLU

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


FORMATS = "archgraph.exporters.site.figure_files.formats"
"""What a site asks for the formats of pictures: with SVG alone tests are quick."""


@pytest.fixture
def quick(monkeypatch) -> None:
    """Let a site have pictures as SVG files only, which are all that its pages show."""
    monkeypatch.setattr(FORMATS, lambda _: ["svg"])


@pytest.fixture(scope="module")
def whole(tmp_path_factory) -> list[Path]:
    """Two sites of one network with everything in them."""
    folders = [tmp_path_factory.mktemp(name) / "site" for name in ("one", "two")]
    for folder in folders:
        write_site(folder, ["lenet5"])
    return folders


@pytest.fixture(scope="module")
def site(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("site") / "new" / "site"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(FORMATS, lambda _: ["svg"])
        write_site(folder, NETS)
    return folder


def pages(site: Path) -> list[Path]:
    """Return all pages but those to explore, which are pictures."""
    return [site / "index.html", *sorted(site.glob("*/index.html")), *site.glob("compare/*-*.html")]


def test_there_is_an_index_and_a_page_per_network(site):
    folders = {file.parent.name for file in pages(site)}
    assert folders == {"site", "lenet5", "alexnet_two_gpu", "resnet18-layer1", "compare", "claims"}


def test_every_link_leads_to_a_file_of_the_site_or_to_a_paper(site):
    for file in pages(site):
        targets = Page(file.read_text(encoding="utf-8")).targets
        assert targets
        for target in targets:
            path, _, fragment = target.partition("#")
            if target.startswith("https://"):
                assert target.startswith(("https://doi.org/", "https://arxiv.org/"))
            elif path:
                assert (file.parent / path).is_file(), f"{file}: {target}"
            else:
                assert f'id="{fragment}"' in file.read_text(encoding="utf-8")


def test_every_file_is_linked(site):
    linked = {
        (file.parent / target.partition("#")[0]).resolve()
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
        for script in page.all("script"):
            assert script in ({"type": "module"}, {"type": "application/json", "id": "networks"})


def test_a_policy_lets_nothing_run_but_the_pages_own_script(site):
    for file in pages(site):
        text = file.read_text(encoding="utf-8")
        (policy,) = (
            meta["content"]
            for meta in Page(text).all("meta")
            if meta.get("http-equiv") == "Content-Security-Policy"
        )
        rules = dict(each.strip().split(" ", 1) for each in policy.split(";"))
        assert rules["default-src"] == rules["base-uri"] == rules["form-action"] == "'none'"
        scripts = re.findall(r'<script type="module">(.*?)</script>', text, re.DOTALL)
        hashes = [b64encode(sha256(each.encode()).digest()).decode() for each in scripts]
        assert rules["script-src"].split() == (
            [f"'sha256-{each}'" for each in hashes] or ["'none'"]
        )


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
    text = network_page(net, Contents())
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


def named(folder: Path, file: str, name: str) -> str:
    b = ag.Builder("x", input=(3, 8, 8))
    net = b.build(b.relu("relu", b.conv("conv", b.input, 4, 3)))
    net.graph["name"] = name
    return str(net.save(folder / file))


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize(
    "name", ["..", "../up", "index.html", "index", "compared.svg", "compare", "claims", "CON"]
)
def test_a_network_of_any_name_stays_in_its_folder(tmp_path, name):
    (tmp_path / "index.html").write_text("mine")
    root = tmp_path / "site"
    write_site(root, [named(tmp_path, "x.json", name)])
    assert (tmp_path / "index.html").read_text() == "mine"
    assert sorted(each.name for each in tmp_path.iterdir()) == ["index.html", "site", "x.json"]
    (folder,) = (each for each in root.iterdir() if each.is_dir())
    assert (root / "index.html").is_file()
    assert (folder / f"{folder.name}.svg").is_file()
    targets = Page((root / "index.html").read_text("utf-8")).targets - {"#main"}
    assert all((root / target).is_file() for target in targets)


@pytest.mark.usefixtures("quick")
def test_networks_of_one_name_have_a_page_each(tmp_path, capsys):
    nets = [
        named(tmp_path, f"{file}.json", name)
        for file, name in zip("abc", ["x", "X", "x"], strict=True)
    ]
    assert main(["gallery", *nets, "-o", str(tmp_path / "site")]) == 0
    folders = sorted(each.name for each in (tmp_path / "site").iterdir() if each.is_dir())
    assert folders == ["X-2", "compare", "x", "x-3"]
    targets = Page((tmp_path / "site" / "index.html").read_text("utf-8")).targets
    assert {f"{folder}/index.html" for folder in folders} <= targets
    said = f"\n{capsys.readouterr().err}"
    assert all(f"\n{folder}: " in said for folder in folders)


@pytest.fixture
def foreign(tmp_path) -> str:
    """A network with an operator that nobody knows, which PyTorch source cannot have."""
    net = ag.ArchGraph(name="foreign")
    net.add("input", Input((3, 8, 8)))
    net.add("odd", Opaque("com.example.Odd", (3, 8, 8)), ["input"])
    return str(net.save(tmp_path / "foreign.json"))


@pytest.mark.usefixtures("quick")
def test_what_cannot_be_made_of_a_network_its_page_says_it_lacks(tmp_path, capsys, foreign):
    assert main(["gallery", foreign, "lenet5", "-o", str(tmp_path / "site"), "--onnx"]) == 0
    said = capsys.readouterr().err
    assert "foreign lacks PyTorch source: node 'odd' cannot be written as PyTorch source" in said
    text = (tmp_path / "site" / "foreign" / "index.html").read_text("utf-8")
    assert "PyTorch source is not here: node &#x27;odd&#x27; cannot be written" in text
    assert "ONNX, checked in onnxruntime is not here" in text
    for folder in ("foreign", "lenet5"):
        assert (tmp_path / "site" / folder / f"{folder}.svg").is_file()
    assert (tmp_path / "site" / "lenet5" / "lenet5.onnx").is_file()
    assert {"foreign/index.html", "lenet5/index.html"} <= Page(
        (tmp_path / "site" / "index.html").read_text("utf-8")
    ).targets


def test_a_disk_that_is_full_is_told_at_the_end(tmp_path, capsys, monkeypatch):
    real = files.write_bytes

    def full(path: Path, content: bytes) -> Path:
        if Path(path).suffix == ".png":
            raise FileError(f"cannot write '{path}': No space left on device.")
        return real(path, content)

    monkeypatch.setattr("archgraph.exporters.pictures.draw.write_bytes", full)
    assert main(["gallery", "lenet5", "-o", str(tmp_path / "site")]) == 1
    assert capsys.readouterr().err.endswith("lenet5.png': No space left on device.\n")
    assert (tmp_path / "site" / "index.html").is_file()


def test_two_sites_of_the_same_networks_are_the_same_bytes(whole):
    written = [
        {file.relative_to(root): file.read_bytes() for file in root.rglob("*") if file.is_file()}
        for root in whole
    ]
    assert len(written[0]) > 30
    assert written[0] == written[1]


def test_every_format_and_look_can_be_taken_away(whole):
    """Each picture of boxes and arrows is there for slides and papers, light, dark and grey."""
    site, _ = whole
    page = Page((site / "lenet5" / "index.html").read_text("utf-8"))
    looks = ("", "-dark", "-print", "-column", "-column-print")
    wanted = {f"lenet5{look}.{form}" for look in looks for form in ("svg", "pdf", "tex")}
    wanted |= {f"lenet5{look}.pptx" for look in looks[:3]}
    wanted |= {f"lenet5{look}.{form}" for look in looks[:2] for form in ("png", "drawio")}
    wanted |= {f"lenet5.{form}" for form in ("mmd", "dot", "html", "json", "py")}
    wanted |= {f"lenet5.cost.{form}" for form in ("csv", "tex", "md", "json")}
    assert wanted <= page.targets
    texts = [(site / "lenet5" / f"lenet5{look}.svg").read_text("utf-8") for look in looks]
    assert len(set(texts)) == len(looks)


@pytest.mark.usefixtures("quick")
def test_networks_are_compared_by_name_or_as_they_were_given(tmp_path, capsys):
    own = named(tmp_path, "mine.json", "own")
    given = ["gallery", own, "lenet5", "alexnet", "-o", str(tmp_path / "site")]
    assert main([*given, "--compare", f"{own}, lenet5", "--compare", "own,alexnet"]) == 0
    pages = {each.name for each in (tmp_path / "site" / "compare").glob("*.html")}
    # The lecture compares the other two.
    assert pages == {"index.html", "own-lenet5.html", "own-alexnet.html", "lenet5-alexnet.html"}
    text = (tmp_path / "site" / "compare" / "lenet5-alexnet.html").read_text("utf-8")
    assert "61,706" in text
    assert "61,100,840" in text
    capsys.readouterr()
    assert main([*given, "--compare", "own,alexnt"]) == 1
    assert "no network 'alexnt' to compare (did you mean 'alexnet'" in capsys.readouterr().err
    assert main([*given, "--compare", "own"]) == 1
    assert "--compare 'own' names no two networks" in capsys.readouterr().err


@pytest.mark.usefixtures("quick")
def test_two_that_differ_a_little_say_what_differs_and_strangers_do_not(tmp_path):
    write_site(tmp_path, ["alexnet", "zfnet", "lenet5"])
    alike = (tmp_path / "compare" / "alexnet-zfnet.html").read_text("utf-8")
    assert "alexnet-zfnet-difference.svg" in alike
    assert "Conv2d 11×11/4: out 64 → 96, kernel 11 → 7" in alike
    strangers = (tmp_path / "compare" / "lenet5-alexnet.html").read_text("utf-8")
    assert "difference" not in strangers
    assert not list((tmp_path / "compare").glob("lenet5-alexnet-difference*"))
    # Each network's page leads to those that compare it.
    targets = Page((tmp_path / "alexnet" / "index.html").read_text("utf-8")).targets
    assert {"../compare/alexnet-zfnet.html", "../compare/index.html#alexnet"} <= targets
