"""Puts the pictures that were drawn last on a few pages, to look at: sheet/page-1.png and on.

``python -m bench.first_pictures.contact_sheet unet`` takes those whose names or sources hold this
word. A picture that breaks a rule has a red border; what it breaks stands below it.
"""

from __future__ import annotations

import io
import sys
from collections.abc import Sequence
from pathlib import Path

import resvg_py
from PIL import Image, ImageDraw, ImageFont

from archgraph.exporters.pictures.text.faces import FAMILY, FOLDER
from archgraph.exporters.pictures.text.widths import FONT_STACK
from archgraph.files import read_text
from bench.first_pictures.judging import Verdict
from bench.first_pictures.network import FOLDER as SHEET
from bench.first_pictures.trying import picture_of
from bench.first_pictures.verdicts import remembered

__all__ = ["contact_sheets"]

ACROSS, DOWN = 4, 4
WIDE, HIGH = 576, 324
"""Pixels of a picture: three fifths of a slide of 960 × 540."""

GAP, CAPTION = 16, 48
BORDER = 4
RED, GREY, BLACK, WHITE = "#c62828", "#c9d0d9", "#1b1f27", "#ffffff"


def contact_sheets(rows: Sequence[Verdict]) -> list[Path]:
    """Write the pages, those of an earlier time removed, and return their paths."""
    for old in SHEET.glob("page-*.png"):
        old.unlink()
    each = ACROSS * DOWN
    paths = []
    for number, first in enumerate(range(0, len(rows), each), 1):
        paths.append(SHEET / f"page-{number}.png")
        _page(rows[first : first + each]).save(paths[-1])
    return paths


def _page(rows: Sequence[Verdict]) -> Image.Image:
    cell = (WIDE + GAP, HIGH + CAPTION + GAP)
    lines = -(-len(rows) // ACROSS)
    page = Image.new("RGB", (ACROSS * cell[0] + GAP, lines * cell[1] + GAP), WHITE)
    pen = ImageDraw.Draw(page)
    bold, plain = (
        ImageFont.truetype(str(FOLDER / f"ArchgraphSans-{face}.ttf"), size)
        for face, size in (("Bold", 16), ("Regular", 13))
    )
    for index, row in enumerate(rows):
        x = GAP + index % ACROSS * cell[0]
        y = GAP + index // ACROSS * cell[1]
        color = GREY if row.passes else RED
        page.paste(_painted(row), (x, y))
        pen.rectangle((x, y, x + WIDE - 1, y + HIGH - 1), outline=color, width=BORDER)
        pen.text((x, y + HIGH + 3), f"{row.name} · {row.source}", fill=BLACK, font=bold)
        said = "; ".join(f"{rule}: {text}" for rule, text in row.said.items())
        pen.text((x, y + HIGH + 25), _cut(said, plain), fill=RED, font=plain)
    return page


def _painted(row: Verdict) -> Image.Image:
    """Return a picture in its size on the page; blank where there is none."""
    path = picture_of(row)
    if not path.is_file():
        return Image.new("RGB", (WIDE, HIGH), WHITE)
    svg = read_text(path).replace(f'font-family="{FONT_STACK}"', f'font-family="{FAMILY}"')
    data = resvg_py.svg_to_bytes(
        svg_string=svg,
        zoom=2,
        dpi=72,
        font_family=FAMILY,
        sans_serif_family=FAMILY,
        font_files=[str(file) for file in sorted(FOLDER.glob("*.ttf"))],
    )
    image = Image.open(io.BytesIO(bytes(data))).convert("RGB")
    image.thumbnail((WIDE, HIGH), Image.Resampling.LANCZOS)
    found = Image.new("RGB", (WIDE, HIGH), WHITE)
    found.paste(image, ((WIDE - image.width) // 2, (HIGH - image.height) // 2))
    return found


def _cut(text: str, font: ImageFont.FreeTypeFont) -> str:
    """Return as much of a text as fits below a picture."""
    if font.getlength(text) <= WIDE:
        return text
    while text and font.getlength(f"{text}…") > WIDE:
        text = text[:-1]
    return f"{text}…"


def main(words: Sequence[str]) -> None:
    """Put those that are asked for on pages, by default all."""
    wanted = [word.lower() for word in words]
    rows = [
        row
        for row in remembered()
        if not row.skipped
        and (not wanted or any(word in f"{row.source}:{row.name}".lower() for word in wanted))
    ]
    if not rows:
        raise SystemExit("no such picture was drawn; python -m bench.first_pictures draws them")
    for path in contact_sheets(rows):
        print(path)


if __name__ == "__main__":
    main(sys.argv[1:])
