"""One drawing as the shapes of one slide: native forms, glued connectors, groups by block."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from xml.sax.saxutils import escape

from ...drawing import Box, Curve, Drawing, Group, Item, Point, Polygon, Text, walked
from ...plots import Plot
from .connectors import Link, link_of
from .drawingml import (
    attribute,
    connector_frame,
    fill,
    geometry,
    line,
    open_path,
    paint,
    plain_frame,
)
from .inks import Inks
from .joined_lines import joined
from .reading_order import flow_ranks, in_reading_order
from .sites import Outline, is_ellipse
from .slide_blocks import Block, blocks
from .slide_text import inside, own_body, own_frame, rounding_inset, shape_body
from .slide_title import title_of_slide

__all__ = ["Slide"]


class Slide:
    """Makes the markup of a slide's shapes; each shape gets the next free number as its id."""

    def __init__(self, drawing: Drawing, inks: Inks, letters: float | None = None) -> None:
        """Take a drawing; ``letters`` is the size of its title in a template, if not the usual."""
        drawing = replace(drawing, items=joined(drawing.items))
        self.drawing, self.inks = drawing, inks
        self.titled = drawing.template is not None and drawing.template.titled
        self.letters = letters
        self.last = 1
        self.plots: dict[int, Plot] = {}
        self.numbers: dict[str, int] = {}
        self.outlines = {
            group.id: Outline(shape)
            for group in drawing.groups("node")
            if (shape := _first_shape(group)) is not None
        }
        for edge in drawing.groups("edge"):
            self._claim(edge)
        self.title = None if self.titled else _title_text(drawing)

    def shapes(self) -> str:
        """Return the markup of all shapes, the title first."""
        whole = blocks(self.drawing.items)
        in_reading_order(whole, flow_ranks(self.drawing))
        # No group around all: LibreOffice would let go of the lines in groups in groups.
        return self._title() + self._block(whole)

    def _claim(self, edge: Group) -> None:
        """Give the shapes that an edge joins a connection site where its line begins and ends.

        One that branches off another line begins beside its shape: there its site is, too.
        """
        curves = _curves(edge)
        ends = self._outlines(edge.ends or ())
        for curve in curves:
            for point, own in ((curve.start, ends[:1]), (curve.segments[-1][-1], ends[-1:])):
                near = [outline for outline in ends if outline.touches(point)]
                for outline in near or (own if len(curves) == 1 else ()):
                    outline.claim(point)

    def number(self) -> int:
        """Return the next free number."""
        self.last += 1
        return self.last

    def _node_number(self, name: str) -> int:
        """Return the id of a node's form; edges may ask before the node is drawn."""
        if name not in self.numbers:
            self.numbers[name] = self.number()
        return self.numbers[name]

    def _block(self, block: Block) -> str:
        parts = "".join(
            self._block(item) if isinstance(item, Block) else self._item(item)
            for item in block.content
        )
        if block.frame is None:
            return parts
        own = self._group_parts(block.frame)
        return self._wrapped(block.frame, own + parts)

    def _wrapped(self, group: Group, parts: str) -> str:
        """Return shapes as one group; the slide's own coordinates hold inside it too."""
        bounds = _bounds(group)
        place = plain_frame(*bounds).removesuffix("</a:xfrm>")
        inner = (
            place.removeprefix("<a:xfrm>").replace("a:off", "a:chOff").replace("a:ext", "a:chExt")
        )
        return (
            f'<p:grpSp><p:nvGrpSpPr><p:cNvPr id="{self.number()}" name={attribute(group.id)} '
            f"descr={attribute(group.title or _words(group))}/><p:cNvGrpSpPr/><p:nvPr/>"
            "</p:nvGrpSpPr>"
            f"<p:grpSpPr>{place}{inner}</a:xfrm></p:grpSpPr>{parts}</p:grpSp>"
        )

    def _item(self, item: Item) -> str:
        if not isinstance(item, Group):
            return self._loose([item])
        if item.plots:
            return "".join(map(self._chart, item.plots))
        if item.classes[:1] == ("edge",):
            return self._edge(item)
        parts = self._group_parts(item)
        single = sum(parts.count(f"<p:{kind}>") for kind in ("sp", "cxnSp", "grpSp")) < 2
        return parts if single or item.classes[:1] == ("title",) else self._wrapped(item, parts)

    def _chart(self, plot: Plot) -> str:
        """Return what stands for a chart until the slide is there to hold it."""
        number = self.number()
        self.plots[number] = plot
        return _shape(number, "", "", plain_frame(*plot.place), "")

    def _group_parts(self, group: Group) -> str:
        """Return a group's shapes; its first box takes the lines of text that it can hold."""
        first = _first_shape(group)
        held: list[Text] = []
        if isinstance(first, Box):
            texts = [item for item in group.items if isinstance(item, Text)]
            held = inside(first, [text for text in texts if text is not self.title])
        markup = ""
        for item in group.items:
            if item is first and isinstance(item, Box | Polygon):
                markup += self._main_shape(group, item, held)
            elif not any(item is text for text in held):
                # The first shape tells of the group; all others are there to be seen.
                markup += self._loose([item], "" if markup or first else group.title)
        return markup

    def _main_shape(self, group: Group, shape: Box | Polygon, held: list[Text]) -> str:
        is_node = group.classes[:1] == ("node",)
        outline = self.outlines[group.id] if is_node else Outline(shape)
        number = self._node_number(group.id) if is_node else self.number()
        body = ""
        if isinstance(shape, Box):
            round_form = (is_ellipse(shape) or shape.radius > 0) and not outline.custom
            body = shape_body(shape, held, rounding_inset(shape) if round_form else 0, self.inks)
        frame = plain_frame(outline.x, outline.y, outline.width, outline.height)
        return _shape(
            number,
            group.id,
            group.title,
            frame + geometry(outline) + paint(shape.paint, self.inks),
            body,
            decorative=not group.title and not held,
        )

    def _loose(self, items: Iterable[Item], title: str = "") -> str:
        """Return shapes that stand for themselves."""
        markup = ""
        for item in items:
            if isinstance(item, Group):
                markup += self._item(item)
            elif isinstance(item, Text):
                if item is not self.title:
                    form = own_frame(item) + _TEXT_FORM
                    markup += _shape(
                        self.number(), item.text, "", form, own_body(item, self.inks), True
                    )
            elif isinstance(item, Curve):
                markup += self._free_line(item, "line", title, decorative=not title)
            else:
                outline = Outline(item)
                frame = plain_frame(outline.x, outline.y, outline.width, outline.height)
                form = frame + geometry(outline) + paint(item.paint, self.inks)
                markup += _shape(self.number(), "shape", title, form, "", decorative=not title)
        return markup

    def _edge(self, edge: Group) -> str:
        markup = ""
        for item in edge.items:
            if isinstance(item, Curve):
                markup += self._connector(edge, item)
        others = [item for item in edge.items if not isinstance(item, Curve)]
        box = next((item for item in others if isinstance(item, Box)), None)
        if box:
            label = Group(f"{edge.id} label", ("label",), tuple(others), edge.title)
            return markup + self._item(label)
        return markup + self._loose(others)

    def _connector(self, edge: Group, curve: Curve) -> str:
        start, end = curve.start, curve.segments[-1][-1]
        ends = edge.ends or ()
        source, target = self._glue(ends, start), self._glue(ends[::-1], end)
        link = link_of(curve, bool(source and source[2]), bool(target and target[2]))
        made = self._link(edge, link, curve, source, target)
        # LibreOffice counts the sites of a circle otherwise where it has more than its own.
        odd = any(outline.custom and outline.round for outline in self._outlines(ends))
        if link.plain and not odd:
            return made
        return (
            f'<mc:AlternateContent {_MC}><mc:Choice {_P14} Requires="office2010">{made}</mc:Choice>'
            f"<mc:Fallback>{self._free_line(curve, edge.id, edge.title)}</mc:Fallback>"
            "</mc:AlternateContent>"
        )

    def _outlines(self, ends: tuple[str, ...]) -> list[Outline]:
        return [self.outlines[end] for end in ends if end in self.outlines]

    def _glue(self, ends: tuple[str, ...], point: Point) -> tuple[int, int, bool] | None:
        """Return the shape and site at a line's end, and whether the site is an extra one."""
        for name in ends:
            outline = self.outlines.get(name)
            site = outline.site(point) if outline else None
            if outline and site is not None:
                return self._node_number(name), site, outline.loose(point)
        return None

    def _link(
        self,
        edge: Group,
        link: Link,
        curve: Curve,
        source: tuple[int, int, bool] | None,
        target: tuple[int, int, bool] | None,
    ) -> str:
        glue = f'<a:stCxn id="{source[0]}" idx="{source[1]}"/>' if source else ""
        glue += f'<a:endCxn id="{target[0]}" idx="{target[1]}"/>' if target else ""
        return (
            f'<p:cxnSp><p:nvCxnSpPr><p:cNvPr id="{self.number()}" name={attribute(edge.id)} '
            f"descr={attribute(edge.title or edge.id)}/><p:cNvCxnSpPr>{glue}</p:cNvCxnSpPr>"
            f"<p:nvPr/></p:nvCxnSpPr><p:spPr>{connector_frame(link, curve)}"
            f"{line(curve.paint, self.inks, curve.arrow)}</p:spPr></p:cxnSp>"
        )

    def _free_line(self, curve: Curve, name: str, title: str, *, decorative: bool = False) -> str:
        form = open_path(curve) + fill(curve.paint, self.inks)
        form += line(curve.paint, self.inks, curve.arrow)
        return _shape(self.number(), name, title, form, "", decorative=decorative)

    def _title(self) -> str:
        """Return the slide's title; where the drawing shows none, it stands above the slide."""
        text = self.title
        elsewhere = title_of_slide(self.drawing)
        if self.titled and elsewhere:
            words, form = elsewhere, ""
            told = "" if self.letters is None else f' sz="{round(100 * self.letters)}"'
            body = (
                f'<a:p><a:r><a:rPr lang="en-US"{told} noProof="1"/>'
                f"<a:t>{escape(words)}</a:t></a:r></a:p>"
            )
            body = f"<p:txBody><a:bodyPr/><a:lstStyle/>{body}</p:txBody>"
        else:
            text = text or Text(0, -40, self.drawing.title or "Picture", 20, "#000000", "start")
            form, body = own_frame(text) + _TEXT_FORM, own_body(text, self.inks, "mj")
        return (
            f'<p:sp><p:nvSpPr><p:cNvPr id="{self.number()}" name="Title"/><p:cNvSpPr>'
            '<a:spLocks noGrp="1"/></p:cNvSpPr><p:nvPr><p:ph type="title"/></p:nvPr></p:nvSpPr>'
            f"<p:spPr>{form}</p:spPr>{body}</p:sp>"
        )


_MC = 'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"'
_P14 = 'xmlns:office2010="http://schemas.microsoft.com/office/powerpoint/2010/main"'
"""What PowerPoint has known since 2010.

LibreOffice goes by the name, knows none but "p14" for it, and takes what stands for those that do
not know it: a line that is no connector and drawn as laid out.
"""

_TEXT_FORM = '<a:prstGeom prst="rect"><a:avLst/></a:prstGeom><a:noFill/>'


def _words(group: Group) -> str:
    """Return the words of a group that has no other facts, such as a legend."""
    words = ", ".join(item.text for item in walked(group.items) if isinstance(item, Text))
    kind = group.classes[0] if group.classes else group.id
    return f"{kind.capitalize()}: {words}" if words else group.id


_DECORATIVE = (
    '<a:extLst><a:ext uri="{C183D7F6-B498-43B3-948B-1728B52AA6E4}"><adec:decorative xmlns:adec='
    '"http://schemas.microsoft.com/office/drawing/2017/decorative" val="1"/></a:ext></a:extLst>'
)


def _shape(
    number: int,
    name: str,
    title: str,
    form: str,
    body: str,
    text: bool = False,
    *,
    decorative: bool = False,
) -> str:
    """Return a shape; one that is ``decorative`` is passed over where a slide is read aloud."""
    kind = ' txBox="1"' if text else ""
    alt = f" descr={attribute(title)}" if title else ""
    own = f">{_DECORATIVE}</p:cNvPr>" if decorative else "/>"
    return (
        f'<p:sp><p:nvSpPr><p:cNvPr id="{number}" name={attribute(name)}{alt}{own}'
        f"<p:cNvSpPr{kind}/><p:nvPr/></p:nvSpPr><p:spPr>{form}</p:spPr>{body}</p:sp>"
    )


def _first_shape(group: Group) -> Box | Polygon | None:
    return next((item for item in group.items if isinstance(item, Box | Polygon)), None)


def _curves(group: Group) -> list[Curve]:
    return [item for item in group.items if isinstance(item, Curve)]


def _title_text(drawing: Drawing) -> Text | None:
    """Return the text that is the slide's title: the first of the group "title"."""
    for group in drawing.groups("title"):
        for item in group.items:
            if isinstance(item, Text):
                return item
    return next(
        (item for item in drawing.items if isinstance(item, Text) and item.text == drawing.title),
        None,
    )


def _bounds(group: Group) -> tuple[float, float, float, float]:
    """Return the place and size of a group's shapes."""
    corners: list[Point] = []
    for item in walked(group.items):
        if isinstance(item, Box):
            corners += [(item.x, item.y), (item.x + item.width, item.y + item.height)]
        elif isinstance(item, Polygon | Curve):
            corners += item.points
        elif isinstance(item, Text):
            corners.append((item.x, item.y))
    xs, ys = zip(*corners, strict=True)
    return min(xs), min(ys), max(xs) - min(xs), max(ys) - min(ys)
