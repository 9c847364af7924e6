"""The drawing: positioned shapes and text, all that a file format needs to know.

Units are points (1/72 inch), the origin is the top left corner, y grows downwards, colours are
``#rrggbb``. Layouts make drawings; each writer turns the same drawing into one file format.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from .dress.fonts_named import SANS, Font

if TYPE_CHECKING:
    from .plots import Plot
    from .template import Template

__all__ = [
    "Anchor",
    "Box",
    "Curve",
    "Drawing",
    "Group",
    "Item",
    "Paint",
    "Point",
    "Polygon",
    "Text",
    "Themed",
    "walked",
]


class Themed(str):
    """A colour ``#rrggbb`` that knows which colour of a theme it is a tint of.

    ``family`` is a kind of box ("conv"), "conv frame" for a frame in its hue, "ground" for what is
    nearly the page's colour, "ink" for what stands out from it, or "pale" for ink that need not be
    read. ``on`` is the fill that text in this colour stands on. Formats that know themes, such as
    slides, name their theme's colour; all others take the value. A colour that means a value, or
    that a user chose, is a plain string and stays what it is.
    """

    __slots__ = ("family", "on")
    family: str
    on: str

    def __new__(cls, value: str, family: str, on: str = "") -> Themed:
        """Return the colour ``value``, a tint of ``family``."""
        made = super().__new__(cls, value)
        made.family, made.on = family, on
        return made


Point = tuple[float, float]
Anchor = Literal["start", "middle", "end"]


@dataclass(frozen=True, slots=True)
class Paint:
    """How a shape is filled and outlined; None leaves the fill or the outline out."""

    fill: str | None = None
    stroke: str | None = None
    width: float = 1.0
    dash: tuple[float, ...] = ()
    opacity: float = 1.0

    @property
    def dashes(self) -> tuple[float, ...]:
        """Lengths of dashes and gaps in turn, as many of these as of those."""
        return self.dash if len(self.dash) % 2 == 0 else self.dash * 2


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle with rounded corners; ``radius`` of half its height makes a pill or circle."""

    x: float
    y: float
    width: float
    height: float
    paint: Paint
    radius: float = 0.0

    @property
    def rounding(self) -> float:
        """The radius that there is room for."""
        return min(self.radius, self.width / 2, self.height / 2)


@dataclass(frozen=True, slots=True)
class Polygon:
    """A closed shape through these corners."""

    points: tuple[Point, ...]
    paint: Paint


@dataclass(frozen=True, slots=True)
class Curve:
    """An open line: a start, then straight segments (1 point) or cubic Béziers (3 points)."""

    start: Point
    segments: tuple[tuple[Point, ...], ...]
    paint: Paint
    arrow: bool = False

    @property
    def points(self) -> tuple[Point, ...]:
        """Every point that it is made of, control points included."""
        return (self.start, *(point for part in self.segments for point in part))


@dataclass(frozen=True, slots=True)
class Text:
    """One line of text; (x, y) is on its baseline, at its start, middle or end."""

    x: float
    y: float
    text: str
    size: float
    color: str
    anchor: Anchor = "middle"
    bold: bool = False
    italic: bool = False
    rotate: float = 0.0
    """Degrees clockwise around (x, y)."""


@dataclass(frozen=True, slots=True)
class Group:
    """Shapes that belong together: a node, an edge, a cluster, the legend.

    ``classes`` start with the kind ("node", "edge", "cluster", "legend", "axis", …), followed by
    finer ones ("conv", "shortcut"). ``id`` is the node's name, or ``source->target``. ``title``
    is the full facts that show on hover and in alternative texts. ``ends`` are the ids of the
    nodes that an edge joins, so that a connector can be glued to them.
    """

    id: str
    classes: tuple[str, ...]
    items: tuple[Item, ...]
    title: str = ""
    ends: tuple[str, str] | None = None
    data: tuple[tuple[str, str], ...] = ()
    """What scripts read of it: names and values of ``data-*`` attributes."""
    plots: tuple[Plot, ...] = ()
    """What formats with charts of their own draw instead of its items."""


Item = Box | Polygon | Curve | Text | Group


@dataclass(frozen=True, slots=True)
class Drawing:
    """One picture, slide or page."""

    width: float
    height: float
    items: tuple[Item, ...]
    title: str
    description: str = ""
    background: str | None = None
    notes: str = ""
    """What a presenter reads: the cost table."""
    dpi: float | None = None
    """Pixels of an inch of its image; None for a screen's."""
    font: Font = SANS
    """The font of all its text, by whose metrics it is laid out."""
    template: Template | None = None
    """The deck whose slide it is; it has its size."""

    def groups(self, kind: str) -> Iterator[Group]:
        """Yield every group, at any depth, whose first class is ``kind``."""
        for item in walked(self.items):
            if isinstance(item, Group) and item.classes[:1] == (kind,):
                yield item

    def shapes(self) -> Iterator[Box | Polygon | Curve | Text]:
        """Yield what is drawn, at any depth, from the back to the front."""
        for item in walked(self.items):
            if not isinstance(item, Group):
                yield item


def walked(items: Iterable[Item]) -> Iterator[Item]:
    """Yield items and, behind each group, what it holds."""
    for item in items:
        yield item
        if isinstance(item, Group):
            yield from walked(item.items)
