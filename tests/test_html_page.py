"""The interactive page in a real browser: opens, searches, folds, recolours, sorts, by keyboard."""

from __future__ import annotations

import re

import browser as browsers
import pytest
from browser import shown

import archgraph as ag
from archgraph.errors import DrawError
from archgraph.exporters.pictures.view import build_view
from bench.reading_svg import read


@pytest.fixture(scope="module")
def browser():
    with browsers.chromium() as found:
        yield found


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    target = tmp_path_factory.mktemp("page") / "googlenet.html"
    return ag.draw(ag.load("googlenet"), target)


@pytest.fixture
def page(browser, file):
    with browsers.page(browser) as tab:
        tab.goto(file.as_uri())
        yield tab


def column(page, title):
    titles = page.eval_on_selector_all("thead th", "all => all.map(n => n.dataset.title)")
    place = titles.index(title) + 1
    cells = page.locator(f"#rows td:nth-child({place})").all_inner_texts()
    return [int(text.replace(",", "")) for text in cells]


def luminance(colour):
    red, green, blue = map(int, re.findall(r"\d+", colour)[:3])
    return 0.299 * red + 0.587 * green + 0.114 * blue


def test_the_first_view_is_the_picture_and_every_level_shows_its_boxes(page, tmp_path):
    net = ag.load("googlenet")
    picture = read(ag.draw(net, tmp_path / "x.svg").read_text(encoding="utf-8"))
    assert shown(page) == set(picture.nodes)
    for key, level in (("2", "stage"), ("3", "block"), ("4", "layer")):
        page.keyboard.press(key)
        assert shown(page) == set(build_view(net, level).nodes)
    page.keyboard.press("1")
    assert shown(page) == set(picture.nodes)


def test_a_search_marks_boxes_and_leaves_the_fitting_rows(page):
    page.keyboard.press("/")
    page.keyboard.type("inception4c")
    marked = page.eval_on_selector_all("g.node.match", "all => all.map(n => n.dataset.id)")
    assert marked == ["inception4c"]
    names = page.locator("#rows td.name").evaluate_all("all => all.map(n => n.title)")
    wanted = [name for name in ag.load("googlenet") if "inception4c" in name]
    assert names == wanted
    assert page.inner_text("#found") == f"1 found, {len(wanted)} operators"
    page.keyboard.press("Escape")
    assert page.locator("g.node.match").count() == 0


def test_enter_goes_from_hit_to_hit_and_opens_what_hides_it(page):
    net = ag.load("googlenet")
    page.keyboard.press("/")
    page.keyboard.type("5x5 conv")  # one in each of nine modules, two levels down
    wanted = [
        name for name in net if net.op(name).kind == "Conv2d" and net.op(name).kernel_size == (5, 5)
    ]
    assert len(wanted) == 9
    assert not shown(page) & set(wanted)
    for number, name in enumerate(wanted[:3], 1):
        page.keyboard.press("Enter")
        assert page.inner_text("#found") == f"{number} of 9"
        assert page.locator("g.node.selected").get_attribute("data-id") == name
        box = page.locator("g.node.selected").bounding_box()
        stage = page.locator("#stage").bounding_box()
        assert stage["x"] <= box["x"] <= stage["x"] + stage["width"]
        assert stage["y"] <= box["y"] <= stage["y"] + stage["height"]
    page.keyboard.press("Shift+Enter")
    assert page.inner_text("#found") == "2 of 9"
    for _ in range(2):
        page.keyboard.press("Shift+Enter")
    assert page.inner_text("#found") == "9 of 9"
    assert wanted[-1] in shown(page)


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("LRN", lambda net, name: net.op(name).kind == "LocalResponseNorm"),
        ("max pool", lambda net, name: net.op(name).kind == "MaxPool2d"),
        ("Inception 4a", lambda _, name: name.startswith("inception4a.")),
        (
            "3x3 max  pool",
            lambda net, name: (
                "kernel_size=(3, 3)" in str(net.op(name)) and net.op(name).kind == "MaxPool2d"
            ),
        ),
        ("832 x 7 × 7", lambda net, name: net.nodes[name]["shape"] == (832, 7, 7)),
        ("no such thing", lambda *_: False),
    ],
)
def test_a_search_finds_what_the_picture_says(page, words, found):
    net = ag.load("googlenet")
    page.fill("#search", words)
    names = page.locator("#rows td.name").evaluate_all("all => all.map(n => n.title)")
    wanted = {name for name in net if found(net, name)}
    if words == "Inception 4a":  # the stage "Inception 4a–4e" bears the words too
        wanted |= {name for name in net if name.startswith("inception4")}
    assert set(names) == wanted
    view = build_view(net, "block")
    boxes = {key for key, node in view.nodes.items() if wanted & set(node.members)}
    marked = page.eval_on_selector_all("g.node.match", "all => all.map(n => n.dataset.id)")
    assert set(marked) == boxes


def test_a_search_finds_a_block_that_is_folded_away(browser, tmp_path):
    net = ag.load("resnet50")
    with browsers.page(browser) as tab:
        tab.goto(ag.draw(net, tmp_path / "page.html").as_uri())
        for words, blocks in (
            ("conv3_3", ["layer2.2"]),
            ("conv3_2–4", [f"layer2.{n}" for n in (1, 2, 3)]),
        ):
            tab.fill("#search", words)
            names = tab.locator("#rows td.name").evaluate_all("all => all.map(n => n.title)")
            assert names == [name for name in net if net.nodes[name].get("block") in blocks]
            marked = tab.eval_on_selector_all("g.node.match", "all => all.map(n => n.dataset.id)")
            assert marked == ["layer2.1"]


def test_an_open_block_has_its_own_table_and_total(page):
    net = ag.load("googlenet")
    page.click('#picture [data-id="inception3a"] rect')
    page.click("#alone")
    assert all(name.startswith("inception3a.") for name in shown(page))
    names = page.locator("#rows td.name").evaluate_all("all => all.map(n => n.title)")
    assert names == [name for name in net if name.startswith("inception3a.")]
    assert page.locator("#totals-row td").first.inner_text() == "Total of Inception 3a"
    macs = sum(net.nodes[name]["macs"] for name in names)
    assert f"{macs:,}" in page.inner_text("#totals-row")
    page.keyboard.press("Escape")
    assert page.locator("#rows tr").count() == len(net)
    assert f"{net.total('macs'):,}" in page.inner_text("#totals-row")


@pytest.mark.parametrize("log", [True, False])
def test_colour_follows_the_metric(page, log):
    net = ag.load("googlenet")
    page.keyboard.press("3")
    page.select_option("#colour", "macs")
    page.set_checked("#log", log)
    fills = page.eval_on_selector_all(
        "g.node",
        "all => all.map(n => [n.dataset.id, n.querySelector('rect').getAttribute('fill')])",
    )
    view = build_view(net, "block")
    dark = {name: -luminance(fill) for name, fill in fills}
    macs = {name: sum(net.nodes[m]["macs"] for m in view.nodes[name].members) for name in dark}
    by_cost = sorted(dark, key=macs.__getitem__)
    assert [dark[name] for name in by_cost] == sorted(dark.values())
    assert len(set(dark.values())) > 8
    assert page.inner_text("#scale-top") == "347 M MACs"
    kinds = page.locator("#legend .box")
    assert kinds.count() == 0
    page.select_option("#colour", "")
    assert kinds.count() > 5
    assert page.locator('#picture [data-id="fc"] rect').get_attribute("fill").startswith("#")


def test_the_table_sorts_both_ways_and_sums_up(page):
    net = ag.load("googlenet")
    in_order = column(page, "MACs")
    assert in_order == [data["macs"] for _, data in net.nodes(data=True)]
    head = page.locator("thead button", has_text="MACs")
    head.click()
    assert column(page, "MACs") == sorted(in_order, reverse=True)
    assert page.locator("th[aria-sort=descending]").inner_text().startswith("MACs")
    head.click()
    assert column(page, "MACs") == sorted(in_order)
    head.click()
    assert column(page, "MACs") == in_order
    assert "1,582,671,872" in page.inner_text("#totals-row")


def test_table_and_picture_are_linked(page):
    page.locator("#rows tr", has_text="inception4c.branch2.1.conv").click()
    assert page.locator("g.node.selected").get_attribute("data-id") == "inception4c"
    # Table 1 of the paper: 256 maps of 14 × 14, each from 128 maps by 3 × 3.
    assert "57,802,752 MACs" in page.inner_text("#facts")
    page.click('#picture [data-id="conv1"] rect')
    assert "118,013,952 MACs" in page.inner_text("#facts")
    chosen = page.locator("#rows tr.selected td.name").evaluate_all("all => all.map(n => n.title)")
    assert chosen == ["conv1.conv", "conv1.relu"]


def test_zoom_and_pan_move_the_picture(page):
    def place():
        box = page.locator("#picture svg").bounding_box()
        return box["x"], box["width"]

    x, width = place()
    page.keyboard.press("+")
    assert place()[1] == pytest.approx(1.3 * width, rel=0.01)
    page.keyboard.press("0")
    page.keyboard.press("ArrowRight")
    assert place()[0] == pytest.approx(x - 60, abs=1)
    page.keyboard.press("0")
    page.mouse.move(400, 800)
    page.mouse.wheel(0, -400)
    assert place()[1] > 2 * width


def test_everything_can_be_reached_with_the_tab_key(page):
    reached = set()
    for _ in range(60):
        page.keyboard.press("Tab")
        reached.add(page.evaluate("(({id, dataset}) => id || dataset.id)(document.activeElement)"))
    controls = {"colour", "search", "theme", "table-toggle", "more", "less", "fit", "full"}
    assert {*controls, "divider", "columns-name", "table", "inception4c"} <= reached


def test_nothing_is_cut_off_on_a_small_screen(browser, file):
    with browsers.page(browser, 640, 900) as page:
        page.goto(file.as_uri())
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        assert page.locator("#picture svg").bounding_box()["width"] > 300


def test_hostile_words_are_only_words(browser, tmp_path):
    evil = "</script><script>window.harmed = 1</script><img src=x onerror='harmed=1'>"
    b = ag.Builder("x", input=(3, 8, 8))
    b.net.graph["title"] = evil
    net = b.build(b.conv("conv", b.input, 4, 3, label=evil))
    net.attach("heat", {"conv": 3.5}, title=evil)
    file = ag.draw(net, tmp_path / "evil.html", color="heat")
    with browsers.page(browser) as page:
        page.goto(file.as_uri())
        page.click('#picture [data-id="conv"]')
        assert page.evaluate("window.harmed === undefined")
        assert page.inner_text("h1") == evil
        assert evil in page.inner_text("#facts")
        assert page.locator("#picture img, #picture script").count() == 0


def test_a_page_can_show_devices_first_and_refuses_what_there_is_not(tmp_path):
    path = ag.draw(ag.load("alexnet_two_gpu"), tmp_path / "x.html", color="device")
    text = path.read_text(encoding="utf-8")
    assert ">by device</option>" in text
    assert text.count("GPU 1") > 2
    for name, color in (("alexnet", "device"), ("alexnet", "speed")):
        with pytest.raises(DrawError, match="cannot colour by"):
            ag.draw(ag.load(name), tmp_path / "y.html", color=color)
    assert not (tmp_path / "y.html").exists()


def test_a_box_that_is_picked_says_how_its_figures_come_about(browser, tmp_path):
    """As the lecture computes AlexNet's first convolution."""
    file = ag.draw("alexnet", tmp_path / "alexnet.html", input=(3, 227, 227), level="layer")
    with browsers.page(browser) as tab:
        tab.goto(file.as_uri())
        tab.locator('g.node[data-id="features.0"]').click()
        said = tab.inner_text("#facts")
        assert "H', W'\n56\n= ⌊(227 − 11 + 2·2) / 4⌋ + 1" in said
        assert "72,855,552 MACs\n= 64·56·56 · 3·11·11" in said
        assert "23,296\n= 64·3·11·11 + 64" in said
        # Of a block with one operator that counts the same; numbers alone are no names.
        tab.keyboard.press("3")
        tab.locator("g.node.conv").first.click()
        said = tab.inner_text("#facts")
        assert "72,855,552 MACs\n= 64·56·56 · 3·11·11" in said
        assert "features.0: 802,816 + features.1: 802,816" in said


def test_a_block_that_is_picked_says_which_of_its_operators_cost_most(page):
    net = ag.load("googlenet")
    page.keyboard.press("3")
    page.locator('g.node[data-id="inception3a"]').click()
    said = page.inner_text("#facts").split("\n")
    (place,) = (at for at, line in enumerate(said) if line == "128,049,152 MACs")
    parts = said[place + 1].removeprefix("= ").split(" + ")
    figures = [int(part.split()[-1].replace(",", "")) for part in parts]
    assert sum(figures) == 128_049_152
    name, value = parts[0].split(": ")
    assert int(value.replace(",", "")) == net.nodes[f"inception3a.{name}"]["macs"]
    assert figures[0] == max(net.nodes[n]["macs"] for n in net if n.startswith("inception3a."))


def test_formulas_of_equal_operators_stand_once_in_the_page(tmp_path):
    b = ag.Builder("deep", input=(16, 8, 8))
    x = b.input
    for number in range(200):
        x = b.conv(f"conv{number}", x, 16, 3, padding=1)
    text = ag.draw(b.build(x), tmp_path / "deep.html").read_text("utf-8")
    assert text.count("16·8·8 · 16·3·3") == 1
