"""Spreads a view over as many pages as it needs at a readable size.

Boxes are dealt out in the order of the data. Each page is laid out for itself; what it reads from
others, and what others read from it, has marks.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ..view import View
from .frame_names import labelled
from .join_lines import GUTTER
from .marks import Mark
from .page_columns import in_columns
from .page_order import ordered
from .page_views import PageViews, marked
from .place_chain import GAP
from .readable import LEAST
from .scene import Scene
from .soundness import is_sound

__all__ = ["several_pages"]

REACHES = (0.75, 0.12)
"""How much of a page's height a line may lead down past boxes: usually, and in a tangle."""
FEW = 16
"""A page with fewer boxes is a tangle."""
FULL = 0.7
"""How much of a page boxes and the gaps between them are thought to fill, before it is tried."""
MORE, LESS, TRIES = 1.25, 0.7, 14
"""How many more boxes are tried where a page held some, and how many fewer where it did not."""
LEAST_FULL = 0.35
"""How much of what fits stands on a page at least."""
EVEN = 0.6
"""Where less of a page is left behind a page, the two are about equally full."""


def several_pages(view: View, space: tuple[float, float]) -> tuple[View, list[Scene]] | None:
    """Return a view with marks and its pages, in time in proportion to it.

    None where not even one box fits on a page.
    """
    pager = _Pager(view, space)
    start: int | None = 0
    while start is not None and start < pager.last:
        start = pager.next_page(start)
    if start is None:
        return None
    views = [page.view for page in pager.pages]
    return marked(view, views), [labelled(page.scene) for page in pager.pages]


@dataclass(frozen=True, slots=True)
class _Page:
    """A page up to the unit ``end``: what it shows, where, and the numbers that it gives."""

    end: int
    reach: float
    view: View
    scene: Scene
    marks: Mapping[str, Mark]


class _Pager:
    """Makes one page after the other."""

    def __init__(self, view: View, space: tuple[float, float]) -> None:
        self.space = space
        self.reaches = tuple(part * space[1] / LEAST for part in REACHES)
        self.order = ordered(view, self.reaches[0])
        self.last = len(self.order.units)
        self.views = PageViews(view, self.order)
        self.weights = [(s.width + GUTTER) * (s.height + GAP) for s in self.order.sizes]
        self.room = FULL * space[0] * space[1] / LEAST**2
        self.marks: dict[str, Mark] = {}
        self.pages: list[_Page] = []

    def next_page(self, start: int) -> int | None:
        """Add the page that begins with a unit; return where the next one begins."""
        best: _Page | None = None
        for reach in self.reaches:
            found = self._fullest(start, reach)
            if found is not None and (best is None or found.end > best.end):
                best = found
            if best is not None and best.end >= min(start + FEW, self.last):
                break
        if best is None:
            return None
        end = self._best_end(start, best.end)
        page = (self._laid_out(start, end, best.reach) if end < best.end else None) or best
        self.room = 1.05 * sum(self.weights[start : best.end])
        self.marks |= page.marks
        self.pages.append(page)
        return page.end

    def _best_end(self, start: int, most: int) -> int:
        """Return where a page best ends that can reach to ``most``."""
        if most == self.last:
            return most
        full = sum(self.weights[start:most])
        rest = sum(self.weights[most : 2 * most - start])
        least = full * LEAST_FULL
        if rest < EVEN * full:  # so that the last page is not left with next to nothing
            least = (full + rest) / 2
            most, least = min(most, self._within(start, 1.25 * least)), 0.85 * least
        return self.order.cut(start, most, self._within(start, least))

    def _fullest(self, start: int, reach: float) -> _Page | None:
        """Return the page from a unit that holds most, as far as a few tries tell."""
        best: _Page | None = None
        end, failed = self._within(start, self.room), self.last + 1
        for _ in range(TRIES):
            page = self._laid_out(start, end, reach)
            if page is None:
                failed = end
                low = best.end if best else start
                end = max(low + 1, start + int((end - start) * LESS))
            else:
                best = page
                end = min(max(end + 1, start + int((end - start) * MORE)), self.last)
            if end >= failed or (best is not None and end <= best.end):
                break
        return best or self._laid_out(start, start + 1, reach)

    def _within(self, start: int, room: float) -> int:
        """Return up to where the boxes from a unit on take so much room."""
        full, at = self.weights[start], start + 1
        while at < len(self.weights) and full + self.weights[at] <= room:
            full += self.weights[at]
            at += 1
        return at

    def _laid_out(self, start: int, end: int, reach: float) -> _Page | None:
        """Return a page of the units from start to end, None where they do not fit."""
        view, new = self.views.of(start, end, len(self.pages) + 1, self.marks, reach)
        scene = in_columns(view, self.space)
        if scene is None or not is_sound(view, [scene]):
            return None
        return _Page(end, reach, view, scene, new)
