"""What two networks both call a node, whatever modules stand around it in one of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

__all__ = ["shared_words"]


def shared_words(
    first: Iterable[str], second: Iterable[str]
) -> tuple[dict[str, str], dict[str, str]]:
    """Return a word for each name of the two networks; equal words speak for one another.

    It is the name where the other network has it too, else as much of its end as is a whole name
    there (``backbone.layer1.0.conv1`` and ``layer1.0.conv1``). A word that would stand for several
    nodes of one network stands for none: each of them keeps its name.
    """
    one, two = list(first), list(second)
    return _words(one, set(two)), _words(two, set(one))


def _words(names: list[str], others: set[str]) -> dict[str, str]:
    found = {name: _end(name, others) for name in names}
    many = Counter(found.values())
    return {name: word if many[word] == 1 else name for name, word in found.items()}


def _end(name: str, others: set[str]) -> str:
    end = name
    while end and end not in others:
        end = end.partition(".")[2]
    return end or name
