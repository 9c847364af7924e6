"""How the fonts of pictures were made from Liberation Sans and Tinos: cut, completed, renamed.

    python -m bench.fonts FOLDER          # from LiberationSans-*.ttf (2.1.5), with their widths
    python -m bench.fonts --serif FOLDER  # from the .woff files of npm's @fontsource/tinos 5.3.0
    python -m bench.fonts                 # only the tables of widths

Only the scripts named below are kept and hinting is dropped, which makes the files six times
smaller. The circled operators of residual diagrams (⊕ ⊖ ⊗ ⊙), which the original lacks, are added.
The SIL Open Font License asks for another name on a changed font: "Archgraph Sans"; a name of
our own also makes sure that a renderer takes this file and not the system's font of that name.
"Archgraph Serif" is Tinos, as wide as Times; signs that it lacks are those of the sans.
"""

from __future__ import annotations

import json
import sys
from itertools import groupby
from pathlib import Path
from typing import Any

from fontTools.pens.cu2quPen import Cu2QuPen
from fontTools.pens.filterPen import DecomposingFilterPen as DecomposingPen
from fontTools.pens.reverseContourPen import ReverseContourPen
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont

FACES = ("Regular", "Bold", "Italic", "BoldItalic")
WEIGHTS = {"Regular": 400, "Bold": 700}
"""Faces of the serif: no picture has words in italics."""
SUBSETS = ("latin", "latin-ext", "greek", "cyrillic", "cyrillic-ext", "vietnamese", "hebrew")
KEPT = (
    (0x0020, 0x024F),  # Latin
    (0x02B0, 0x036F),  # modifiers and accents
    (0x0370, 0x052F),  # Greek, Cyrillic
    (0x05B0, 0x05F4),  # Hebrew
    (0x1E00, 0x1EFF),  # Latin for Vietnamese and others
    (0x2000, 0x23FF),  # punctuation, super- and subscripts, arrows, operators
    (0x2500, 0x27BF),  # lines, blocks, shapes, marks
    (0xFB00, 0xFB4F),  # ligatures, Hebrew forms
    (0xFFFD, 0xFFFD),
)
HERE = Path(__file__).parents[1] / "exporters" / "pictures" / "text" / "fonts"
CIRCLED = {0x2295: "+", 0x2296: "-", 0x2297: "x", 0x2299: "."}


def make(folder: Path) -> None:
    """Write the four faces."""
    for face in FACES:
        font = TTFont(folder / f"LiberationSans-{face}.ttf", recalcTimestamp=False)
        _subset(font)
        _add_circled(font, stroke=190 if "Bold" in face else 130)
        _rename(font, "Sans", face, "Liberation Sans 2.1.5")
        font.save(HERE / f"ArchgraphSans-{face}.ttf")


def make_serif(folder: Path) -> None:
    """Write the two faces of the serif: Tinos put together, completed by the sans."""
    for face, weight in WEIGHTS.items():
        names = [folder / f"tinos-{subset}-{weight}-normal.woff" for subset in SUBSETS]
        font = TTFont(names[0], recalcTimestamp=False)
        font.flavor = None
        for name in names[1:]:
            _take(font, TTFont(name))
        _take(font, TTFont(HERE / f"ArchgraphSans-{face}.ttf"))
        _subset(font)
        _rename(font, "Serif", face, "Tinos 1.340")
        font.save(HERE / f"ArchgraphSerif-{face}.ttf")


def _take(font: TTFont, other: TTFont) -> None:
    """Add the letters that only the other font has; both have as many units to the em."""
    assert font["head"].unitsPerEm == other["head"].unitsPerEm
    there, glyphs = font.getBestCmap(), other.getGlyphSet()
    for code, glyph in sorted(other.getBestCmap().items()):
        if code in there:
            continue
        pen = TTGlyphPen(None)
        glyphs[glyph].draw(DecomposingPen(pen, glyphs))
        _add(font, code, pen.glyph(), other["hmtx"][glyph][0])


def tabulate() -> None:
    """Write each face's advance widths beside it: runs of (first code point, advances)."""
    for path in sorted(HERE.glob("*.ttf")):
        font = TTFont(path)
        glyphs = sorted(font.getBestCmap().items())
        runs = []
        for _, run in groupby(enumerate(glyphs), key=lambda placed: placed[1][0] - placed[0]):
            (_, (first, _)), *_ = found = list(run)
            runs.append([first, [font["hmtx"][glyph][0] for _, (_, glyph) in found]])
        table = {"units": font["head"].unitsPerEm, "advances": runs}
        text = json.dumps(table, separators=(",", ":"))
        path.with_suffix(".json").write_text(text + "\n", encoding="ascii")


def _subset(font: TTFont) -> None:
    options = Options(hinting=False, layout_features=["kern", "mark", "mkmk", "ccmp"])
    options.name_IDs = ["*"]
    options.notdef_outline = True
    cutter = Subsetter(options)
    cutter.populate(unicodes=[code for low, high in KEPT for code in range(low, high + 1)])
    cutter.subset(font)


def _add_circled(font: TTFont, stroke: int) -> None:
    """Draw a ring and its operator, centred on the minus sign's height."""
    middle, outer, advance = 680, 640, 1520
    for code, inside in CIRCLED.items():
        if code in font.getBestCmap():
            continue
        pen = TTGlyphPen(None)
        curves = Cu2QuPen(pen, max_err=1.0)
        x = advance / 2
        _circle(ReverseContourPen(curves), x, middle, outer)
        _circle(curves, x, middle, outer - stroke)
        reach, half = outer - stroke * 0.7, stroke / 2
        if inside in "+-":
            _bar(pen, x, middle, reach, half, 1.0, 0.0)
        if inside == "+":
            _bar(pen, x, middle, reach, half, 0.0, 1.0)
        if inside == "x":
            _bar(pen, x, middle, reach, half, 0.7071, 0.7071)
            _bar(pen, x, middle, reach, half, 0.7071, -0.7071)
        if inside == ".":
            _circle(ReverseContourPen(curves), x, middle, stroke)
        _add(font, code, pen.glyph(), advance)


def _add(font: TTFont, code: int, glyph: Any, advance: int) -> None:
    name = f"uni{code:04X}"
    while name in font.getGlyphOrder():
        name += ".added"
    font.setGlyphOrder([*font.getGlyphOrder(), name])
    glyph.recalcBounds(font["glyf"])
    font["glyf"][name] = glyph
    font["hmtx"][name] = (advance, getattr(glyph, "xMin", 0))
    for table in font["cmap"].tables:
        if table.isUnicode():
            table.cmap[code] = name


def _circle(pen: object, x: float, y: float, radius: float) -> None:
    handle = radius * 0.5523
    pen.moveTo((x + radius, y))
    pen.curveTo((x + radius, y + handle), (x + handle, y + radius), (x, y + radius))
    pen.curveTo((x - handle, y + radius), (x - radius, y + handle), (x - radius, y))
    pen.curveTo((x - radius, y - handle), (x - handle, y - radius), (x, y - radius))
    pen.curveTo((x + handle, y - radius), (x + radius, y - handle), (x + radius, y))
    pen.closePath()


def _bar(pen: object, x: float, y: float, reach: float, half: float, dx: float, dy: float) -> None:
    corners = [(-reach, -half), (-reach, half), (reach, half), (reach, -half)]
    turned = [(round(x + a * dx - b * dy), round(y + a * dy + b * dx)) for a, b in corners]
    pen.moveTo(turned[0])
    for corner in turned[1:]:
        pen.lineTo(corner)
    pen.closePath()


def _rename(font: TTFont, family: str, face: str, source: str) -> None:
    name = f"Archgraph {family}"
    style = {"BoldItalic": "Bold Italic"}.get(face, face)
    names = font["name"]
    changed = {
        1: name,
        2: style,
        3: f"{name} {style} 1.0",
        4: f"{name} {style}",
        5: f"Version 1.0, changed from {source}",
        6: f"Archgraph{family}-{face}",
    }
    names.names = [r for r in names.names if r.nameID in (0, 13, 14) and r.platformID == 3]
    if not names.getDebugName(13):
        changed[13] = "This Font Software is licensed under the SIL Open Font License, Version 1.1."
        changed[14] = "https://scripts.sil.org/OFL"
    for number, text in changed.items():
        names.setName(text, number, 3, 1, 0x409)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--serif"]:
        make_serif(Path(sys.argv[2]))
    elif len(sys.argv) > 1:
        make(Path(sys.argv[1]))
    tabulate()
