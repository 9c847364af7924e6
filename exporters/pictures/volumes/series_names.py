"""One name for several volumes in a row: ``conv3_1–3`` for conv3_1, conv3_2 and conv3_3."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import takewhile

from ..view import ViewNode

__all__ = ["common_name", "is_series", "spanned"]


def spanned(first: str, last: str) -> str:
    """Return the name of everything from ``first`` to ``last``."""
    if first == last:
        return first
    shared = _shared(first, last)
    return f"{first}–{last[shared:]}" if is_series(first, last) else f"{first} – {last}"


def is_series(first: str, last: str) -> bool:
    """Return whether two names differ in nothing but a short number or letter at their end."""
    shared = _shared(first, last)
    ends = first[shared:], last[shared:]
    return first == last or (shared > 1 and all(0 < len(end) <= 3 for end in ends))


def _shared(first: str, last: str) -> int:
    """Return how many characters two names share, up to the number in which they differ."""
    pairs = zip(first, last, strict=False)
    shared = len(list(takewhile(lambda pair: pair[0] == pair[1], pairs)))
    while shared and first[shared - 1].isdigit():
        shared -= 1
    return shared


def common_name(nodes: Sequence[ViewNode]) -> str:
    """Return the name of touching volumes, or of one; poolings give theirs only when alone."""
    if len(nodes) == 1:
        return nodes[0].label.name
    named = [node for node in nodes if node.kind != "pool"] or list(nodes)
    return spanned(named[0].label.span[0], named[-1].label.span[1])
