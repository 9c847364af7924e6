"""Reads a written picture of volumes back: each volume's faces, its outline and its words."""

from __future__ import annotations

import itertools
import re
from functools import cache
from xml.etree import ElementTree

from shapely.geometry import Polygon
from shapely.ops import unary_union

import archgraph as ag
from archgraph.exporters.pictures.draw import drawings
from archgraph.exporters.pictures.writers.svg import svg_text
from bench.reading_svg import SVG, read

__all__ = [
    "BRANCHING",
    "MAP_ROWS",
    "NETWORKS",
    "NO_ROW",
    "Volume",
    "picture_of",
    "touching",
    "within",
]

BRANCHING = {"inception_naive", "inception_reduced"}
"""One module each: nothing in between where all data passes."""
NO_ROW = {"vit_b_16"}
"""Networks that no row of volumes shows: tokens without maps."""
MAP_ROWS = {"unet", "unet_bn"}
"""Networks that go up again to larger maps."""
NETWORKS = sorted(set(ag.architectures()) - BRANCHING - NO_ROW - MAP_ROWS)


class Volume:
    """One volume of a picture: its faces, its words and what its title says."""

    def __init__(self, group, node):
        self.node, self.id = node, node.id
        faces = [
            [tuple(map(float, corner.split(","))) for corner in face.get("points").split()]
            for face in group.findall(f"{SVG}polygon")
        ]
        self.top, self.side = faces
        front = node.box
        corners = [(front.x, front.y), (front.right, front.y)]
        corners += [(front.right, front.bottom), (front.x, front.bottom)]
        self.faces = [corners, *faces]
        self.outline = unary_union([Polygon(face) for face in self.faces])
        """All that its three faces cover."""
        self.depth = self.top[1][0] - self.top[0][0]
        self.rise = self.top[0][1] - self.top[1][1]
        wanted = re.search(r"^output (.*)$", node.title, re.M)[1]
        self.shape = tuple(map(int, wanted.split(" × ")))
        device = re.search(r"^device (\d+)$", node.title, re.M)
        self.device = device and int(device[1])


def picture_of(name, fit="16:9", **options):
    """Return a network's picture and its volumes by id, in the order in which they are painted."""
    if isinstance(name, str):
        return _named(name, fit, **options)
    return _picture(name, fit, **options)


@cache
def _named(name, fit, **options):
    return _picture(ag.load(name), fit, **options)


def _picture(net, fit, **options):
    (page,) = drawings(net, style="volumes", fit=fit, **options)
    svg = svg_text(page)
    picture = read(svg)
    picture.level = re.search(r" as volumes at (\w+) level", page.description)[1]
    groups = {g.get("id"): g for g in ElementTree.fromstring(svg).iter(f"{SVG}g")}
    found = {key: Volume(groups[key], node) for key, node in picture.nodes.items()}
    for before, after in itertools.pairwise(list(found.values())):
        if touching(before, after):  # the second hides the right face of the first
            before.faces = before.faces[:2]
    return picture, found


def touching(one, other):
    """Return whether the second volume stands at the first, with the same maps."""
    same = one.shape[1:] == other.shape[1:] and one.node.box.y == other.node.box.y
    return same and abs(one.node.box.right - other.node.box.x) < 0.05


def within(point, corners):
    """Return whether a point lies in a convex outline."""
    turns = [
        (bx - ax) * (point[1] - ay) - (by - ay) * (point[0] - ax)
        for (ax, ay), (bx, by) in zip(corners, [*corners[1:], corners[0]], strict=True)
    ]
    return all(turn > 0 for turn in turns) or all(turn < 0 for turn in turns)
