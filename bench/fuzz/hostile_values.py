"""Values that break what believes them: numbers at the edges, and names that are paths or code."""

from __future__ import annotations

from random import Random

__all__ = ["BESIDE", "RAN", "code", "float_value", "int_value", "text_value"]

BESIDE = "beside.bin"
"""A file beside the one that is read, and one in the folder above it: nobody may open them."""

RAN = "ran.txt"
"""The file that hostile code would write."""

_INTS = (
    0, 1, -1, 2, 3, 7, 64, 255, 1023, 1025, 65_535, 10**5, 10**6, 10**8, 2**31 - 1, 2**31, 2**32,
    2**53, 2**62, 2**63 - 1, -(2**31), -(2**63),
)  # fmt: skip
_FLOATS = (0.0, -0.0, 1.0, 0.5, -1.0, 1e-45, 1e38, 1e308, float("inf"), float("-inf"), float("nan"))


def code() -> str:
    """Return a statement that leaves a mark where it is run."""
    return f"open({RAN!r}, 'w')"


def int_value(g: Random, bits: int = 63) -> int:
    """Return an integer that fits into so many bits beside its sign."""
    fit = [each for each in _INTS if -(2**bits) <= each < 2**bits]
    return g.choice(fit) if g.random() < 0.8 else g.randrange(-(2**bits), 2**bits)


def float_value(g: Random) -> float:
    """Return a number."""
    return g.choice(_FLOATS)


def text_value(g: Random, others: list[str]) -> str:
    """Return a text; ``others`` are some that the file holds already."""
    if others and g.random() < 0.5:
        return g.choice(others)
    return g.choice((
        "", " ", ".", "..", "../..", "/", "/etc/passwd", BESIDE, f"../{BESIDE}", "a/b", "a.b.c",
        "N", "0", "-1", "x" * 300, "x" * 20_000, ".".join("x" * 10_000), "\n", "\x00", "\x1b[2J",
        "\u202e", "\ufffe", "한국어", "𝔛" * 40, "<script>x</script>", "&amp;", "]]>", "\\input{x}",
        "${x}", "%s%n", "=1+1", "con", "nul.txt", "a:b", "__class__", "self", "import os",
        "'''", '"', code(), "NaN", "1e999", "input", "output", "block:layer1", "x@2", "x#1",
    ))  # fmt: skip
