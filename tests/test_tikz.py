"""TikZ to put into a paper: it compiles anywhere, looks as asked, and can be edited."""

from __future__ import annotations

import re
import shutil
import subprocess
from functools import lru_cache
from io import BytesIO
from itertools import pairwise
from math import hypot
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from pypdf import PdfReader
from sample_drawings import HOSTILE, hostile, residual
from test_opened import looks_like

import archgraph as ag
from archgraph.answers.scaling import growth
from archgraph.cli import main
from archgraph.errors import DrawError
from archgraph.exporters.pictures.charts.chart import chart_page
from archgraph.exporters.pictures.charts.growth_curves import growth_page
from archgraph.exporters.pictures.draw import drawings
from archgraph.exporters.pictures.drawing import Curve
from archgraph.exporters.pictures.pages import Page
from archgraph.exporters.pictures.writers import png, tex
from archgraph.exporters.pictures.writers.corners import corners_of

LIBRARIES = r"\usepackage{tikz}\usetikzlibrary{arrows.meta,backgrounds,positioning}"
ALONE = (
    r"\documentclass{article}"
    r"\usepackage[paperwidth=%.3fbp,paperheight=%.3fbp,margin=0bp]{geometry}"
    rf"{LIBRARIES}\usepackage{{amssymb}}%s"
    r"\pagestyle{empty}\parindent0pt\topskip0pt\begin{document}%s\end{document}"
)
COMPLAINTS = re.compile(r"^(?:!|Overfull|Underfull|LaTeX Font Warning|.*too large).*$", re.M)

pytestmark = pytest.mark.skipif(
    None in (shutil.which("pdflatex"), shutil.which("pdftoppm")), reason="needs LaTeX and poppler"
)


def compiled(folder: Path, source: str, program: str = "pdflatex", name: str = "paper") -> Path:
    """Return the PDF of a document about which LaTeX has nothing to say."""
    if shutil.which(program) is None:
        pytest.skip(f"{program} is not installed")
    (folder / f"{name}.tex").write_text(source, "utf-8")
    command = [program, "-interaction=nonstopmode", "-halt-on-error", name]
    done = subprocess.run(command, cwd=folder, capture_output=True, check=False)
    log = (folder / f"{name}.log").read_text("utf-8", errors="replace")
    assert done.returncode == 0, log[-2000:]
    assert not COMPLAINTS.findall(log)
    return folder / f"{name}.pdf"


def painted(file: Path) -> Image.Image:
    command = ["pdftoppm", "-png", "-r", "96", "-singlefile", file.name, file.stem]
    subprocess.run(command, cwd=file.parent, check=True)
    return Image.open(file.with_suffix(".png")).convert("RGB")


def words(file: Path) -> dict[str, tuple[float, float, float]]:
    """Return where each piece of text of a PDF's first page stands, in points, and its size."""
    found: dict[str, tuple[float, float, float]] = {}

    def visit(text, matrix, place, _font, size):
        if text.strip():
            areas = [abs(m[0] * m[3] - m[1] * m[2]) ** 0.5 for m in (matrix, place)]
            x = place[4] * matrix[0] + matrix[4]
            y = place[5] * matrix[3] + matrix[5]
            found[text.strip()] = (x, y, size * areas[0] * areas[1])

    for page in PdfReader(file).pages:
        page.extract_text(visitor_text=visit)
    return found


def alone(folder: Path, drawing, source: bytes, preamble: str = "", before: str = "") -> Path:
    """Return the PDF of one picture on a page of its size."""
    (folder / "figure.tex").write_bytes(source)
    body = rf"\vbox to0bp{{\hbox to0bp{{{before}\input{{figure}}\hss}}\vss}}"
    return compiled(folder, ALONE % (drawing.width, drawing.height, preamble, body))


@lru_cache
def lenet():
    (page,) = drawings(ag.load("lenet5"), fit="column")
    return page, tex.write([Page(page)])


# ---- documents ------------------------------------------------------------------------------


PAPER = r"""\documentclass[twocolumn]{article}
\usepackage[letterpaper,margin=1in,columnsep=10pt]{geometry}
\usepackage{booktabs,graphicx,tikz}\usetikzlibrary{arrows.meta,backgrounds,positioning}
\begin{document}
\begin{figure}\centering\input{boxes}\caption{Boxes}\end{figure}
\begin{figure}\centering\input{volumes}\caption{Volumes}\end{figure}
\begin{figure}\centering\input{bars.tikz}\caption{A chart}\end{figure}
\begin{figure}\centering\input{growth}\caption{Growth}\end{figure}
\input{costs}\input{compared}
\end{document}
"""
BEAMER = r"""\documentclass[aspectratio=169]{beamer}
\usepackage{tikz}\usetikzlibrary{arrows.meta,backgrounds,positioning}
\begin{document}
\begin{frame}{Boxes}\centering\input{boxes}\end{frame}
\begin{frame}{Volumes}\centering\input{volumes}\end{frame}
\begin{frame}{Bars}\centering\input{bars.tikz}\end{frame}
\end{document}
"""


@pytest.fixture(scope="module")
def column(tmp_path_factory):
    """Return a folder with four figures and two tables for a column of 229.9 pt of TeX."""
    folder = tmp_path_factory.mktemp("column")
    fit = ["--fit", "3.18in"]
    for command in (
        ["draw", "resnet18", "-o", "boxes.tex", *fit],
        ["draw", "vgg16", "-o", "volumes.tex", "--style", "volumes", *fit],
        ["compare", "alexnet", "vgg16", "-o", "bars.tikz", *fit],
        ["growth", "googlenet", "resnet50", "-o", "growth.tex", *fit],
        ["cost", "resnet50", "--by", "stage", "-o", "costs.tex", "--columns", "params,macs,share"],
        ["compare", "alexnet", "vgg16", "--unit", "M", "-o", "compared.tex", "--wide"],
    ):
        place = command.index("-o") + 1
        command[place] = str(folder / command[place])
        assert main(command) == 0
    return folder


@pytest.mark.parametrize("program", ["pdflatex", "lualatex"])
def test_a_paper_of_two_columns_takes_figures_and_tables(column, program):
    found = words(compiled(column, PAPER, program, program))
    assert {"conv1", "AlexNet", "ResNet-50"} <= found.keys()
    assert min(size for *_, size in found.values()) >= 5.97  # TeX rounds


def test_ieeetran_takes_them_too(column):
    done = subprocess.run(["kpsewhich", "IEEEtran.cls"], capture_output=True, check=False)
    if not done.stdout.strip():
        pytest.skip("IEEEtran.cls is not installed")
    source = PAPER.replace("[twocolumn]{article}", "[conference]{IEEEtran}")
    source = re.sub(r"\\usepackage\[letterpaper.*\n", "", source)
    assert "conv1" in words(compiled(column, source, name="ieee"))


def test_a_talk_takes_figures(tmp_path):
    ag.draw("resnet18", tmp_path / "boxes.tex", fit="12.8x6.4cm")
    ag.draw("lenet5", tmp_path / "volumes.tex", fit="12x6.4cm", style="volumes")
    ag.chart(["alexnet", "vgg16"], tmp_path / "bars.tikz", fit="12x6.4cm")
    file = compiled(tmp_path, BEAMER)
    assert len(PdfReader(file).pages) == 3
    sizes = {text: size for text, (*_, size) in words(file).items()}
    assert sizes["conv1"] >= 7.4


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("alexnet_two_gpu", {"fit": "page"}),
        ("vgg16", {"style": "volumes"}),
        ("vgg16", {"style": "receptive"}),
        ("resnet18", {"color": "macs", "theme": "dark"}),
        ("unet", {"fit": "page"}),
        ("googlenet", {"open": "inception3a"}),
    ],
)
def test_a_picture_looks_as_in_other_formats(tmp_path, name, options):
    (page,) = drawings(ag.load(name), **options)
    wanted = Image.open(BytesIO(png.write([Page(page)])))
    assert looks_like(painted(alone(tmp_path, page, tex.write([Page(page)]))), wanted)


def test_charts_look_as_in_other_formats(tmp_path):
    page = chart_page([ag.load("alexnet"), ag.load("vgg16")])
    wanted = Image.open(BytesIO(png.write([page])))
    assert looks_like(painted(alone(tmp_path, page.drawing, tex.write([page]))), wanted)


def test_a_curve_goes_through_what_was_computed():
    found = growth_page([growth(ag.load(name)) for name in ("vit_b_16", "resnet50")], fit="column")
    text = tex.write([found]).decode()
    # The steps in the file lead where the curve goes, however short they are.
    paths = re.findall(r"line width=1.5bp\] \([^)]+\) (-- .*) -- \([^)]+\);", text)
    curves = list(found.drawing.groups("curve"))
    assert len(paths) == len(curves) == 2
    for group, steps in zip(curves, paths, strict=True):
        (curve,) = (item for item in group.items if isinstance(item, Curve))
        kept = corners_of(curve, 0.05)
        for point in (curve.start, *(segment[-1] for segment in curve.segments)):
            assert min(_apart(point, a, b) for a, b in pairwise(kept)) < 0.06
        x, y = kept[0]
        for step in re.findall(r"\+\+\(([^)]+)\)", steps):
            dx, dy = map(float, step.split(","))
            x, y = x + dx, y - dy
        assert (x, y) == pytest.approx(kept[-2], abs=0.02)


def _apart(point, a, b):
    (x, y), (ux, uy) = (point[0] - a[0], point[1] - a[1]), (b[0] - a[0], b[1] - a[1])
    part = min(1.0, max(0.0, (x * ux + y * uy) / (ux * ux + uy * uy)))
    return hypot(x - part * ux, y - part * uy)


# ---- editing --------------------------------------------------------------------------------


def test_every_line_is_tied_to_both_its_boxes():
    (page,) = drawings(ag.load("googlenet"), fit="page")
    source = tex.write([Page(page)]).decode()
    named = set(re.findall(r"\\node\[archgraph/box.*?\] \(([^)]+)\)", source))
    drawn = re.findall(r"^\\draw\[.*?\] (.*);$", source, re.M)
    found = set()
    for path in drawn:
        ends = re.findall(r"([A-Za-z0-9_-]+)(?:\.(?:west|east|north|south|center))?\)", path)
        found.add((ends[0], ends[-1]))
    plain = {key: key.replace(".", "-") for group in page.groups("edge") for key in group.ends}
    assert named == {group.id.replace(".", "-") for group in page.groups("node")}
    assert found == {(plain[group.ends[0]], plain[group.ends[1]]) for group in page.groups("edge")}


def test_a_chain_has_one_place_and_distances():
    source = lenet()[1].decode()
    boxes = re.findall(r"\\node\[archgraph/box.*", source)
    assert [" of " in box for box in boxes] == [False] + [True] * (len(boxes) - 1)


def test_a_box_that_is_moved_takes_what_follows_along(tmp_path):
    page, source = lenet()
    for name in ("before", "after"):
        (tmp_path / name).mkdir()
    before = words(alone(tmp_path / "before", page, source))
    moved = re.sub(rb"below=[\d.]+bp of s2\]", b"below=30bp of s2]", source)
    (gap,) = re.findall(rb"below=([\d.]+)bp of s2\]", source)
    after = words(alone(tmp_path / "after", page, moved))
    assert before["C1"] == pytest.approx(after["C1"], abs=0.02)
    for name in ("C3", "C5", "OUTPUT"):
        assert before[name][1] - after[name][1] == pytest.approx(30 - float(gap), abs=0.05)


def colours(image: Image.Image) -> set[str]:
    counted = image.getcolors(1 << 20) or []
    return {bytes(colour).hex().upper() for count, colour in counted if count > 200}


def test_the_preamble_wins(tmp_path):
    page, source = lenet()
    usual = colours(painted(alone(tmp_path, page, source)))
    assert {"BCDCF3", "B9E3D3"} <= usual
    line = (
        r"\definecolor{archgraph conv fill}{HTML}{FFEEAA}\tikzset{archgraph/pool/.style={fill=red}}"
    )
    found = colours(painted(alone(tmp_path, page, source, line)))
    assert {"FFEEAA", "FF0000"} <= found
    assert not {"BCDCF3", "B9E3D3"} & found


@pytest.mark.parametrize(
    "line", [r"\newcommand\archgraphgrey{}", r"\newcommand\archgraphface{\rmfamily}"]
)
def test_one_line_changes_the_whole_picture(tmp_path, line):
    page, source = lenet()
    file = alone(tmp_path, page, source, rf"\usepackage{{lmodern}}{line}")
    if "grey" in line:
        pixels = np.asarray(painted(file)).astype(int)
        assert (pixels.max(axis=2) - pixels.min(axis=2)).max() <= 1
        # The greys are those of the print theme, which tell kinds apart.
        assert {"CACACA", "ADADAD", "686868"} <= colours(painted(file))
    else:
        fonts = {
            str(font.get_object()["/BaseFont"])
            for each in PdfReader(file).pages
            for font in each["/Resources"]["/Font"].values()
        }
        assert not any("Heros" in font or "Nimbus" in font for font in fonts)


def test_text_has_one_size_to_change(tmp_path):
    page, source = lenet()
    sizes = [
        {text: size for text, (*_, size) in words(alone(tmp_path, page, source, line)).items()}
        for line in ("", r"\newcommand\archgraphtext{0.9}")
    ]
    assert sizes[1]["C1"] == pytest.approx(0.9 * sizes[0]["C1"], rel=0.01)
    assert sizes[1]["pooling"] == pytest.approx(0.9 * sizes[0]["pooling"], rel=0.01)


def test_a_wide_font_stays_in_its_box(tmp_path):
    page, source = lenet()
    line = r"\renewcommand\sfdefault{phv}\newcommand\archgraphtext{2}"
    file = alone(tmp_path, page, source, line)
    letters = np.asarray(painted(file).convert("L"))
    (box,) = [group.items[0] for group in page.groups("node") if group.id == "s2"]
    beside = letters[:, int((box.x + box.width + 8) * 96 / 72) : int((page.width - 2) * 96 / 72)]
    high = slice(int(box.y * 96 / 72), int((box.y + box.height) * 96 / 72))
    assert beside[high].min() > 230


# ---- the file -------------------------------------------------------------------------------


@pytest.mark.parametrize("program", ["pdflatex", "lualatex"])
def test_hostile_words_are_only_words(tmp_path, program):
    page = hostile()
    source = tex.write([Page(page)])
    assert b"\\input{x}" not in source
    (tmp_path / "figure.tex").write_bytes(source)
    body = r"\vbox to0bp{\hbox to0bp{\input{figure}\hss}\vss}"
    (tmp_path / "paper.tex").write_text(ALONE % (960, 540, "", body))
    command = [program, "-interaction=nonstopmode", "-halt-on-error", "paper"]
    if shutil.which(program) is None:
        pytest.skip(f"{program} is not installed")
    subprocess.run(command, cwd=tmp_path, check=True, capture_output=True)
    text = re.sub(r"\s", "", PdfReader(tmp_path / "paper.pdf").pages[0].extract_text())
    for key in ("tex", "dot", "script"):
        assert re.sub(r"\s", "", HOSTILE[key])[:14] in text


def test_every_kind_of_shape_compiles(tmp_path):
    page = residual("#14171c")
    wanted = Image.open(BytesIO(png.write([Page(page)])))
    assert looks_like(painted(alone(tmp_path, page, tex.write([Page(page)]))), wanted)


def test_several_pages_are_several_pictures(tmp_path):
    pages = drawings(ag.load("resnet152"), level="layer")
    source = tex.write([Page(page) for page in pages])
    assert source.count(rb"\begin{tikzpicture}") == len(pages) > 1
    before = r"\def\archgraphpage{2}"
    file = alone(tmp_path, pages[1], source, "", before)
    wanted = Image.open(BytesIO(png.write([Page(pages[1])])))
    assert looks_like(painted(file), wanted)
    (tmp_path / "own.tex").write_bytes(
        tex.write([Page(each) for each in pages[:2]], standalone=True)
    )
    own = compiled(tmp_path, (tmp_path / "own.tex").read_text("utf-8"), name="own")
    assert len(PdfReader(own).pages) == 2


def test_only_tex_stands_alone(tmp_path, capsys):
    with pytest.raises(DrawError, match=r"a \.svg file has no standalone; that is for \.tex"):
        ag.draw("lenet5", tmp_path / "x.svg", standalone=True)
    with pytest.raises(DrawError, match=r"a \.pdf file has no standalone"):
        ag.chart(["lenet5"], tmp_path / "x.pdf", standalone=True)
    assert main(["draw", "lenet5", "-o", str(tmp_path / "x.png"), "--standalone"]) == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert line == "archgraph: a .png file has no --standalone; that is for .tex and .tikz files."
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    "command",
    [
        ["compare", "alexnet", "vgg16"],
        ["memory", "lenet5"],
        ["growth", "lenet5"],
        ["roofline", "lenet5", "--device", "A100"],
    ],
)
def test_a_tex_file_of_figures_is_a_table_unless_a_picture_is_asked_for(tmp_path, command):
    file = tmp_path / "x.tex"
    assert main([*command, "-o", str(file)]) == 0
    assert r"\begin{tabular}" in file.read_text("utf-8")
    assert main([*command, "-o", str(file), "--fit", "page"]) == 0
    assert r"\begin{tikzpicture}" in file.read_text("utf-8")
    assert main([*command, "-o", str(tmp_path / "x.tikz")]) == 0
    assert r"\begin{tikzpicture}" in (tmp_path / "x.tikz").read_text("utf-8")
