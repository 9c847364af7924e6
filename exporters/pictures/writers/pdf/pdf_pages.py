"""PDF: one vector page per drawing, its text embedded, selectable and searchable."""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO
from typing import TYPE_CHECKING, Any

from ...drawing import Box, Curve, Drawing, Paint, Polygon, Text
from ...pages import Page, Writer
from ...text.widths import plain
from ..arrows import arrowhead
from .pdf_fonts import base_font, font_runs

if TYPE_CHECKING:
    from reportlab.pdfgen.canvas import Canvas
    from reportlab.pdfgen.pathobject import PDFPathObject

__all__ = ["WRITER", "write"]


def write(pages: Sequence[Page]) -> bytes:
    """Return a PDF file with one page per drawing, each at its own size in points.

    The same drawings give the same bytes. Each page has a bookmark with the drawing's title.
    """
    from reportlab.pdfgen.canvas import Canvas

    drawings = [page.drawing for page in pages]
    file = BytesIO()
    first = drawings[0]
    size = (first.width, first.height)
    font: Any = base_font()  # the stubs take it for a number
    canvas = Canvas(file, pagesize=size, invariant=1, lang="en", initialFontName=font)
    canvas.setTitle(plain(first.title))
    canvas.setSubject(plain(first.description))
    canvas.setAuthor("")
    canvas.setCreator("archgraph")
    for number, drawing in enumerate(drawings):
        canvas.setPageSize((drawing.width, drawing.height))
        canvas.bookmarkPage(f"page{number}")
        canvas.addOutlineEntry(plain(drawing.title) or f"Page {number + 1}", f"page{number}")
        _Painter(canvas, drawing).draw()
        canvas.showPage()
    canvas.save()
    return file.getvalue()


class _Painter:
    """One page in the making; turns y around, because PDF counts upwards from the bottom."""

    def __init__(self, canvas: Canvas, drawing: Drawing) -> None:
        self.canvas = canvas
        self.drawing = drawing
        self.height = drawing.height

    def draw(self) -> None:
        drawing = self.drawing
        if drawing.background:
            self._box(Box(0, 0, drawing.width, drawing.height, Paint(fill=drawing.background)))
        for shape in drawing.shapes():
            if isinstance(shape, Box):
                self._box(shape)
            elif isinstance(shape, Polygon):
                self._polygon(shape)
            elif isinstance(shape, Curve):
                self._curve(shape)
            else:
                self._text(shape)

    def _box(self, box: Box) -> None:
        fill, stroke = self._paint(box.paint)
        low = self.height - box.y - box.height
        if box.rounding > 0:
            self.canvas.roundRect(box.x, low, box.width, box.height, box.rounding, stroke, fill)
        else:
            self.canvas.rect(box.x, low, box.width, box.height, stroke, fill)

    def _polygon(self, polygon: Polygon) -> None:
        fill, stroke = self._paint(polygon.paint)
        path = self._path_from(*polygon.points[0])
        for x, y in polygon.points[1:]:
            path.lineTo(x, self.height - y)
        path.close()
        self.canvas.drawPath(path, stroke, fill)

    def _curve(self, curve: Curve) -> None:
        head = None
        if curve.arrow:
            curve, head = arrowhead(curve)
        fill, stroke = self._paint(curve.paint)
        path = self._path_from(*curve.start)
        for segment in curve.segments:
            numbers = [n for x, y in segment for n in (x, self.height - y)]
            if len(segment) == 1:
                path.lineTo(*numbers)
            else:
                path.curveTo(*numbers)
        self.canvas.drawPath(path, stroke, fill)
        if head:
            self._polygon(head)

    def _path_from(self, x: float, y: float) -> PDFPathObject:
        path = self.canvas.beginPath()
        path.moveTo(x, self.height - y)
        return path

    def _paint(self, paint: Paint) -> tuple[int, int]:
        """Set colours and line; return reportlab's fill and stroke flags."""
        from reportlab.lib.colors import HexColor

        canvas = self.canvas
        if paint.fill:
            canvas.setFillColor(HexColor(paint.fill))
            canvas.setFillAlpha(paint.opacity)
        if paint.stroke:
            canvas.setStrokeColor(HexColor(paint.stroke))
            canvas.setStrokeAlpha(paint.opacity)
            canvas.setLineWidth(paint.width)
            canvas.setDash(list(paint.dash))
        return int(bool(paint.fill)), int(bool(paint.stroke))

    def _text(self, text: Text) -> None:
        from reportlab.lib.colors import HexColor
        from reportlab.pdfbase.pdfmetrics import stringWidth

        runs = font_runs(plain(text.text), text.bold, text.italic)
        width = sum(stringWidth(run, font, text.size) for font, run in runs)
        canvas = self.canvas
        canvas.saveState()
        canvas.translate(text.x, self.height - text.y)
        canvas.rotate(-text.rotate)
        canvas.setFillColor(HexColor(text.color))
        canvas.setFillAlpha(1)
        start = {"start": 0.0, "middle": -width / 2, "end": -width}[text.anchor]
        line = canvas.beginText(start, 0)
        for font, run in runs:
            line.setFont(font, text.size)
            line.textOut(run)
        canvas.drawText(line)
        canvas.restoreState()


WRITER = Writer(write, takes="pages")
