"""The lines of a box: the parts of its label, as many in a line as there is room for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ..dress.spoken import spoken
from ..dress.worn import remembered, worn
from ..text.widths import text_width
from ..view import Inside, Label, Room, View, ViewNode

__all__ = [
    "BESIDE",
    "GLYPH",
    "LABEL",
    "MOST",
    "PAD_X",
    "ROOMS",
    "SECONDARY",
    "label_lines",
    "narrowed",
    "secondary",
]

LABEL = 10.0
"""Size of operator labels in points, at scale 1."""

SECONDARY = 8.0
"""Size of names of frames and other secondary text in points, at scale 1."""

ROOMS: tuple[Room, ...] = ("narrow", "narrowest")
"""Where many boxes stand in a row: more lines, fewer words on each."""

_POINTS: dict[Room, float] = {"wide": 174.0, "narrow": 112.0, "narrowest": 84.0}
"""Points for a line of facts at scale 1."""

GLYPH = 26.0
"""Room for a shortcut beside the words, in points at scale 1."""

PAD_X = 7.0
MOST = 190.0
"""No box is wider; longer words are cut in their middle."""

BESIDE = 8.0
"""What stands between a separator's label and the facts in the same line."""

HANGING = 6.0
"""How far a dash at a line's end may stand into the margin."""

ASIDE = 70.0
"""How much narrower an auxiliary head's words are, which stands beside the main path."""


def secondary() -> float:
    """Return the size of shapes and costs below a label in points, at scale 1."""
    return LABEL * worn().second


def narrowed(view: View, room: Room = ROOMS[-1]) -> View:
    """Return a view whose boxes are as narrow as their words allow, facts in lines of ``room``."""
    nodes = {
        key: replace(node, room=room, form="box" if node.kind == "pool" else node.form)
        for key, node in view.nodes.items()
    }
    return replace(view, nodes=nodes)


def label_lines(node: ViewNode) -> tuple[str, ...]:
    """Return the lines of a node: its label and, smaller, what it does, gives and costs."""
    # What a bar says of another network stands in its one line, too.
    bar = node.form in ("thin", "bar") and bool(node.label.changes)
    if node.room == "wide":
        return _wide(node.label, _points(node), node.form == "thin" or bar)
    return _narrow(node.label, _points(node), node.kind == "pool", bar)


# Each arrangement that is tried asks anew.
@remembered(4096)
def _wide(label: Label, room: float, thin: bool) -> tuple[str, ...]:
    line = " · ".join((*label.facts, *label.changes))
    beside = text_width(label.head, LABEL) + BESIDE + text_width(line, secondary())
    if thin and beside + 2 * PAD_X <= MOST:
        facts, told = [line], []
    else:
        facts = filled(label.facts, " · ", room)
        told = filled(label.changes, "; ", room)
    return (label.head, *filled(label.pieces(), " – ", room), *filter(None, facts), *told)


@remembered(4096)
def _narrow(label: Label, room: float, pool: bool, bar: bool) -> tuple[str, ...]:
    op = label.op
    if bar:
        return (label.head, " · ".join((*label.facts, *label.changes)))
    if pool and op is not None:  # "3×3 max pool, /2" in two lines, so that neither is wide
        window = op.goal if op.to else ", ".join(filter(None, (op.size, op.step)))
        return (
            label.headed(op.name),
            *filter(None, (spoken(window),)),
            *label.facts,
            *label.changes,
        )
    told = filled(label.changes, "; ", room)
    return (label.head, *filled(label.pieces(brief=True), " – ", room), *label.facts, *told)


def _points(node: ViewNode) -> float:
    if node.room != "wide":
        return _POINTS[node.room]
    if not isinstance(node.label.does, Inside):
        return _POINTS["wide"] - GLYPH
    aside = ASIDE if node.role == "auxiliary" else GLYPH if node.shortcut else 0.0
    return _POINTS["wide"] - aside


def filled(pieces: Sequence[str], between: str, room: float) -> list[str]:
    """Return pieces in as few lines as hold them, none wider than ``room`` where it can be parted.

    A dash or a semicolon between two pieces stays at the line's end, because what follows goes on
    from it.
    """
    if not pieces:
        return []
    found = [pieces[0]]
    for place, piece in enumerate(pieces[1:], 2):
        longer = f"{found[-1]}{between}{piece}"
        dash = between.rstrip() if between != " · " and place < len(pieces) else ""
        fits = text_width(longer + dash, secondary()) <= room + HANGING
        if fits and text_width(longer, secondary()) <= room:
            found[-1] = longer
        else:
            if between != " · ":
                found[-1] += between.rstrip()
            found.append(piece)
    return found
