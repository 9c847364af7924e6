"""Draws several networks at one scale, beside or below each other, and marks what differs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from archgraph.errors import DrawError
from archgraph.graph import ArchGraph
from archgraph.options import written

from ..best_cut import LARGE, hidden
from ..captions import per_of, title_of, totals_of
from ..choices import Choices
from ..compose import compose, placed
from ..drawing import Box, Group, Item, Paint, Text
from ..dress.spoken import say
from ..layout.box_text import ROOMS, narrowed
from ..layout.readable import LEAST
from ..layout.scene import Scene, Space
from ..levels import finest
from ..look.colour import Colouring, colouring
from ..look.theme import Theme, Tone
from ..own_notes import footed
from ..pages import Page
from ..sheet import MARGIN, Sheet
from ..spoken_notes import compared_notes
from ..text.widths import shortened, text_width
from ..view import View, build_view, with_settings, without_output
from .aligned import align, cells, is_chain
from .cuts_together import MOST, Shown, cut_alike, cut_alone
from .differences import differences, set_apart
from .grid import grid
from .halves import halves, in_rows
from .matching import LITTLE, Matches
from .same_words import in_common
from .union import joined, keys, union

__all__ = ["page_together"]

DIFFERS = "not so in the other"
"""What the legend says of a ring."""

NAME = 11.0
"""Size of a network's name above its part, at scale 1."""


def page_together(nets: Sequence[ArchGraph], choices: Choices) -> list[Page]:
    """Return one page with all networks.

    Where a level does not fit in readable text, the next coarser one is drawn, with a warning.
    Raises DrawError where none fits.
    """
    title, whole, names = _listed(_titles(nets)), union(nets), keys(nets)
    shown = say("The picture shows {title} side by side, at the same scale.", title=title)
    sheet = Sheet.of(choices, title, notes=compared_notes(nets, shown))
    matches = Matches(nets)
    sheet = footed(sheet, choices.set)
    view, rows, scene = _Together(nets, names, matches, choices, sheet.space).laid_out()
    marked = differences(nets, names, matches, view, rows)
    words = in_common(matches, marked, view)
    if words.without_marks:
        marked = set()
    per = {*map(per_of, nets)}
    unit = say(f"MACs {per.pop()}" if len(per) == 1 else "MACs for one input")
    sheet = replace(sheet, subtitle=f"{say('the same scale')} · {unit} · {words.text}")
    found = colouring(whole, view, choices.color, sheet.theme, scale=choices.scale)

    def with_marks(items: list[Item], sheet: Sheet) -> list[Item]:
        boxes = {g.id: g.items[0] for g in items if isinstance(g, Group) and _is(g, "node")}
        marks = [
            _mark(stack, [boxes[name] for name in stack], sheet.theme)
            for stack in _stacks(view)
            if stack[0] in marked
        ]
        # Marks lie below the lines, whose arrows end at the boxes.
        others = [item for item in items if not _is(item, "edge")]
        at = 1 + max((n for n, item in enumerate(others) if _is(item, "cluster")), default=0)
        lines = [item for item in items if _is(item, "edge")]
        headings = _headings(nets, scene, sheet.extent[0], sheet.theme)
        return [*others[:at], *marks, *lines, *others[at:], *headings]

    found = _with_mark(found, bool(marked), sheet.theme)
    return [Page(compose(view, scene, found, sheet, with_marks), view)]


class _Together:
    """Finds out what is shown of all networks, and where."""

    def __init__(
        self,
        nets: Sequence[ArchGraph],
        names: Sequence[str],
        matches: Matches,
        choices: Choices,
        space: Space,
    ) -> None:
        self.nets, self.names, self.matches = nets, names, matches
        self.choices, self.space = choices, space
        self.partners: dict[str, set[str]] = {}
        for (one, other), pairs in matches.partners.items():
            for mine, theirs in pairs.items():
                found = self.partners.setdefault(f"{names[one]}/{mine}", set())
                found.add(f"{names[other]}/{theirs}")

    def laid_out(self) -> Shown:
        """Return what is shown at the finest level that fits, the nodes of each network, where."""
        found = self._searched() if self.choices.searches else self._at_a_level()
        if found is None:
            both = " and ".join(f"'{net.name}'" for net in self.nets)
            larger = written("fit", self.choices.canvas.larger)
            raise DrawError(f"{both} do not fit side by side in readable text; use {larger}.")
        return found

    def _searched(self) -> Shown | None:
        """Return the cuts that hide least: alike where networks are, else each its own.

        Where these hide much the named levels are tried, too.
        """
        best: tuple[float, Shown] | None = None
        for way in (self._alike, self._alone, self._at_blocks):
            found = way()
            if found is not None:
                hides = max(self._hidden(found))
                if best is None or hides < best[0]:
                    best = hides, found
            if best is not None and best[0] <= LARGE:
                break
        return best and best[1]

    def _alike(self) -> Shown | None:
        if self.matches.common < LITTLE:
            return None
        alike = set_apart(self.nets, self.matches)
        return cut_alike(alike, self.matches, self.choices, self._best)

    def _alone(self) -> Shown | None:
        return cut_alone(self.nets, self.names, self.choices, self.space, self._joined)

    def _at_blocks(self) -> Shown | None:
        facts = self.choices.facts
        return finest(
            "block",
            lambda level: self._best([build_view(net, level, facts=facts) for net in self.nets]),
        )

    def _hidden(self, shown: Shown) -> Iterator[float]:
        """Yield how much the largest box of each network hides."""
        view, rows, _ = shown
        for net, name, row in zip(self.nets, self.names, rows, strict=True):
            nodes = {
                key.removeprefix(f"{name}/"): replace(
                    view.nodes[key],
                    members=tuple(m.removeprefix(f"{name}/") for m in view.nodes[key].members),
                )
                for key in row
            }
            yield hidden(net, replace(view, nodes=nodes))

    def _at_a_level(self) -> Shown | None:
        level, facts = self.choices.level, self.choices.facts

        def shown(level: str) -> Shown | None:
            return self._best([build_view(net, level, facts=facts) for net in self.nets])

        def told(coarser: str) -> str:
            return f"drawn at {coarser} level, because {level} level does not fit"

        return finest(level, shown, told)

    def _joined(self, views: Sequence[View]) -> tuple[View, list[list[str]]]:
        changed = [
            with_settings(without_output(view), self.choices.set, name)
            for view, name in zip(views, self.names, strict=True)
        ]
        view = joined(self.names, changed)
        return view, [[n for n in view.nodes if n.startswith(f"{name}/")] for name in self.names]

    def _best(self, views: Sequence[View]) -> Shown | None:
        view, rows = self._joined(views)
        best = max(self._scenes(view, rows), key=_score, default=None)
        return (best[0], rows, best[1]) if best and best[1].scale >= LEAST else None

    def _scenes(self, shown: View, rows: list[list[str]]) -> Iterator[tuple[View, Scene]]:
        """Yield every arrangement, with the view whose words it shows."""
        space = self.space
        up_and_down = [
            (view, scene.fitted(space, MOST)) for view, scene in in_rows(shown, rows, space)
        ]
        if any(scene.scale >= LEAST for _, scene in up_and_down):
            yield from up_and_down
            return
        # Where several networks share the width, narrow boxes with more lines may give larger text.
        chains = all(is_chain(shown, row) for row in rows)
        for view in (*(narrowed(shown, wide) for wide in ROOMS), shown):
            table = align(view, [cells(view, row) for row in rows], self.partners) if chains else []
            if table and len(table[0]) > 1:
                for wide in (True, False):
                    yield view, grid(view, table, wide=wide).fitted(space, MOST)
            else:
                for scene in halves(view, rows, space):
                    yield view, scene.fitted(space, MOST)


def _score(found: tuple[View, Scene]) -> float:
    return found[1].scale


def _with_mark(found: Colouring, marked: bool, colours: Theme) -> Colouring:
    if not marked:
        return found
    tone = Tone(colours.background, colours.auxiliary, colours.ink)
    return replace(found, legend=(*found.legend, (say(DIFFERS), tone)))


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


def _listed(words: Sequence[str]) -> str:
    """Return ``one, another and a third``."""
    return say(" and ").join(filter(None, (", ".join(words[:-1]), words[-1])))


def _titles(nets: Sequence[ArchGraph]) -> list[str]:
    """Return what each network is called; two of one title bear their names too."""
    titles = [title_of(net) for net in nets]
    return [
        f"{title} ({net.name})" if titles.count(title) > 1 and title != net.name else title
        for title, net in zip(titles, nets, strict=True)
    ]


def _headings(nets: Sequence[ArchGraph], scene: Scene, width: float, colours: Theme) -> list[Group]:
    """Return each network's name and totals, above its part: in one line where all fit so."""
    size = NAME * min(scene.scale, 1.25)
    small = 0.8 * size
    totals = [totals_of(net) for net in nets]
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
