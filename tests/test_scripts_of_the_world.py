"""Labels in any script: their order as in a browser, their fonts, and what they cost others."""

from __future__ import annotations

import subprocess
import sys
import unicodedata

import pytest
from browser import chromium, page
from fontTools.ttLib import TTFont

from archgraph.exporters.pictures.text import faces
from archgraph.exporters.pictures.text.script_order import drawing_order

STYLES = [(bold, italic) for bold in (False, True) for italic in (False, True)]

LABELS = (
    "conv1 3×3, 64",
    "שכבת קונבולוציה 64×56",
    "conv (שלום) 1",
    "conv1: שכבה [64, 56]",
    "טבלה 12.5-3, 7%",
    "([a]) (ש[ש]) <ש> «ש»",
    "C++ ≤ קוד ≤ קוד",
    "שָׁלוֹם e\N{COMBINING ACUTE ACCENT} ש",
    "$5 שלום +5 שלום/עולם a/b 1-2",
    "طبقة الالتفاف conv1",
    "طبقة (3×3)",
    "block (طبقة (٣×٣)) 2",
    "سَلَام لا إله الله",
    "می\N{ZERO WIDTH NON-JOINER}خواهم پچگ ٹ",
    "١ + ٢",
    "합성곱 (שלום) 신경망",
)

PLACES = """texts => texts.map(text => {
    const line = document.createElementNS("http://www.w3.org/2000/svg", "text");
    line.textContent = text;
    document.querySelector("svg").appendChild(line);
    return [...text].map((_, i) => line.getExtentOfChar(i)).map(box => box.x + box.width / 2);
})"""


def unjoined(text: str) -> str:
    """Return the letters of a line in its order, joined forms taken apart, brackets unturned."""
    parts = [unicodedata.normalize("NFKD", char) for char in text]
    joined = [unicodedata.decomposition(char).startswith("<") for char in text]
    letters = "".join(part[::-1] if two else part for part, two in zip(parts, joined, strict=True))
    shown = "".join(char for char in letters if unicodedata.category(char) not in ("Mn", "Cf"))
    return shown.translate(str.maketrans(")]>»≥", "([<«≤"))


def test_a_line_is_drawn_in_the_order_of_a_browser():
    with chromium() as browser, page(browser) as tab:
        tab.set_content("<svg></svg>")
        placed = tab.evaluate(PLACES, list(LABELS))
    for label, places in zip(LABELS, placed, strict=True):
        seen = [
            pair
            for pair in zip(places, label, strict=True)
            if unicodedata.category(pair[1]) not in ("Mn", "Cf")
        ]
        order = "".join(char for _, char in sorted(seen))
        assert unjoined(drawing_order(label)) == unjoined(order), label


@pytest.mark.parametrize(
    ("text", "drawn"),
    [
        ("a (b) 1", "a (b) 1"),
        ("אב (גד) 1", "1 (דג) בא"),
        ("a (אב) 1", "a (בא) 1"),
        ("אב [1, 2]", "[2 ,1] בא"),
        ("אב < גד", "דג > בא"),
    ],
)
def test_brackets_turn_with_the_text_around_them(text, drawn):
    assert drawing_order(text) == drawn


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("بب", ["BEH FINAL", "BEH INITIAL"]),
        ("ببب", ["BEH FINAL", "BEH MEDIAL", "BEH INITIAL"]),
        ("لا", ["LIGATURE LAM WITH ALEF ISOLATED"]),
        ("دب", ["BEH ISOLATED", "DAL ISOLATED"]),
    ],
)
def test_arabic_letters_join(text, names):
    shown = [unicodedata.name(char) for char in drawing_order(text)]
    assert [n.replace("LETTER ", "") for n in shown] == [f"ARABIC {n} FORM" for n in names]


@pytest.mark.parametrize(("bold", "italic"), STYLES)
def test_the_tables_of_widths_are_those_of_the_fonts(bold, italic):
    with TTFont(faces.bundled(bold, italic).path) as font:
        advances, units = font["hmtx"].metrics, font["head"].unitsPerEm
        widths = {code: advances[g][0] * 1000 / units for code, g in font.getBestCmap().items()}
    assert faces.bundled_widths(bold, italic) == widths


def test_a_broken_font_of_the_system_is_passed_over(tmp_path, monkeypatch):
    whole = faces.bundled().path.read_bytes()
    for name, data in {"a": b"", "b": b"no font", "c": whole[:700], "d": whole}.items():
        (tmp_path / f"{name}.ttf").write_bytes(data)
    paths = tuple(sorted(tmp_path.iterdir()))
    monkeypatch.setattr(faces, "_system_fonts", lambda *_: paths)
    faces.system_face.cache_clear()
    assert faces.system_face("a", truetype=True).path == paths[-1]
    assert faces.system_face("\N{HANGUL SYLLABLE GA}", truetype=True) is None
    faces.system_face.cache_clear()


@pytest.mark.parametrize("form", ["svg", "pdf", "png", "pptx"])
def test_a_picture_in_latin_loads_nothing_for_other_scripts(tmp_path, form):
    code = (
        "import sys, archgraph as ag\n"
        f"ag.draw(ag.load('lenet5'), {str(tmp_path / 'x')!r} + '.{form}')\n"
        "print(*{'fontTools', 'bidi', 'arabic_reshaper'} & sys.modules.keys())"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""
