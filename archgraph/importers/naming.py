"""Names for the nodes of foreign networks: the module's path where that is known."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import NamedTuple

from archgraph.module_paths import modules_around

__all__ = ["Place", "clean", "names_of", "printable"]

_LONGEST = 120
_PLAIN = re.compile(r"[A-Za-z0-9_-]*")


class Place(NamedTuple):
    """Where an operator stands: the path of its module, and a word for the operator itself.

    ``whole`` says that the path is certainly the operator's own and not of a module around it.
    """

    path: str
    word: str
    whole: bool = False


@lru_cache(maxsize=1024)
def clean(text: str) -> str:
    """Return a text as a dotted name: words without spaces, colons and empty parts."""
    words = re.split(r"[./\\]+", text)
    made = (word if _PLAIN.fullmatch(word) else printable(word) for word in words)
    return ".".join(word for word in made if word)[:_LONGEST].strip(".")


def printable(word: str) -> str:
    """Return a word with ``_`` for what no name holds: spaces, colons, control characters."""
    return "".join(c if c.isprintable() and c not in " :" else "_" for c in word)


def names_of(places: Sequence[Place], taken: Iterable[str]) -> list[str]:
    """Return a name for each place, all different and none the name of another's module.

    A path that belongs to one operator alone is its name; otherwise the operator's word follows.
    """
    count = Counter(place.path for place in places)
    modules = {each for path in count for each in modules_around(path)}
    names = []
    for place in places:
        alone = place.path and count[place.path] == 1 and place.path not in modules
        names.append(place.path if alone else ".".join(filter(None, (place.path, place.word))))
    names = _without_common_module(names)
    used = set(taken)
    modules = {each for name in (*names, *used) for each in modules_around(name)}
    numbers: Counter[str] = Counter()
    made = []
    for name, place in zip(names, places, strict=True):
        wanted = f"{name}.{place.word}" if name in modules else name
        if any(each in used for each in modules_around(wanted)):
            wanted = wanted.replace(".", "_")
        found = wanted
        while found in used or found in modules:
            numbers[wanted] += 1
            found = f"{wanted}_{numbers[wanted]}"
        made.append(found)
        used.add(found)
        modules.update(modules_around(found))
    return made


def _without_common_module(names: list[str]) -> list[str]:
    """Leave out a module that all operators lie in."""
    while names:
        first = {name.partition(".")[0] for name in names}
        if len(first) > 1 or not all("." in name for name in names):
            break
        names = [name.partition(".")[2] for name in names]
    return names
