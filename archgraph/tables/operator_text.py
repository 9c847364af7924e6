"""An operator in two or three words, as a table shows it: ``Conv2d 7×7/2``."""

from __future__ import annotations

from functools import lru_cache

from archgraph.ops import Op

__all__ = ["operator_text"]


def operator_text(op: Op) -> str:
    """Return the operator's name with its kernel, stride, dilation and groups where it has them."""
    try:
        return _remembered(op)
    except TypeError:  # an operator of another package that cannot be hashed
        return _text(op)


def _text(op: Op) -> str:
    words = op.words
    if not op.known:
        return f"{words.what} (unknown)"
    parts = [
        op.kind,
        f"{words.size}/{words.pace}".rstrip("/") if words.window else "",
        f"dilation {words.spread}" if words.spread else "",
        f"groups {words.groups}" if words.groups > 1 else "",
        words.number,
    ]
    return " ".join(filter(None, parts))


_remembered = lru_cache(maxsize=1024)(_text)
