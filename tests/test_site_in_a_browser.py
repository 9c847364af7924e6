"""The site in a real browser, from disk: searched, filtered, compared, on a phone, printed."""

from __future__ import annotations

from pathlib import Path

import pytest
from browser import chromium, page

import archgraph as ag
from archgraph.exporters.site import write_site
from archgraph.ops import Input, Opaque, ReLU

NETS = ["alexnet", "alexnet_grouped", "lenet5", "resnet20_cifar"]
EVIL = "<script>document.title = 'evil'</script><img src=x onerror=\"document.title='evil'\">"


@pytest.fixture(scope="module")
def site(tmp_path_factory) -> Path:
    """A site of known networks, and of one all of whose words are markup, with unknown costs.

    Its pictures are SVG files only, which are all that its pages show.
    """
    folder = tmp_path_factory.mktemp("browsed")
    net = ag.ArchGraph(name=EVIL, title=EVIL, summary=EVIL, notes=[EVIL])
    net.add("input", Input((3, 8, 8)), label=EVIL)
    net.add("odd", Opaque("com.example.Odd", None), ["input"], label=EVIL)
    net.add("relu", ReLU(), ["odd"], label=EVIL)
    own = str(net.save(folder / "own.json"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("archgraph.exporters.site.figure_files.formats", lambda _: ["svg"])
        write_site(folder / "site", [*NETS, own], compare=[["alexnet", own]])
    return folder / "site"


@pytest.fixture(scope="module")
def browser():
    with chromium() as found:
        yield found


def address(file: Path, fragment: str = "") -> str:
    return file.as_uri() + (f"#{fragment}" if fragment else "")


def titles(tab) -> list[str]:
    return tab.eval_on_selector_all(
        "#networks > li:not([hidden]) strong", "all => all.map(each => each.textContent)"
    )


def rows(tab) -> list[str]:
    return tab.eval_on_selector_all(
        "#compared tbody tr:not([hidden]) th", "all => all.map(each => each.textContent)"
    )


def test_networks_are_searched_filtered_and_sorted(site, browser):
    with page(browser) as tab:
        tab.goto(address(site / "index.html"))
        everything = titles(tab)
        assert len(everything) == len(NETS) + 1
        tab.fill("#search", "Krizhevsky")
        assert titles(tab) == ["AlexNet", "AlexNet with groups"]
        assert rows(tab) == ["alexnet", "alexnet_grouped"]
        tab.fill("#search", "krizhevsky hinton")
        assert titles(tab) == ["AlexNet with groups"]
        tab.fill("#search", "nobody")
        assert titles(tab) == rows(tab) == []
        assert tab.text_content("#found") == "No network is like that."
        tab.click("button[type=reset]")
        assert titles(tab) == everything
        tab.select_option("#year", "1998")
        assert titles(tab) == ["LeNet-5"]
        tab.select_option("#year", "any")
        tab.select_option("#params", label="10 M to 100 M")
        assert titles(tab) == ["AlexNet", "AlexNet with groups"]
        tab.select_option("#params", "any")
        tab.select_option("#macs", label="unknown")
        assert titles(tab) == [EVIL]
        tab.select_option("#macs", "any")
        tab.select_option("#built", "sums (shortcuts)")
        assert titles(tab) == ["ResNet-20 for CIFAR-10"]
        tab.select_option("#built", "any")
        tab.select_option("#order", "params")
        assert rows(tab)[:2] == ["lenet5", "resnet20_cifar"]
        assert rows(tab)[-1] == EVIL


def test_what_is_asked_stands_in_the_address(site, browser):
    with page(browser) as tab:
        tab.goto(address(site / "index.html"))
        tab.fill("#search", "lecun 1998")
        found = tab.evaluate("location.href")
    with page(browser) as tab:
        tab.goto(found)
        assert titles(tab) == ["LeNet-5"]
        assert tab.input_value("#search") == "lecun 1998"


def test_the_keyboard_alone_searches_and_opens(site, browser):
    with page(browser) as tab:
        tab.goto(address(site / "index.html"))
        for _ in range(12):
            tab.keyboard.press("Tab")
            if tab.evaluate("document.activeElement.id") == "search":
                break
        tab.keyboard.type("lenet")
        for _ in range(12):
            tab.keyboard.press("Tab")
            if tab.evaluate("document.activeElement.closest('.cards') !== null"):
                break
        tab.keyboard.press("Enter")
        tab.wait_for_url("**/lenet5/index.html")
        assert tab.text_content("h1") == "LeNet-5"


def test_without_a_script_all_networks_are_there(site, browser):
    context = browser.new_context(java_script_enabled=False)
    tab = context.new_page()
    tab.goto(address(site / "index.html"))
    assert tab.locator("#networks > li:visible").count() == len(NETS) + 1
    assert not tab.locator("form").is_visible()
    tab.goto(address(site / "compare" / "index.html"))
    assert tab.locator("#unscripted").is_visible()
    assert not tab.locator("form").is_visible()
    context.close()


def test_any_networks_are_compared(site, browser):
    with page(browser) as tab:
        tab.goto(address(site / "compare" / "index.html", "alexnet,lenet5"))
        table = tab.text_content("#shown table")
        assert "61,100,840" in table
        assert "61,706" in table
        assert not tab.locator("#unscripted").is_visible()
        widths = tab.eval_on_selector_all("#shown .bar", "all => all.map(each => each.style.width)")
        assert widths[:2] == ["100%", f"{100 * 61_706 / 61_100_840:.6g}%"]
        tab.fill("#find", "resnet")
        assert tab.locator("#choices li:visible").count() == 3
        tab.check("#choices >> text=ResNet-20")
        assert "269,722" in tab.text_content("#shown table")
        assert tab.evaluate("location.href").endswith("#alexnet,lenet5,resnet20_cifar")
        tab.click("button[type=reset]")
        assert tab.text_content("#picked") == "Pick two or more networks."


def test_unknown_figures_are_no_bars_and_no_zeros(site, browser):
    (own,) = (each.name for each in site.iterdir() if "script" in each.name)
    with page(browser) as tab:
        tab.goto(address(site / "compare" / "index.html", f"lenet5,{own}"))
        assert "unknown" in tab.text_content("#shown table") or "≥" in tab.text_content(
            "#shown table"
        )
        assert tab.title() == "Compare networks"
        assert tab.locator("#shown img").count() == 0


@pytest.mark.parametrize("width", [360, 1280])
def test_no_page_is_wider_than_the_screen_says_an_error_or_leaves_the_folder(site, browser, width):
    files = [site / "index.html", *site.glob("*/index.html"), *site.glob("compare/*.html")]
    assert len(files) > len(NETS)
    for file in files:
        with page(browser, width=width) as tab:
            asked: list[str] = []
            tab.on("request", lambda request, asked=asked: asked.append(request.url))
            tab.goto(address(file))
            assert all(url.startswith(f"{site.as_uri()}/") for url in asked), asked
            wide = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
            assert tab.evaluate(wide) <= 0, file
            assert tab.title() != "evil"
            loaded = tab.eval_on_selector_all(
                "img:not([loading])", "all => all.map(each => each.naturalWidth)"
            )
            assert all(loaded), file


def test_the_claims_print_on_a_few_pages_and_no_figure_is_cut(site, browser):
    pypdf = pytest.importorskip("pypdf")
    with page(browser) as tab:
        tab.goto(address(site / "claims" / "index.html"))
        tab.pdf(path=site.parent / "claims.pdf", prefer_css_page_size=True)
    printed = pypdf.PdfReader(site.parent / "claims.pdf")
    # Seven claims are on this site.
    assert 2 <= len(printed.pages) <= 4
    assert {
        (round(each.mediabox.width), round(each.mediabox.height)) for each in printed.pages
    } == {(595, 842)}
    with page(browser) as tab:
        tab.emulate_media(media="print")
        tab.goto(address(site / "claims" / "index.html"))
        kept = "all => all.map(each => getComputedStyle(each).breakInside)"
        assert {*tab.eval_on_selector_all("figure, tr", kept)} == {"avoid"}
        assert not tab.locator("nav").first.is_visible()
    text = "\n".join(each.extract_text() for each in printed.pages)
    assert "64·3·11·11 + 64" in text
    assert "To the content" not in text
