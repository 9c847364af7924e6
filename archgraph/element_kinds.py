"""The element types: their sizes, and which of two is the wider."""

from __future__ import annotations

from collections.abc import Sequence

__all__ = ["ELEMENT_BITS", "kind_of_type", "promoted"]

ELEMENT_BITS: dict[str, int] = {
    "float64": 64,
    "float32": 32,
    "float16": 16,
    "bfloat16": 16,
    "float8_e4m3fn": 8,
    "float8_e4m3fnuz": 8,
    "float8_e5m2": 8,
    "float8_e5m2fnuz": 8,
    "complex64": 64,
    "complex128": 128,
    "int64": 64,
    "int32": 32,
    "int16": 16,
    "int8": 8,
    "uint64": 64,
    "uint32": 32,
    "uint16": 16,
    "uint8": 8,
    "int4": 4,
    "uint4": 4,
    "bool": 8,
}
"""The element types, by PyTorch's names, and the bits that one element takes in memory."""

_RANKS = ("bool", "uint", "int", "float", "complex")


def promoted(types: Sequence[str | None]) -> str | None:
    """Return the element type of an operation on several, as PyTorch promotes tensors.

    The higher kind wins (bool, integers, floats, complex), then the wider; float16 with bfloat16
    gives float32 (``torch.result_type`` of tensors that have axes).
    """
    first = types[0]
    for other in types[1:]:
        if other == first:
            continue
        if first is None or other is None:
            return None
        first = _wider(first, other)
    return first


def kind_of_type(dtype: str) -> int:
    """Return the rank of an element type's kind: bool, whole numbers, floats, complex."""
    rank = _rank(dtype)[0]
    return 1 if rank == 2 else rank  # whole numbers with and without a sign are of one kind


def _wider(one: str, other: str) -> str:
    if {one, other} == {"float16", "bfloat16"}:
        return "float32"
    ranks = [_rank(each) for each in (one, other)]
    if ranks[0][0] == ranks[1][0] or {ranks[0][0], ranks[1][0]} != {1, 2}:
        return one if ranks[0] >= ranks[1] else other
    # A signed integer holds an unsigned one of less bits only.
    unsigned, signed = (one, other) if ranks[0][0] == 1 else (other, one)
    bits = max(ELEMENT_BITS[signed], 2 * ELEMENT_BITS[unsigned])
    return f"int{min(bits, 64)}"


def _rank(dtype: str) -> tuple[int, int]:
    kind = next((i for i, word in enumerate(_RANKS) if dtype.startswith(word)), 3)
    return (3 if dtype == "bfloat16" else kind), ELEMENT_BITS.get(dtype, 0)
