"""The cut through the tree of groups that tells most on a canvas: what a picture shows unasked.

It begins at the blocks, or at something coarser where they do not fit, and opens boxes one by one:
first those that hide much, then repeated blocks of which words cannot say what is inside, and
while there are few boxes those that hold most. What does not fit is closed again. What fits goes
before what is hidden, and that before the number of boxes.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from archgraph.graph import ArchGraph

from .layout.scene import Scene
from .view import SLICES, WHOLE, Inside, Opening, Plan, View, ViewNode, said, view_of

__all__ = ["LARGE", "Lay", "best_cut", "hidden"]

Lay = Callable[[View], "tuple[View, list[Scene] | None]"]
"""Lays a view out, perhaps with narrower boxes; None where it does not fit."""

LARGE = 0.2
"""The share of the arithmetic that no box hides which stands for itself."""

MAIN = 1 / 3
"""A repeated block with more than this is what a network is about."""

FEW, MANY = 8, 40
"""How many boxes people read at least and at most."""

TRIES = 28
"""How many cuts are laid out at most, so that the time is bounded."""

LONG, LONGEST = 16, 4
"""So many boxes more make a cut count as one more, and how many more at most.

More boxes take longer to lay out, but of very many it is clear that they do not fit.
"""

STARTS = ("block", "stage", WHOLE, "layer")


@dataclass(frozen=True, slots=True)
class _Cut:
    view: View
    scenes: list[Scene]
    shares: Mapping[str, float]
    """How much of the arithmetic each closed box holds."""
    joined: Collection[str] = ()
    """Boxes of steps that stand together, which are no groups to open."""

    @property
    def rank(self) -> tuple[float, int]:
        """What is bad about it, the worst first: what it hides, how many boxes are missing."""
        worst = _worst(self.view, self.shares)
        return worst if worst > LARGE else 0.0, max(FEW - len(self.view.nodes), 0)


def best_cut(
    net: ArchGraph, facts: Sequence[str] | None, lay: Lay, crowd: Lay
) -> tuple[View, list[Scene]] | None:
    """Return the view of the best cut and its scenes; None where nothing fits.

    What ``lay`` cannot show is laid out by ``crowd`` where something large would be hidden else;
    if that does not help, what runs one after the other stands in slices.
    """
    search = _Search(net, facts)
    best: _Cut | None = None
    for starts in (STARTS, (SLICES,)):
        for way in (lay, crowd):
            if best is None or best.rank[0]:
                found = search.best(starts, way)
                if found is not None and (best is None or found.rank < best.rank):
                    best = found
    return None if best is None else (best.view, best.scenes)


def hidden(net: ArchGraph, view: View) -> float:
    """Return the largest share of the arithmetic in a box that hides it and stands for itself."""
    return _worst(view, _shares(net, view))


def _worst(view: View, shares: Mapping[str, float]) -> float:
    return max((s for key, s in shares.items() if view.nodes[key].times == 1), default=0.0)


class _Search:
    def __init__(self, net: ArchGraph, facts: Sequence[str] | None) -> None:
        self.net = net
        self.opening = Opening(net)
        self.shows = said(net, facts)
        self.known: dict[tuple[str, ...], _Cut | None] = {}
        """What came of the cuts that were laid out, by their boxes."""

    def best(self, starts: Sequence[str], lay: Lay) -> _Cut | None:
        """Return the best cut that fits, from wherever the search begins."""
        # What is looked for at all costs has to be found soon.
        self.again = bool(self.known)
        self.lay, self.tries = lay, TRIES // 2 if self.again else TRIES
        self.least = len(self.net) + 1
        """So many boxes did not fit: others are not worth the time where steps can join instead."""
        self.known = {boxes: cut for boxes, cut in self.known.items() if cut is not None}
        best: _Cut | None = None
        for start in starts:
            # A small network is shown whole where its blocks are few.
            if start == "layer" and len(self.net) > MANY:
                break
            found = self.opened(start)
            if found is not None and (best is None or found.rank < best.rank):
                best = found
            if best is not None and not any(best.rank):
                break
        return best

    def opened(self, start: str) -> _Cut | None:
        """Return a cut from which nothing more is opened; None where not even its start fits."""
        opened: list[str] = []
        refused: set[str] = set()
        best = self._cut(start, opened)
        while best is not None and self.tries > 0:
            key, must = next(self._wanted(best, refused), (None, False))
            if key is None:
                break
            found = self._cut(start, [*opened, key], most=None if must else MANY)
            if found is None or found is best:
                refused.add(key)
            else:
                opened.append(key)
                best = found
        return best

    def _cut(self, start: str, opened: Sequence[str], most: int | None = None) -> _Cut | None:
        plan = self.opening.plan(start, opened)
        joined = self.opening.plan(start, opened, joined=True)
        hopeless = len(plan.members) >= self.least and tuple(plan.members) not in self.known
        if not (hopeless and joined.joined):
            found = self._tried(plan, most)
            if found is not None:
                return found
            if not self.again:
                self.least = min(self.least, len(plan.members))
        # Joined or not, its boxes stand in the order in which they run.
        return self._tried(joined, most)

    def _tried(self, plan: Plan, most: int | None) -> _Cut | None:
        boxes = tuple(plan.members)
        if boxes in self.known:
            return self.known[boxes]
        if most is not None and len(boxes) > most:
            return None
        self.tries -= 1 + min(len(boxes) // LONG, LONGEST)
        self.known[boxes] = self._laid_out(plan)
        return self.known[boxes]

    def _laid_out(self, plan: Plan) -> _Cut | None:
        view, scenes = self.lay(view_of(self.net, plan, self.shows))
        return None if scenes is None else _Cut(view, scenes, _shares(self.net, view), plan.joined)

    def _wanted(self, cut: _Cut, refused: set[str]) -> Iterator[tuple[str, bool]]:
        """Yield what should be opened, the most important first, and whether it must be."""
        nodes = cut.view.nodes
        closed = sorted(cut.shares.items(), key=lambda each: -each[1])
        closed = [each for each in closed if each[0] not in refused]
        yield from ((k, True) for k, share in closed if share > LARGE and nodes[k].times == 1)
        yield from ((k, False) for k, s in closed if s > MAIN and self._is_untold(nodes[k]))
        if len(nodes) < FEW:
            yield from ((k, False) for k, _ in closed)
            # What holds no layers may still be a group of several operators.
            several = [
                key
                for key, node in nodes.items()
                if len(node.members) > node.times
                and key not in (*self.net, *cut.shares, *cut.joined)
            ]
            several.sort(key=lambda k: -len(nodes[k].members))
            yield from ((k, False) for k in several if k not in refused)

    def _is_untold(self, node: ViewNode) -> bool:
        """Return whether its words do not say what a block of a network does."""
        does = node.label.does
        if node.times > node.repeat:  # a part of a block that is open
            return node.shortcut is not None
        if isinstance(does, Inside) and does.counts:
            return True
        return any(self.net.op(name).family == "attention" for name in node.members)


def _shares(net: ArchGraph, view: View) -> dict[str, float]:
    """Return the share of each box that hides something: several layers, or no one thing.

    Of the MACs; where those of a box are unknown, or there are none, of the parameters, else of
    the operators.
    """
    for metric in ("macs", "params", "operators"):
        counts = {key: dict(n.counts).get(metric) for key, n in view.nodes.items() if n.members}
        known = {key: count for key, count in counts.items() if count is not None}
        total = sum(known.values())
        if len(known) == len(counts) and total:
            break

    def layers(node: ViewNode) -> int:
        ops = map(net.op, node.members)
        return sum(bool(op.layer) or not op.known for op in ops)

    return {
        key: known[key] / total
        for key, node in view.nodes.items()
        if key not in net and (node.kind == "module" or layers(node) > node.times)
    }
