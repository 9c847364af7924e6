"""The sheet of a picture: its canvas, its colours, and the words around what is drawn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from .choices import CANVASES, ChartChoices, Choices, CurveChoices, RooflineChoices
from .drawing import Drawing, Group, Item, Text
from .layout.scene import Space
from .look.colour import Colouring
from .look.legend import HEIGHT as LEGEND
from .look.legend import legend
from .look.theme import THEMES, Theme
from .text.widths import shortened, text_width

__all__ = ["HEADER", "MARGIN", "Sheet"]

MARGIN = 20.0
HEADER = 46.0
TITLE, SUBTITLE = 17.0, 10.0
LEAST = 420.0
"""How wide a sheet is at least where the picture says how large it is."""

_AROUND = (2 * MARGIN, HEADER + LEGEND + MARGIN + 6)
"""What title, legend and margins take of a canvas's width and height."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """What a page is drawn on, and what is said around the picture.

    ``size`` is the canvas in points, None for as large as the picture; ``notes`` are what a
    presenter reads; the sheet is the ``number``-th of ``count``.
    """

    size: tuple[float, float] | None
    theme: Theme
    title: str = ""
    subtitle: str = ""
    notes: str = ""
    number: int = 1
    count: int = 1

    @classmethod
    def of(
        cls,
        choices: Choices | ChartChoices | CurveChoices | RooflineChoices,
        title: str = "",
        subtitle: str = "",
        notes: str = "",
    ) -> Sheet:
        """Return the sheet that a user chose, with these words."""
        return cls(CANVASES[choices.fit], THEMES[choices.theme], title, subtitle, notes)

    @property
    def space(self) -> Space:
        """What title, legend and margins leave of the canvas, in points."""
        return self.size and (self.size[0] - _AROUND[0], self.size[1] - _AROUND[1])

    @property
    def extent(self) -> tuple[float, float]:
        """The size of a sheet that has one."""
        assert self.size is not None
        return self.size

    def holding(self, width: float, height: float) -> Sheet:
        """Return the sheet; one without a canvas gets one around a picture of this size."""
        if self.size is not None:
            return self
        words = (text_width(self.title, TITLE, bold=True), text_width(self.subtitle, SUBTITLE))
        wide = max(width, *words, LEAST)
        return replace(self, size=(wide + _AROUND[0], height + _AROUND[1]))

    def header(self) -> Group:
        """Return the title, the line below it and, of several pages, the number."""
        width, theme = self.extent[0], self.theme
        room = width - 2 * MARGIN - (60 if self.count > 1 else 0)
        title = shortened(self.title, TITLE, room, bold=True)
        subtitle = shortened(self.subtitle, SUBTITLE, room)
        items = [
            Text(MARGIN, MARGIN + 8, title, TITLE, theme.ink, "start", bold=True),
            Text(MARGIN, MARGIN + 23, subtitle, SUBTITLE, theme.soft, "start"),
        ]
        if self.count > 1:
            words = f"{self.number} / {self.count}"
            items.append(Text(width - MARGIN, MARGIN + 8, words, SUBTITLE, theme.soft, "end"))
        return Group("title", ("title",), tuple(items))

    def legend(self, colouring: Colouring, kinds: Sequence[str] = ()) -> Group:
        """Return the legend of these colours and kinds of lines, at the sheet's foot."""
        width, height = self.extent
        middle = height - MARGIN / 2 - LEGEND / 2
        return legend(colouring, kinds, self.theme, MARGIN, middle, width - 2 * MARGIN)

    def drawing(self, items: Sequence[Item], described: str, title: str = "") -> Drawing:
        """Return the finished page; ``described`` is what those hear who do not see it."""
        title = title or self.title
        if self.count > 1:
            title += f" ({self.number} of {self.count})"
        return Drawing(
            *self.extent, tuple(items), title, described, self.theme.background, self.notes
        )
