"""Pictures at true size: as wide as a paper's column or anything else, with words that are read."""

from __future__ import annotations

import shutil
import struct
import subprocess
import warnings
from io import BytesIO
from pathlib import Path

import pytest
from pypdf import PdfReader

import archgraph as ag
from archgraph.cli import main
from archgraph.errors import DrawError
from archgraph.exporters.pictures.canvas import CANVASES, canvas_of
from archgraph.exporters.pictures.charts.chart import chart_page
from archgraph.exporters.pictures.charts.roof import roofline_page
from archgraph.exporters.pictures.choices import Choices
from archgraph.exporters.pictures.draw import drawings
from archgraph.exporters.pictures.drawing import Text
from archgraph.exporters.pictures.layout.cells import cells_by_order
from archgraph.exporters.pictures.layout.place_grid import Grid
from archgraph.exporters.pictures.look.colour import Colouring
from archgraph.exporters.pictures.look.theme import THEMES
from archgraph.exporters.pictures.sheet import Sheet
from archgraph.exporters.pictures.writers.svg import svg_text
from bench import readable
from bench.reading_svg import read

COLUMN, PAGE, HIGHEST = 237.6, 468.0, 604.8
KINDS = [
    "alexnet_two_gpu",  # lanes
    "googlenet",  # heads at its side
    "resnet50",  # folded blocks
    "unet",  # skips over the whole
    "vit_b_16",  # a frame that stands for twelve
    "vgg16",
    "lenet5",
    "inception_naive",  # as wide as it is high
    "resnet110_cifar",
    "googlenet/inception3a",  # a part
]


def drawn(names, **options):
    nets = [ag.load(name) for name in names.split("+")]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a coarser level is a level, too
        (page,) = drawings(nets, pages=False, **options)
    return page


def sizes(drawing):
    return [shape.size for shape in drawing.shapes() if isinstance(shape, Text)]


def titles(drawing):
    return [item.text for group in drawing.groups("title") for item in group.items]


@pytest.mark.parametrize("name", KINDS)
@pytest.mark.parametrize(("fit", "width"), [("column", COLUMN), ("page", PAGE)])
def test_a_figure_is_as_wide_as_asked_and_its_words_are_read(name, fit, width):
    drawing = drawn(name, fit=fit)
    assert drawing.width == pytest.approx(width)
    assert drawing.height <= HIGHEST + 0.01
    picture = read(svg_text(drawing))
    labels = [node.words[0].size for node in picture.nodes.values() if node.words]
    assert min(labels) >= 7
    assert min(sizes(drawing)) >= 6 - 1e-9
    for rule in (
        readable.words_outside,
        readable.overlapping_boxes,
        readable.lines_through_boxes,
        readable.covered_words,
        readable.off_the_page,
        readable.lost_heads,
    ):
        assert not list(rule(picture))


@pytest.mark.parametrize("name", KINDS)
def test_a_figure_is_cut_to_what_is_used(name):
    drawing = drawn(name, fit="column")
    picture = read(svg_text(drawing))
    boxes = [word.box for word in picture.words] + [n.box for n in picture.nodes.values()]
    ends = [(x, y) for line in picture.lines for x, y in line.points]
    top = min([box.y for box in boxes] + [y for _, y in ends])
    bottom = max(box.bottom for box in boxes)
    assert 0 <= top <= 4
    assert 0 <= drawing.height - bottom <= 6


@pytest.mark.parametrize("fit", ["column", "page", "240x400", "beamer", "beamer169"])
@pytest.mark.parametrize(
    ("names", "options"),
    [
        ("vgg16", {"style": "volumes"}),
        ("vgg16", {"style": "receptive"}),
        ("plain18+resnet18", {}),
        ("resnet18+resnet34", {"difference": True}),
        ("resnet18", {"color": "activation_bytes"}),
    ],
)
def test_every_kind_of_picture_has_every_canvas(fit, names, options):
    drawing = drawn(names, fit=fit, **options)
    canvas = CANVASES.get(fit) or canvas_of(fit)
    assert drawing.width == pytest.approx(canvas.width)
    assert drawing.height == pytest.approx(canvas.height or drawing.height)
    assert min(sizes(drawing)) >= (4.8 if "beamer" in fit else 6) - 1e-9
    assert not list(readable.off_the_page(read(svg_text(drawing))))


@pytest.mark.parametrize("fit", ["column", "page", "240x400", "beamer"])
def test_charts_have_every_canvas(fit):
    nets = [ag.load(name) for name in ("alexnet", "vgg16", "googlenet", "resnet50")]
    roof = ag.roofline(nets[0], "A100")
    pages = [
        chart_page(nets[:2], chart="layers", fit=fit),
        chart_page(nets, chart="accuracy", fit=fit),
        roofline_page(nets[0], roof, fit=fit),
        chart_page(nets[3:], chart="memory", optimizer="adam", batch=32, fit=fit),
    ]
    for page in pages:
        assert page.drawing.width == pytest.approx(canvas_of(fit).width)
        assert min(sizes(page.drawing)) >= (5.9 if fit == "beamer" else 7.4)
        assert not list(readable.off_the_page(read(svg_text(page.drawing))))


@pytest.mark.parametrize(
    ("fit", "points"),
    [
        ("3.3in", (237.6, None)),
        ("8.9cm", (252.28, None)),  # 8.9 / 2.54 × 72
        ("80mm", (226.77, None)),
        ("240pt", (240.0, None)),
        ("240x400", (240.0, 400.0)),
        ("8.9x6cm", (252.28, 170.08)),
        ("3.5 IN", (252.0, None)),
        ("345.0texpt", (343.71, None)),  # article's \\textwidth: 345 / 72.27 × 72
        ("beamer", (362.83, 272.13)),  # 128 × 96 mm, as beamer's documentation says
        ("beamer169", (453.54, 255.12)),
    ],
)
def test_a_size_may_have_any_unit(fit, points):
    drawing = drawn("lenet5", fit=fit)
    assert drawing.width == pytest.approx(points[0], abs=0.01)
    if points[1]:
        assert drawing.height == pytest.approx(points[1], abs=0.01)


@pytest.mark.parametrize(
    ("fit", "words"),
    [
        ("colum", "no canvas 'colum' (did you mean 'column'"),
        ("3in x", "no canvas '3in x'; the canvases are 16:9"),
        ("-3in", "no canvas '-3in'"),
        ("3.3", "'3.3' has no unit; write in, cm, mm or pt"),
        ("3px", "'3px' has the unit 'px'; write in, cm"),
        ("0.5in", "'0.5in' is less than an inch (72 pt): nothing fits"),
        ("240x10", "'240x10' is less than an inch"),
        ("9m", "the unit 'm'"),
        ("textwidth", "its textwidth: let it print \\the\\textwidth, such as 345.0pt"),
        ("\\columnwidth", "use --fit 345texpt; --fit page is 6.5 inches"),
        ("300in", "'300in' is more than 200 inches."),
        ("9" * 400, "no canvas '999"),
    ],
)
def test_a_wrong_canvas_gets_one_sentence(capsys, tmp_path, fit, words):
    assert main(["draw", "lenet5", "-o", str(tmp_path / "x.svg"), f"--fit={fit}"]) == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert words in line
    with pytest.raises(DrawError):
        chart_page([ag.load("lenet5")], fit=fit)


def test_what_has_no_room_in_a_column_is_sent_to_the_page():
    with pytest.raises(DrawError, match="use fit='page'"):
        drawn("alexnet_two_gpu", fit="column", style="volumes")
    assert drawn("alexnet_two_gpu", fit="page", style="volumes").width == pytest.approx(PAGE)


def test_a_slide_has_a_title_and_paper_has_none_unless_it_is_asked_for():
    assert titles(drawn("lenet5"))[0] == "LeNet-5"
    assert titles(drawn("lenet5", fit="beamer"))[0] == "LeNet-5"
    assert titles(drawn("lenet5", fit="column")) == []
    assert titles(drawn("lenet5", fit="column", title="Ours")) == ["Ours"]
    assert titles(drawn("lenet5", fit="column", title=True)) == ["LeNet-5"]
    assert titles(drawn("lenet5", title="Ours"))[0] == "Ours"
    assert drawn("lenet5", title="Ours").title == "Ours"
    assert titles(drawn("lenet5", title=False)) == []


@pytest.mark.parametrize("fit", ["16:9", "a4", "column", "240x300"])
def test_without_title_and_legend_the_picture_has_their_room(fit):
    name = "lenet5" if fit == "column" else "resnet50"
    whole = drawn(name, fit=fit, title=True)
    bare = drawn(name, fit=fit, title=False, legend=False)
    assert list(whole.groups("legend"))
    assert not list(bare.groups("legend"))
    assert bare.width == pytest.approx(whole.width)
    assert max(sizes(bare)) > 0
    if fit == "column":
        assert bare.height < whole.height
    else:
        assert bare.height == pytest.approx(whole.height)
        tops = [min(g.items[0].y for g in each.groups("node")) for each in (bare, whole)]
        assert tops[0] < tops[1]
    assert not list(readable.off_the_page(read(svg_text(bare))))


def test_the_command_and_python_draw_the_same_figure(tmp_path):
    one, two = tmp_path / "one.svg", tmp_path / "two.svg"
    typed = ["--fit", "8.9cm", "--title", "Ours", "--no-legend"]
    assert main(["draw", "lenet5", "-o", str(one), *typed]) == 0
    ag.draw("lenet5", two, fit="8.9cm", title="Ours", legend=False)
    assert one.read_bytes() == two.read_bytes()
    assert main(["draw", "lenet5", "-o", str(one), "--no-title"]) == 0
    assert one.read_bytes() == ag.draw("lenet5", two, title=False).read_bytes()


class TestFiles:
    """Each format says the size at which the figure is printed."""

    @pytest.fixture(autouse=True)
    def _drawn(self, tmp_path):
        self.folder = tmp_path
        self.size = (drawn("lenet5", fit="column").width, drawn("lenet5", fit="column").height)

    def file(self, suffix):
        return ag.draw("lenet5", self.folder / f"x.{suffix}", fit="column")

    def test_svg(self):
        text = self.file("svg").read_text("utf-8")
        assert f'width="237.6pt" height="{self.size[1]:.2f}'.rstrip("0") in text

    def test_pdf(self):
        box = PdfReader(self.file("pdf")).pages[0].mediabox
        assert (float(box.width), float(box.height)) == pytest.approx(self.size, abs=0.01)

    def test_png(self):
        data = self.file("png").read_bytes()
        pixels = struct.unpack(">II", data[16:24])
        assert pixels == pytest.approx([side / 72 * 300 for side in self.size], abs=1)
        at = data.index(b"pHYs")
        assert at < data.index(b"IDAT")
        # 300 dots an inch of 25.4 mm, in dots a metre.
        assert struct.unpack(">IIB", data[at + 4 : at + 13]) == (11811, 11811, 1)

    def test_png_is_read_by_others(self):
        image = pytest.importorskip("PIL.Image").open(BytesIO(self.file("png").read_bytes()))
        image.load()
        assert image.info["dpi"] == pytest.approx((300, 300), abs=0.1)

    def test_pptx(self):
        from pptx import Presentation

        deck = Presentation(str(self.file("pptx")))
        found = (deck.slide_width / 12700, deck.slide_height / 12700)
        assert found == pytest.approx(self.size, abs=0.01)

    def test_tex(self):
        text = self.file("tex").read_text("utf-8")
        assert "[use as bounding box] (0,0) rectangle (237.6," in text
        ag.draw("lenet5", self.folder / "own.tex", fit="column", standalone=True)
        assert "paperwidth=237.6bp" in (self.folder / "own.tex").read_text("utf-8")


PAPER = r"""
\documentclass[twocolumn]{article}
\usepackage[letterpaper,margin=1in,columnsep=10pt]{geometry}
\usepackage{graphicx,tikz}\usetikzlibrary{arrows.meta,backgrounds,positioning}
\begin{document}
\begin{figure*}\includegraphics{wide.pdf}\caption{Wide}\end{figure*}
\begin{figure}\includegraphics{column.pdf}\caption{In a column}\end{figure}
\begin{figure}\input{tikz}\caption{As TikZ}\end{figure}
\begin{figure}\includegraphics{bars.pdf}\caption{A chart}\end{figure}
\begin{figure}\includegraphics{image.png}\caption{An image}\end{figure}
\end{document}
"""


@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="needs LaTeX")
def test_a_paper_in_two_columns_takes_figures_as_they_are(tmp_path):
    # Its column is 229.9 pt of TeX wide, which are 229 of 1/72 inch.
    ag.draw("vit_b_16", tmp_path / "wide.pdf", fit="page")
    ag.draw("resnet50", tmp_path / "column.pdf", fit="229pt")
    ag.draw("lenet5", tmp_path / "tikz.tex", fit="229pt")
    ag.chart(["alexnet", "vgg16"], tmp_path / "bars.pdf", fit="229pt")
    ag.draw("lenet5", tmp_path / "image.png", fit="229pt")
    (tmp_path / "paper.tex").write_text(PAPER)
    command = ["pdflatex", "-interaction=batchmode", "-halt-on-error", "paper"]
    subprocess.run(command, cwd=tmp_path, check=True, capture_output=True)
    log = Path(tmp_path / "paper.log").read_text(errors="replace")
    assert "Overfull" not in log
    assert "too large" not in log
    found: list[float] = []

    def visit(text, matrix, place, _font, size):
        if text.strip():
            areas = [abs(m[0] * m[3] - m[1] * m[2]) for m in (matrix, place)]
            found.append(size * (areas[0] * areas[1]) ** 0.5)

    for page in PdfReader(tmp_path / "paper.pdf").pages:
        page.extract_text(visitor_text=visit)
    assert len(found) > 60
    assert min(found) >= 5.97  # TeX rounds


def test_a_legend_without_room_is_left_out_and_says_so():
    found = Colouring({}, tuple((f"meaning {n}", THEMES["light"].tone("conv")) for n in range(30)))
    with pytest.warns(UserWarning, match="the legend has no room on this canvas"):
        assert not Sheet.of(Choices(fit="240x80")).legend(found).items
    assert len(Sheet.of(Choices(fit="column")).legend(found).items) == 60


def test_no_box_stands_before_what_it_reads_where_boxes_stand_as_in_a_text():
    """A view's order is that of its first operators, which a folded block may have early."""
    names = ["ids", "decoder ids", "encoder", "decoder", "embedding", "output"]
    edges = [(0, 2), (2, 3), (1, 4), (4, 3), (3, 5)]
    pairs = {(names[one], names[other]): None for one, other in edges}
    grid = Grid(None, dict.fromkeys(names), pairs, True)
    for cells in cells_by_order(grid):
        order = sorted(names, key=lambda key: cells[key][::-1])
        assert all(order.index(one) < order.index(other) for one, other in pairs)
        assert order == ["ids", "decoder ids", "encoder", "embedding", "decoder", "output"]
