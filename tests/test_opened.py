"""Slides, documents and LaTeX look alike in the programs that people open them with."""

from __future__ import annotations

import re
import shutil
import subprocess
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageChops, ImageFilter
from pptx import Presentation
from pptx.util import Pt
from pypdf import PdfReader
from sample_drawings import HOSTILE, hostile

import archgraph as ag
from archgraph.exporters.pictures.draw import drawings
from archgraph.exporters.pictures.pages import Page
from archgraph.exporters.pictures.writers import pdf, png, pptx, tex

SAMPLE = [("googlenet", "block"), ("alexnet_two_gpu", "layer")]
MEAN, WORST = 2.0, 25.0
"""Grey levels of 255: letters of another rasteriser differ by less, a box 6 pt aside by more."""


def run(*command: str, folder: Path) -> None:
    if shutil.which(command[0]) is None:
        pytest.skip(f"{command[0]} is not installed")
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=240)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]


def office(file: Path, form: str) -> Path:
    profile = (file.parent / "profile").as_uri()
    convert = ("--headless", "--convert-to", form, file.name)
    run("soffice", f"-env:UserInstallation={profile}", *convert, folder=file.parent)
    return file.with_suffix(f".{form}")


def latex(file: Path, program: str = "pdflatex") -> Path:
    run(program, "-interaction=nonstopmode", "-halt-on-error", file.name, folder=file.parent)
    return file.with_suffix(".pdf")


def painted(file: Path) -> Image.Image:
    run("pdftoppm", "-png", "-r", "96", "-singlefile", file.name, "page", folder=file.parent)
    return Image.open(file.parent / "page.png")


def apart(one: Image.Image, other: Image.Image) -> tuple[float, float]:
    """Return the mean and the 99th percentile of how far two pictures differ, of 255 greys."""

    def grey(image: Image.Image) -> np.ndarray:
        small = image.convert("L").resize((960, 540), Image.Resampling.LANCZOS)
        return np.asarray(small.filter(ImageFilter.GaussianBlur(2)), dtype=float)

    difference = np.abs(grey(one) - grey(other))
    return difference.mean(), np.percentile(difference, 99)


def looks_like(image: Image.Image, wanted: Image.Image) -> bool:
    mean, worst = apart(image, wanted)
    return mean < MEAN and worst < WORST


@pytest.fixture(scope="module", params=SAMPLE, ids=lambda sample: sample[0])
def page(request):
    name, level = request.param
    (found,) = drawings(ag.load(name), level=level)
    return found


@pytest.fixture(scope="module")
def wanted(page):
    return Image.open(BytesIO(png.write([Page(page)])))


def test_the_measure_sees_a_shift_of_six_points(wanted):
    assert looks_like(wanted, wanted)
    assert not looks_like(ImageChops.offset(wanted, 16, 0), wanted)


def test_a_slide_looks_alike_in_libreoffice(page, wanted, tmp_path):
    file = tmp_path / "slide.pptx"
    file.write_bytes(pptx.write([Page(page)]))
    assert looks_like(painted(office(file, "pdf")), wanted)


def test_a_pdf_looks_alike_in_poppler(page, wanted, tmp_path):
    file = tmp_path / "page.pdf"
    file.write_bytes(pdf.write([Page(page)]))
    assert looks_like(painted(file), wanted)


def test_tikz_compiles_and_looks_alike(page, wanted, tmp_path):
    file = tmp_path / "figure.tex"
    file.write_bytes(tex.write([Page(page)], standalone=True))
    assert looks_like(painted(latex(file)), wanted)


@pytest.mark.parametrize("program", ["pdflatex", "lualatex"])
def test_hostile_words_compile_as_words(program, tmp_path):
    file = tmp_path / "hostile.tex"
    file.write_bytes(tex.write([Page(hostile())], standalone=True))
    text = PdfReader(latex(file, program)).pages[0].extract_text()
    for key in ("tex", "dot", "script"):
        assert re.sub(r"\s", "", HOSTILE[key])[:14] in re.sub(r"\s", "", text)


def test_lines_follow_a_shape_that_is_moved(tmp_path):
    (page,) = drawings(ag.load("lenet5"))
    file = tmp_path / "slide.pptx"
    file.write_bytes(pptx.write([Page(page)]))
    before = ends(office(file, "fodp"))
    deck = Presentation(str(file))
    (shape,) = (s for s in every(deck.slides[0].shapes) if s.name == "F6")
    shape.left += Pt(40)
    deck.save(str(file))
    after = ends(office(file, "fodp"))
    moved = 40 / 72 * 2.54
    assert after["C5-&gt;F6"][1] - before["C5-&gt;F6"][1] == pytest.approx(moved, abs=0.01)
    assert after["F6-&gt;output"][0] - before["F6-&gt;output"][0] == pytest.approx(moved, abs=0.01)
    assert after["C5-&gt;F6"][0] == before["C5-&gt;F6"][0]


def every(shapes):
    for shape in shapes:
        yield shape
        if shape.shape_type == 6:
            yield from every(shape.shapes)


def ends(file: Path) -> dict[str, tuple[float, float]]:
    """Return where each connector begins and ends across the slide, in centimetres."""
    text = file.read_text(encoding="utf-8")
    found = re.findall(
        r'<draw:connector draw:name="([^"]+)"'
        r'[^>]*? svg:x1="([-\d.]+)cm"[^>]*? svg:x2="([-\d.]+)cm"',
        text,
    )
    return {name: (float(start), float(end)) for name, start, end in found}
