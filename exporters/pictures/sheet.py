"""The sheet of a picture: its canvas, its colours, and the words around what is drawn."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import ceil

from archgraph.errors import DrawError

from .canvas import CANVASES, PAGE, SMALLEST, USUAL, Canvas
from .choices import Choices, Looks
from .drawing import Drawing, Group, Item, Text
from .dress.spoken import say
from .dress.worn import worn
from .layout.scene import Rect, Space, Upright
from .look.colour import Colouring
from .look.legend import HEIGHT as LEGEND
from .look.legend import ROW, legend, legend_rows
from .look.theme import Theme
from .look.themes_worn import theme_of
from .text.widths import shortened, text_width
from .true_size import cut_out, used_height

__all__ = ["HEADER", "MARGIN", "Sheet"]

MARGIN = 20.0
HEADER = 46.0
TITLE, SUBTITLE = 17.0, 10.0
HEADING = 12.0
"""The size of a title on paper, which has none unless it is asked for."""
CHART, LOWEST = 0.6, 300.0
"""How high a chart is against its width where that alone is given, and at least, in points."""
ASIDE = 4.5
"""What stands around a chart on paper, in points as printed."""
ONE_ROW = 800.0
"""How wide a legend in one row is thought to be at most, in points."""
PART = 0.25
"""How much of a canvas's height a legend of several rows takes at most."""
LEAST = 420.0
"""How wide a sheet is at least where the picture says how large it is."""

_AROUND = (2 * MARGIN, HEADER + LEGEND + MARGIN + 6)
"""What title, legend and margins take of a canvas's width and height."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """What a page is drawn on, and what is said around the picture.

    ``size`` is the sheet in points, None for as large as the picture; ``notes`` are what a
    presenter reads; the sheet is the ``number``-th of ``count``.

    Everything is laid out between the same margins, title and legend. Of what is not wanted, and
    of margins that ``canvas`` has not, the sheet is larger than the canvas; ``drawing`` cuts it
    off. ``words`` are what a user wants as the title, or whether there is one; ``key`` is whether
    there is a legend, for which there is room for so many ``rows``.
    """

    size: tuple[float, float] | None
    theme: Theme
    title: str = ""
    subtitle: str = ""
    notes: str = ""
    number: int = 1
    count: int = 1
    canvas: Canvas = CANVASES["none"]
    words: str | bool = True
    key: bool = True
    rows: int = 1
    foot: float = 0.0
    """Room for notes below the picture, in points."""

    @classmethod
    def of(
        cls,
        choices: Looks,
        title: str = "",
        subtitle: str = "",
        notes: str = "",
    ) -> Sheet:
        """Return the sheet that a user chose, with these words."""
        canvas = _with_labels(choices.canvas, choices)
        if canvas.template is not None and canvas.template.dark and choices.theme == "light":
            choices = replace(choices, theme="dark")
        is_chart = not isinstance(choices, Choices)
        if is_chart and not canvas.title:  # words below its ends stand out a little
            canvas = replace(canvas, margin=ASIDE)
        words = canvas.title if choices.title is None else choices.title
        sheet = cls(
            None,
            theme_of(choices),
            title,
            subtitle,
            notes,
            canvas=canvas,
            words=words,
            key=choices.legend,
        )
        return sheet._sized(chart=is_chart)

    def _sized(self, *, chart: bool) -> Sheet:
        """Return the sheet as large as its canvas, and what is cut off, asks for."""
        canvas = self.canvas
        if canvas.width is None:
            return self
        left, top, bottom = self._cuts
        width = canvas.width / canvas.zoom + 2 * left
        height = (canvas.height or PAGE) / canvas.zoom
        if chart and canvas.height is None:
            height = max(CHART * width, LOWEST)
        rows = 1
        if self.key and not self._is_whole:  # of a low canvas the legend takes a part
            wanted = ceil(ONE_ROW / (width - 2 * MARGIN))
            rows = max(1, min(wanted, int(PART * height / ROW)))
        height += top + bottom - ROW * (rows - 1)
        return replace(self, size=(width, height), rows=rows)

    @property
    def _is_whole(self) -> bool:
        """Whether nothing is cut off."""
        canvas = self.canvas
        return bool(self.words) and self.key and canvas.zoom == 1.0 and canvas.margin is None

    @property
    def margin(self) -> float:
        """What stands around the picture in the end, in points of the sheet."""
        canvas = self.canvas
        return MARGIN if canvas.margin is None else canvas.margin / canvas.zoom

    @property
    def _cuts(self) -> tuple[float, float, float]:
        """What is cut off at each side, at the top and at the bottom."""
        if self._is_whole:
            return 0.0, 0.0, 0.0
        margin = self.margin
        top = MARGIN if self.words else HEADER + 4
        if self.words and self.canvas.above:
            top = MARGIN + 14
        bottom = MARGIN / 2 if self.key else LEGEND + MARGIN - 2
        return MARGIN - margin, top - margin, bottom - margin

    @property
    def grows(self) -> bool:
        """Whether the sheet is as high as the picture, or as wide, too."""
        return self.size is None or self.canvas.height is None

    @property
    def space(self) -> Space:
        """What title, legend and margins leave of the canvas, in points."""
        if self.size is None:
            return None
        room = (self.size[0] - _AROUND[0], self.size[1] - _AROUND[1] - self.foot)
        return Upright(room) if self.grows else room

    @property
    def extent(self) -> tuple[float, float]:
        """The size of a sheet that has one."""
        assert self.size is not None
        return self.size

    def holding(self, width: float, height: float) -> Sheet:
        """Return the sheet; one without a canvas gets one around a picture of this size.

        One whose width alone is given becomes as high as the picture needs it.
        """
        if self.size is not None:
            high = height + _AROUND[1] + self.foot
            return replace(self, size=(self.size[0], high)) if self.grows else self
        words = (text_width(self._title, TITLE, bold=True), text_width(self.subtitle, SUBTITLE))
        wide = max(width, *(words if self.words else ()), LEAST if self.words else 0.0)
        return replace(self, size=(wide + _AROUND[0], height + _AROUND[1] + self.foot))

    @property
    def width_within(self) -> float:
        """How wide what is on the sheet may be; of one without a size, as it is at least."""
        return (self.size[0] if self.size else LEAST + _AROUND[0]) - 2 * MARGIN

    @property
    def area(self) -> Rect:
        """Where the picture and what is beside it may stand."""
        width, height = self.extent
        low = height - MARGIN / 2 - LEGEND - 4 - self.foot
        return Rect(MARGIN, HEADER, width - 2 * MARGIN, low - HEADER)

    @property
    def _title(self) -> str:
        return self.words if isinstance(self.words, str) and self.words else self.title

    def header(self) -> Group:
        """Return the title, the line below it and, of several pages, the number."""
        width, theme = self.extent[0], self.theme
        room = width - 2 * MARGIN - (60 if self.count > 1 else 0)
        items: list[Item] = []
        if self.words and self.canvas.above:
            subtitle = shortened(self.subtitle, SUBTITLE, room)
            items.append(Text(MARGIN, MARGIN + 23, subtitle, SUBTITLE, theme.soft, "start"))
        elif self.words and self.canvas.title:
            title = shortened(self._title, TITLE, room, bold=True)
            subtitle = shortened(self.subtitle, SUBTITLE, room)
            items += [
                Text(MARGIN, MARGIN + 8, title, TITLE, theme.ink, "start", bold=True),
                Text(MARGIN, MARGIN + 23, subtitle, SUBTITLE, theme.soft, "start"),
            ]
        elif self.words:
            title = shortened(self._title, HEADING, room, bold=True)
            base = HEADER - 10
            items.append(Text(MARGIN, base, title, HEADING, theme.ink, "start", bold=True))
        if self.words and self.count > 1 and not self.canvas.above:
            words = f"{self.number} / {self.count}"
            items.append(Text(width - MARGIN, MARGIN + 8, words, SUBTITLE, theme.soft, "end"))
        # Elsewhere on the slide it is not drawn here.
        elsewhere = self._title if self.canvas.above else ""
        if elsewhere and self.count > 1:
            elsewhere += say(" ({number} of {count})", number=self.number, count=self.count)
        return Group("title", ("title",), tuple(items), elsewhere)

    def legend(self, colouring: Colouring, kinds: Sequence[str] = ()) -> Group:
        """Return the legend of these colours and kinds of lines, at the sheet's foot.

        On a canvas of a given height that has no room for all of its rows it is left out.
        """
        width, height = self.extent
        middle, room = height - MARGIN / 2 - LEGEND / 2, width - 2 * MARGIN
        if self._is_whole:
            return legend(colouring, kinds, self.theme, MARGIN, middle, room)
        rows = legend_rows(colouring, kinds, self.theme, room)
        fits = rows <= self.rows or self.grows
        if self.key and not fits and self.number == 1:
            told = "the legend has no room on this canvas and is left out; what it says is in the "
            warnings.warn(f"{told}facts of each box, or on a higher canvas.", stacklevel=9)
        if not self.key or not fits:
            return Group("legend", ("legend",), ())
        # Rows beyond the first stand below the sheet, where what is cut out has room for them.
        middle += ROW * (rows - 1) / 2
        return legend(colouring, kinds, self.theme, MARGIN, middle, room)

    def drawing(self, items: Sequence[Item], described: str, title: str = "") -> Drawing:
        """Return the finished page; ``described`` is what those hear who do not see it."""
        title = self._title if isinstance(self.words, str) and self.words else title or self.title
        if self.count > 1:
            title += say(" ({number} of {count})", number=self.number, count=self.count)
        made = Drawing(
            *self.extent,
            tuple(items),
            title,
            described,
            self.theme.background,
            self.notes,
            font=worn().font,
        )
        return made if self._is_whole else self._cut(made)

    def _cut(self, drawing: Drawing) -> Drawing:
        """Return what there is on the canvas of what was laid out."""
        canvas, margin = self.canvas, self.margin
        left, top, _ = self._cuts
        width = drawing.width - 2 * left
        if self.grows:
            first, last = used_height(drawing)
            top, height = first - margin, last - first + 2 * margin
        else:
            height = (canvas.height or 0.0) / canvas.zoom
        found = cut_out(drawing, (left, top), (width, height), canvas.zoom, canvas.dpi)
        if canvas.place is None:
            return found
        x, y, *slide = canvas.place
        found = cut_out(found, (-x, -y), (slide[0], slide[1]), 1.0, None)
        return replace(found, template=canvas.template)


def _with_labels(canvas: Canvas, choices: Looks) -> Canvas:
    """Return the canvas with all so much larger that labels are as large as a look wants them."""
    wanted, least = choices.look.label, SMALLEST * canvas.zoom
    if wanted is None:
        return canvas
    if wanted < least:
        raise DrawError(
            f"{choices.look.told} has labels of {wanted:g} pt, but on the canvas "
            f"'{choices.fit or USUAL}' they have at least {least:g} pt."
        )
    larger = wanted / least
    # A larger zoom leaves less room, and what does not fit is folded as on any smaller canvas.
    margin = canvas.margin if canvas.margin is not None or larger == 1 else MARGIN
    return replace(canvas, zoom=canvas.zoom * larger, margin=margin)
