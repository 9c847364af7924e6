"""What a picture wears while it is made and written: its language and its font, for all beneath."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import lru_cache, wraps
from typing import Any, TypeVar

from .fonts_named import SANS, Font

__all__ = ["SECOND", "Worn", "remembered", "wearing", "worn"]

SECOND = 0.8
"""How large facts below a label are against it, usually."""

Made = TypeVar("Made", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True, eq=False)
class Worn:
    """A language, what each fixed English word or sentence of a picture is in it, and a font.

    Text is ``stretch`` times as wide as in the font: as it is on slides in one of theirs.
    Two are never equal, so that what is remembered of one is not taken for another's.
    """

    words: Mapping[str, str] = field(default_factory=dict)
    font: Font = SANS
    stretch: float = 1.0
    second: float = SECOND
    """How large what stands below labels is against them."""


_PLAIN = Worn()
_WORN = ContextVar("archgraph_worn", default=_PLAIN)


def worn() -> Worn:
    """Return what the picture wears that is being made."""
    return _WORN.get()


@contextmanager
def wearing(new: Worn) -> Iterator[None]:
    """Let every picture that is made or written inside wear this."""
    token = _WORN.set(new)
    try:
        yield
    finally:
        _WORN.reset(token)


def remembered(most: int) -> Callable[[Made], Made]:
    """Remember ``most`` results of a function of its arguments and of what is worn."""

    def around(function: Made) -> Made:
        @lru_cache(maxsize=most)
        def kept(_: Worn, *arguments: Any, **named: Any) -> Any:
            return function(*arguments, **named)

        @wraps(function)
        def called(*arguments: Any, **named: Any) -> Any:
            return kept(_WORN.get(), *arguments, **named)

        return called  # type: ignore[return-value]

    return around
