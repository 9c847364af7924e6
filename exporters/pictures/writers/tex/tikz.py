r"""TeX: pictures of TikZ to ``\input`` into a paper, or a document of their own, one a page."""

from __future__ import annotations

from collections.abc import Sequence

from ...drawing import Drawing
from ...dress.fonts_named import Font
from ...pages import Page, Writer
from .tex_text import comment
from .tikz_header import HEADER, SEVERAL, STANDALONE, USED_ONLY, macros, tried_fonts
from .tikz_picture import picture
from .tikz_styles import Styles, number

__all__ = ["WRITER", "write"]


def write(pages: Sequence[Page], *, standalone: bool = False) -> bytes:
    r"""Return TikZ pictures as UTF-8, lengths in PostScript points.

    They are to be put into a document by ``\input``; its preamble needs what the first lines say.
    With ``standalone`` they are a document that compiles with a stock LaTeX, one picture a page.

    Nodes bear the names of the network's nodes (with - for dots), each beside one that it is
    joined to, and lines run from node to node: who moves one moves what hangs on it. Colours and
    styles have names, ``archgraph conv fill`` and ``archgraph/conv``; what a document sets of them
    counts.
    """
    drawings = [page.drawing for page in pages]
    styles = Styles(drawings)
    for drawing in drawings:
        picture(drawing, styles)
    styles.settle()
    pictures = [picture(drawing, styles) for drawing in drawings]
    body = "\n".join(line for lines in pictures for line in lines)
    first = drawings[0]
    size = f"{number(first.width)} × {number(first.height)} bp"
    common = _header(styles, body, first.font)
    if standalone:
        return _bytes(_document(drawings, pictures, common))
    packages = r"\usepackage{amssymb,tikz}" if r"\Box" in body else r"\usepackage{tikz}"
    title, kind = comment(first.title), _kind(styles)
    lines = [HEADER.format(title=title, size=size, packages=packages, kind=kind)]
    if len(pictures) > 1:
        lines.append(SEVERAL.format(count=len(pictures)))
    lines += [r"\begingroup%", *common]
    for place, (each, drawing) in enumerate(zip(pictures, drawings, strict=True), 1):
        lines += each if len(pictures) == 1 else _numbered(each, place, drawing.title)
    return _bytes([*lines, r"\endgroup%"])


def _bytes(lines: Sequence[str]) -> bytes:
    return ("\n".join(lines) + "\n").encode()


def _document(
    drawings: Sequence[Drawing], pictures: Sequence[Sequence[str]], common: Sequence[str]
) -> list[str]:
    """Return the lines of a document with a page for each picture."""
    width = number(max(drawing.width for drawing in drawings))
    height = number(max(drawing.height for drawing in drawings))
    fonts = tried_fonts(drawings[0].font)
    lines = [
        f"% {comment(drawings[0].title)}",
        STANDALONE.format(width=width, height=height, fonts=fonts),
    ]
    lines += [*common, r"\begin{document}"]
    for each in pictures:
        lines += [r"\vbox to 0bp{\hbox to 0bp{%", *each, r"\hss}\vss}\newpage"]
    return [*lines, r"\end{document}"]


def _header(styles: Styles, body: str, font: Font) -> list[str]:
    """Return the commands, the colours and the styles that the pictures use."""
    lines = [macros(font).rstrip("\n")]
    lines += [text.rstrip("\n") for name, text in USED_ONLY.items() if rf"\{name}" in body]
    lines.append("% colours, and the greys that stand for them%")
    for name, (colour, grey) in styles.colours.items():
        pair = "}{".join(each.lstrip("#").upper() for each in (colour, grey))
        lines.append(rf"\archgraphcolor{{{name}}}{{{pair}}}%")
    lines.append("% styles: of all boxes, of all lines, and of each kind%")
    base = styles.base()
    lines.append(r"\tikzset{%")
    own = [("node", f"archgraph/plain, {base}" if base else "archgraph/plain")]
    own.append(("edge", "archgraph/arrow, rounded corners=5bp"))
    for name, options in [*own, *sorted(styles.styles.items())]:
        lines.append(f"  archgraph/usual/{name}/.style={{{options}}},")
    lines.append("}%")
    return lines


def _numbered(lines: Sequence[str], place: int, title: str) -> list[str]:
    return [
        f"% picture {place}: {comment(title)}",
        rf"\ifnum\ifdefined\archgraphpage\archgraphpage\else{place}\fi={place} %",
        *lines,
        r"\par\fi%",
    ]


def _kind(styles: Styles) -> str:
    """Return a kind of box or line to explain the names with."""
    names = [name for name in styles.styles if f"{name} fill" in styles.colours]
    return "conv" if "conv" in names else (names or ["node"])[0]


WRITER = Writer(write, takes="pages", options=("standalone",))
