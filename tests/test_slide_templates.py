"""Slides in a deck of one's own: its colours, fonts, size, title and footer; a stranger's files."""

import re
import shutil
import subprocess
from colorsys import hls_to_rgb, rgb_to_hls
from importlib import resources
from io import BytesIO

import pytest
from made_template import COLOURS, FOOTER, SIZE, rewrite, template
from PIL import Image, ImageFont
from pptx import Presentation
from pypdf import PdfReader

import archgraph as ag
from archgraph.errors import DrawError
from archgraph.exporters.pictures.draw import drawings
from archgraph.exporters.pictures.look.theme import FAMILY_WORDS, THEMES
from archgraph.exporters.pictures.template import contrast
from archgraph.exporters.pictures.text import fonts
from archgraph.exporters.pictures.writers.pptx.inks import SCHEMES, Inks

A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
THEME = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/theme"


@pytest.fixture(scope="module")
def uni(tmp_path_factory):
    return template(tmp_path_factory.mktemp("uni") / "uni.potx")


@pytest.fixture(scope="module")
def deck(uni, tmp_path_factory):
    file = tmp_path_factory.mktemp("deck") / "talk.pptx"
    return Presentation(str(ag.draw("resnet18", file, template=uni)))


def shown(markup, scheme, mapping):
    """Return the colour that PowerPoint makes of a solid fill (ECMA-376, 20.1.2.3)."""
    if (fixed := re.search(r'srgbClr val="(\w+)"', markup)) is not None:
        return f"#{fixed[1].lower()}"
    place = re.search(r'schemeClr val="(\w+)"', markup)[1]
    base = bytes.fromhex(scheme[mapping.get(place, place)].lstrip("#"))
    h, light, s = rgb_to_hls(*(part / 255 for part in base))
    for kind, value in re.findall(r'<a:(\w+) val="(-?\d+)"/>', markup):
        part = int(value) / 100_000
        h += int(value) / 60_000 / 360 if kind == "hueOff" else 0
        s *= part if kind == "satMod" else 1
        light *= part if kind == "lumMod" else 1
        light += part if kind == "lumOff" else 0
    parts = hls_to_rgb(h % 1, min(light, 1.0), min(s, 1.0))
    return f"#{bytes(round(255 * part) for part in parts).hex()}"


@pytest.mark.parametrize("name", ["light", "dark"])
def test_our_own_deck_shows_exactly_the_drawn_colours(name):
    theme = THEMES[name]
    inks = Inks.of(theme.background, None)
    for tone in (*theme.tones.values(), *theme.devices):
        for made, drawn in (
            (inks.fill(tone.fill), tone.fill),
            (inks.line(tone.stroke), tone.stroke),
            (inks.text(tone.text), tone.text),
        ):
            assert "schemeClr" in made
            got = bytes.fromhex(shown(made, SCHEMES[name], inks.mapping)[1:])
            assert max(abs(a - b) for a, b in zip(got, bytes.fromhex(drawn[1:]), strict=True)) <= 1


def test_the_deck_is_the_templates(deck):
    assert (deck.slide_width.pt, deck.slide_height.pt) == SIZE
    (slide,) = deck.slides  # the old one is gone
    title = slide.shapes.title
    assert title.text_frame.text == "ResNet-18"
    assert slide.shapes[0]._element is title._element
    assert title._element.spPr.find(f"{A}xfrm") is None  # it stands where the layout says
    assert slide.slide_layout.name == "Title Only"
    feet = {s.placeholder_format.type: s.text_frame.text for s in slide.placeholders}
    assert FOOTER in feet.values()
    theme = deck.slide_master.part.part_related_by(THEME).blob.decode()
    assert all(value in theme for value in COLOURS.values())
    assert "Georgia" in theme
    assert "Verdana" in theme


def test_boxes_lines_and_words_refer_to_the_theme(deck):
    (slide,) = deck.slides
    colours = [each.tag.removeprefix(A) for each in slide._element.iter() if "Clr" in str(each.tag)]
    assert colours.count("schemeClr") > 100
    assert "srgbClr" not in colours
    faces = {each.get("typeface") for each in slide._element.iter(f"{A}latin")}
    assert faces == {"+mn-lt"}


def test_the_picture_keeps_to_the_room_that_title_and_footer_leave(deck):
    (slide,) = deck.slides
    for shape in slide.shapes:
        if not shape.is_placeholder and shape.shape_type is not None:
            assert shape.top.pt >= 64 - 1
            assert shape.top.pt + shape.height.pt <= 420 + 1


def test_a_chosen_size_stretches_the_template(uni, tmp_path):
    deck = Presentation(str(ag.draw("lenet5", tmp_path / "x.pptx", template=uni, fit="4:3")))
    assert (deck.slide_width.pt, deck.slide_height.pt) == (720, 540)
    title = next(s for s in deck.slide_master.placeholders if s.placeholder_format.type == 1)
    assert title.width.pt == pytest.approx(720 * 720 / 800, abs=0.1)


def test_what_means_a_value_stays_what_it_is(uni, tmp_path):
    given = {"color": "macs", "set": "fc:color=#c0392b"}
    deck = Presentation(str(ag.draw("resnet18", tmp_path / "x.pptx", template=uni, **given)))
    text = "".join(map(str, [deck.slides[0]._element.xml]))
    assert "C0392B" in text
    assert THEMES["light"].ramp[-1][1:].upper() in text


@pytest.mark.parametrize(
    ("colours", "dark"),
    [
        ({}, False),
        ({"dk1": "003359"}, True),
        ({"dk1": "6A6A6A", "lt1": "FFF8E7", "accent1": "FFD400", "accent2": "000000"}, False),
        ({"accent1": "FFFFFF", "accent2": "FFFFFF", "accent3": "111111"}, False),
    ],
)
def test_words_on_boxes_are_readable_in_any_scheme(colours, dark, tmp_path):
    from archgraph.exporters.pictures.template import template_of

    found = template_of(str(template(tmp_path / "t.potx", colours, dark=dark)))
    theme = THEMES["dark" if found.dark else "light"]
    inks = Inks.of(theme.background, found)
    for kind in FAMILY_WORDS:
        tone = theme.tones[kind]
        fill = shown(inks.fill(tone.fill), inks.scheme, inks.mapping)
        text = shown(inks.text(tone.text), inks.scheme, inks.mapping)
        assert contrast(fill, text) >= 4.4, kind
    for words in (theme.ink, theme.soft, theme.crossing):
        assert contrast(shown(inks.text(words), inks.scheme, inks.mapping), inks.ground) >= 4.4


def test_a_dark_picture_turns_a_light_templates_slides(uni, tmp_path):
    deck = Presentation(str(ag.draw("lenet5", tmp_path / "x.pptx", template=uni, theme="dark")))
    roles = deck.slides[0]._element.find("./{*}clrMapOvr/{*}overrideClrMapping")
    assert (roles.get("bg1"), roles.get("tx1")) == ("dk1", "lt1")


def test_a_wide_font_gets_wider_boxes_and_an_unknown_one_is_told(tmp_path):
    def room(fonts):
        file = template(tmp_path / f"{fonts[1]}.potx", fonts=fonts)
        deck = Presentation(
            str(ag.draw("lenet5", tmp_path / "x.pptx", template=file, level="layer"))
        )
        return sum(len(list(s._element.iter(f"{A}t"))) for s in deck.slides[0].shapes)

    assert room(("Arial", "Arial"))
    with pytest.warns(UserWarning, match="font 'Nobody Sans' is, is not known"):
        assert room(("Arial", "Nobody Sans"))


def test_nothing_is_remembered_of_another_font(uni, tmp_path):
    before = ag.draw("resnet50", tmp_path / "a.svg").read_bytes()
    ag.draw("resnet50", tmp_path / "x.pptx", template=uni)
    assert ag.draw("resnet50", tmp_path / "b.svg").read_bytes() == before


def with_macros(path):
    return rewrite(path, "[Content_Types].xml", lambda t: t.replace(
        b"presentation.main+xml", b"presentation.macroEnabled.main+xml"))  # fmt: skip


def with_a_program(path):
    return rewrite(path, "", bytes, [("ppt/vbaProject.bin", b"x")])


def unreadable(path):
    path.write_bytes(b"PK\x03\x04 no zip")
    return path


def cut(path):
    path.write_bytes(path.read_bytes()[:5000])
    return path


def without_theme(path):
    return rewrite(path, "ppt/theme/theme1.xml", lambda _: b"<x/>")


def with_bad_xml(path):
    return rewrite(path, "ppt/slideMasters/slideMaster1.xml", lambda text: text[:-40])


def with_entities(path):
    bomb = b'<!DOCTYPE x [<!ENTITY a "aaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]><x>&b;</x>'
    return rewrite(path, "ppt/presentation.xml", lambda _: bomb)


def huge(path):
    return rewrite(path, "", bytes, [(f"ppt/media/{n}.bin", b"") for n in range(5001)])


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (with_macros, "holds macros"),
        (with_a_program, "holds macros"),
        (unreadable, "no PowerPoint file"),
        (cut, "no PowerPoint file"),
        (without_theme, "no PowerPoint file"),
        (with_bad_xml, "no PowerPoint file"),
        (with_entities, "no PowerPoint file"),
        (huge, "unpacks to more than"),
    ],
)
def test_a_bad_template_is_refused_in_one_sentence(spoil, says, tmp_path):
    file = spoil(template(tmp_path / "bad.pptx"))
    with pytest.raises(DrawError, match=says) as error:
        ag.draw("lenet5", tmp_path / "x.pptx", template=file)
    assert str(file) in str(error.value)
    assert not (tmp_path / "x.pptx").exists()


def test_a_zip_bomb_is_refused_before_it_is_unpacked(tmp_path):
    from zipfile import ZIP_DEFLATED, ZipFile

    file = template(tmp_path / "bomb.pptx")
    with ZipFile(file, "a", ZIP_DEFLATED) as whole, whole.open("ppt/x.bin", "w") as part:
        for _ in range(260):
            part.write(bytes(2**20))
    assert file.stat().st_size < 2**20
    with pytest.raises(DrawError, match="unpacks to more than 256 MiB"):
        ag.draw("lenet5", tmp_path / "x.pptx", template=file)


def test_links_out_of_a_template_are_not_kept(tmp_path):
    file = template(tmp_path / "links.pptx")
    deck = Presentation(str(file))
    box = deck.slide_master.shapes
    run = next(s for s in box if s.has_text_frame).text_frame.paragraphs[0].runs[0]
    run.hyperlink.address = "https://example.org/tracked"
    deck.save(str(file))
    made = ag.draw("lenet5", tmp_path / "x.pptx", template=file).read_bytes()
    again = Presentation(BytesIO(made))
    for part in again.part.package.iter_parts():
        assert not any(rel.is_external for rel in part.rels.values())
        assert b"example.org" not in part.blob
        assert b"hlinkClick" not in part.blob


def test_formats_without_slides_and_files_that_are_not_there_are_told(uni, tmp_path):
    with pytest.raises(DrawError, match=r"a \.svg file has no template"):
        ag.draw("lenet5", tmp_path / "x.svg", template=uni)
    with pytest.raises(DrawError, match=r"cannot read the template .*nowhere\.potx"):
        ag.draw("lenet5", tmp_path / "x.pptx", template=tmp_path / "nowhere.potx")
    with pytest.raises(DrawError, match="slides have a width and a height"):
        ag.draw("lenet5", tmp_path / "x.pptx", template=uni, fit="none")


def test_charts_take_templates(uni, tmp_path):
    deck = Presentation(str(ag.chart(["alexnet", "vgg16"], tmp_path / "x.pptx", template=uni)))
    assert deck.slides[0].shapes.title.text_frame.text
    with pytest.raises(DrawError, match="has no template"):
        ag.chart(["alexnet", "vgg16"], tmp_path / "x.svg", template=uni)


def test_a_deck_is_the_same_each_time(uni, tmp_path):
    one, other = (ag.draw("lenet5", tmp_path / f"{n}.pptx", template=uni) for n in (1, 2))
    assert one.read_bytes() == other.read_bytes()


@pytest.mark.parametrize("name", ["light", "dark"])
def test_words_stay_readable_where_a_deck_of_ours_gets_its_other_variant(name):
    theme = THEMES[name]
    inks = Inks.of(theme.background, None)
    m = inks.mapping
    other = {"bg1": m["tx1"], "tx1": m["bg1"], "bg2": m["tx2"], "tx2": m["bg2"]}
    for kind in FAMILY_WORDS:
        tone = theme.tones[kind]
        fill, text = (
            shown(made, inks.scheme, other) for made in (inks.fill(tone.fill), inks.text(tone.text))
        )
        assert contrast(fill, text) >= 4.5, kind
    for fill, _ in theme.frame_tints:
        ground = shown(inks.fill(fill), inks.scheme, other)
        assert contrast(ground, shown(inks.text(theme.soft), inks.scheme, other)) >= 4.5
        assert contrast(ground, shown(inks.line(theme.line), inks.scheme, other)) >= 3


@pytest.mark.parametrize("name", ["light", "dark"])
def test_frames_of_our_own_deck_have_exactly_the_drawn_colours(name):
    theme = THEMES[name]
    inks = Inks.of(theme.background, None)
    for fill, line in theme.frame_tints:
        for made, drawn in ((inks.fill(fill), fill), (inks.line(line), line)):
            got = bytes.fromhex(shown(made, SCHEMES[name], inks.mapping)[1:])
            assert max(abs(a - b) for a, b in zip(got, bytes.fromhex(drawn[1:]), strict=True)) <= 1


def test_an_office_program_shows_a_templates_title_footer_and_colours(uni, tmp_path):
    if not (shutil.which("soffice") and shutil.which("pdftoppm")):
        pytest.skip("soffice or pdftoppm is not installed")
    file = ag.draw("resnet18", tmp_path / "talk.pptx", template=uni)
    profile = f"-env:UserInstallation=file://{tmp_path}/profile"
    for command in (
        ["soffice", profile, "--headless", "--convert-to", "pdf", str(file)],
        ["pdftoppm", "-r", "72", "-png", "-singlefile", "talk.pdf", "talk"],
    ):
        subprocess.run(command, cwd=tmp_path, check=True, capture_output=True, timeout=240)
    text = PdfReader(str(tmp_path / "talk.pdf")).pages[0].extract_text()
    assert "ResNet-18" in text.split("\n")
    assert FOOTER in text
    # The stem's box is filled with the tint of the first accent that the markup says.
    from archgraph.exporters.pictures.template import template_of

    (page,) = drawings(ag.load("resnet18"), template=str(uni))
    box = next(group.items[0] for group in page.groups("node") if group.id.startswith("conv1"))
    inks = Inks.of(page.background, template_of(str(uni)))
    wanted = shown(inks.fill(box.paint.fill), inks.scheme, inks.mapping)
    image = Image.open(tmp_path / "talk.png").convert("RGB")
    got = image.getpixel((round(box.x + 6), round(box.y + 6)))
    assert max(abs(a - b) for a, b in zip(got, bytes.fromhex(wanted[1:]), strict=True)) <= 3


@pytest.mark.parametrize("usual", [b"4400", b"6000"])
def test_a_long_title_keeps_to_its_place_at_one_size_on_all_slides(usual, tmp_path):
    file = template(tmp_path / "uni.potx", fonts=("Arial", "Arial"))
    rewrite(
        file,
        "ppt/slideMasters/slideMaster1.xml",
        lambda text: text.replace(b'sz="4400"', b'sz="' + usual + b'"'),
    )
    title = "A network with a long name that somebody wrote"
    talk = ag.draw("vgg11", tmp_path / "talk.pptx", template=str(file), title=title, steps="stage")
    titles = [slide.shapes.title for slide in Presentation(str(talk)).slides]
    assert len(titles) > 3
    (size,) = {each.text_frame.paragraphs[0].runs[0].font.size.pt for each in titles}
    # Arial has Helvetica's widths, as the letters that go with archgraph.
    letters = ImageFont.truetype(resources.files(fonts).joinpath("ArchgraphSans-Regular.ttf"), 100)
    longest = max(letters.getlength(each.text) for each in titles) * size / 100
    assert longest <= titles[0].width.pt - 2 * 7.2
    assert longest >= 0.75 * titles[0].width.pt


def test_a_short_title_stays_as_the_template_has_it(deck):
    title = deck.slides[0].shapes.title
    assert title.text_frame.paragraphs[0].runs[0].font.size is None
