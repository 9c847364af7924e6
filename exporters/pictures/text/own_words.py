"""Words of one's own for pictures: which there are, and what may stand for each."""

from __future__ import annotations

from collections.abc import Mapping

from archgraph.errors import DrawError

__all__ = ["refuse_words"]


def refuse_words(given: Mapping[str, object]) -> None:
    """Raise DrawError for a word that pictures do not say."""
    if given:
        raise DrawError("words")
