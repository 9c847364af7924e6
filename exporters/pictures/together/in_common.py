"""What is said of two networks that are the same, or hardly have anything in common."""

from __future__ import annotations

from .matching import Twins

__all__ = ["same_words"]


def same_words(found: Twins) -> str:
    """Return that two networks are the same, in words for below a title."""
    one, two = found.difference.first.name, found.difference.second.name
    names = f"{one} and {two} are" if one != two else "both are"
    others = ", under other names" if found.difference.renamed else ""
    count = len(found.difference.pairs)
    return f"{names} equal: the same {count} operators, settings, shapes and edges{others}"
