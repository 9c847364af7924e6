"""The theme of a picture's choices: the named one, in its palette, with a look's own colours."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache
from typing import Protocol

from .own_look import NONE, Look, dressed
from .palettes import in_palette
from .theme import THEMES, Theme

__all__ = ["Chosen", "theme_named", "theme_of", "themed"]


class Chosen(Protocol):
    """The choices that colours follow from."""

    @property
    def theme(self) -> str:
        """The theme's name."""

    @property
    def palette(self) -> str:
        """The palette's name."""

    @property
    def look(self) -> Look:
        """What is of one's own."""


_WORN: ContextVar[tuple[str, Look]] = ContextVar("archgraph_colours", default=("okabe-ito", NONE))


def theme_of(choices: Chosen) -> Theme:
    """Return the colours that were chosen."""
    return _made(choices.theme, choices.palette, choices.look)


def theme_named(name: str) -> Theme:
    """Return a theme by its name, with the palette and the look of the picture that is made."""
    return _made(name, *_WORN.get())


@contextmanager
def themed(choices: Chosen) -> Iterator[None]:
    """Let ``theme_named`` give the colours of these choices inside."""
    token = _WORN.set((choices.palette, choices.look))
    try:
        yield
    finally:
        _WORN.reset(token)


@lru_cache(maxsize=64)
def _made(name: str, palette: str, look: Look) -> Theme:
    theme = THEMES[name]
    if palette != "okabe-ito":
        theme = in_palette(theme, palette)
    return theme if look is NONE else dressed(theme, look)
