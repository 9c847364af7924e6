"""What a picture shows, laid out by us and by others: the same boxes, each its own way."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import dist
from pathlib import Path
from shutil import which
from typing import Any

import archgraph as ag
from archgraph.exporters.pictures.choices import Choices
from archgraph.exporters.pictures.layout.place_grid import Grid, units_of
from archgraph.exporters.pictures.layout.scene import Line, Scene
from archgraph.exporters.pictures.sheet import Sheet
from archgraph.exporters.pictures.single import laid_out
from bench.reading_svg import Box, Point

__all__ = [
    "OURS",
    "TOOLS",
    "Arrangement",
    "Shown",
    "by_graphviz",
    "by_node",
    "node_packages",
    "shown",
]

OURS = "archgraph"
GRAPHVIZ = "Graphviz dot"
OF_NODE = {"ELK layered": "elk", "ELK layered, wrapped": "elk-wrapped", "dagre": "dagre"}
TOOLS = (OURS, GRAPHVIZ, *OF_NODE)

PACKAGES = ("elkjs", "@dagrejs/dagre")
FOLDER = Path("build/npm")
LONGEST = 300
"""Seconds that all views may take with one tool of Node's."""

Path_ = str


@dataclass(frozen=True, slots=True)
class Arrangement:
    """Where boxes and lines are, at scale 1; a line is a path as in SVG."""

    boxes: Mapping[str, Box]
    lines: Mapping[tuple[str, str], Path_]


@dataclass(frozen=True, slots=True)
class Shown:
    """What a first picture shows: its boxes, which touching ones are one of, and its lines.

    ``sizes`` are the least that their words need, ``round`` are circles, ``space`` is what the
    canvas has for it, and ``ours`` how we lay it out.
    """

    name: str
    sizes: Mapping[str, tuple[float, float]]
    round: frozenset[str]
    edges: tuple[tuple[str, str], ...]
    space: tuple[float, float]
    ours: Arrangement


# ---- ours ----------------------------------------------------------------------------------


def shown(name: str, net: ag.ArchGraph) -> Shown:
    """Return what the first picture of a network shows."""
    choices = Choices()
    space = Sheet.of(choices, "", "", "").space
    assert space is not None
    view, (scene,) = laid_out(net, choices.settled([net], named=False), space, several=False)
    grid = units_of(view, list(view.nodes), scene.down)
    sizes = {
        key: (unit.across, unit.along) if grid.down else (unit.along, unit.across)
        for key, unit in grid.units.items()
    }
    dots = frozenset(key for key, unit in grid.units.items() if unit.fixed)
    return Shown(name, sizes, dots, tuple(grid.edges), space, _ours(grid, scene))


def _ours(grid: Grid, scene: Scene) -> Arrangement:
    boxes = {}
    head = {}
    for key, unit in grid.units.items():
        rects = [scene.nodes[each] for each in unit.ids]
        left, top = min(r.x for r in rects), min(r.y for r in rects)
        right, bottom = max(r.x + r.width for r in rects), max(r.y + r.height for r in rects)
        boxes[key] = Box(left, top, right - left, bottom - top)
        head |= dict.fromkeys(unit.ids, key)
    # From column to column one line leads to where several begin.
    trunks = [line for line in scene.lines if not line.arrow]
    lines = {}
    for line in scene.lines:
        pair = (head[line.edge.source], head[line.edge.target])
        if line.arrow and pair[0] != pair[1]:
            lines[pair] = _path(line, next((t for t in trunks if _goes_on(t, line)), None))
    return Arrangement(boxes, lines)


def _goes_on(trunk: Line, line: Line) -> bool:
    same = trunk.edge.source == line.edge.source
    return same and dist(trunk.segments[-1][-1], line.start) < 0.5


def _path(line: Line, trunk: Line | None) -> Path_:
    parts = [*(trunk.segments if trunk else ()), *line.segments]
    words = [_put("M", [trunk.start if trunk else line.start])]
    words += (_put("C" if len(part) == 3 else "L", part) for part in parts)
    return " ".join(words)


def _put(command: str, points: Sequence[Point]) -> str:
    return command + " ".join(f"{x:.3f},{y:.3f}" for x, y in points)


# ---- Graphviz ------------------------------------------------------------------------------


def by_graphviz(view: Shown, down: bool) -> Arrangement:
    """Return how Graphviz's dot lays a view out, its lines curved as it likes best."""
    from pygraphviz import AGraph

    made = AGraph(directed=True, strict=True)
    made.graph_attr.update(
        rankdir="TB" if down else "LR", nodesep=str(14 / 72), ranksep=str(22 / 72)
    )
    made.node_attr.update(shape="box", fixedsize="true", label="")
    made.edge_attr.update(arrowhead="none")
    numbers = {key: str(index) for index, key in enumerate(view.sizes)}
    for key, (width, height) in view.sizes.items():
        shape = "circle" if key in view.round else "box"
        made.add_node(numbers[key], width=width / 72, height=height / 72, shape=shape)
    for source, target in view.edges:
        made.add_edge(numbers[source], numbers[target])
    made.layout(prog="dot")
    boxes = {}
    for key, (width, height) in view.sizes.items():
        x, y = map(float, made.get_node(numbers[key]).attr["pos"].split(","))
        boxes[key] = Box(x - width / 2, -y - height / 2, width, height)
    lines = {}
    for source, target in view.edges:
        places = made.get_edge(numbers[source], numbers[target]).attr["pos"].split()
        points = [(float(x), -float(y)) for x, y in (place.split(",") for place in places)]
        curves = (_put("C", points[at : at + 3]) for at in range(1, len(points), 3))
        lines[source, target] = " ".join([_put("M", points[:1]), *curves])
    return Arrangement(boxes, lines)


# ---- Node ----------------------------------------------------------------------------------


def node_packages() -> str:
    """Install what runs under Node into a folder of its own; return why not, if not."""
    if which("npm") is None or which("node") is None:
        return "Node and npm are not installed, so that ELK and dagre are left out."
    if all((FOLDER / "node_modules" / each).is_dir() for each in PACKAGES):
        return ""
    FOLDER.mkdir(parents=True, exist_ok=True)
    quiet = ("--silent", "--no-audit", "--no-fund")
    done = subprocess.run(["npm", "install", *quiet, "--prefix", str(FOLDER), *PACKAGES])
    return "npm cannot install ELK and dagre, which are left out." if done.returncode else ""


def by_node(tool: str, views: Sequence[Shown], down: bool) -> list[Arrangement | None]:
    """Return how a tool of Node's lays views out; None where it fails."""
    graphs = []
    for view in views:
        index = {key: number for number, key in enumerate(view.sizes)}
        edges = [(index[source], index[target]) for source, target in view.edges]
        graphs.append({"nodes": list(view.sizes.values()), "edges": edges, "down": down})
    done = subprocess.run(
        ["node", str(Path(__file__).with_name("layout_tools.cjs"))],
        input=json.dumps({"tool": OF_NODE[tool], "graphs": graphs}),
        env=os.environ | {"NODE_PATH": str(FOLDER.resolve() / "node_modules")},
        text=True,
        check=True,
        stdout=subprocess.PIPE,
        timeout=LONGEST,
    )
    found = json.loads(done.stdout)
    return [_of_node(view, each) for view, each in zip(views, found, strict=True)]


def _of_node(view: Shown, found: Mapping[str, Any]) -> Arrangement | None:
    if "error" in found:
        return None
    boxes = {
        key: Box(x, y, *view.sizes[key])
        for key, (x, y) in zip(view.sizes, found["boxes"], strict=True)
    }
    lines = {
        pair: " ".join([_put("M", line[:1]), *(_put("L", [point]) for point in line[1:])])
        for pair, line in zip(view.edges, found["lines"], strict=True)
    }
    return Arrangement(boxes, lines)
