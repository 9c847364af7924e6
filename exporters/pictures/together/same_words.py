"""What is said in words of networks side by side: how much they have in common."""

from __future__ import annotations

from collections.abc import Collection
from typing import NamedTuple

from ..dress.spoken import say
from ..view import View
from .matching import LITTLE, Matches, Twins

__all__ = ["InCommon", "in_common", "same_words"]


class InCommon(NamedTuple):
    """What is said below the title, and whether that says all that marks would."""

    text: str
    without_marks: bool


def in_common(matches: Matches, marked: Collection[str], view: View) -> InCommon:
    """Return in words how much networks have in common; marks on everything would say nothing."""
    if matches.equal:
        if len(matches.twins) == 1:
            return InCommon(same_words(matches.twins[0, 1]), True)
        return InCommon(say("all are equal"), True)
    least = f"{matches.common:.0%}".replace("%", " %")
    if matches.common < LITTLE:
        return InCommon(say("only {least} of the operators are the same", least=least), True)
    boxes = {key for key, node in view.nodes.items() if node.kind not in ("input", "output")}
    if boxes <= set(marked):
        words = "every box differs ({least} of the operators are the same)"
        return InCommon(say(words, least=least), True)
    return InCommon(say("differences marked" if marked else "what is shown is the same"), False)


def same_words(found: Twins) -> str:
    """Return that two networks are the same, in words for below a title."""
    one, two = found.difference.first.name, found.difference.second.name
    names = "{one} and {two} are" if one != two else "both are"
    others = say(", under other names") if found.difference.renamed else ""
    count = len(found.difference.pairs)
    words = f"{names} equal: the same {{count}} operators, settings, shapes and edges"
    return say(words, one=one, two=two, count=count) + others
