"""Places a chain's items one behind the other, branches side by side between them."""

from __future__ import annotations

from dataclasses import dataclass, field

from ..view import View, ViewEdge
from .box_sizes import DOT, Size, leaf_size, node_size
from .branch_tree import Chain, Exit, Leaf, Parallel, Tangle, first_of, last_of
from .place_flags import Flags
from .place_tangle import place_tangle
from .placed_parts import Part, PlacedNode, Wire, led, rounded, s_curve, side_curve, straight

__all__ = ["Placer"]

GAP = 15.0
"""Between a node and the next."""
FORK = 22.0
"""Between a node and branches that start from it."""
NEAR = 5.0
"""How near to a corner a line may meet a box, in points."""
BETWEEN = 14.0
"""Between branches, across the flow."""
BESIDE = 12.0
"""How far beside a ⊕ a branch must run to come in from its side, with room for its head."""
LANE = 13.0
"""Between a branch and the shortcut beside it."""
FRAME = 9.0
"""Extra room where a framed block or stage begins or ends."""


@dataclass(slots=True)
class Placer:
    """Places parts of one view; ``down`` says whether the flow runs down or to the right."""

    view: View
    down: bool
    framed: str | None
    """Which group of a node gets a frame: "stage", "block" or None."""
    edges: dict[tuple[str, str], ViewEdge] = field(init=False)
    flags: Flags = field(init=False)
    tangles: dict[tuple[str, ...], Part] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.edges = {(edge.source, edge.target): edge for edge in self.view.edges}
        self.flags = Flags(self.view)

    # ---- parts ---------------------------------------------------------------------------

    def leaf(self, leaf: Leaf, breadth: float | None = None) -> Part:
        """Place a node and those attached to it, stacked from the top down."""
        nodes = [self.view.nodes[key] for key in leaf.ids]
        whole = leaf_size(nodes)
        size = Size(max(whole.width, breadth or 0.0), whole.height) if self.down else whole
        if nodes[0].form == "dot":
            size = Size(DOT, DOT)
        placed = []
        at = 0.0
        for node in nodes:
            height = node_size(node).height
            if self.down:
                placed.append(PlacedNode(node.id, at, -size.width / 2, height, size.width))
            else:
                top = at - size.height / 2
                placed.append(PlacedNode(node.id, 0.0, top, size.width, height))
            at += height
        length, across = (size.height, size.width) if self.down else (size.width, size.height)
        return self.flags.beside(Part(length, across / 2, across / 2, placed))

    def tangle(self, tangle: Tangle) -> Part:
        """Place nodes in no simple pattern; the same ones only once."""
        if tangle.ids not in self.tangles:
            ids = (*self.flags.of(tangle.ids), *tangle.ids)
            self.tangles[tangle.ids] = place_tangle(self.view, ids, self.down)
        return self.tangles[tangle.ids]

    def breadth(self, chain: Chain) -> float:
        """Return how wide a chain's boxes are, so that all are as wide as the widest."""
        if not self.down:
            return 0.0
        return max(
            (
                leaf_size([self.view.nodes[key] for key in item.ids]).width
                for item in chain.items
                if isinstance(item, Leaf) and self.view.nodes[item.ids[0]].form != "bar"
            ),
            default=0.0,
        )

    def chain(
        self, chain: Chain, entry: tuple[str, float] | None = None, breadth: float | None = None
    ) -> Part:
        """Place a chain; ``entry`` is a node outside that feeds it, and where its line arrives."""
        if breadth is None:
            breadth = self.breadth(chain)
        part = Part(0.0, 0.0, 0.0)
        at = 0.0
        ends: list[tuple[str, float, float]] = []
        if entry is not None:
            ends = [(entry[0], entry[1], 0.0)]
        index = 0
        while index < len(chain.items):
            item = chain.items[index]
            if isinstance(item, Parallel):
                after = chain.items[index + 1]
                assert isinstance(after, Leaf)
                at, ends = self._parallel(part, item, after, at, ends, breadth)
                index += 2
            else:
                here = self.leaf(item, breadth) if isinstance(item, Leaf) else self.tangle(item)
                at += self._gap(ends, item) if part.nodes else 0.0
                part.absorb(here, at)
                head = next(node for node in here.nodes if node.id == item.ids[0])
                for source, m, c in ends:
                    if m < at + head.m:  # else it arrives where this part begins
                        aside = 0.0 if isinstance(item, Leaf) else head.c + head.breadth / 2
                        self._join(part, source, (m, c), item.ids[0], (at + head.m, aside))
                tail = next(node for node in here.nodes if node.id == item.ids[-1])
                off = 0.0 if isinstance(item, Leaf) else tail.c + tail.breadth / 2
                ends = [(item.ids[-1], at + tail.m + tail.length, off)]
                at += here.length
                index += 1
            part.end = ends[0][1]
            if index - 1 in chain.exits:
                at = max(at, self._exits(part, chain.exits[index - 1]))
        part.length = at
        return part

    def _gap(self, ends: list[tuple[str, float, float]], item: Leaf | Tangle) -> float:
        first = self.view.nodes[item.ids[0]]
        before = self.view.nodes[ends[0][0]] if ends else first
        return GAP + (FRAME if self._apart(before.id, first.id) else 0.0)

    def _apart(self, left: str, right: str) -> bool:
        if self.framed is None:
            return False
        one, other = (getattr(self.view.nodes[key], self.framed) for key in (left, right))
        return bool(one != other)

    def _join(
        self,
        part: Part,
        source: str,
        start: tuple[float, float],
        key: str,
        end: tuple[float, float],
    ) -> None:
        edge = self.edges.get((source, key))
        if edge is not None:
            part.wires.append(s_curve(edge, start, end))

    # ---- branches ------------------------------------------------------------------------

    def _parallel(
        self,
        part: Part,
        item: Parallel,
        after: Leaf,
        at: float,
        ends: list[tuple[str, float, float]],
        breadth: float,
    ) -> tuple[float, list[tuple[str, float, float]]]:
        """Place branches and the node that joins them; return where that ends."""
        upper = ends[0][0] if ends else None
        first = self.view.nodes[after.ids[0]]
        branches = [self.chain(branch) for branch in item.branches]
        lanes = self._lanes(item, branches)
        skips = bool(item.skips)
        fork = FORK if len(branches) > 1 or skips else GAP
        if upper and self._apart(upper, first_of(item.branches[0])):
            fork += FRAME
        start = at + (fork if part.nodes or upper else 0.0)
        longest = max((branch.length for branch in branches), default=0.0)
        begin = (at, 0.0)
        for chain, branch, lane in zip(item.branches, branches, lanes, strict=True):
            part.absorb(branch, start, lane)
            edge = self.edges.get((upper, first_of(chain))) if upper else None
            if edge is not None and upper:
                part.wires.append(s_curve(edge, begin, (start, lane)))
        left = max(b.left - lane for b, lane in zip(branches, lanes, strict=True))
        right = max(b.right + lane for b, lane in zip(branches, lanes, strict=True))
        join = start + longest + (FORK if first.form == "box" and len(branches) > 1 else GAP)
        node = self._joining(after, join, left, right, breadth)
        part.absorb(node)
        meets = node.nodes[0]
        for chain, branch, lane in zip(item.branches, branches, lanes, strict=True):
            last = last_of(chain)
            edge = self.edges.get((last, after.ids[0]))
            if edge is None:
                continue
            tail, clear = (start + branch.end, lane), start + longest
            # Where flags stand beside a ⊕, lines come from above.
            above = lane < 0 and first.form == "dot" and first.id in self.flags.found
            form = "box" if above else first.form
            part.wires.append(self._into(edge, tail, clear, meets, form))
        for edge in item.skips:
            lane = max(right, meets.c + meets.breadth) + LANE
            part.wires.append(self._skip(edge, begin, lane, meets))
            part.right = max(part.right, lane + 4)
        end = next(each for each in node.nodes if each.id == after.ids[-1])
        return join + node.length, [(after.ids[-1], end.m + end.length, 0.0)]

    def _lanes(self, item: Parallel, branches: list[Part]) -> list[float]:
        """Return each branch's place across the flow; a main path with company stays straight."""
        roles = [_role(self.view, chain) for chain in item.branches]
        main = [i for i, role in enumerate(roles) if role != "projection"]
        if len(main) == 1:
            lanes = [0.0] * len(branches)
            edge = branches[main[0]].right
            for i, branch in enumerate(branches):
                if i != main[0]:
                    lanes[i] = edge + BETWEEN + branch.left
                    edge = lanes[i] + branch.right
            return lanes
        total = sum(b.left + b.right for b in branches) + BETWEEN * (len(branches) - 1)
        lanes, at = [], -total / 2
        for branch in branches:
            lanes.append(at + branch.left)
            at += branch.left + branch.right + BETWEEN
        return lanes

    def _joining(self, leaf: Leaf, at: float, left: float, right: float, breadth: float) -> Part:
        """Place the node behind branches: a bar spans them all."""
        if self.view.nodes[leaf.ids[0]].form != "bar":
            part = self.leaf(leaf, breadth if self.view.nodes[leaf.ids[0]].form != "dot" else None)
            return _moved(part, at)
        size = node_size(self.view.nodes[leaf.ids[0]], stacked=not self.down)
        length = size.height if self.down else size.width
        across = max(left + right, size.width if self.down else size.height)
        wide = (left, right) if across <= left + right else (across / 2, across / 2)
        bar = PlacedNode(leaf.ids[0], 0.0, -wide[0], length, wide[0] + wide[1])
        part = Part(length, wide[0], wide[1], [bar])
        if len(leaf.ids) > 1:
            rest = self.leaf(Leaf(leaf.ids[1:]))
            part.absorb(rest, length)
            part.length += rest.length
        return _moved(self.flags.beside(part), at)

    def _into(
        self, edge: ViewEdge, tail: tuple[float, float], clear: float, node: PlacedNode, form: str
    ) -> Wire:
        """Return the line from a branch's end into the joining node; all branches end by ``clear``.

        Until there it keeps to its own lane, for a longer branch may stand beside it.
        """
        lane = tail[1]
        if form == "bar":
            return straight(edge, tail, (node.m, lane))
        if form == "dot" and abs(lane) > node.breadth / 2 + BESIDE:
            middle = node.m + node.length / 2
            side = node.c + (node.breadth if lane > 0 else 0.0)
            return rounded(edge, [tail, (middle, lane), (middle, side)])
        wire = s_curve(edge, (clear, lane), (node.m, 0.0))
        return wire if tail[0] >= clear else led(wire, tail)

    def _skip(
        self, edge: ViewEdge, begin: tuple[float, float], lane: float, node: PlacedNode
    ) -> Wire:
        """Return a shortcut's line: out to its lane, along the branches, back into the node."""
        out = begin[0] + 6.0
        middle = node.m + node.length / 2
        side = node.c + node.breadth
        points = [begin, (out, 0.0), (out, lane), (middle, lane), (middle, side)]
        return rounded(edge, points)

    def _exits(self, part: Part, exits: tuple[Exit, ...]) -> float:
        """Place branches that leave the path beside the node they leave; return where they end."""
        placed = [(exit_, self.chain(exit_.chain)) for exit_ in exits]
        source = next(n for n in part.nodes if n.id == exits[0].source)
        first = next(n for n in placed[0][1].nodes if n.id == first_of(exits[0].chain))
        at = source.m
        if len(exits) == 1:
            at = max(0.0, at + source.length / 2 - first.length / 2)
        whole = sum(branch.length + GAP for _, branch in placed)
        lane = part.reach(at - GAP, at + whole) + BETWEEN + max(b.left for _, b in placed)
        lane += 2 * FRAME if self.framed else 0.0
        for index, (exit_, branch) in enumerate(placed, 1):
            start = first_of(exit_.chain)
            head = next(n for n in branch.nodes if n.id == start)
            edge = self.edges.get((exit_.source, start))
            if edge is not None:
                leave = source.m + source.length * index / (len(exits) + 1)
                begin = (leave, source.c + source.breadth)
                # Straight where the two stand beside each other.
                low, high = at + head.m + NEAR, at + head.m + head.length - NEAR
                arrive = leave if low < leave < high else (low + high) / 2
                end = (arrive, lane + head.c)
                part.wires.append(side_curve(edge, begin, end))
            part.absorb(branch, at, lane)
            at += branch.length + GAP
        return at - GAP


def _moved(part: Part, at: float) -> Part:
    """Return a part that begins further on along the flow."""
    moved = Part(part.length, part.left, part.right)
    moved.absorb(part, at)
    return moved


def _role(view: View, chain: Chain) -> str:
    roles = {
        view.nodes[key].role for item in chain.items if isinstance(item, Leaf) for key in item.ids
    }
    return roles.pop() if len(roles) == 1 else ""
