"""The finest level that fits: every kind of picture looks for it in this one way."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import TypeVar

from .view import LEVELS

__all__ = ["finest"]

Found = TypeVar("Found")


def finest(
    asked: str,
    shown: Callable[[str], Found | None],
    told: Callable[[str], str] | None = None,
    *,
    coarsest: str = LEVELS[0],
) -> Found | None:
    """Return what ``shown`` gives for the finest level, from ``asked`` to ``coarsest``, that fits.

    ``shown`` returns None where a level does not fit. ``told`` makes the sentence of the warning
    that a coarser level than the asked one is drawn. None where no level fits.
    """
    for level in reversed(LEVELS[LEVELS.index(coarsest) : LEVELS.index(asked) + 1]):
        found = shown(level)
        if found is not None:
            if told is not None and level != asked:
                warnings.warn(told(level), stacklevel=9)
            return found
    return None
