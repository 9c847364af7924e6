"""What a module is called where there is little room: the end of its path, and its class."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import accumulate, chain

from archgraph.graph import ArchGraph
from archgraph.tensors import state_key

__all__ = ["folded", "frame_name", "module_names", "short_names"]

ROOM = 28
"""Letters for a path and a class side by side."""

SHORT = 5
"""Letters that are not worth being left out."""

_CONTAINERS = ("Sequential", "SequentialList", "ModuleList", "ModuleDict", "Module")
"""Classes that say nothing of what is in them."""


def short_names(paths: Iterable[str]) -> dict[str, str]:
    """Return the last words of each path that tell, more where two would be the same.

    ``encoder.layers.encoder_layer_0`` is ``encoder_layer_0``, ``model.layers.0`` is ``layers.0``;
    between equal ends the first word that differs stands before: ``text_model…layers.0``.
    """
    ends = {path: _end(path) for path in paths}
    # Modules in a row are parted from those of another row, all in the same way.
    rows: dict[str, set[str]] = {}
    for path, end in ends.items():
        rows.setdefault(_row(end), set()).add(path.removesuffix(end))
    begun = {row: Counter(chain.from_iterable(map(_beginnings, rows[row]))) for row in rows}
    found = {
        path: _parted(path.removesuffix(end), begun[_row(end)], len(rows[_row(end)])) + end
        for path, end in ends.items()
    }
    while len(set(found.values())) < len(found):  # what is still the same has its whole path
        count = Counter(found.values())
        found = {path: path if count[name] > 1 else name for path, name in found.items()}
    return found


def _end(path: str) -> str:
    """Return the last word of a path, with those before it that it is a number of."""
    words = path.split(".")
    first = len(words) - 1
    while first > 0 and re.match(r"\d", words[first]):
        first -= 1
    return ".".join(words[first:])


def _row(end: str) -> str:
    return re.sub(r"\d+", "#", end)


def _beginnings(before: str) -> list[str]:
    """Return what stands before an end as far as its first word, its second, and so on."""
    return [*accumulate(before.split("."), "{}.{}".format)]


def _parted(before: str, begun: Counter[str], rows: int) -> str:
    """Return the first word by which what stands before an end differs from all others.

    ``begun`` counts how many of the ``rows`` begin in each way.
    """
    if rows == 1:
        return ""
    words = before.split(".")
    for place, beginning in enumerate(_beginnings(before)[:-1]):
        if begun[beginning] == 1:
            # A number says nothing without the word that it counts.
            first = place - 1 if place and re.match(r"\d", words[place]) else place
            word = ".".join(words[first : place + 1])
            between = ".".join(words[place + 1 :])  # it ends with a dot
            return word + ("…" if len(between) > SHORT else f".{between}")
    return before


def module_names(
    net: ArchGraph, members: Mapping[str, Sequence[str]], repeats: Mapping[str, int]
) -> dict[str, str]:
    """Return what each box of a picture is called by its module: where it is, and of what class.

    A path that ends in a number has its class beside it where both fit; else the class alone
    where no other box is of it, else the path.
    """
    short = {key: _piece(name) for key, name in short_names(members).items()}
    classes = {key: _class_of(net, key) for key, names in members.items() if _holds(net, names)}
    count = Counter(classes.values())
    return {
        key: _named(name, classes.get(key, ""), repeats.get(key, 1), count)
        for key, name in short.items()
    }


def _piece(name: str) -> str:
    """Return a name in which a piece of a module that does not run as one has its number behind."""
    name, mark, number = name.rstrip("~").partition("~")
    return f"{name} ({number})" if mark else name


def frame_name(net: ArchGraph, path: str, repeat: int) -> str:
    """Return what the frame of a module is called."""
    return _named(short_names([path])[path], _class_of(net, path), repeat, Counter())


def _holds(net: ArchGraph, names: Sequence[str]) -> bool:
    """Return whether a box holds several layers, so that its class tells more than they do."""
    return sum(net.op(name).told for name in names) > 1


def _class_of(net: ArchGraph, path: str) -> str:
    """Return the class of a module of a network that was read, where it says what it is."""
    classes: Mapping[str, str] = net.graph.get("modules") or {}
    known = classes.get(state_key(path, "").rstrip("."), "").lstrip("_")
    word = re.sub(r"[^a-z]", "", _end(path).lower())
    return "" if known in _CONTAINERS or word.startswith(known.lower()) else known


def _named(short: str, kind: str, repeat: int, classes: Counter[str]) -> str:
    name = folded(short, repeat)
    if not kind or not re.search(r"\d[a-z]?$|^(self|fn|net|module)$", short):
        return name
    both = f"{name} · {kind}"
    room = ROOM - (len(f" × {repeat}") if repeat > 1 else 0)
    if len(both) <= room:
        return both
    return kind if classes[kind] < 2 and len(kind) <= room else name


def folded(label: str, repeat: int) -> str:
    """Return ``conv2_2–4`` for ``conv2_2`` that stands for three, ``block 1.1–3`` likewise."""
    numbered = re.fullmatch(r"(.+[._])(\d+)", label)
    if repeat < 2 or not numbered:
        return label
    return f"{label}–{int(numbered[2]) + repeat - 1}"
