"""Fonts: what is measured is drawn, whichever font is chosen; each format names or holds it."""

from __future__ import annotations

import re
import shutil
from io import BytesIO
from zipfile import ZipFile

import pytest
from fontTools.ttLib import TTFont
from reportlab.pdfbase.pdfmetrics import stringWidth

import archgraph as ag
from archgraph.cli import main
from archgraph.errors import DrawError, FileError
from archgraph.exporters.pictures.draw import drawings
from archgraph.exporters.pictures.drawing import Box, Text, walked
from archgraph.exporters.pictures.dress.fonts_named import SANS, SERIF
from archgraph.exporters.pictures.dress.worn import Worn, wearing
from archgraph.exporters.pictures.text import faces
from archgraph.exporters.pictures.text.own_fonts import font_named
from archgraph.exporters.pictures.text.widths import text_width

WORDS = "Hamburgefonstiv 3x3 conv, 64, /2 (0123456789) fully connected"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Return a folder with a family of two files, as wide as Archgraph Sans, without a plus."""
    found = tmp_path_factory.mktemp("fonts")
    for style in ("Regular", "Bold"):
        with TTFont(faces.FOLDER / f"ArchgraphSans-{style}.ttf") as font:
            for record in font["name"].names:
                words = record.toUnicode().replace("Archgraph Sans", "Own <'Face'> Serif")
                record.string = words.replace("ArchgraphSans", "Own")
            for table in font["cmap"].tables:
                table.cmap.pop(ord("→"), None)
            font.save(found / f"Own-{style}.ttf")
    return found


@pytest.mark.parametrize("bold", [False, True])
def test_the_serif_is_as_wide_as_times(bold):
    with wearing(Worn(font=SERIF)):
        ours = text_width(WORDS, 10.0, bold=bold)
    times = stringWidth(WORDS, "Times-Bold" if bold else "Times-Roman", 10.0)
    assert 0.999 * times <= ours <= 1.01 * times
    assert ours < text_width(WORDS, 10.0, bold=bold)


@pytest.mark.parametrize("bold", [False, True])
def test_the_tables_of_widths_are_those_of_the_serif(bold):
    with wearing(Worn(font=SERIF)):
        widths, path = faces.bundled_widths(bold), faces.bundled(bold).path
    with TTFont(path) as font:
        advances, units = font["hmtx"].metrics, font["head"].unitsPerEm
        assert widths == {c: advances[g][0] * 1000 / units for c, g in font.getBestCmap().items()}
        assert "SIL Open Font License" in font["name"].getDebugName(13)
    assert widths.keys() >= faces.bundled_widths(bold).keys()  # all signs that pictures have


@pytest.mark.parametrize("name", ["resnet18", "googlenet", "vit_b_16", "alexnet_two_gpu"])
@pytest.mark.parametrize("font", ["serif", "own"])
def test_words_fit_their_boxes(name, font, folder):
    chosen = "serif" if font == "serif" else str(folder / "Own-Regular.ttf")
    (page,) = drawings(ag.load(name), font=chosen, level="block", pages=False)
    with wearing(Worn(font=font_named(chosen))):
        for group in page.groups("node"):
            box = next(item for item in group.items if isinstance(item, Box))
            for text in walked(group.items):
                if isinstance(text, Text):
                    wide = text_width(text.text, text.size, text.bold)
                    assert wide <= box.width + 0.01, text.text


def test_the_font_ends_with_the_picture(tmp_path):
    before = ag.draw("lenet5", tmp_path / "a.svg").read_bytes()
    serif = ag.draw("lenet5", tmp_path / "b.svg", font="serif").read_bytes()
    assert ag.draw("lenet5", tmp_path / "c.svg").read_bytes() == before != serif
    assert ag.draw("lenet5", tmp_path / "d.svg", font="serif").read_bytes() == serif
    assert SERIF.stack in serif.decode()
    assert SANS.stack in before.decode()


def test_a_picture_in_a_notebook_names_it():
    bundle = ag.draw("lenet5", font="serif")._repr_mimebundle_()
    assert "Times New Roman" in bundle["image/svg+xml"]


class TestFormats:
    def text(self, tmp_path, suffix, font):
        return ag.draw("lenet5", tmp_path / f"x.{suffix}", font=font).read_bytes()

    def test_a_pdf_holds_it(self, tmp_path, folder):
        from pypdf import PdfReader

        for font, name in (("serif", "ArchgraphSerif"), (str(folder / "Own-Regular.ttf"), "Own")):
            reader = PdfReader(BytesIO(self.text(tmp_path, "pdf", font)))
            fonts = reader.pages[0]["/Resources"]["/Font"]
            names = [str(each.get_object()["/BaseFont"]) for each in fonts.values()]
            # Its arrow is that of the sans.
            assert {re.sub(r".*\+|-\w+$", "", each) for each in names} <= {name, "ArchgraphSans"}
            assert any(name in each for each in names)
            assert "convolution" in reader.pages[0].extract_text()

    def test_slides_and_graphviz_and_tex_name_it(self, tmp_path):
        slides = ZipFile(BytesIO(self.text(tmp_path, "pptx", "serif")))
        slide = slides.read("ppt/slides/slide1.xml").decode()
        assert {*re.findall('latin typeface="([^"]*)"', slide)} <= {"+mj-lt", "+mn-lt"}
        theme = slides.read("ppt/theme/theme1.xml").decode()
        assert {*re.findall('latin typeface="([^"]*)"', theme)} == {"Times New Roman"}
        assert b"fontname=Times" in self.text(tmp_path, "dot", "serif")
        serif, sans = (self.text(tmp_path, "tex", font) for font in ("serif", "sans"))
        assert rb"\rmfamily" in serif
        assert rb"\sffamily" not in serif
        assert rb"\sffamily" in sans
        assert b"'Times New Roman'" in self.text(tmp_path, "html", "serif")

    def test_an_image_is_painted_with_it(self, tmp_path, folder):
        made = {self.text(tmp_path, "png", font) for font in ("sans", "serif")}
        assert len(made) == 2
        assert self.text(tmp_path, "png", str(folder / "Own-Regular.ttf")) not in made

    def test_signs_that_it_lacks_are_measured_and_painted(self, folder):
        with wearing(Worn(font=font_named(str(folder / "Own-Regular.ttf")))):
            assert not faces.bundled().has("→")
            own = text_width("2 → 3", 10.0)
        assert own == pytest.approx(text_width("2 → 3", 10.0))

    @pytest.mark.parametrize("suffix", ["svg", "pptx", "tex", "html", "dot", "drawio", "pdf"])
    def test_a_hostile_name_is_harmless(self, tmp_path, folder, suffix):
        from xml.dom.minidom import parseString

        made = self.text(tmp_path, suffix, str(folder / "Own-Regular.ttf"))
        assert b"<'Face'>" not in made
        if suffix == "svg":
            parseString(made)
            assert b"font-family=\"'Own Face Serif', " in made


class TestChoosing:
    def test_a_file_has_its_bold_beside_it(self, folder, tmp_path):
        font = font_named(str(folder / "Own-Regular.ttf"))
        assert font.bold.endswith("Own-Bold.ttf")
        shutil.copy(folder / "Own-Regular.ttf", tmp_path / "Own-Regular.ttf")
        alone = font_named(str(tmp_path / "Own-Regular.ttf"))
        assert alone.bold == alone.plain

    def test_a_look_finds_it_beside_itself(self, folder, tmp_path, monkeypatch):
        shutil.copy(folder / "Own-Regular.ttf", tmp_path / "own.ttf")
        (tmp_path / "uni.toml").write_text('font = "own.ttf"\n', encoding="utf-8")
        monkeypatch.chdir("/")
        path = tmp_path / "x.svg"
        assert main(["draw", "lenet5", "-o", str(path), "--look", str(tmp_path / "uni.toml")]) == 0
        assert "Own Face Serif" in path.read_text(encoding="utf-8")

    def test_an_installed_family_is_found_by_name(self, folder, monkeypatch):
        from archgraph.exporters.pictures.text import own_fonts

        monkeypatch.setattr(own_fonts, "_files", lambda: tuple(sorted(folder.iterdir())))
        font = font_named("own <'face'> serif")
        assert font.plain.endswith("Own-Regular.ttf")
        assert font.bold.endswith("Own-Bold.ttf")
        assert font.roman
        with pytest.raises(DrawError, match="no font 'Own Fase'.*use sans, serif"):
            font_named("Own Fase")

    def test_what_is_no_font_is_told(self, tmp_path):
        (tmp_path / "bad.ttf").write_bytes(b"no font")
        with pytest.raises(DrawError, match="is no font that can be read"):
            ag.draw("lenet5", tmp_path / "x.svg", font=str(tmp_path / "bad.ttf"))
        with pytest.raises(FileError, match="no file"):
            ag.draw("lenet5", tmp_path / "x.svg", font="none.ttf")
        assert not (tmp_path / "x.svg").exists()

    def test_charts_take_it(self, tmp_path):
        for chart in ("layers", "memory"):
            path = tmp_path / f"{chart}.svg"
            ag.chart(["lenet5"], path, chart=chart, font="serif")
            assert "Times New Roman" in path.read_text(encoding="utf-8")
