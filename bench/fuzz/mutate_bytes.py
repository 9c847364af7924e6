"""Changes in bytes whose structure does not matter: flipped, left out, repeated, cut off."""

from __future__ import annotations

from random import Random

__all__ = ["mutate_bytes"]


def mutate_bytes(content: bytes, g: Random) -> bytes:
    """Return bytes with one change."""
    if not content:
        return bytes(g.randrange(256) for _ in range(8))
    at = g.randrange(len(content))
    length = min(len(content) - at, g.choice((1, 1, 2, 4, 16, 100)))
    return g.choice((
        lambda: content[:at] + bytes([content[at] ^ (1 << g.randrange(8))]) + content[at + 1 :],
        lambda: content[:at] + bytes([g.choice((0, 1, 127, 128, 255))]) + content[at + 1 :],
        lambda: content[:at] + content[at + length :],
        lambda: content[: at + length] + content[at:],
        lambda: content[:at] + g.randbytes(length) + content[at:],
        lambda: content[:at],
    ))()  # fmt: skip
