"""The difference of two networks as one picture: what was added, removed and changed."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import replace

from archgraph.errors import DrawError
from archgraph.graph import ArchGraph
from archgraph.options import written
from archgraph.units import count_text

from ..captions import title_of
from ..choices import Choices
from ..drawing import Box, Curve, Drawing, Group, Item
from ..dress.spoken import say, spoken
from ..pages import Page
from ..sheet import Sheet
from ..single import pages_of, view_alone
from ..spoken_notes import compared_notes, notes_of
from ..view import View, ViewNode
from .matching import LITTLE, Twins, is_quiet, twins
from .merged import merged
from .same_words import same_words
from .side_by_side import page_together

__all__ = ["difference_page", "difference_pages", "difference_view"]

COLORS = {"added": "embedding", "removed": "recurrent", "changed": "activation", "": "other"}
"""The kind of box that has the colour of each state."""

DASH = (4.0, 3.0)


def difference_pages(
    nets: Sequence[ArchGraph], choices: Choices, *, several: bool = True
) -> list[Page]:
    """Return the pages that show the second network, with what differs from the first.

    Networks with little in common stand side by side instead, with a warning.
    """
    found = _matched(nets)
    if found.equal:
        # Of two that are the same, the one whose names say more.
        net = max(nets[::-1], key=lambda net: len({name.rpartition(".")[0] for name in net}))
        sheet = Sheet.of(choices, title_of(net), same_words(found), notes_of(net))
        return pages_of(net, choices, sheet, several=several)
    if found.common < LITTLE:
        warnings.warn(_too_little(found) + "drawn side by side.", stacklevel=5)
        return page_together(nets, replace(choices, difference=False))
    whole, gone = merged(found)
    # A presenter reads all of it, in the words of the command diff.
    first, second = map(title_of, nets)
    shown = say(
        "The picture shows {second}: what it has more than {first}, what it lacks, what changed.",
        first=first,
        second=second,
    )
    told = f"{compared_notes(nets, shown)}\n\n{found.difference.render()}"
    sheet = Sheet.of(choices, title_of(whole), _subtitle(found), told)
    marks = _Marks(found, gone, coloured=choices.color == "op")
    made = pages_of(whole, choices, sheet, several=several, told=marks.on)
    return [replace(page, drawing=_dashed(page.drawing, page.view)) for page in made]


def difference_page(nets: Sequence[ArchGraph], choices: Choices) -> list[Page]:
    """Return exactly one page of the difference of two networks."""
    return difference_pages(nets, choices, several=False)


def difference_view(nets: Sequence[ArchGraph], choices: Choices) -> list[Page]:
    """Return a page with the view of a difference, and nothing laid out."""
    found = _matched(nets)
    if found.common < LITTLE:
        raise DrawError(f"{_too_little(found)}use .svg, which shows them side by side.")
    whole, gone = merged(found)
    marks = _Marks(found, gone, coloured=True)
    return view_alone([whole], choices, told=marks.on)


def _matched(nets: Sequence[ArchGraph]) -> Twins:
    if len(nets) != 2:
        raise DrawError(f"{written('difference', True)} takes two networks, not {len(nets)}.")
    return twins(*nets)


def _too_little(found: Twins) -> str:
    first, second = found.difference.first.name, found.difference.second.name
    share = f"{found.common:.0%}".replace("%", " %")
    return f"'{first}' and '{second}' have only {share} of their operators in common; "


def _subtitle(found: Twins) -> str:
    """Return how much differs, and what the networks cost."""
    first, second = found.difference.first, found.difference.second
    counts = {
        "added": sum(state == "added" for state in found.states[1].values()),
        "removed": sum(state == "removed" for state in found.states[0].values()),
        "changed": sum(state == "changed" for state in found.states[1].values()),
    }
    words = ", ".join(
        say(f"{{count}} {word}", count=count) for word, count in counts.items() if count
    )
    totals = [
        say(
            f"{{before}} → {{after}} {noun}"
            if first.total(metric) != second.total(metric)
            else f"{{before}} {noun} in both",
            before=spoken(count_text(first.total(metric))),
            after=spoken(count_text(second.total(metric))),
        )
        for metric, noun in (("params", "parameters"), ("macs", "MACs"))
    ]
    return " · ".join([say("operators: {words}", words=words), *totals])


class _Marks:
    """Tells on each box what the second network has more, less and otherwise."""

    def __init__(self, found: Twins, gone: Mapping[str, str], *, coloured: bool) -> None:
        self._found, self._coloured = found, coloured
        self._net: dict[str, str] = {new: name for name, new in gone.items()}
        self._known: dict[tuple[str, ...], tuple[str, tuple[str, ...]]] = {}

    def on(self, view: View) -> View:
        """Return a view whose boxes say what differs."""
        nodes = {
            key: self._marked(node) if node.members else node for key, node in view.nodes.items()
        }
        for edge in view.edges:  # what leaves is new where what it leaves from is
            end = nodes[edge.target]
            if not end.members:
                state = nodes[edge.source].role
                nodes[end.id] = self._told(end, state if state in ("added", "removed") else "", ())
        return replace(view, nodes=nodes)

    def _marked(self, node: ViewNode) -> ViewNode:
        # Of blocks that are folded the first comes first, and all are alike.
        members = node.members[: len(node.members) // node.times] or node.members
        if members not in self._known:
            gone = [self._net[name] for name in members if name in self._net]
            kept = [name for name in members if name not in self._net]
            state = self._state(kept, gone)
            told = self._found.told(kept, gone) if state == "changed" else (state,)
            self._known[members] = state, tuple(filter(None, told))
        state, told = self._known[members]
        return self._told(node, state, told)

    def _told(self, node: ViewNode, state: str, told: tuple[str, ...]) -> ViewNode:
        # A line that is changed needs room to say how.
        form = "box" if state == "changed" and node.form == "thin" else node.form
        label = replace(node.label, changes=tuple(map(spoken, told)))
        node = replace(node, label=label, form=form, role=state or node.role)
        title = "\n".join(
            filter(None, (node.title, f"{state}: {', '.join(told)}" if state else ""))
        )
        node = replace(node, title=title)
        if not self._coloured:
            return node
        means = say(state or "the same in both")
        return replace(node, color=COLORS[state], means=means)

    def _state(self, kept: Sequence[str], gone: Sequence[str]) -> str:
        first, second = self._found.difference.first, self._found.difference.second
        known = self._found.states[1]
        here = [(second, name, known.get(name, "")) for name in kept]
        here += [(first, name, "removed") for name in gone]
        here = [each for each in here if not is_quiet(*each[:2])] or here
        # What an activation stands behind says whether it is new.
        main = {state for net, name, state in here if net.op(name).family != "activation"}
        states = main if main and main != {""} else {state for _, _, state in here}
        return states.pop() if len(states) == 1 else "changed"


def _dashed(drawing: Drawing, view: View | None) -> Drawing:
    """Return a drawing in which what was removed, and lines to and from it, are dashed."""
    removed = {key for key, node in view.nodes.items() if node.role == "removed"} if view else set()

    def dashed(item: Item) -> Item:
        if not isinstance(item, Group):
            return item
        if item.classes[:1] == ("node",) and item.id in removed:
            first, *rest = item.items
            assert isinstance(first, Box)
            box = replace(first, paint=replace(first.paint, dash=DASH))
            return replace(item, items=(box, *rest))
        if item.ends and not removed.isdisjoint(item.ends):
            lines = tuple(
                replace(each, paint=replace(each.paint, dash=DASH))
                if isinstance(each, Curve)
                else each
                for each in item.items
            )
            return replace(item, items=lines)
        return item

    return replace(drawing, items=tuple(map(dashed, drawing.items)))
