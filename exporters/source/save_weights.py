"""The weights of a written class: a checkpoint of the keys that its state dict has."""

from __future__ import annotations

from pathlib import Path

from archgraph.errors import FormatError
from archgraph.exporting import to_torch
from archgraph.graph import ArchGraph
from archgraph.optional import needing

from .source_units import Structure

__all__ = ["check_suffix", "save_weights"]

_SUFFIXES = (".safetensors", ".pth", ".pt")


def check_suffix(path: str | Path) -> None:
    """Raise FormatError unless a path's suffix is that of a checkpoint."""
    if Path(path).suffix.lower() not in _SUFFIXES:
        raise FormatError(f"'{path}' is no checkpoint: its suffix must be {', '.join(_SUFFIXES)}.")


def save_weights(net: ArchGraph, path: Path) -> None:
    """Write the network's own weights, or those of seed 0 where it has none.

    Tied tensors are written under each of their keys, so that ``load_state_dict`` takes all.
    """
    with needing("a checkpoint", "torch"):
        import torch
        from safetensors.torch import save
    structure = Structure(net)
    state, seen = {}, set()
    for key, tensor in to_torch(net).state_dict().items():
        if key not in structure.tensors or not structure.is_formula(key):
            shared = tensor.untyped_storage().data_ptr() in seen
            state[key] = tensor.clone() if shared else tensor.contiguous()
            seen.add(tensor.untyped_storage().data_ptr())
    if path.suffix.lower() == ".safetensors":
        path.write_bytes(save(state, metadata={"format": "pt"}))
    else:
        torch.save(state, path)
