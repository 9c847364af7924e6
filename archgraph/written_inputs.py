"""Inputs as people write them: ``3x224x224``, or by name ``x:Nx3x48x320``."""

from __future__ import annotations

from collections.abc import Sequence

from archgraph.errors import FormatError

__all__ = ["parse_input", "parse_shape"]


def parse_shape(text: str) -> tuple[int, ...]:
    """Return ``3x224x224`` as (3, 224, 224); FormatError says what it should look like."""
    words = text.lower().replace("×", "x").replace(",", "x").split("x")
    try:
        shape = tuple(int(word) for word in words)
    except ValueError:
        shape = ()
    if not shape or min(shape) < 1:
        raise FormatError(
            f"the input '{text}' is no shape; write channels, height and width as 3x224x224."
        )
    return shape


def parse_input(given: Sequence[str]) -> tuple[int, ...] | dict[str, tuple[int | str, ...]]:
    """Return one shape without the batch, or whole shapes by name: ``x:Nx3x48x320``."""
    found: dict[str, tuple[int | str, ...]] = {}
    for text in given:
        name, colon, extents = text.rpartition(":")
        if not colon:
            if len(given) > 1:
                raise FormatError(
                    f"the input '{text}' has no name, but there are {len(given)} inputs; write "
                    f"each as NAME:SHAPE, such as x:Nx{text}."
                )
            return parse_shape(text)
        words = extents.replace("×", "x").replace(",", "x").split("x")
        if not name or not all(word in ("N", "n") or word.isdecimal() for word in words):
            raise FormatError(
                f"the input '{text}' is no shape; write all axes as {name or 'x'}:Nx3x224x224, "
                "with N for the batch."
            )
        found[name] = tuple("N" if word in ("N", "n") else int(word) for word in words)
    return found
