"""Names for the operators of foreign files: the module path, wherever a file holds one.

Exporters leave it in different places: torch's newer one in a node's metadata, its older one in
the node's name, and nearly all in the names of the weights.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import TYPE_CHECKING

from archgraph.importers.naming import Place, clean, names_of

if TYPE_CHECKING:
    from archgraph.importers.onnx.nodes import Node

__all__ = ["Place", "clean", "module_of", "modules_of", "names_of", "place_of"]

_SCOPES = "pkg.torch.onnx.name_scopes"
_CLASSES = "pkg.torch.onnx.class_hierarchy"
_QUOTED = re.compile(r"'([^']*)'")
_WEIGHT = re.compile(r"(.+?)[./_](?:weight|kernel|scale|gamma|w|W|s)(?:[_:]0)?")
_NUMBERED = re.compile(r"[A-Za-z]?_?\d*")


def place_of(node: Node, kind: str, weight: Callable[[str], str]) -> Place:
    """Return where a node stands; ``weight`` gives the stored tensor behind a weight's name."""
    for name in node.input[1:2]:
        found = _WEIGHT.fullmatch(weight(name))
        if found and clean(found[1]):
            return Place(clean(found[1]), kind, whole=True)
    scopes = _scopes(node)
    if scopes and scopes[-1]:
        return Place(scopes[-2] if len(scopes) > 1 else "", scopes[-1])
    around, _, word = node.name.rpartition("/")
    word = clean(word).removeprefix("node_")
    return Place(_path(around), kind if _NUMBERED.fullmatch(word) else word)


@lru_cache(maxsize=1024)
def _path(around: str) -> str:
    """Return the module that the words before the last one in the name of a node name."""
    path = last = ""
    for word in filter(None, map(clean, around.split("/"))):
        # Inside a Sequential, torch repeats the name of that: layer1/layer1.0.
        if last and word.startswith(f"{last}."):
            path = path[: len(path) - len(last)] + word
        else:
            path = f"{path}.{word}" if path else word
        last = word
    return path


def module_of(node: Node) -> str:
    """Return the module that a node was called in, by the notes of torch's newer exporter."""
    return ["", *_scopes(node)[:-1]][-1]


def modules_of(nodes: Iterable[Node]) -> dict[str, str]:
    """Return the modules that torch's exporters name, by path, with their classes where told.

    The newer exporter notes classes; the older one repeats a Sequential's name before its elements.
    """
    found: dict[str, str] = {}
    for scopes, classes, around in dict.fromkeys(map(_around, nodes)):
        if scopes:
            paths = [clean(scope) for scope in _QUOTED.findall(scopes)]
            kinds = [kind.rpartition(".")[2] for kind in _QUOTED.findall(classes)]
            found.update(zip(paths, kinds, strict=False))
        elif around:
            found.setdefault("", "")
            path = last = ""
            for word in filter(None, map(clean, around.split("/"))):
                if last and word.startswith(f"{last}."):
                    found[path] = "Sequential"
                    path = path[: len(path) - len(last)] + word
                else:
                    path = f"{path}.{word}" if path else word
                found.setdefault(path, "")
                last = word
    return found


def _around(node: Node) -> tuple[str, str, str]:
    """Return what is noted of the modules around a node, without what is of the node alone."""
    if node.metadata:
        scopes, classes = node.metadata.get(_SCOPES), node.metadata.get(_CLASSES)
        if scopes is not None and classes is not None:
            return scopes.rpartition(",")[0], classes.rpartition(",")[0], ""
    name = node.name
    return "", "", name[: name.rindex("/") + 1] if name.startswith("/") else ""


def _scopes(node: Node) -> list[str]:
    noted = node.metadata.get(_SCOPES)
    return [clean(scope) for scope in _QUOTED.findall(noted)] if noted else []
