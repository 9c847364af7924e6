"""Each file format holds the whole picture: read back with a reader that is not ours."""

from __future__ import annotations

import re
import warnings
from io import BytesIO
from xml.etree import ElementTree

import pytest
from PIL import Image
from pptx import Presentation
from pptx.util import Pt
from pypdf import PdfReader
from sample_drawings import HOSTILE, hostile, residual

import archgraph as ag
from archgraph.exporters.pictures.draw import drawings
from archgraph.exporters.pictures.drawing import Group, Text
from archgraph.exporters.pictures.pages import Page
from archgraph.exporters.pictures.writers import pdf, png, pptx, svg, tex

WRITERS = {"svg": svg.write, "pdf": pdf.write}
WRITERS |= {"png": png.write, "pptx": pptx.write, "tex": tex.write}


@pytest.fixture(scope="module")
def slide():
    (page,) = drawings(ag.load("googlenet"))
    return page


def words(drawing):
    def walk(items):
        for item in items:
            if isinstance(item, Group):
                yield from walk(item.items)
            elif isinstance(item, Text):
                yield item.text

    return list(walk(drawing.items))


def letters(text):
    return re.sub(r"\s+", "", text)


@pytest.mark.parametrize("form", WRITERS)
def test_the_same_drawing_gives_the_same_bytes(form, slide):
    assert WRITERS[form]([Page(slide)]) == WRITERS[form]([Page(slide)])


def test_an_svg_holds_every_word_as_text(slide):
    root = ElementTree.fromstring(svg.svg_text(slide))
    found = ["".join(e.itertext()) for e in root.iter("{http://www.w3.org/2000/svg}text")]
    assert sorted(found) == sorted(words(slide))


def test_a_pdfs_words_can_be_searched_and_copied(slide):
    (page,) = PdfReader(BytesIO(pdf.write([Page(slide)]))).pages
    assert tuple(map(float, page.mediabox[2:])) == (960.0, 540.0)
    found = letters(page.extract_text())
    for word in words(slide):
        assert letters(word) in found


def test_a_pdf_has_a_page_and_a_bookmark_for_each_drawing():
    pages = drawings(ag.load("resnet152"), level="layer")
    assert len(pages) > 1
    file = PdfReader(BytesIO(pdf.write([Page(page) for page in pages])))
    assert len(file.pages) == len(file.outline) == len(pages)


def test_a_png_is_twice_the_size_of_a_screens_slide(slide):
    image = Image.open(BytesIO(png.write([Page(slide)])))
    assert image.size == (2560, 1440)
    assert len(image.convert("L").getcolors()) > 20


def shapes_of(slide):
    """Return every shape of a slide, groups opened, with its place in points."""
    found = []

    def walk(shapes, move):
        for shape in shapes:
            x, y, kx, ky = move
            place = (x + shape.left * kx, y + shape.top * ky, shape.width * kx, shape.height * ky)
            found.append((shape, [v / Pt(1) for v in place]))
            if shape.shape_type == 6:  # a group has a scale of its own
                frame = shape._element.grpSpPr.find(
                    "{http://schemas.openxmlformats.org/drawingml/2006/main}xfrm"
                )
                off, ext = (
                    [int(v) for v in frame.find(f"{{*}}{name}").attrib.values()]
                    for name in ("chOff", "chExt")
                )
                sx, sy = place[2] / ext[0], place[3] / ext[1]
                walk(shape.shapes, (place[0] - off[0] * sx, place[1] - off[1] * sy, sx, sy))

    walk(slide.shapes, (0, 0, 1, 1))
    return found


def test_a_slide_says_in_words_what_it_shows(slide):
    (made,) = Presentation(BytesIO(pptx.write([Page(slide)]))).slides
    told = [
        shape._element.xpath(".//p:cNvPr")[0].get("descr") or "" for shape, _ in shapes_of(made)
    ]
    assert any("118,013,952" in text for text in told)
    assert "inception5b.branch3.1.conv" in made.notes_slide.notes_text_frame.text
    shown = letters("".join(s.text_frame.text for s, _ in shapes_of(made) if s.has_text_frame))
    for word in words(slide):
        assert letters(word) in shown


def test_hostile_words_are_only_words_in_every_format():
    page = hostile()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a machine may lack fonts for Korean
        made = {form: write([Page(page)]) for form, write in WRITERS.items()}
    root = ElementTree.fromstring(made["svg"])
    assert not root.findall(".//{*}script")
    (slide,) = Presentation(BytesIO(made["pptx"])).slides
    shown = [s.text_frame.text for s, _ in shapes_of(slide) if s.has_text_frame]
    drawn = ["".join(e.itertext()) for e in root.iter("{http://www.w3.org/2000/svg}text")]
    for key in ("script", "quotes", "tex", "dot", "hebrew", "arabic", "korean", "greek"):
        assert HOSTILE[key] in drawn
        assert HOSTILE[key] in shown
    source = made["tex"].decode("utf-8")
    assert r"\input{x}" not in source
    found = letters(PdfReader(BytesIO(made["pdf"])).pages[0].extract_text())
    for key in ("script", "quotes", "tex", "dot", "greek", "accents"):
        assert letters(HOSTILE[key]) in found
    assert Image.open(BytesIO(made["png"])).size == (2560, 1440)


def test_hostile_words_are_only_words_in_a_dot_file(tmp_path):
    import pygraphviz

    b = ag.Builder("x", input=(3, 8, 8))
    x = b.input
    labels = [HOSTILE[key] for key in ("script", "quotes", "tex", "dot", "korean")]
    for index, label in enumerate(labels):
        x = b.conv(f"conv{index}", x, 4, 3, padding=1, label=label)
    file = ag.draw(b.build(x), tmp_path / "x.dot", level="layer")
    graph = pygraphviz.AGraph(str(file))
    assert len(graph.nodes()) == 7
    assert len(graph.edges()) == 6
    graph.layout("dot")
    painted = graph.draw(format="svg").decode("utf-8")
    root = ElementTree.fromstring(painted)
    assert not root.findall(".//{*}script")
    shown = letters("".join(root.itertext()))
    for label in labels:
        assert letters(label) in shown


@pytest.mark.parametrize("background", [None, "#14171c"])
def test_every_kind_of_shape_can_be_written(background):
    for write in WRITERS.values():
        assert len(write([Page(residual(background))])) > 1000
