"""The interactive page opens any number of boxes in their places, down to single operators."""

from __future__ import annotations

import itertools
import json
import re

import browser as browsers
import pytest
from browser import shown

import archgraph as ag
from archgraph.exporters.pictures.choices import Choices
from archgraph.exporters.pictures.explore import level_pages
from archgraph.exporters.pictures.view import build_view


@pytest.fixture(scope="module")
def browser():
    with browsers.chromium() as found:
        yield found


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    return ag.draw(ag.load("googlenet"), tmp_path_factory.mktemp("page") / "googlenet.html")


@pytest.fixture
def page(browser, file):
    with browsers.page(browser) as tab:
        tab.goto(file.as_uri())
        yield tab


def open_box(page, name):
    page.dblclick(f'#picture g.node[data-id="{name}"] > rect')


def open_frames(page):
    return page.eval_on_selector_all("#picture g.open", "all => all.map(n => n.dataset.id)")


def rectangles(page):
    """Return the boxes in the window, and the open frames: their left, top, right and bottom."""
    script = """all => all.map(n => [n.dataset.id, n.querySelector("rect").getBoundingClientRect()])
        .map(([id, r]) => [id, [r.left, r.top, r.right, r.bottom]])"""
    boxes = dict(page.eval_on_selector_all("#picture g.node", script))
    return boxes, dict(page.eval_on_selector_all("#picture g.open", script))


def overlap(one, other):
    return min(one[2], other[2]) - max(one[0], other[0]) > 0.5 and (
        min(one[3], other[3]) - max(one[1], other[1]) > 0.5
    )


def assert_apart(page):
    """Assert that no boxes overlap, and that each frame holds what it may and nothing else."""
    boxes, frames = rectangles(page)
    assert [p for p in itertools.combinations(boxes, 2) if overlap(*map(boxes.get, p))] == []
    for name, frame in frames.items():
        inside = page.eval_on_selector_all(
            f'#picture g.open[data-id="{name}"] + g.inside g.node', "a => a.map(n => n.dataset.id)"
        )
        assert inside
        held = {
            key
            for key, (left, top, right, bottom) in boxes.items()
            if left > frame[0] and top > frame[1] and right < frame[2] and bottom < frame[3]
        }
        assert held == set(inside)
        assert not any(overlap(frame, box) for key, box in boxes.items() if key not in held)


def test_boxes_open_beside_one_another_and_within_one_another(page):
    net, before = ag.load("googlenet"), shown(page)
    for name in ("inception3b", "inception5a", "inception5a.branch2"):
        open_box(page, name)
    assert open_frames(page) == ["inception3b", "inception5a", "inception5a.branch2"]
    inside = {name for name in net if name.startswith("inception5a.branch2.")}
    assert inside <= shown(page)
    assert "inception3b.branch2" in shown(page)
    assert before - shown(page) == {"inception3b", "inception5a"}
    assert_apart(page)
    page.locator('#picture g.name[data-id="inception5a"] g.less').click()
    assert before - shown(page) == {"inception3b"}
    page.keyboard.press("c")
    assert shown(page) == before


@pytest.mark.parametrize("name", ["resnet50", "unet", "alexnet_two_gpu", "vit_b_16"])
def test_all_opens_down_to_single_operators(browser, tmp_path, name):
    net = ag.load(name)
    with browsers.page(browser, 1280, 720) as page:
        page.goto(ag.draw(net, tmp_path / "x.html").as_uri())
        for _ in range(9):
            page.keyboard.press("o")
        assert page.locator("#picture g.openable").count() == 0
        layers = [name for name in shown(page) & set(net) if net.op(name).layer]
        assert len(layers) > 4
        assert_apart(page)


def test_every_operator_is_behind_one_box_however_far_it_is_opened():
    for name in ("googlenet", "resnet50", "alexnet_two_gpu", "vit_b_16"):
        net = ag.load(name)
        made = level_pages([net], Choices().settled([net], named=False))
        inside = {page.data["picture"]["key"]: page for page in made}

        def rows(page, net=net, inside=inside):
            for key, node in page.data["nodes"].items():
                if key not in page.data["picture"]["ports"]:
                    names = [list(net)[row] for row in node["rows"]]
                    assert len({net.op(name) for name in names if net.op(name).layer}) <= 1, key
                    yield from node["rows"]
                    yield from rows(inside[node["opens"]]) if node["opens"] else ()

        views = [page for page in made if page.data["picture"]["kind"] == "view"]
        assert len(views) == 4
        for page in views:
            assert sorted(rows(page)) == list(range(len(net)))


def test_of_folded_blocks_the_inside_is_there_once(browser, tmp_path):
    net = ag.load("resnet152")
    with browsers.page(browser) as page:
        page.goto(ag.draw(net, tmp_path / "x.html").as_uri())
        open_box(page, "layer3.1")
        assert page.locator('#picture g.name[data-id="layer3.1"]').text_content() == (
            "conv4_2–36 × 35"
        )
        page.click('#picture [data-id="layer3.1.conv1"] rect')
        marked = page.locator("#rows tr.selected td.name").evaluate_all("a => a.map(n => n.title)")
        assert set(marked) <= {f"layer3.{n}.conv1" for n in range(1, 36)}
        assert page.locator("#facts dd").first.inner_text() == "35"


def test_it_works_by_keyboard(page):
    before = shown(page)
    page.focus('#picture [data-id="inception3a"]')
    page.keyboard.press("Enter")
    assert open_frames(page) == ["inception3a"]
    assert page.evaluate("document.activeElement.dataset.id") == "inception3a"
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.dataset.id").startswith("inception3a.")
    page.keyboard.press("Escape")
    assert shown(page) == before
    assert page.evaluate("document.activeElement.dataset.id") == "inception3a"


def test_what_was_asked_to_be_open_is_shown_first(browser, tmp_path):
    net, asked = ag.load("googlenet"), ("inception4a", "aux1")
    with browsers.page(browser) as page:
        page.goto(ag.draw(net, tmp_path / "x.html", open=asked).as_uri())
        assert shown(page) == set(build_view(net, "block", opened=asked).nodes)
        # A frame of the view closes and opens, too.
        page.dblclick('#picture g.closable[data-frame="aux1"] .less circle')
        assert {name for name in shown(page) if name.startswith("aux1")} == {"aux1"}
        page.focus('#picture [data-id="aux1"]')
        page.keyboard.press("Enter")
        assert shown(page) == set(build_view(net, "block", opened=asked).nodes)


def test_lines_lead_to_the_operators_that_read_them(page):
    """What comes in at a frame goes on to what is in it, and leaves it again."""
    open_box(page, "inception3a")
    ends = page.evaluate(
        """() => [...document.querySelectorAll("#picture g.edge > path")].map(path => {
            const m = path.getScreenCTM(), n = path.getTotalLength();
            return [0, n].map(at => path.getPointAtLength(at).matrixTransform(m))
                .map(p => [p.x, p.y]);
        })"""
    )
    ports = page.eval_on_selector_all(
        "#picture .port",
        "a => a.map(n => n.getBoundingClientRect()).map(r => [r.x + r.width/2, r.y + r.height/2])",
    )
    assert len(ports) == 2
    for x, y in ports:
        met = [e for line in ends for e in line if abs(e[0] - x) < 1 and abs(e[1] - y) < 1]
        assert len(met) >= 2  # one from outside, one for each reader


def test_stacks_stay_together_and_branches_run_straight(page):
    open_box(page, "inception3a")
    open_box(page, "inception3a.branch2")
    boxes, frames = rectangles(page)
    for conv, relu in (
        ("inception3a.branch1.conv", "inception3a.branch1.relu"),
        ("inception3a.branch4.1.conv", "inception3a.branch4.1.relu"),
    ):
        assert boxes[relu][1] == pytest.approx(boxes[conv][3], abs=1)
        assert boxes[relu][0] == pytest.approx(boxes[conv][0], abs=1)
    # What begins side by side still does.
    tops = [
        frames["inception3a.branch2"][1],
        boxes["inception3a.branch1.conv"][1],
        boxes["inception3a.branch3"][1],
    ]
    assert max(tops) - min(tops) < 1
    bar = boxes["inception3a.concat"]
    assert bar[0] <= boxes["inception3a.branch1.conv"][0]
    assert bar[2] >= boxes["inception3a.branch4.1.conv"][2] - 1
    lines = page.eval_on_selector_all(
        "#picture g.edge > path:first-of-type",
        """all => all.map(path => {
            const m = path.getScreenCTM(), n = path.getTotalLength();
            return [0, n].map(at => path.getPointAtLength(at).matrixTransform(m))
                .map(p => [p.x, p.y]);
        })""",
    )
    into = [(a, b) for a, b in lines if abs(b[1] - bar[1]) < 6 and bar[0] < b[0] < bar[2]]
    assert len(into) == 4
    assert all(abs(a[0] - b[0]) < 1 for a, b in into)


def runs_down(page):
    """Return whether the first boxes stand below one another, else beside."""
    names = ("input", "conv1")
    first, second = (page.locator(f'#picture [data-id="{n}"] > rect').bounding_box() for n in names)
    return first["y"] + first["height"] < second["y"]


def test_what_opens_leaves_the_flow_as_it_was(page):
    way = runs_down(page)
    for name in ("inception3a", "aux1", "inception5b"):
        open_box(page, name)
        assert page.locator(f'#picture g.node[data-id="{name}"]').count() == 0
        assert runs_down(page) == way


def test_the_page_colours_and_searches_what_is_open(page):
    open_box(page, "inception3a")
    page.select_option("#colour", "params")
    box = page.locator('#picture [data-id="inception3a.branch2"] rect').first
    assert box.get_attribute("fill").startswith("rgb")
    page.fill("#search", "inception3a.branch2")
    marked = page.eval_on_selector_all("g.node.match", "all => all.map(n => n.dataset.id)")
    assert marked == ["inception3a.branch2"]


def test_a_box_stands_alone_and_leads_back(page):
    before = shown(page)
    page.click('#picture [data-id="inception4c"] rect')
    page.click("#alone")
    assert page.inner_text("#alone-name") == "Inception 4c"
    assert all(name.startswith("inception4c.") for name in shown(page))
    page.click("#leave")
    assert shown(page) == before


def test_equal_insides_are_laid_out_and_stored_once(tmp_path):
    """Modules that are alike and stand apart, so that they are no run that folds."""
    b = ag.Builder("x", input=(8, 16, 16))
    x = b.input
    for number in range(40):
        kernel = 3 if number % 2 else 1 + 2 * (number % 5)
        x = b.conv(f"m{number}.between", x, 8, kernel, padding=kernel // 2)
        for step in range(2):
            x = b.relu(f"m{number}.in.r{step}", b.conv(f"m{number}.in.c{step}", x, 8, 1))
    net = b.build(x)
    made = level_pages([net], Choices().settled([net], named=False))
    insides = [p for p in made if p.data["picture"]["kind"] == "inside"]
    text = ag.draw(net, tmp_path / "x.html").read_text(encoding="utf-8")
    data = json.loads(re.search(r'id="data">(.*?)</script>', text, re.S)[1])
    assert len(insides) > 20
    assert len(data["scenes"]) < len(insides) / 2
    for kept in ("scenes", "looks", "paints"):
        assert len({json.dumps(each) for each in data[kept]}) == len(data[kept])


def test_a_page_grows_with_what_is_different_in_a_network_and_not_with_its_depth(tmp_path):
    sizes = {
        name: ag.draw(ag.load(name), tmp_path / f"{name}.html").stat().st_size
        for name in ("resnet50", "resnet152")
    }
    assert sizes["resnet152"] < 256 * 1024
    assert sizes["resnet152"] - sizes["resnet50"] < 100 * 340  # bytes an operator


def test_what_is_set_of_boxes_holds_inside_too_and_what_is_hidden_counts(browser, tmp_path):
    net, asked = ag.load("googlenet"), ("*.branch1.conv:label=mine", "*pool*:hide")
    with browsers.page(browser) as page:
        page.goto(ag.draw(net, tmp_path / "x.html", set=asked).as_uri())
        assert not {name for name in shown(page) if "pool" in name}
        assert page.locator("#rows tr").count() == len(net)
        open_box(page, "inception3a")
        words = page.locator('#picture [data-id="inception3a.branch1.conv"] text').first
        assert words.text_content() == "mine"
        macs = sum(net.nodes[name]["macs"] for name in net if name.startswith("inception3a."))
        assert f"{macs:,}" in page.inner_text("#facts")
        assert not {name for name in shown(page) if "pool" in name}
        page.fill("#search", "max pool")
        assert page.locator("#rows tr").count() > 4
