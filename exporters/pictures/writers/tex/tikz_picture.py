"""One picture of TikZ: boxes beside one another, lines tied to them, and what stands around."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from ...drawing import Box, Curve, Drawing, Group, Item, Point, Polygon, Text, walked
from .tex_text import escaped
from .tikz_edges import path_of, roundings, tip_of
from .tikz_places import Placed, Places
from .tikz_styles import Styles, number

__all__ = ["picture"]

LINE = 1.25
"""How high a line of text is, in sizes of it."""
DOWN = 0.3
"""How far below its baseline it reaches, in sizes."""
GAP = 0.8
"""How far a bar's name is from the facts beside it, in sizes."""
SLACK = 0.4
"""How far lines may stand from where a node puts them by itself, in points."""


def picture(drawing: Drawing, styles: Styles) -> list[str]:
    """Return the lines of a ``tikzpicture`` of a drawing's size, its units big points."""
    return list(_Picture(drawing, styles).lines())


class _Picture:
    """A picture in the making.

    Boxes come first, so that all else can be tied to them; what is drawn below them goes to the
    background. Where boxes overlap, as volumes do, everything keeps its order, and coordinates
    with the boxes' names come first.
    """

    def __init__(self, drawing: Drawing, styles: Styles) -> None:
        self.drawing, self.styles = drawing, styles
        self.items = list(_opened(drawing.items))
        nodes = [item for item in self.items if isinstance(item, Group) and _is_node(item)]
        self.places = Places(nodes, drawing.height)
        self.layered = not any(
            isinstance(item, Polygon) for each in self.places.all for item in each.group.items
        )
        self.joined = [item.ends for item in self.items if isinstance(item, Group) and item.ends]
        self.label, self.small = _sizes([each.group for each in self.places.all])

    def lines(self) -> Iterator[str]:
        drawing = self.drawing
        size = f"({number(drawing.width)},{number(drawing.height)})"
        sizes = f"{{{number(self.label)}}}{{{number(self.small)}}}"
        yield rf"\begin{{tikzpicture}}[archgraph/picture={sizes}]"
        yield rf"\path[use as bounding box] (0,0) rectangle {size};"
        ground = []
        if drawing.background and drawing.background != "#ffffff":
            fill = self.styles.fill(drawing.background)
            ground = [rf"\fill[{fill}] (0,0) rectangle {size};"]
        if not self.places.all or not self.layered:
            yield from ground
            yield from self._coordinates()
            yield from self._sequence(self.items)
        else:
            yield from self._layers(ground)
        yield r"\end{tikzpicture}"

    def _layers(self, ground: Sequence[str]) -> Iterator[str]:
        places = [index for index, item in enumerate(self.items) if _is_node(item)]
        below: list[Item] = []
        above: list[Item] = []
        for index, item in enumerate(self.items):
            if _is_node(item):
                continue
            tied = isinstance(item, Group) and item.classes[:1] in (("edge",), ("cluster",))
            low = index < places[0] or (tied and index < places[-1])
            (below if low else above).append(item)
        yield "% boxes"
        for placed, place in self.places.order(self.joined):
            yield from self._node(placed, place)
        if ground or below:
            yield "% lines and what lies below the boxes"
            yield r"\begin{scope}[on background layer]"
            yield from ground
            yield from self._sequence(below)
            yield r"\end{scope}"
        if above:
            yield "% what stands around"
            yield from self._sequence(above)

    def _coordinates(self) -> Iterator[str]:
        if self.places.all:
            yield "% where boxes stand: what is changed here moves a box and the ends of its lines"
        for each in self.places.all:
            yield rf"\coordinate ({each.name}) at {self.places.point(each.centre)};"

    def _sequence(self, items: Iterable[Item], group: Group | None = None) -> Iterator[str]:
        for item in items:
            if isinstance(item, Group):
                placed = self.places.of.get(id(item))
                if placed is not None:
                    yield from self._node(placed, f"at={{({placed.name})}}")
                elif item.classes[:1] == ("cluster",):
                    yield from self._frame(item)
                elif (boxed := self._boxed(item)) is not None:
                    yield boxed
                else:
                    yield from self._sequence(item.items, item)
            elif isinstance(item, Curve):
                yield self._curve(item, group)
            elif isinstance(item, Text):
                yield self._text(item, group, self.places.point((item.x, item.y)))
            else:
                yield self._shape(item, group)

    def _node(self, placed: Placed, place: str) -> Iterator[str]:
        """Yield a box with the words in it, and what else is drawn on it."""
        box, group = placed.box, placed.group
        words = self._label(group, box)
        size = f"archgraph/size={{{number(box.width)}}}{{{number(box.height)}}}"
        options = f"{self.styles.box(group, box)}, {size}, {place}"
        below = _texts(group)[1:]
        if words and below and abs(below[0].size - self.small) > 0.01:
            options += rf", font=\archgraphat{{{number(below[0].size)}}}"
        yield rf"\node[{options}] ({placed.name}) {{{words or ''}}};"
        rest = [
            item
            for item in group.items
            if item is not box and not isinstance(item, Group) and not (words and _is_text(item))
        ]
        if not rest:
            return
        yield rf"\begin{{scope}}[shift={{({placed.name}.center)}}]"
        for item in rest:
            yield self._on_node(item, placed)
        yield r"\end{scope}"

    def _on_node(self, item: Item, placed: Placed) -> str:
        """Return what is drawn on a box, in coordinates around its centre."""
        x, y = placed.centre
        inner = Places((), 0.0)

        def moved(at: Point) -> Point:
            return at[0] - x, at[1] - y

        group = placed.group
        if isinstance(item, Text):
            return self._text(item, group, inner.point(moved((item.x, item.y))))
        if isinstance(item, Curve):
            segments = tuple(tuple(map(moved, part)) for part in item.segments)
            curve = Curve(moved(item.start), segments, item.paint, item.arrow)
            options = self.styles.shape(group, item)
            return rf"\path[{options}] {path_of(curve, None, inner, named=False)};"
        if isinstance(item, Polygon):
            corners = " -- ".join(inner.point(moved(each)) for each in item.points)
            return rf"\path[{self.styles.face(group, item)}] {corners} -- cycle;"
        assert isinstance(item, Box)
        low, high = moved((item.x, item.y + item.height)), moved((item.x + item.width, item.y))
        options = self.styles.face(group, item)
        return rf"\path[{options}] {inner.point(low)} rectangle {inner.point(high)};"

    def _frame(self, group: Group) -> Iterator[str]:
        """Yield a frame that goes with the boxes in it, and its name in its corner."""
        box = next((item for item in group.items if isinstance(item, Box)), None)
        corners = self.places.corners(box) if box and self.layered else None
        if box is None or corners is None:
            yield from self._sequence(group.items, group)
            return
        low, high = corners
        yield rf"\path[{self.styles.shape(group, box)}] ({low}) rectangle ({high});"
        for item in group.items:
            if isinstance(item, Text):
                yield self._text(item, group, self._in_frame(item, box, low, high))
            elif item is not box:
                yield from self._sequence([item], group)

    def _in_frame(self, text: Text, box: Box, low: str, high: str) -> str:
        """Return where a word stands by the corner of its frame that is nearer."""
        right = text.x - box.x > box.x + box.width - text.x
        under = text.y - box.y > box.y + box.height - text.y
        across = (high if right else low).split("]")[1].split(" |- ")[0]
        along = (low if under else high).split(" |- ")[1]
        anchors = {each.name: each for each in self.places.all}
        one, other = (anchors[each.rsplit(".", 1)[0]].box for each in (across, along))
        x = text.x - one.x - (one.width if right else 0.0)
        y = other.y + (other.height if under else 0.0) - text.y
        return f"([shift={{({number(x)},{number(y)})}}]{across} |- {along})"

    def _boxed(self, group: Group) -> str | None:
        """Return a box with words that is no node of the network, as one node; None for others."""
        box = group.items[0] if group.items else None
        if not isinstance(box, Box) or not all(map(_is_text, group.items[1:])):
            return None
        words = self._label(group, box, own=True)
        if not words or group.classes[:1] == ("bar",):
            return None
        text = next(item for item in group.items if isinstance(item, Text))
        size = f"archgraph/size={{{number(box.width)}}}{{{number(box.height)}}}"
        styles = f"{self.styles.text(group, text)}, {self.styles.shape(group, box)}"
        centre = self.places.point((box.x + box.width / 2, box.y + box.height / 2))
        return rf"\node[{styles}, {size}] at {centre} {{{words}}};"

    def _label(self, group: Group, box: Box, *, own: bool = False) -> str:
        """Return the words of a box, one line below the other; nothing where they stand otherwise.

        ``own``: the box has a font of its own, that of its words.
        """
        texts = _texts(group)
        if not texts or any(text.rotate or text.italic for text in texts):
            return ""
        head = escaped(texts[0].text) if own else self._head(texts[0])
        if [text.anchor for text in texts] == ["start", "end"] and texts[0].y == texts[1].y:
            gap = texts[0].size * GAP
            words = rf"{head}\hspace{{{number(gap)}bp}}{escaped(texts[1].text)}"
            return rf"\archgraphfit{{{words}}}"
        aside = 2 * (box.x + box.width / 2 - texts[0].x)
        if aside < -0.1 or not _stacked(texts, box):
            return ""
        if len(texts) == 1 and len(texts[0].text) > 3 and aside <= 0.1:
            return rf"\archgraphfit{{{head}}}"
        words = r"\\".join([head, *(escaped(text.text) for text in texts[1:])])
        return rf"\archgraphaside{{{number(aside)}}}{{{words}}}" if aside > 0.1 else words

    def _head(self, text: Text) -> str:
        """Return a first line, in the size of the picture's labels unless it has another."""
        command = "archgraphname" if text.bold else "archgraphhead"
        size = "" if abs(text.size - self.label) < 0.01 else f"[{number(text.size)}]"
        return rf"\{command}{size}{{{escaped(text.text)}}}"

    def _curve(self, curve: Curve, group: Group | None) -> str:
        path = path_of(curve, group, self.places, named=self.layered)
        if group is None or group.classes[:1] != ("edge",):
            return rf"\path[{self.styles.shape(group, curve)}] {path};"
        options = self.styles.line(group, curve)
        radii = roundings(curve)
        if "controls" not in path and (" ++" in path or "|" in path):
            if not radii:
                options += ", sharp corners"
            elif abs(min(radii) - 5.0) > 0.3:
                options += f", rounded corners={number(min(radii))}bp"
        if not curve.arrow:
            options += ", -"
        elif tip_of(curve):
            options += f", archgraph/tip={tip_of(curve)}"
        return rf"\draw[{options}] {path};"

    def _shape(self, item: Box | Polygon, group: Group | None) -> str:
        options = self.styles.shape(group, item)
        if isinstance(item, Polygon):
            corners = " -- ".join(map(self.places.point, item.points))
            return rf"\path[{options}] {corners} -- cycle;"
        low, high = (item.x, item.y + item.height), (item.x + item.width, item.y)
        return rf"\path[{options}] {self.places.point(low)} rectangle {self.places.point(high)};"

    def _text(self, text: Text, group: Group | None, place: str) -> str:
        anchor = {"start": "base west", "middle": "base", "end": "base east"}[text.anchor]
        turn = f", rotate={number(-text.rotate)}" if text.rotate else ""
        style = self.styles.text(group, text)
        return rf"\node[{style}, anchor={anchor}{turn}] at {place} {{{escaped(text.text)}}};"


def _opened(items: Iterable[Item]) -> Iterator[Item]:
    """Yield items, and what is in a group of nodes."""
    for item in items:
        if (
            isinstance(item, Group)
            and not _is_node(item)
            and any(map(_is_node, walked(item.items)))
        ):
            yield from _opened(item.items)
        else:
            yield item


def _is_node(item: Item) -> bool:
    return (
        isinstance(item, Group)
        and item.classes[:1] == ("node",)
        and any(isinstance(each, Box) for each in item.items)
    )


def _is_text(item: Item) -> bool:
    return isinstance(item, Text)


def _texts(group: Group) -> list[Text]:
    return [item for item in group.items if isinstance(item, Text)]


def _stacked(texts: Sequence[Text], box: Box) -> bool:
    """Return whether lines stand in the middle of a box as TikZ puts them there."""
    if any(text.anchor != "middle" or abs(text.x - texts[0].x) > 0.01 for text in texts):
        return False
    if len({text.size for text in texts[1:]}) > 1 or len({text.color for text in texts}) > 1:
        return False
    top = box.y + box.height / 2 - sum(LINE * text.size for text in texts) / 2
    for text in texts:
        top += LINE * text.size
        if abs(text.y - (top - DOWN * text.size)) > SLACK:
            return False
    return not any(text.bold for text in texts[1:])


def _sizes(groups: Sequence[Group]) -> tuple[float, float]:
    """Return the most frequent sizes of first and of other lines in boxes, in points."""
    heads = Counter(texts[0].size for group in groups if (texts := _texts(group)))
    others = Counter(text.size for group in groups for text in _texts(group)[1:])
    label = max(heads, key=lambda size: (heads[size], size)) if heads else 10.0
    small = max(others, key=lambda size: (others[size], size)) if others else 0.8 * label
    return label, small
