"""The inputs of a model: which shapes the file gives them, and where the batch enters."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from archgraph.errors import FormatError
from archgraph.formats.onnx_notes import noted_input
from archgraph.importers.onnx.shape_inference import TYPES
from archgraph.ops import shape_text
from archgraph.tensors import N, Tensor

if TYPE_CHECKING:
    from onnx import ModelProto, ValueInfoProto

__all__ = ["Given", "given"]

Word = int | str
"""An extent in the file: a number, or its name (dim_param), empty for one without."""


@dataclass(slots=True)
class Given:
    """The inputs by name, in two readings.

    ``open`` follows the batch: N stands at axis 0 where that is open, and wherever its name stands
    again; where the file fixes the batch, N takes its place on axis 0 to see whether the network
    takes any. ``standing`` is what the file says, with 1 for an open batch. ``fixed`` is the
    file's batch where it fixes one; ``as_noted`` says that no other size was asked for.
    """

    open: dict[str, Tensor] = field(default_factory=dict)
    standing: dict[str, Tensor] = field(default_factory=dict)
    fixed: int | None = None
    as_noted: bool = True


def given(
    infos: Sequence[ValueInfoProto], model: ModelProto, origin: str, first: Sequence[int] | None
) -> Given:
    """Return the shapes of the inputs with every open extent filled in.

    Open extents besides the batch are those of ``first``, the first input's shape without its
    batch axis, or of the file's own note on what it was made for. Raises FormatError.
    """
    if not infos:
        raise FormatError(f"{origin} has no input: it holds no network.")
    shapes = {info.name: _words(info, origin) for info in infos}
    batches = _batch_names(shapes.values())
    found = Given(as_noted=first is None)
    known: dict[str, int] = {}
    wanted = {infos[0].name: first if first is not None else noted_input(model)}
    for name, words in shapes.items():
        filled = _filled(name, words, wanted.get(name), first is not None, known, batches, origin)
        if first is not None and any(
            isinstance(word, int) and word != extent
            for word, extent in zip(words[1:], filled[1:], strict=True)
        ):
            found.as_noted = False
        found.standing[name] = found.open[name] = Tensor(filled)
    if all(isinstance(words[0], int) for words in shapes.values() if words):
        found.fixed = next((int(words[0]) for words in shapes.values() if words), None)
    for info in infos:
        words, standing = shapes[info.name], found.standing[info.name].shape or ()
        whole = tuple(
            N if word in batches or (not axis and word in ("", found.fixed)) else extent
            for axis, (word, extent) in enumerate(zip(words, standing, strict=True))
        )
        dtype = TYPES.get(info.type.tensor_type.elem_type)
        found.open[info.name] = Tensor(whole, dtype)
        found.standing[info.name] = Tensor(standing, dtype)
    return found


def _words(info: ValueInfoProto, origin: str) -> tuple[Word, ...]:
    kind = info.type.tensor_type
    if not info.type.HasField("tensor_type") or not kind.HasField("shape"):
        raise FormatError(f"{origin} does not say the shape of its input '{info.name}'.")
    return tuple(d.dim_value if d.HasField("dim_value") else d.dim_param for d in kind.shape.dim)


def _batch_names(shapes: Iterable[tuple[Word, ...]]) -> set[str]:
    """Return the names of axis 0 that no input before has on another axis."""
    batches: set[str] = set()
    others: set[str] = set()
    for words in shapes:
        if words and isinstance(words[0], str) and words[0] and words[0] not in others:
            batches.add(words[0])
        others |= {word for word in words[1:] if isinstance(word, str) and word not in batches}
    return batches


def _filled(
    name: str,
    words: tuple[Word, ...],
    own: Sequence[int] | None,
    required: bool,
    known: dict[str, int],
    batches: set[str],
    origin: str,
) -> tuple[int, ...]:
    """Return an input's extents in numbers, an open batch being 1."""
    if own is not None and len(own) != len(words) - 1:
        if required:
            raise FormatError(
                f"{origin} takes an input of {len(words) - 1} axes besides the batch, "
                f"not {shape_text(tuple(own))}."
            )
        own = None
    filled: list[int] = []
    for axis, word in enumerate(words):
        if axis and own is not None and (required or isinstance(word, str)):
            value: int | None = own[axis - 1]
        elif isinstance(word, int):
            value = word
        elif word in batches or not axis:
            value = 1
        else:
            value = known.get(word) if word else None
        if value is None:
            text = shape_text(tuple(w or "?" for w in words[1:]))  # type: ignore[misc]
            raise FormatError(
                f"{origin} leaves the size of its input '{name}' open ({text}); "
                "say it, as input=(3, 224, 224) or --input 3x224x224."
            )
        if value < 1:
            raise FormatError(f"the input '{name}' of {origin} has an extent of {value}.")
        if isinstance(word, str) and word:
            known.setdefault(word, value)
        filled.append(value)
    return tuple(filled)
