"""The interactive page in its window: a link shows the same, light and dark, paper, columns."""

from __future__ import annotations

import subprocess
import sys

import browser as browsers
import pytest
from browser import shown

import archgraph as ag


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


LIGHT, DARK = "rgb(255, 255, 255)", "rgb(20, 23, 28)"


def becomes(page, colour):
    page.wait_for_function(
        "colour => getComputedStyle(document.body).backgroundColor === colour", arg=colour
    )
    return True


def place(page):
    box = page.locator("#picture svg").bounding_box()
    return [round(box[key]) for key in ("x", "y", "width", "height")]


def settled(page):
    """Wait until the address says what is shown."""
    page.evaluate(
        "() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))"
    )


def test_a_link_shows_the_same(browser, page):
    page.dblclick('#picture [data-id="inception3b"] rect')
    page.dblclick('#picture [data-id="inception5a"] rect')
    page.dblclick('#picture [data-id="inception5a.branch2"] rect')
    page.keyboard.press("0")
    page.click('#picture [data-id="conv1"] > rect')
    page.select_option("#colour", "macs")
    page.set_checked("#log", False)
    page.locator("thead button", has_text="MACs").click()
    page.keyboard.press("+")
    page.keyboard.press("ArrowLeft")
    settled(page)

    def seen(tab):
        fills = tab.eval_on_selector_all(
            "#picture g.node rect:first-of-type",
            "all => all.map(n => [n.parentNode.dataset.id, n.getAttribute('fill')])",
        )
        facts = tab.inner_text("#facts"), tab.locator("#rows tr").first.inner_text()
        return fills, place(tab), facts, tab.input_value("#colour")

    with browsers.page(browser) as other:
        other.goto(page.url)
        assert seen(other) == seen(page)
        assert "118,013,952 MACs" in other.inner_text("#facts")
        # Going on from there and back again.
        other.goto(page.url.partition("#")[0] + "#view=stage&table=hidden&find=inception")
        assert other.get_attribute('#levels [data-key="stage"]', "aria-pressed") == "true"
        assert not other.is_visible("#table")
        assert other.input_value("#search") == "inception"


def test_an_address_that_says_nonsense_shows_the_network(browser, file):
    with browsers.page(browser) as page:
        page.goto(file.as_uri())
        first = shown(page)
        for words in (
            "open=nothing&box=nowhere&row=99999&at=a,b,c&view=x&alone=y&colour=speed&sort=-z",
            "open=%3Cimg%20src%3Dx%20onerror%3Dharm%3E&columns=evil,macs&row=-1&at=1e999,0,1",
        ):
            page.goto("about:blank")
            page.goto(f"{file.as_uri()}#{words}")
            assert shown(page) == first
            assert page.locator("#rows tr").count() == len(ag.load("googlenet"))


def test_it_is_dark_where_the_system_is_until_one_is_chosen(browser, file):
    context = browser.new_context(color_scheme="dark")
    page = context.new_page()
    page.goto(file.as_uri())
    assert becomes(page, DARK)
    page.emulate_media(color_scheme="light")
    assert becomes(page, LIGHT)
    page.click("#theme")
    assert becomes(page, DARK)
    page.reload()
    assert becomes(page, DARK)
    page.keyboard.press("d")
    page.emulate_media(color_scheme="dark")
    page.reload()
    assert becomes(page, LIGHT)
    context.close()


def test_it_works_where_nothing_can_be_kept(browser, file):
    with browsers.page(browser) as page:
        page.add_init_script(
            "Object.defineProperty(window, 'localStorage', {get() { throw new Error('no'); }})"
        )
        page.goto(file.as_uri())
        page.click("#theme")
        assert becomes(page, DARK)


@pytest.mark.parametrize(("width", "height"), [(390, 844), (1280, 720), (1920, 1080)])
def test_columns_that_are_shown_are_whole(browser, file, width, height):
    with browsers.page(browser, width, height) as page:
        page.goto(file.as_uri())
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        table = page.locator("#table")
        assert table.evaluate("t => t.scrollWidth <= t.clientWidth")
        shown_first = page.eval_on_selector_all("thead th", "all => all.map(n => n.dataset.title)")
        assert shown_first[0] == "Node"
        assert "MACs" in shown_first
        # All can be had; then one scrolls.
        page.click("#columns-name")
        for box in page.locator("#columns-list input").all():
            if box.is_enabled():
                box.check()
        titles = page.eval_on_selector_all("thead th", "all => all.map(n => n.dataset.title)")
        assert len(titles) == 8
        cut = page.eval_on_selector_all(
            "#costs td:not(.name)", "all => all.filter(n => n.scrollWidth > n.clientWidth).length"
        )
        assert cut == 0
        page.locator("#columns-list label", has_text="FLOPs").locator("input").uncheck()
        titles = page.eval_on_selector_all("thead th", "all => all.map(n => n.dataset.title)")
        assert "FLOPs" not in titles


def test_the_table_goes_and_comes_and_leaves_its_room(page):
    before = place(page)
    page.keyboard.press("t")
    assert not page.is_visible("#table")
    assert place(page)[2] > before[2]
    page.click("#table-toggle")
    assert page.is_visible("#table")
    assert place(page) == before


def test_the_picture_fills_the_screen_for_a_projector(page):
    page.keyboard.press("f")
    page.wait_for_function("document.fullscreenElement?.id === 'diagram'")
    page.wait_for_function(
        "document.getElementById('full').getAttribute('aria-pressed') === 'true'"
    )
    assert page.is_visible("#legend")
    page.click("#full")
    page.wait_for_function("document.fullscreenElement === null")


@pytest.mark.parametrize(("width", "height"), [(500, 400), (1920, 1080)])
def test_paper_holds_the_whole_picture(browser, file, width, height):
    with browsers.page(browser, width, height) as page:
        page.goto(file.as_uri())
        for _ in range(8):
            page.keyboard.press("+")
        page.emulate_media(media="print")
        svg = page.locator("#picture svg").bounding_box()
        assert svg["x"] >= 0
        assert svg["x"] + svg["width"] <= width + 1
        assert not page.is_visible("#search")
        assert page.locator("#rows tr").last.is_visible()


def test_of_a_long_table_only_what_is_in_sight_is_made(browser, tmp_path):
    b = ag.Builder("long", input=(8, 8, 8))
    x = b.input
    for number in range(700):
        x = b.relu(f"part{number // 7}.relu{number}", x)
    net = b.build(x)
    with browsers.page(browser) as page:
        page.goto(ag.draw(net, tmp_path / "x.html").as_uri())
        rows = page.locator("#rows tr[data-row]")
        assert 10 < rows.count() < 200
        assert page.get_attribute("#costs", "aria-rowcount") == str(len(net))
        page.evaluate("document.getElementById('table').scrollTop = 1e9")
        page.locator('#rows td.name[title$="relu699"]').wait_for()
        page.evaluate("dispatchEvent(new Event('beforeprint'))")
        assert rows.count() == len(net)


def test_the_same_network_gives_the_same_bytes_in_every_process(file):
    script = (
        "import archgraph as ag, sys; "
        "ag.draw(ag.load('googlenet'), sys.argv[1]); "
        "print(open(sys.argv[1], 'rb').read() == open(sys.argv[2], 'rb').read())"
    )
    copy = file.with_name("again.html")
    command = [sys.executable, "-c", script, str(copy), str(file)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    assert done.stdout == "True\n"
