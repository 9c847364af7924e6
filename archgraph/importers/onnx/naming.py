"""Names for the operators of foreign files: the module path, wherever a file holds one.

Exporters leave it in different places: torch's newer one in a node's metadata, its older one in
the node's name, and nearly all in the names of the weights.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from onnx import NodeProto

__all__ = ["Place", "clean", "module_of", "names_of", "place_of"]

_SCOPES = "pkg.torch.onnx.name_scopes"
_QUOTED = re.compile(r"'([^']*)'")
_WEIGHT = re.compile(r"(.+?)[./_](?:weight|kernel|scale|gamma|w|W|s)(?:[_:]0)?")
_NUMBERED = re.compile(r"[A-Za-z]?_?\d*")
_LONGEST = 120


@dataclass(frozen=True, slots=True)
class Place:
    """Where an operator stands: the path of its module, and a word for the operator itself.

    ``whole`` says that the path is certainly the operator's own and not of a module around it.
    """

    path: str
    word: str
    whole: bool = False


def clean(text: str) -> str:
    """Return a text as a dotted name: words without spaces, colons and empty parts."""
    words = re.split(r"[./\\]+", text)
    made = ("".join(c if c.isprintable() and c not in " :" else "_" for c in w) for w in words)
    return ".".join(word for word in made if word)[:_LONGEST].strip(".")


def place_of(node: NodeProto, kind: str, weight: Callable[[str], str]) -> Place:
    """Return where a node stands; ``weight`` gives the stored tensor behind a weight's name."""
    for name in node.input[1:2]:
        found = _WEIGHT.fullmatch(weight(name))
        if found and clean(found[1]):
            return Place(clean(found[1]), kind, whole=True)
    scopes = _scopes(node)
    if scopes and scopes[-1]:
        return Place(scopes[-2] if len(scopes) > 1 else "", scopes[-1])
    words = [clean(word) for word in node.name.split("/")]
    path = last = ""
    for word in filter(None, words[:-1]):
        # Inside a Sequential, torch repeats the name of that: layer1/layer1.0.
        if last and word.startswith(f"{last}."):
            path = path[: len(path) - len(last)] + word
        else:
            path = f"{path}.{word}" if path else word
        last = word
    word = words[-1].removeprefix("node_")
    return Place(path, kind if _NUMBERED.fullmatch(word) else word)


def module_of(node: NodeProto) -> str:
    """Return the module that a node was called in, by the notes of torch's newer exporter."""
    return ["", *_scopes(node)[:-1]][-1]


def _scopes(node: NodeProto) -> list[str]:
    for entry in node.metadata_props:
        if entry.key == _SCOPES:
            return [clean(scope) for scope in _QUOTED.findall(entry.value)]
    return []


def names_of(places: Sequence[Place], taken: Iterable[str]) -> list[str]:
    """Return a name for each place, all different and none the name of another's module.

    A path that belongs to one operator alone is its name; otherwise the operator's word follows.
    """
    count = Counter(place.path for place in places)
    modules = {each for path in count for each in _around(path)}
    names = []
    for place in places:
        alone = place.path and count[place.path] == 1 and place.path not in modules
        names.append(place.path if alone else ".".join(filter(None, (place.path, place.word))))
    names = _without_common_module(names)
    used = set(taken)
    modules = {each for name in (*names, *used) for each in _around(name)}
    numbers: Counter[str] = Counter()
    made = []
    for name, place in zip(names, places, strict=True):
        wanted = f"{name}.{place.word}" if name in modules else name
        if any(each in used for each in _around(wanted)):
            wanted = wanted.replace(".", "_")
        found = wanted
        while found in used or found in modules:
            numbers[wanted] += 1
            found = f"{wanted}_{numbers[wanted]}"
        made.append(found)
        used.add(found)
        modules.update(_around(found))
    return made


def _around(path: str) -> list[str]:
    """Return the modules around a name: ``a.b.c`` lies in ``a.b`` and ``a``."""
    words = path.split(".")
    return [".".join(words[:count]) for count in range(1, len(words))]


def _without_common_module(names: list[str]) -> list[str]:
    """Leave out a module that all operators lie in."""
    while names:
        first = {name.partition(".")[0] for name in names}
        if len(first) > 1 or not all("." in name for name in names):
            break
        names = [name.partition(".")[2] for name in names]
    return names
