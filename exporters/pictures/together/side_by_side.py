"""Draws several networks at one scale, beside or below each other, and marks what differs."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from dataclasses import replace

from archgraph.errors import DrawError
from archgraph.graph import ArchGraph
from archgraph.options import written
from archgraph.units import count_text

from ..choices import CANVASES, Choices
from ..compose import MARGIN, compose, placed, room
from ..drawing import Box, Drawing, Group, Item, Paint, Text
from ..layout.box_text import ROOMS, narrowed
from ..layout.scene import Scene
from ..layout.search import LEAST, Canvas
from ..look.colour import Colouring, colouring
from ..look.theme import Theme, Tone
from ..look.theme import theme as theme_named
from ..text.widths import shortened, text_width
from ..view import LEVELS, View, build_view
from .aligned import align, cells, is_chain
from .differences import differences
from .grid import grid
from .halves import halves
from .union import joined, keys, union

__all__ = ["drawings"]

MOST = 1.6
NAME = 11.0
"""Size of a network's name above its part, at scale 1."""


def drawings(nets: Sequence[ArchGraph], choices: Choices) -> list[Drawing]:
    """Return one page with all networks.

    Where a level does not fit in readable text, the next coarser one is drawn, with a warning.
    Raises DrawError where none fits.
    """
    level, size, colours = choices.level, CANVASES[choices.fit], theme_named(choices.theme)
    whole, names = union(nets), keys(nets)
    canvas = Canvas(None, None) if size is None else Canvas(*room(*size))
    for coarser in reversed(LEVELS[: LEVELS.index(level) + 1]):
        shown = joined(names, [build_view(net, coarser, facts=choices.facts) for net in nets])
        rows = [[node for node in shown.nodes if node.startswith(f"{name}/")] for name in names]
        found = max(_scenes(shown, rows, canvas), key=_score, default=None)
        if found is not None and found[1].scale >= LEAST:
            view, scene = found
            break
    else:
        both = " and ".join(f"'{net.name}'" for net in nets)
        raise DrawError(
            f"{both} do not fit side by side in readable text; use {written('fit', 'none')}."
        )
    if coarser != level:
        warnings.warn(f"drawn at {coarser} level, because {level} level does not fit", stacklevel=4)
    marked = differences(whole, view, rows)
    colours_of = _with_mark(
        colouring(whole, view, choices.color, colours, scale=choices.scale), bool(marked), colours
    )
    drawing = compose(
        view,
        scene,
        colours_of,
        colours,
        size=size,
        title=_listed(_titles(nets)),
        subtitle="the same scale · MACs per image" + (" · differences marked" if marked else ""),
    )
    boxes = {group.id: group.items[0] for group in drawing.groups("node")}
    marks = [
        _mark(stack, [boxes[name] for name in stack], colours)
        for stack in _stacks(view)
        if stack[0] in marked
    ]
    # Marks lie below the lines, whose arrows end at the boxes.
    items = [item for item in drawing.items if not _is_line(item)]
    at = 1 + max((n for n, item in enumerate(items) if _is(item, "cluster")), default=0)
    lines = [item for item in drawing.items if _is_line(item)]
    headings = _headings(nets, scene, drawing.width, colours)
    items = [*items[:at], *marks, *lines, *items[at:], *headings]
    return [replace(drawing, items=tuple(items))]


def _scenes(shown: View, rows: list[list[str]], canvas: Canvas) -> Iterator[tuple[View, Scene]]:
    """Yield every arrangement, with the view whose words it shows."""
    # Where several networks share the width, narrow boxes with more lines may give larger text.
    chains = all(is_chain(shown, row) for row in rows)
    for view in (*(narrowed(shown, wide) for wide in ROOMS), shown):
        table = align(view, [cells(view, row) for row in rows]) if chains else []
        if table and len(table[0]) > 1:
            for wide in (True, False):
                yield view, _scaled(grid(view, table, wide=wide), canvas)
        else:
            for scene in halves(view, rows, canvas):
                yield view, _scaled(scene, canvas)


def _score(found: tuple[View, Scene]) -> float:
    return found[1].scale


def _scaled(scene: Scene, canvas: Canvas) -> Scene:
    if canvas.width is None or canvas.height is None:
        return scene
    scale = min(canvas.width / scene.width, canvas.height / scene.height, MOST)
    x = (canvas.width - scene.width * scale) / 2
    y = (canvas.height - scene.height * scale) / 2
    return replace(scene, scale=scale, x=x, y=y)


def _with_mark(found: Colouring, marked: bool, colours: Theme) -> Colouring:
    if not marked:
        return found
    tone = Tone(colours.background, colours.auxiliary, colours.ink)
    return replace(found, legend=(*found.legend, ("differs", tone)))


def _stacks(view: View) -> list[list[str]]:
    """Return the nodes in groups of those that are drawn touching each other."""
    stacks = {name: [name] for name, node in view.nodes.items() if not node.attached}
    head = {name: name for name in stacks}
    for edge in view.edges:
        if view.nodes[edge.target].attached:
            head[edge.target] = head[edge.source]
            stacks[head[edge.source]].append(edge.target)
    return list(stacks.values())


def _mark(stack: list[str], shapes: list[Item], colours: Theme) -> Group:
    """Return a line around boxes that the other network lacks."""
    boxes = [shape for shape in shapes if isinstance(shape, Box)]
    gap = 2.2
    left, top = min(box.x for box in boxes) - gap, min(box.y for box in boxes) - gap
    right = max(box.x + box.width for box in boxes) + gap
    bottom = max(box.y + box.height for box in boxes) + gap
    paint = Paint(None, colours.auxiliary, 1.8)
    outline = Box(left, top, right - left, bottom - top, paint, boxes[0].radius + gap)
    return Group(f"differs {stack[0]}", ("mark",), (outline,))


def _is(item: Item, kind: str) -> bool:
    return isinstance(item, Group) and item.classes[:1] == (kind,)


def _is_line(item: Item) -> bool:
    return _is(item, "edge")


def _listed(words: Sequence[str]) -> str:
    """Return ``one, another and a third``."""
    return " and ".join(filter(None, (", ".join(words[:-1]), words[-1])))


def _titles(nets: Sequence[ArchGraph]) -> list[str]:
    """Return what each network is called; two of one title bear their names too."""
    titles = [str(net.graph.get("title") or net.name) for net in nets]
    return [
        f"{title} ({net.name})" if titles.count(title) > 1 and title != net.name else title
        for title, net in zip(titles, nets, strict=True)
    ]


def _headings(nets: Sequence[ArchGraph], scene: Scene, width: float, colours: Theme) -> list[Group]:
    """Return each network's name and totals, above its part: in one line where all fit so."""
    size = NAME * min(scene.scale, 1.25)
    small = 0.8 * size
    totals = [_totals(net) for net in nets]
    lefts = [placed(scene, (rect.x, rect.y))[0] for rect in scene.headings]
    widths = [
        min(rect.width * scene.scale, width - MARGIN - left)
        for rect, left in zip(scene.headings, lefts, strict=True)
    ]
    titles = [
        shortened(title, size, width, bold=True)
        for title, width in zip(_titles(nets), widths, strict=True)
    ]
    offsets = [text_width(title, size, bold=True) + 8 for title in titles]
    one = all(
        offset + text_width(words, small) <= width
        for offset, words, width in zip(offsets, totals, widths, strict=True)
    )
    found = []
    for index, net in enumerate(nets):
        rect = scene.headings[index]
        left, top = placed(scene, (rect.x, rect.y))
        base = top + rect.height * scene.scale - 0.6 * size
        after = left + (offsets[index] if one else 0.0)
        words = totals[index] if one else shortened(totals[index], small, widths[index])
        name = base if one else base - 1.2 * size
        lines = (
            Text(left, name, titles[index], size, colours.ink, "start", bold=True),
            Text(after, base, words, small, colours.soft, "start"),
        )
        found.append(Group(f"network {net.name}", ("heading",), lines))
    return found


def _totals(net: ArchGraph) -> str:
    params, macs = net.total("params"), net.total("macs")
    return " · ".join(
        (
            "unknown parameters" if params is None else f"{count_text(params)} parameters",
            "unknown MACs" if macs is None else f"{count_text(macs)} MACs",
        )
    )
