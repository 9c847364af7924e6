"""The styles and colours of a picture: one of each kind, under names that a preamble can set."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import cycle

from ...drawing import Box, Curve, Drawing, Group, Paint, Polygon, Text
from .greys import grey_of, theme_name

__all__ = ["Styles", "node_box", "number", "word"]

Look = dict[str, str]
"""Keys of TikZ with their values: what ``fill`` is, what ``line width``."""

_ABSENT = {"fill": "fill=none", "draw": "draw=none", "dash pattern": "solid"}
_ABSENT |= {"opacity": "opacity=1", "rounded corners": "sharp corners"}
_SHARED = ("line width", "rounded corners")
"""What boxes of every kind have in common."""


class Styles:
    """What is common to pictures that stand in one file.

    Of boxes and lines the most frequent look of each kind is its style; one that looks otherwise
    says what is otherwise. The pictures are written twice: what the first time shows to be used
    once needs no style.
    """

    def __init__(self, drawings: Sequence[Drawing]) -> None:
        self.colours: dict[str, tuple[str, str]] = {}
        self.styles: dict[str, str] = {}
        self.used: Counter[tuple[str, str]] = Counter()
        self._names: dict[tuple[str, str], str] = {}
        self._hexes: dict[tuple[str, str], str] = {}
        self.settled = False
        self._kinds: dict[str, Look] = {}
        self._lines: dict[str, Look] = {}
        self._tones: dict[str, tuple[str | None, str | None]] = {}
        self._shared: Look = {}
        self._look_at_boxes(drawings)
        self._look_at_lines(drawings)

    def _look_at_boxes(self, drawings: Sequence[Drawing]) -> None:
        boxes: dict[str, Counter[tuple[Paint, str]]] = {}
        shared: dict[str, Counter[str | None]] = {key: Counter() for key in _SHARED}
        for group in _groups(drawings, "node"):
            box = node_box(group)
            if box is None:
                continue
            paint = Paint(box.paint.fill, box.paint.stroke)
            kind = word(group.classes[1]) if len(group.classes) > 1 else "box"
            boxes.setdefault(kind, Counter())[paint, _ink(group)] += 1
            look = _shared_look(box)
            for key in _SHARED:
                shared[key][look.get(key)] += 1
        for key in _SHARED:
            common = _most(shared[key])
            if common:
                self._shared[key] = common
        for kind, counted in sorted(boxes.items()):
            paint, ink = max(counted, key=lambda each: (counted[each], str(each)))
            self._tones[kind] = paint.fill, paint.stroke
            look = {}
            if paint.fill:
                look["fill"] = self._own(kind, "fill", paint.fill)
            if paint.stroke:
                look["draw"] = self._own(kind, "line", paint.stroke)
            if ink:
                look["text"] = self._ink_of(kind, ink)
            self._kinds[kind] = look
            self.styles[kind] = written_look(look)

    def _look_at_lines(self, drawings: Sequence[Drawing]) -> None:
        lines: dict[str, Counter[tuple[tuple[str, str], ...]]] = {}
        for group in _groups(drawings, "edge"):
            kind = _edge_kind(group)
            for item in group.items:
                if isinstance(item, Curve):
                    look = self._line_look(item, kind)
                    lines.setdefault(kind, Counter()).update([tuple(look.items())])
        for kind, counted in sorted(lines.items()):
            common = max(counted, key=lambda each: (counted[each], each))
            look = dict(common)
            self._lines[kind] = look
            self.styles[f"edge/{kind}"] = written_look(look)

    def box(self, group: Group, box: Box) -> str:
        """Return the options of a node."""
        kind = word(group.classes[1]) if len(group.classes) > 1 else "box"
        look = self._look(box.paint, kind, box)
        ink = _ink(group)
        if ink:
            look["text"] = self._ink_of(kind, ink)
        return ", ".join(
            [f"archgraph/box={kind}", *_otherwise(look, self._shared | self._kinds[kind])]
        )

    def face(self, group: Group, shape: Polygon | Box) -> str:
        """Return the options of a further face of a node: a mix of its kind's colours."""
        kind = word(group.classes[1]) if len(group.classes) > 1 else "box"
        if kind not in self._tones:
            return self.shape(group, shape)
        look = self._look(shape.paint, kind, shape if isinstance(shape, Box) else None)
        return self._named(f"{kind} face", look)

    def line(self, group: Group, curve: Curve) -> str:
        """Return the options of a line that joins nodes."""
        kind = _edge_kind(group)
        look = self._line_look(curve, kind)
        return ", ".join([f"archgraph/line={kind}", *_otherwise(look, self._lines[kind])])

    def shape(self, group: Group | None, shape: Box | Polygon | Curve) -> str:
        """Return the options of a shape that is no box and no line of the graph."""
        place = _place(group)
        paint = shape.paint
        box = shape if isinstance(shape, Box) else None
        if box is not None and place == "legend":
            for kind, tone in self._tones.items():
                if tone == (paint.fill, paint.stroke):
                    return f"archgraph/look={kind}, {self._named('swatch', _shared_look(box))}"
        look = self._look(paint, place, box)
        if isinstance(shape, Curve):
            kind = self._line_like(shape) if place == "legend" else ""
            if kind:
                return f"archgraph/line={kind}"
            if shape.arrow:
                look["archgraph/arrow"] = ""
        return self._named(place, look)

    def _line_like(self, curve: Curve) -> str:
        """Return the kind of lines that look like this one in the legend."""
        for kind, line in self._lines.items():
            own = self._line_look(curve, kind)
            same = own | {"draw": ""} == line | {"draw": ""}
            if same and self._hex(own["draw"]) == self._hex(line["draw"]):
                return kind
        return ""

    def _hex(self, name: str) -> str:
        return self.colours[name.removeprefix("archgraph ")][0]

    def text(self, group: Group | None, text: Text) -> str:
        """Return the options of a text that stands in no node."""
        place = _place(group).split(" ")[0]
        look = {"text": self._shared_colour(text.color, place), "font": _font(text)}
        return self._named(f"text/{place}", look)

    def fill(self, colour: str) -> str:
        """Return the name of a colour that fills the page."""
        return self._shared_colour(colour, "background")

    def base(self) -> str:
        """Return what boxes of every kind have."""
        return written_look(self._shared)

    def _named(self, place: str, look: Look) -> str:
        """Return the options of a look: a style where it is used twice."""
        options = written_look(look)
        key = (place, options)
        self.used[key] += 1
        if self.settled and self._count[key] < 2 and not place.startswith(("frame", "text/")):
            return options
        if key not in self._names:
            taken = sum(1 for other, _ in self._names if other == place)
            self._names[key] = place if not taken else f"{place} {taken + 1}"
        name = self._names[key]
        if self.settled:
            plain = "archgraph/plain, " if name.startswith("text/") else ""
            self.styles[name] = plain + options
        return f"archgraph/look={name}"

    def settle(self) -> None:
        """End the first writing."""
        self.settled, self._count = True, Counter(self.used)
        self._names.clear()

    def _look(self, paint: Paint, place: str, box: Box | None = None) -> Look:
        look: Look = {}
        if paint.fill:
            look["fill"] = self._colour(paint.fill, place, "fill")
        if paint.stroke:
            look["draw"] = self._colour(paint.stroke, place, "line")
            look["line width"] = f"{number(paint.width)}bp"
            if paint.dash:
                look["dash pattern"] = _pattern(paint)
        if paint.opacity < 1:
            look["opacity"] = number(paint.opacity)
        if box is not None and box.rounding:
            look["rounded corners"] = _rounding(box)
        return look

    def _line_look(self, curve: Curve, kind: str) -> Look:
        paint = curve.paint
        look = {"draw": self._line_colour(paint.stroke or "#000000", kind)}
        look["line width"] = f"{number(paint.width)}bp"
        if paint.dash:
            look["dash pattern"] = _pattern(paint)
        if paint.opacity < 1:
            look["opacity"] = number(paint.opacity)
        return look

    def _line_colour(self, colour: str, kind: str) -> str:
        if kind == "data":
            return self._shared_colour(colour, "line")
        return self._add(kind if theme_name(colour) else f"{kind} line", colour, grey_of(colour))

    def _colour(self, colour: str, place: str, part: str) -> str:
        if place in self._tones:
            fill, stroke = self._tones[place]
            if colour == (fill if part == "fill" else stroke):
                return f"archgraph {place} {part}"
            mixed = _mixed(colour, place, fill, stroke)
            if mixed:
                return mixed
        return self._shared_colour(colour, f"{place} {part}")

    def _own(self, kind: str, part: str, colour: str) -> str:
        grey = grey_of(colour, kind, "fill" if part == "fill" else "stroke")
        return self._add(f"{kind} {part}", colour, grey)

    def _ink_of(self, kind: str, colour: str) -> str:
        grey = grey_of(colour, kind, "text")
        if grey == grey_of(colour):
            return self._shared_colour(colour, f"{kind} text")
        return self._add(f"{kind} text", colour, grey)

    def _shared_colour(self, colour: str, hint: str) -> str:
        return self._add(theme_name(colour) or hint, colour, grey_of(colour))

    def _add(self, name: str, colour: str, grey: str) -> str:
        """Return the name of a colour; another gets a number behind it."""
        known = self._hexes.get((name, colour))
        if known is None:
            free, count = name, 1
            while free in self.colours and self.colours[free] != (colour, grey):
                count += 1
                free = f"{name} {count}"
            self.colours[free] = (colour, grey)
            known = self._hexes[name, colour] = free
        return f"archgraph {known}"


def node_box(group: Group) -> Box | None:
    """Return the box of a node: its first."""
    return next((item for item in group.items if isinstance(item, Box)), None)


def word(text: str) -> str:
    """Return a word that names of styles, colours and nodes may have."""
    return re.sub(r"[^A-Za-z0-9_ -]+", "-", text).strip("- ") or "other"


def number(value: float) -> str:
    """Return a length with two decimals at most, never in powers of ten."""
    text = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if text in ("-0", "") else text


def _shared_look(box: Box) -> Look:
    """Return what boxes of all kinds have of a box."""
    look = {"line width": f"{number(box.paint.width)}bp"} if box.paint.stroke else {}
    return look | ({"rounded corners": _rounding(box)} if box.rounding else {})


def _rounding(box: Box) -> str:
    """Return the radius of a box's corners: those that leave no side at all stay sharp in TikZ."""
    return f"{number(min(box.rounding, min(box.width, box.height) / 2 - 0.01))}bp"


def written_look(look: Mapping[str, str]) -> str:
    """Return keys and values as TikZ takes them."""
    return ", ".join(f"{key}={value}" if value else key for key, value in look.items())


def _groups(drawings: Sequence[Drawing], kind: str) -> Iterable[Group]:
    for drawing in drawings:
        yield from drawing.groups(kind)


def _place(group: Group | None) -> str:
    """Return what a shape is called that is no box and no line of the graph."""
    place = word(" ".join(group.classes[:2])) if group else "shape"
    return "frame" if place.startswith("cluster") else place


def _edge_kind(group: Group) -> str:
    return word(group.classes[1]) if len(group.classes) > 1 else "data"


def _ink(group: Group) -> str:
    """Return the colour of a node's first words."""
    return next((item.color for item in group.items if isinstance(item, Text)), "")


def _otherwise(look: Look, usual: Look) -> list[str]:
    """Return what of a look is not as usual."""
    found = [f"{key}={value}" for key, value in look.items() if usual.get(key) != value]
    return found + [_ABSENT[key] for key in usual if key not in look and key in _ABSENT]


def _most(counted: Counter[str | None]) -> str | None:
    return max(counted, key=lambda each: (counted[each], str(each))) if counted else None


def _pattern(paint: Paint) -> str:
    words = zip(cycle(("on", "off")), paint.dashes, strict=False)
    return " ".join(f"{state} {number(length)}bp" for state, length in words)


def _font(text: Text) -> str:
    face = (r"\bfseries" if text.bold else "") + (r"\itshape" if text.italic else "")
    return rf"\archgraphat{{{number(text.size)}}}{face}"


def _mixed(colour: str, kind: str, fill: str | None, stroke: str | None) -> str:
    """Return a colour between a kind's fill and white, or its line, as xcolor mixes them."""
    if not fill:
        return ""
    ends = [("white", "#ffffff"), *([(f"archgraph {kind} line", stroke)] if stroke else [])]
    for name, other in ends:
        one, two, wanted = (bytes.fromhex(each.lstrip("#")) for each in (fill, other, colour))
        spread = [(b - a, c - a) for a, b, c in zip(one, two, wanted, strict=True)]
        widest = max(spread, key=lambda each: abs(each[0]))
        if not widest[0]:
            continue
        part = widest[1] / widest[0]
        near = all(abs(delta * part - wanted_delta) <= 1.5 for delta, wanted_delta in spread)
        if 0 < part < 1 and near:
            return f"archgraph {kind} fill!{number(100 * (1 - part))}!{name}"
    return ""
