"""The weights of a written class: a checkpoint of the keys that its state dict has."""

from __future__ import annotations

from contextlib import nullcontext, suppress
from pathlib import Path
from typing import IO, Any, BinaryIO, Self, cast

from archgraph.errors import FormatError
from archgraph.exporting import to_torch
from archgraph.graph import ArchGraph
from archgraph.optional import needing

from .own_keys import with_own_keys
from .source_units import Structure

__all__ = ["check_suffix", "save_weights", "state_of"]

_SUFFIXES = (".safetensors", ".pth", ".pt")


def check_suffix(path: str | Path) -> None:
    """Raise FormatError unless a path's suffix is that of a checkpoint."""
    if Path(path).suffix.lower() not in _SUFFIXES:
        raise FormatError(f"'{path}' is no checkpoint: its suffix must be {', '.join(_SUFFIXES)}.")


def state_of(net: ArchGraph) -> dict[str, Any]:
    """Return what the written class loads: the network's own weights, else those of seed 0.

    Tied tensors are there under each of their keys, so that ``load_state_dict`` takes all.
    """
    net = with_own_keys(net)
    structure = Structure(net)
    state: dict[str, Any] = {}
    seen: set[int] = set()
    for key, tensor in to_torch(net).state_dict().items():
        if key not in structure.tensors or not structure.is_formula(key):
            shared = tensor.untyped_storage().data_ptr() in seen
            state[key] = tensor.clone() if shared else tensor.contiguous()
            seen.add(tensor.untyped_storage().data_ptr())
    return state


def save_weights(net: ArchGraph, path: Path) -> None:
    """Write the state of the written class into a file."""
    with needing("a checkpoint", "torch"):
        import torch
        from safetensors.torch import save
    state = state_of(net)
    if path.suffix.lower() == ".safetensors":
        path.write_bytes(save(state, metadata={"format": "pt"}))
    else:
        with _Kept(path.open("wb")) as file:
            torch.save(state, cast("IO[bytes]", file))


class _Kept:
    """A file to write to that tells why it could not be written: torch says only that it wasn't."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._why: OSError | None = None

    def write(self, content: bytes) -> int:
        """Write to the file, and keep what goes wrong."""
        try:
            return self._file.write(content)
        except OSError as error:
            self._why = error
            raise

    def flush(self) -> None:
        """Bring out what is still held."""
        self._file.flush()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        with suppress(OSError) if error else nullcontext():
            self._file.close()
        if self._why is not None:
            raise self._why
