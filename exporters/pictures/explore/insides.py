"""What stands in each box that can be opened: one picture each, at its natural size.

Boxes open in the browser, any number at once, so each inside is laid out once and by itself, and
equal ones as one. Where data comes in or goes out stands a port, from which the lines outside go
on.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from archgraph.errors import DrawError
from archgraph.graph import ArchGraph
from archgraph.structure import structure
from archgraph.tensors import node_of

from ..layout.scene import Scene
from ..single import natural
from ..view import Facts, Label, Opening, View, ViewEdge, ViewNode, view_of, with_settings

__all__ = ["Ends", "Inside", "Insides", "flows"]

MOST_PORTS = 4
"""Where more tensors come in than this, they come in together."""

Pair = tuple[str, str]
Ends = Mapping[Pair, Sequence[str]]
"""The operators whose results go from one box to another."""


@dataclass(frozen=True, slots=True)
class Inside:
    """The picture of what stands in one box.

    ``ports`` are its nodes that stand for what is outside, ``flows`` the operators whose results
    each line bears, ``opens`` the boxes in it that can be opened, by the keys of their pictures.
    """

    key: str
    title: str
    view: View
    scene: Scene
    ports: tuple[str, ...]
    flows: Ends
    opens: Mapping[str, str] = field(default_factory=dict)


class Insides:
    """Makes the pictures of all that can be opened, each once."""

    def __init__(
        self, net: ArchGraph, shows: Facts, *, down: bool, settings: Sequence[str] = ()
    ) -> None:
        self.net, self.shows, self.down, self.settings = net, shows, down, settings
        self.found: dict[str, Inside] = {}
        self._opening = Opening(net)
        self._groups = structure(net).groups
        self._keys: dict[tuple[tuple[str, ...], tuple[str, ...]], str | None] = {}
        """The key of the picture of some operators, None for what cannot be opened."""
        self._drawn: dict[object, tuple[View, Scene] | None] = {}
        self._returned = {node_of(ref) for ref in net.results}

    def openings(self, view: View, ports: Sequence[str] = ()) -> dict[str, str]:
        """Return the boxes of a view that can be opened, with the keys of their pictures."""
        hidden: dict[str, list[str]] = {}
        for name, other in view.hidden.items():
            hidden.setdefault(other, []).append(name)
        found = {}
        for box, node in view.nodes.items():
            names = [name for name in node.members if name in self.net and name not in view.hidden]
            if box in self.net or box in ports or len(names) < 2:
                continue
            behind = {other: name for name in names for other in hidden.get(name, ())}
            key = self._inside(box, tuple(names), behind, node.label.head)
            if key is not None:
                found[box] = key
        return found

    def _inside(
        self, box: str, names: tuple[str, ...], hidden: Mapping[str, str], title: str
    ) -> str | None:
        """Return the key of the picture of a box; it is made if there is none."""
        same = names, tuple(hidden)
        if same not in self._keys:
            key = box
            while key in self.found:
                key += "~"
            self._keys[same] = None
            made = self._made(key, box, names, hidden, title)
            if made is not None:
                # What is outside comes before what is in it.
                self._keys[same] = key
                self.found[key] = made
                self.found[key] = replace(made, opens=self.openings(made.view, made.ports))
        return self._keys[same]

    def _made(
        self, key: str, box: str, names: tuple[str, ...], hidden: Mapping[str, str], title: str
    ) -> Inside | None:
        within = {*names, *hidden}
        sources = list(self._entering(names, within))
        ways = [(s,) for s in sources] if len(sources) <= MOST_PORTS else [tuple(sources)]
        entries = {f"{key}<{number}": way for number, way in enumerate(ways, 1)}
        plan, tried = self._opening.part(box, names, hidden, dict(entries)), {box}
        while True:
            first, *others = (each for each in plan.members if each not in entries)
            if others or len(plan.members[first]) < len(names):
                break
            # A module that only holds another opens to what is in that.
            if first in tried:
                return None
            tried.add(first)
            plan = self._opening.part(first, names, hidden, dict(entries))
        view = view_of(self.net, plan, self.shows)
        borne = dict(flows(self.net, view))
        ports = {port: _port(view.nodes[port]) for port in entries}
        try:
            view = with_settings(view, self.settings)
        except DrawError:  # all of it is hidden
            return None
        nodes = ports | dict(view.nodes) | ports
        edges = list(view.edges)
        exits: list[str] = []
        for node in view.nodes.values():
            leaving = () if node.id in entries else tuple(self._leaving(node.members, within))
            if leaving:
                port = f"{key}>{len(exits) + 1}"
                exits.append(port)
                nodes[port] = _port(nodes[node.id], port)
                edges.append(ViewEdge(node.id, port, "data", None, ""))
                borne[node.id, port] = leaving
        # What reads a tensor that leaves, too, does not touch the box that gives it.
        left = {edge.source for edge in edges if edge.target in exits}
        for edge in view.edges:
            if edge.source in left and nodes[edge.target].attached:
                nodes[edge.target] = replace(nodes[edge.target], attached=False)
        last = exits[0] if exits else view.output
        view = replace(view, nodes=nodes, edges=tuple(edges), output=last)
        drawn = self._laid_out(view)
        if drawn is None:
            return None
        return Inside(key, title, *drawn, (*entries, *exits), borne)

    def _entering(self, names: Sequence[str], within: set[str]) -> Iterator[str]:
        """Yield the operators outside whose results are read."""
        seen: set[str] = set()
        for name in names:
            for source in self.net.inputs_of(name):
                if source not in within and source not in seen:
                    seen.add(source)
                    if not self._opening.is_aside(source):
                        yield source

    def _leaving(self, members: Sequence[str], within: set[str]) -> Iterator[str]:
        """Yield those of some operators whose results are read outside or returned."""
        for name in members:
            if self._opening.is_aside(name):
                continue
            if name in self._returned or any(t not in within for t in self.net.succ[name]):
                yield name

    def _laid_out(self, view: View) -> tuple[View, Scene] | None:
        """Return a view with its scene; of equal ones the places of the first."""
        number = {key: index for index, key in enumerate(view.nodes)}
        # What stands on two devices gets no lanes within a lane.
        plain = {
            key: replace(node, device=None, id="", title="", members=(), counts=())
            for key, node in view.nodes.items()
        }
        sign = (
            tuple(plain.values()),
            tuple((number[e.source], number[e.target], e.kind) for e in view.edges),
        )
        if sign not in self._drawn:
            nodes = {key: replace(node, device=None) for key, node in view.nodes.items()}
            self._drawn[sign] = natural(replace(view, nodes=nodes), down=self.down)
        known = self._drawn[sign]
        return known and _renamed(*known, view)


def _renamed(drawn: View, scene: Scene, view: View) -> tuple[View, Scene]:
    """Return an equal view with the places, and the room for words, of one that is laid out."""
    names = dict(zip(drawn.nodes, view.nodes, strict=True))
    edges = {(e.source, e.target): e for e in view.edges}
    nodes = {
        names[key]: replace(view.nodes[names[key]], room=node.room, form=node.form)
        for key, node in drawn.nodes.items()
    }
    lines = [
        replace(line, edge=edges[names[line.edge.source], names[line.edge.target]])
        for line in scene.lines
    ]
    rects = {names[key]: rect for key, rect in scene.nodes.items()}
    return replace(view, nodes=nodes), replace(scene, nodes=rects, lines=lines)


def _port(node: ViewNode, key: str | None = None) -> ViewNode:
    """Return the port of what comes from a node outside, or goes on from one inside."""
    members = node.members if key is None else ()
    return ViewNode(key or node.id, "input", "dot", Label(""), "", members, node.shape, node.device)


def flows(net: ArchGraph, view: View) -> Ends:
    """Return for each line of a view the operators whose results it bears."""
    shown = {
        name: key
        for key, node in view.nodes.items()
        for name in node.members
        if name not in view.hidden
    }
    owner = shown | {name: shown[other] for name, other in view.hidden.items() if other in shown}
    found: dict[Pair, dict[str, None]] = {(e.source, e.target): {} for e in view.edges}
    for target, box in shown.items():
        for source in net.inputs_of(target):
            pair = (owner.get(source, ""), box)
            if pair in found:
                found[pair][source] = None
    for ref in net.results:
        name = node_of(ref)
        for pair in found:
            if pair[1].startswith("output:") and pair[0] == owner.get(name):
                found[pair][name] = None
    return {pair: tuple(names) for pair, names in found.items()}
