"""What several claims ask of a graph: a layer by its name in the paper, a published error."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import Any

from archgraph.graph import ArchGraph
from archgraph.lectures import Row
from archgraph.ops import Op

__all__ = ["design", "in_words", "labelled", "of_kind", "published_row", "total"]

_WORDS = {"conv": "convolution", "pool": "pool", "linear": "fully connected"}


def labelled(net: ArchGraph, label: str) -> str:
    """Return the node that the paper calls so; KeyError where there is none."""
    for name, data in net.nodes(data=True):
        if data.get("label") == label:
            return str(name)
    raise KeyError(label)


def of_kind(net: ArchGraph, *kinds: type[Op]) -> list[str]:
    """Return the nodes whose operators are of these classes, in the order of the data."""
    return [name for name in net.topological() if isinstance(net.op(name), kinds)]


def design(net: ArchGraph) -> str:
    """Return the kinds of layers in their order, those of one kind in a row once."""
    families = [net.op(name).family for name in net.topological()]
    return ", ".join(kind for kind, _ in groupby(filter(None, map(_WORDS.get, families))))


def in_words(names: Sequence[str]) -> str:
    """Return names as a list in a sentence: ``conv3, fc6 and fc7``."""
    *first, last = names
    return f"{', '.join(first)} and {last}" if first else last


def published_row(
    net: ArchGraph, what: str, claimed: float | str = "", *, key: str = "top5_error", **where: Any
) -> Row:
    """Return an error as its paper prints it, that of the first result with these attributes."""
    for result in net.graph["published"]:
        if key in result and all(result.get(each) == value for each, value in where.items()):
            paper = net.graph["paper"]
            first = paper["authors"].split(",")[0].split(". ")[-1]
            source = f"{first} et al., {paper['year']}: {result['setting']}, {result['data']}"
            return Row(what, result[key], claimed, "%", source)
    raise KeyError(what)


def total(net: ArchGraph, metric: str) -> int:
    """Return a total that is known and whole, as all are of the gallery's networks."""
    found = net.total(metric)
    assert isinstance(found, int), metric
    return found
