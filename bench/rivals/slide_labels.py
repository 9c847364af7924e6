"""The smallest label of a picture once it fills a slide, read from anyone's SVG."""

from __future__ import annotations

import re
from xml.etree import ElementTree

from bench.reading_svg import SVG

__all__ = ["LEAST", "SLIDE", "smallest_label"]

SLIDE = (960.0, 540.0)
"""13.33 × 7.5 inches, in points."""

LEAST = 9.0
"""What can be read from the last row, in points."""

NODES = ("node", "tg-node")
"""The first class of a group that is one box, in each tool's SVG."""


def smallest_label(svg: str) -> float:
    """Return the size of the smallest label in points when the picture fills one 16:9 slide.

    A box has the label that is largest in it, so that costs below a name do not count; the smallest
    of all boxes is returned. Raises ValueError where no box has words.
    """
    root = ElementTree.fromstring(svg)
    _, _, width, height = map(float, root.get("viewBox", "").split())
    scale = min(SLIDE[0] / width, SLIDE[1] / height)
    sizes = list(_labels(root, 1.0))
    if not sizes:
        raise ValueError("no box of the picture has words")
    return min(sizes) * scale


def _labels(element: ElementTree.Element, scale: float) -> list[float]:
    """Return the size of each box's label, in the units of the whole picture."""
    # Graphviz shrinks what would be larger than was asked for.
    found = re.search(r"scale\(([\d.]+)", element.get("transform", ""))
    scale *= float(found[1]) if found else 1.0
    classes = (element.get("class") or "").split()
    if element.tag == f"{SVG}g" and classes[:1] and classes[0] in NODES:
        words = (text for text in element.iter(f"{SVG}text") if "".join(text.itertext()).strip())
        sizes = [float(text.get("font-size", "0").removesuffix("px")) for text in words]
        return [max(sizes) * scale] if sizes else []
    return [size for inner in element for size in _labels(inner, scale)]
