"""Plots as PowerPoint's own charts, with their numbers in a workbook behind them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from io import BytesIO
from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import escape
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from ...plots import Marks, Plot, Scale
from ...text.widths import plain
from .drawingml import attribute, emu
from .inks import Inks

if TYPE_CHECKING:
    from pptx.parts.slide import SlidePart

__all__ = ["chart_frame"]

_SPACES = (
    'xmlns:c="http://schemas.openxmlformats.org/drawingml/2006/chart" '
    'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" '
    'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"'
)
_URI = "http://schemas.openxmlformats.org/drawingml/2006/chart"
_CHART = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/chart"
LEFT, RIGHT, ABOVE, BELOW = 44.0, 12.0, 16.0, 6.0
"""Room around a plot for words at its ticks and bars, in points."""
LARGEST = 72.0
"""The diameter of PowerPoint's largest point."""


def chart_frame(plot: Plot, inks: Inks, slide: SlidePart, number: int) -> str:
    """Return the frame of a new chart on a slide, which has this number."""
    from pptx.opc.constants import CONTENT_TYPE
    from pptx.oxml import parse_xml
    from pptx.parts.chart import ChartPart

    x, y, width, height = plot.place
    below = plot.below + BELOW
    frame = (x - LEFT, y - ABOVE, width + LEFT + RIGHT, height + ABOVE + below)
    name = slide.package.next_partname(ChartPart.partname_template)
    made: Any = parse_xml(_space(plot, inks, frame))
    part = ChartPart(name, CONTENT_TYPE.DML_CHART, slide.package, made)
    part.chart_workbook.update_from_xlsx_blob(_workbook(plot))
    key = slide.relate_to(part, _CHART)
    title = plot.title or plot.y.name
    return (
        f'<p:graphicFrame><p:nvGraphicFramePr><p:cNvPr id="{number}" name={attribute(title)} '
        f"descr={attribute(_described(plot))}/><p:cNvGraphicFramePr><a:graphicFrameLocks/>"
        "</p:cNvGraphicFramePr><p:nvPr/></p:nvGraphicFramePr>"
        f'<p:xfrm><a:off x="{emu(frame[0])}" y="{emu(frame[1])}"/>'
        f'<a:ext cx="{emu(frame[2])}" cy="{emu(frame[3])}"/></p:xfrm>'
        f'<a:graphic><a:graphicData uri="{_URI}"><c:chart xmlns:c="{_URI}" r:id="{key}"/>'
        "</a:graphicData></a:graphic></p:graphicFrame>"
    )


def _described(plot: Plot) -> str:
    """Return what those hear who do not see a chart: its axes, and each series' range."""
    said = [f"{plot.title or 'Chart'}: {plot.y.name}" + (f" over {plot.x.name}" if plot.x else "")]
    for marks in plot.marks:
        known = [(value, n) for n, value in enumerate(marks.ys) if value is not None]
        if known and marks.name:
            most, where = max(known)
            at = f" at {marks.labels[where]}" if marks.labels else ""
            said.append(f"{marks.name}: {min(known)[0]:.3g} to {most:.3g}{at}")
    return ". ".join(said[:20]) + "."


def _space(plot: Plot, inks: Inks, frame: tuple[float, float, float, float]) -> str:
    x, y, width, height = plot.place
    layout = "".join(
        f'<c:{key} val="{value:.6f}"/>'
        for key, value in (
            ("x", (x - frame[0]) / frame[2]),
            ("y", (y - frame[1]) / frame[3]),
            ("w", width / frame[2]),
            ("h", height / frame[3]),
        )
    )
    body = _bars(plot, inks) if plot.kind == "bars" else _points(plot, inks)
    words = _words(plot, inks, plot.soft)
    return (
        f'<c:chartSpace {_SPACES}><c:date1904 val="0"/><c:roundedCorners val="0"/><c:chart>'
        '<c:autoTitleDeleted val="1"/><c:plotArea><c:layout><c:manualLayout>'
        '<c:layoutTarget val="inner"/><c:xMode val="edge"/><c:yMode val="edge"/>'
        f"{layout}</c:manualLayout></c:layout>{body}<c:spPr><a:noFill/><a:ln><a:noFill/></a:ln>"
        '</c:spPr></c:plotArea><c:plotVisOnly val="1"/><c:dispBlanksAs val="gap"/></c:chart>'
        f"<c:spPr><a:noFill/><a:ln><a:noFill/></a:ln></c:spPr>{words}</c:chartSpace>"
    )


def _words(plot: Plot, inks: Inks, colour: str, turn: int | None = None) -> str:
    rotated = ' wrap="none"' if turn is None else f' rot="{turn}" vert="horz"'
    return (
        f"<c:txPr><a:bodyPr{rotated}/><a:lstStyle/><a:p><a:pPr>"
        f'<a:defRPr sz="{round(plot.size * 100)}" b="0">{inks.text(colour)}'
        f"{inks.typeface()}</a:defRPr>"
        '</a:pPr><a:endParaRPr lang="en-US"/></a:p></c:txPr>'
    )


def _outline(inks: Inks, colour: str, width: float, dash: Sequence[float] = ()) -> str:
    if not colour or not width:
        return "<a:ln><a:noFill/></a:ln>"
    dashes = ""
    if dash:
        scaled = [round(part / width * 100_000) for part in dash]
        pairs = zip(scaled[::2], scaled[1::2], strict=True)
        dashes = "".join(f'<a:ds d="{d}" sp="{gap}"/>' for d, gap in pairs)
        dashes = f"<a:custDash>{dashes}</a:custDash>"
    return f'<a:ln w="{emu(width)}">{inks.line(colour)}{dashes}<a:round/></a:ln>'


def _bars(plot: Plot, inks: Inks) -> str:
    series = "".join(_bar_series(n, each, plot, inks) for n, each in enumerate(plot.marks))
    turn = -5_400_000 if plot.upright else 0
    line = f"<c:spPr>{_outline(inks, plot.line, 0.9)}</c:spPr>"
    return (
        '<c:barChart><c:barDir val="col"/><c:grouping val="clustered"/><c:varyColors val="0"/>'
        f'{series}<c:gapWidth val="{round(plot.gap * 100)}"/><c:axId val="1"/><c:axId val="2"/>'
        '</c:barChart><c:catAx><c:axId val="1"/><c:scaling><c:orientation val="minMax"/>'
        '</c:scaling><c:delete val="0"/><c:axPos val="b"/><c:numFmt formatCode="General" '
        'sourceLinked="0"/><c:majorTickMark val="none"/><c:minorTickMark val="none"/>'
        f'<c:tickLblPos val="{"low" if plot.below else "none"}"/>{line}'
        f"{_words(plot, inks, plot.ink, turn)}"
        '<c:crossAx val="2"/><c:crosses val="autoZero"/><c:auto val="0"/><c:lblAlgn val="ctr"/>'
        '<c:lblOffset val="20"/><c:tickLblSkip val="1"/><c:noMultiLvlLbl val="1"/></c:catAx>'
        f"{_value_axis(2, 1, 'l', plot.y, plot, inks, 'between')}"
    )


def _bar_series(number: int, marks: Marks, plot: Plot, inks: Inks) -> str:
    points = "".join(
        f'<c:dPt><c:idx val="{n}"/><c:invertIfNegative val="0"/><c:bubble3D val="0"/><c:spPr>'
        f"{inks.fill(fill)}{_outline(inks, stroke, 0.8)}</c:spPr></c:dPt>"
        for n, (fill, stroke) in enumerate(zip(marks.fills, marks.strokes, strict=True))
    )
    column = chr(ord("B") + number)
    last = len(marks.ys) + 1
    words = "".join(
        f'<c:pt idx="{n}"><c:v>{escape(plain(word))}</c:v></c:pt>'
        for n, word in enumerate(marks.labels)
    )
    return (
        f"{_head(number, marks, f'Sheet1!${column}$1')}"
        f'<c:invertIfNegative val="0"/>{points}{_labels(marks, plot, inks)}'
        f"<c:cat><c:strRef><c:f>Sheet1!$A$2:$A${last}</c:f><c:strCache>"
        f'<c:ptCount val="{len(marks.labels)}"/>{words}</c:strCache></c:strRef></c:cat>'
        f"<c:val>{_numbers(marks.ys, f'Sheet1!${column}$2:${column}${last}')}</c:val></c:ser>"
    )


def _head(number: int, marks: Marks, cell: str) -> str:
    return (
        f'<c:ser><c:idx val="{number}"/><c:order val="{number}"/><c:tx><c:strRef><c:f>{cell}</c:f>'
        f'<c:strCache><c:ptCount val="1"/><c:pt idx="0"><c:v>{escape(plain(marks.name))}</c:v>'
        "</c:pt></c:strCache></c:strRef></c:tx>"
    )


def _labels(marks: Marks, plot: Plot, inks: Inks) -> str:
    """Return the words at some points; the others have none."""
    shows = "".join(
        f'<c:show{what} val="{{}}"/>' if what == "Val" else f'<c:show{what} val="0"/>'
        for what in ("LegendKey", "Val", "CatName", "SerName", "Percent", "BubbleSize")
    )
    some = "".join(
        f'<c:dLbl><c:idx val="{n}"/>{_said(words, form, plot, inks)}'
        f"<c:spPr>{inks.fill(plot.ground)}</c:spPr>"
        f"{_words(plot, inks, plot.ink) if form else ''}"
        f'<c:dLblPos val="outEnd"/>{shows.format(1)}</c:dLbl>'
        for n, (words, form) in sorted(marks.said.items())
    )
    return f"<c:dLbls>{some}{shows.format(0)}</c:dLbls>"


def _said(words: str, form: str, plot: Plot, inks: Inks) -> str:
    """Return a label that follows its number, where a number format gives its words."""
    if form:
        return f'<c:numFmt formatCode={attribute(form)} sourceLinked="0"/>'
    return (
        '<c:tx><c:rich><a:bodyPr wrap="none"/><a:lstStyle/><a:p><a:r>'
        f'<a:rPr lang="en-US" sz="{round(plot.size * 100)}" b="0">{inks.text(plot.ink)}'
        f"{inks.typeface()}</a:rPr><a:t>{escape(plain(words))}</a:t>"
        "</a:r></a:p></c:rich></c:tx>"
    )


def _numbers(values: Sequence[float | None], cells: str) -> str:
    points = "".join(
        f'<c:pt idx="{n}"><c:v>{value!r}</c:v></c:pt>'
        for n, value in enumerate(values)
        if value is not None
    )
    return (
        f"<c:numRef><c:f>{cells}</c:f><c:numCache><c:formatCode>General</c:formatCode>"
        f'<c:ptCount val="{len(values)}"/>{points}</c:numCache></c:numRef>'
    )


def _points(plot: Plot, inks: Inks) -> str:
    assert plot.x is not None
    # LibreOffice draws no lines of series that stand before one with more points.
    order = sorted(range(len(plot.marks)), key=lambda n: -len(plot.marks[n].ys))
    series = "".join(_point_series(n, plot.marks[n], plot, inks) for n in order)
    return (
        '<c:scatterChart><c:scatterStyle val="lineMarker"/><c:varyColors val="0"/>'
        f'{series}<c:axId val="1"/><c:axId val="2"/></c:scatterChart>'
        f"{_value_axis(1, 2, 'b', plot.x, plot, inks, 'midCat')}"
        f"{_value_axis(2, 1, 'l', plot.y, plot, inks, 'midCat')}"
    )


def _point_series(number: int, marks: Marks, plot: Plot, inks: Inks) -> str:
    stroke = marks.strokes[0] if marks.strokes else ""
    has_points = any(marks.sizes)
    points = ""
    if has_points:
        points = "".join(
            f'<c:dPt><c:idx val="{n}"/>{_marker(size, fill, edge, marks.opacity, inks)}'
            '<c:bubble3D val="0"/></c:dPt>'
            for n, (size, fill, edge) in enumerate(
                zip(marks.sizes, marks.fills, marks.strokes, strict=True)
            )
        )
    marker = '<c:marker><c:symbol val="none"/></c:marker>'
    if has_points:
        # LibreOffice takes it for points of its size, and draws no outlines.
        hollow = marks.fills[0] == plot.ground
        size = marks.sizes[0] if hollow else 2.0
        marker = _marker(size, stroke if hollow else marks.fills[0], stroke, 1.0, inks)
    column = 3 * number
    x, y = _letters(column), _letters(column + 1)
    last = len(marks.ys) + 1
    return (
        f"{_head(number, marks, f'Sheet1!${y}$1')}"
        f"<c:spPr>{_outline(inks, stroke, marks.width, marks.dash)}</c:spPr>{marker}{points}"
        f"<c:xVal>{_numbers(marks.xs, f'Sheet1!${x}$2:${x}${last}')}</c:xVal>"
        f"<c:yVal>{_numbers(marks.ys, f'Sheet1!${y}$2:${y}${last}')}</c:yVal>"
        '<c:smooth val="0"/></c:ser>'
    )


def _marker(size: float, fill: str, edge: str, opacity: float, inks: Inks) -> str:
    return (
        f'<c:marker><c:symbol val="circle"/><c:size val="{round(min(max(size, 2), LARGEST))}"/>'
        f"<c:spPr>{inks.fill(fill, opacity)}{_outline(inks, edge, 1.0)}</c:spPr></c:marker>"
    )


def _value_axis(
    own: int, other: int, side: str, scale: Scale, plot: Plot, inks: Inks, between: str
) -> str:
    base = '<c:logBase val="10"/>' if scale.log else ""
    grid = ""
    if scale.step and side == "l":
        outline = _outline(inks, plot.grid, 0.6)
        grid = f"<c:majorGridlines><c:spPr>{outline}</c:spPr></c:majorGridlines>"
    step = f'<c:majorUnit val="{scale.step!r}"/>' if scale.step else ""
    shown = scale.step and scale.worded
    return (
        f'<c:valAx><c:axId val="{own}"/><c:scaling>{base}<c:orientation val="minMax"/>'
        f'<c:max val="{scale.high!r}"/><c:min val="{scale.low!r}"/></c:scaling>'
        f'<c:delete val="{int(not scale.step)}"/><c:axPos val="{side}"/>{grid}'
        f'<c:numFmt formatCode={attribute(scale.form)} sourceLinked="0"/>'
        '<c:majorTickMark val="none"/><c:minorTickMark val="none"/>'
        f'<c:tickLblPos val="{"low" if shown else "none"}"/>'
        f"<c:spPr><a:ln><a:noFill/></a:ln></c:spPr>{_words(plot, inks, plot.soft)}"
        f'<c:crossAx val="{other}"/><c:crosses val="min"/><c:crossBetween val="{between}"/>'
        f"{step}</c:valAx>"
    )


def _letters(column: int) -> str:
    """Return the name of a sheet's column: A, B, …, Z, AA."""
    name = chr(ord("A") + column % 26)
    return name if column < 26 else _letters(column // 26 - 1) + name


def _workbook(plot: Plot) -> bytes:
    """Return the numbers as a workbook; words are words, also where they look like formulas."""
    from xlsxwriter import Workbook  # type: ignore[import-untyped]

    file = BytesIO()
    book = Workbook(file, {"in_memory": True})
    sheet = book.add_worksheet("Sheet1")
    for place, cell in _cells(plot):
        if isinstance(cell, str):
            sheet.write_string(*place, plain(cell))
        elif cell is not None:
            sheet.write_number(*place, cell)
    book.close()
    return _timeless(file.getvalue())


def _cells(plot: Plot) -> Iterator[tuple[tuple[int, int], str | float | None]]:
    for number, marks in enumerate(plot.marks):
        if plot.kind == "bars":
            yield (0, number + 1), marks.name
            yield from (((row, 0), word) for row, word in enumerate(marks.labels, 1))
            yield from (((row, number + 1), value) for row, value in enumerate(marks.ys, 1))
            continue
        column = 3 * number
        yield (0, column), plot.x.name if plot.x else ""
        yield (0, column + 1), marks.name
        yield from (((row, column), value) for row, value in enumerate(marks.xs, 1))
        yield from (((row, column + 1), value) for row, value in enumerate(marks.ys, 1))
        yield from (((row, column + 2), word) for row, word in enumerate(marks.labels, 1))


_DATE = re.compile(rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")


def _timeless(data: bytes) -> bytes:
    """Return the same workbook without the time at which it was made."""
    result = BytesIO()
    with ZipFile(BytesIO(data)) as old, ZipFile(result, "w", ZIP_DEFLATED) as new:
        for name in old.namelist():
            part = old.read(name)
            if name == "docProps/core.xml":
                part = _DATE.sub(b"2000-01-01T00:00:00Z", part)
            new.writestr(ZipInfo(name, (1980, 1, 1, 0, 0, 0)), part, ZIP_DEFLATED)
    return result.getvalue()
