"""A view with what people set of its boxes: other words, other colours, some left out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence, Set
from dataclasses import replace
from fnmatch import fnmatchcase

from archgraph.errors import DrawError
from archgraph.nearest import nearest
from archgraph.options import written

from ..dress.spoken import say
from .box_settings import BoxSetting, read_setting
from .label_parts import Inside, Label
from .shown import View, ViewEdge, ViewNode

__all__ = ["refuse_unmatched", "with_settings", "without", "without_output"]


def with_settings(view: View, texts: Sequence[str], net: str = "") -> View:
    """Return a view with all that ``texts`` set, the later ones last.

    A pattern names a box, a frame, a group around boxes, all operators of a box, or words of its
    label; what it finds is noted in the view. Of several networks, names may begin with ``net/``.
    """
    if not texts:
        return view
    nodes, groups, colors = dict(view.nodes), dict(view.groups), dict(view.frame_colors)
    frames = {frame for node in nodes.values() if (frame := _frame(view, node))}
    hidden: dict[str, bool] = {}
    notes = dict(view.notes)
    found = set(view.found)
    for text in texts:
        each = read_setting(text)
        named = _Named(each.pattern, view, net)
        around = {key for key in frames if named.matches(key, view.groups.get(key))}
        if each.pattern in view.nodes:  # the box itself, though a group may be called the same
            around = set()
        if around:
            found.add(text)
            groups |= dict.fromkeys(around, each.label) if each.label else {}
            colors |= dict.fromkeys(around, each.color) if each.color else {}
        told, beside = sorted(around)[:1], ""
        for key, node in view.nodes.items():
            direct = named.is_box(node)
            if direct or (each.pattern not in view.nodes and named.is_around(node)):
                found.add(text)
                if each.hide is not None:
                    hidden[key] = each.hide
                told = told or [key] * direct
                beside = beside or key
                if direct or _frame(view, node) not in around:
                    nodes[key] = _set(nodes[key], each)
        if each.note and (told or beside):  # of several alike the first has it
            notes[(told or [beside])[0]] = each.note
    looks = replace(
        view,
        nodes={key: _with_note(node, notes.get(key)) for key, node in nodes.items()},
        groups=groups,
        frame_colors=colors,
        found=frozenset(found),
        notes=notes,
    )
    left_out = {key for key, gone in hidden.items() if gone}
    if len(left_out) == len(nodes):
        raise DrawError(f"{written('set')} hides all of '{view.name}'; something must be shown.")
    return without(looks, left_out)


def refuse_unmatched(texts: Sequence[str], views: Iterable[View]) -> None:
    """Raise DrawError for a pattern that none of the views has anything for."""
    views = list(views)
    found = {text for view in views for text in view.found}
    for text in texts:
        if text in found:
            continue
        pattern = read_setting(text).pattern
        inside = [
            node.id
            for view in views
            for node in view.nodes.values()
            if any(_matches(pattern, name) for one in node.members for name in _paths(one))
        ]
        names = [name for view in views for name in _names(view)]
        more = nearest(pattern, names)
        if inside:
            more = f", because it is inside of the box '{inside[0]}', which can be set"
        elif not more:
            shown = list(dict.fromkeys(key for view in views for key in view.nodes))
            more = f"; there are {', '.join(shown[:4])}{', …' if len(shown) > 4 else ''}"
        raise DrawError(f"'{pattern}' names nothing that the picture shows{more}.")


class _Named:
    """Tells what of a view a pattern names."""

    def __init__(self, pattern: str, view: View, net: str) -> None:
        self.pattern, self.view, self.net = pattern, view, net

    def matches(self, *names: str | None) -> bool:
        """Return whether one of some names is meant."""
        return any(
            _matches(self.pattern, name)
            or (self.net and _matches(self.pattern, f"{self.net}/{name}"))
            for name in names
            if name
        )

    def is_box(self, node: ViewNode) -> bool:
        """Return whether the box itself is meant, or all that is in it."""
        op = node.label.op
        words = (op.mark, op.text(), op.name) if op is not None else ()
        if self.matches(node.id):
            return True
        if self.pattern in self.view.nodes:
            return False
        if self.matches(node.label.name, node.label.head, *words):
            return True
        return bool(node.members) and all(self.matches(name) for name in node.members)

    def is_around(self, node: ViewNode) -> bool:
        """Return whether a module, block or stage that the box is in is meant."""
        groups = [key for key in (node.stage, node.block) if key]
        labels = [self.view.groups.get(key) for key in groups]
        return self.matches(*_paths(node.id)[:-1], *groups, *labels)


def _matches(pattern: str, name: str) -> bool:
    return pattern == name or fnmatchcase(name, pattern)


def _paths(name: str) -> list[str]:
    """Return a dotted name with the modules around it, the outermost first."""
    words = name.split(".")
    return [".".join(words[:count]) for count in range(1, len(words) + 1)]


def _frame(view: View, node: ViewNode) -> str | None:
    frame: str | None = getattr(node, view.framed) if view.framed else None
    return frame


def _names(view: View) -> list[str]:
    """Return all that people may call what a view shows."""
    found = []
    for key, node in view.nodes.items():
        found += [key, node.label.name, node.stage or "", view.groups.get(node.stage or "", "")]
        found += [node.block or "", view.groups.get(node.block or "", "")]
    return [name for name in dict.fromkeys(found) if name]


def _set(node: ViewNode, each: BoxSetting) -> ViewNode:
    label = node.label
    if each.label is not None:
        # What the operator is goes on standing there, below the new name.
        told = label.op if label.does is None and node.form != "dot" else label.does
        label = replace(label, name=each.label, op=None, does=told, span=(each.label, each.label))
    if each.sublabel is not None:
        does = Inside(told=(each.sublabel,), own=True) if each.sublabel else None
        label = Label(label.name or label.head, does=does, repeat=label.repeat)
    if label is not node.label:
        form = "box" if node.form in ("dot", "bar") else node.form  # which hold a sign or a word
        node = replace(node, label=label, form=form, title=f"{label.head}\n{node.title}")
    if each.color is not None:
        node = replace(node, color=each.color)
    return replace(node, means=each.legend) if each.legend is not None else node


def _with_note(node: ViewNode, note: str | None) -> ViewNode:
    """Return a box whose facts hold what is written beside it."""
    told = note is None or note in node.title.split("\n")
    return node if told else replace(node, title=f"{node.title}\n{note}")


def without_output(view: View) -> View:
    """Return a view without the box of its one result, where the last box says its shape, too."""
    boxes = [key for key, node in view.nodes.items() if node.kind == "output"]
    before = [view.nodes[edge.source] for edge in view.edges if edge.target in boxes]
    same = len(boxes) == len(before) == 1 and view.nodes[boxes[0]].label.name == say("output")
    if same and before[0].label.shape == view.nodes[boxes[0]].label.shape:
        return without(view, set(boxes))
    return view


def without(view: View, hidden: Set[str]) -> View:
    """Return a view without some boxes, whose neighbours are joined by lines."""
    if not hidden:
        return view
    edges = {(edge.source, edge.target): edge for edge in view.edges}
    attached = {key for key, node in view.nodes.items() if node.attached}
    output = view.output
    for key in view.nodes:  # in the order of the flow
        if key not in hidden:
            continue
        before = [edge for edge in edges.values() if edge.target == key]
        behind = [edge for edge in edges.values() if edge.source == key]
        edges = {pair: edge for pair, edge in edges.items() if key not in pair}
        for one in before:
            for other in behind:
                pair = (one.source, other.target)
                if pair not in edges or edges[pair].kind != "data":
                    edges[pair] = _joined(one, other)
        if key not in attached:
            # What touched a box that is gone stands for itself.
            attached -= {edge.target for edge in behind}
        if key == output and before:
            output = before[0].source
    nodes = {
        key: replace(node, attached=key in attached)
        for key, node in view.nodes.items()
        if key not in hidden
    }
    if output not in nodes:
        output = list(nodes)[-1]
    return replace(view, nodes=nodes, edges=tuple(edges.values()), output=output)


def _joined(one: ViewEdge, other: ViewEdge) -> ViewEdge:
    """Return the line past a box that is left out: what it is behind that, else before it."""
    kind = other.kind if other.kind != "data" else one.kind
    title = f"{one.source} → {other.target}"
    return ViewEdge(one.source, other.target, kind, one.bytes, title)
