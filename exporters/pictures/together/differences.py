"""Which shown boxes are not the same in every other network, by the matching of the networks."""

from __future__ import annotations

from collections.abc import Sequence

from archgraph.graph import ArchGraph
from archgraph.structure import structure

from ..view import View
from .matching import Matches, is_quiet

__all__ = ["differences", "set_apart"]


def differences(
    nets: Sequence[ArchGraph],
    names: Sequence[str],
    matches: Matches,
    view: View,
    rows: Sequence[Sequence[str]],
) -> set[str]:
    """Return the boxes of a view of all networks that some other network has otherwise, or lacks.

    Where an operator was put into a block, the block is told in both.
    """
    found: set[str] = set()
    for (one, other), states in matches.states.items():
        partners = matches.partners[one, other]
        owner = {name: key for key in rows[other] for name in _inside(view, key, names[other])}
        for key in rows[one]:
            inside = _inside(view, key, names[one])
            here = [name for name in inside if not is_quiet(nets[one], name)] or inside
            if not any(name in states for name in here):
                continue
            found.add(key)
            kept = [partners[name] for name in here if name in partners]
            if any(states.get(name) in ("added", "removed") for name in here):
                found |= {owner[name] for name in kept if name in owner}
    return found


def _inside(view: View, key: str, net: str) -> list[str]:
    """Return the operators of a box, as their network calls them."""
    return [name.removeprefix(f"{net}/") for name in view.nodes[key].members]


def set_apart(nets: Sequence[ArchGraph], matches: Matches) -> list[ArchGraph]:
    """Return copies of networks whose blocks are equal only where they are so to the others, too.

    A block that others have as well stands apart where it changed there; whole blocks more of one
    sort do not.
    """
    made = [net.copy() for net in nets]
    for (one, other), states in matches.states.items():
        partners = matches.partners[one, other]
        for name, state in states.items():
            if state == "changed" and not is_quiet(nets[one], name):
                _add(made[one], name, "changed")
        # A block that got another operator is not the same as one that got none, in both.
        for names in structure(nets[one]).cuts["block"].own.values():
            loud = [name for name in names if not is_quiet(nets[one], name)]
            kept = [name for name in loud if name in partners]
            if 0 < len(kept) < len(loud):
                for name in kept:
                    _add(made[other], partners[name], "beside")
    return made


def _add(net: ArchGraph, name: str, word: str) -> None:
    data = net.nodes[name]
    if word not in data.get("apart", ""):
        data["apart"] = f"{data.get('apart', '')} {word}".lstrip()
