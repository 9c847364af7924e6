"""Weights from a file: checked against the network before anything is loaded."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from archgraph.errors import CheckpointError, FormatError
from archgraph.files import plain_file
from archgraph.graph import ArchGraph
from archgraph.ops import OPS, shape_text
from archgraph.optional import needing

from .looked_through import look_through
from .module import without_memory
from .stored import tie, ties

__all__ = ["load_state", "load_weights", "read_weights"]

_WRAPPERS = ("state_dict", "model_state_dict", "model")
_PREFIXES = ("module.", "_orig_mod.")
_SHOWN = 3
_LONGEST = 200


def load_weights(network: nn.Module | ArchGraph, path: str | Path) -> nn.Module:
    """Load a ``.pth``/``.pt`` or ``.safetensors`` file into a module, whole or not at all.

    ``network`` is a module, which is returned, or a graph, whose module is built without first
    being initialised. Raises FileError, FormatError (also for a pickle that holds code) or
    CheckpointError.
    """
    module = without_memory(network).eval() if isinstance(network, ArchGraph) else network
    return load_state(module, read_weights(path), origin=f"'{path}'")


def read_weights(path: str | Path) -> dict[str, Tensor]:
    """Return the tensors of a weight file by name; no code from the file is ever run.

    Unwraps ``{"state_dict": …}`` and the ``module.`` or ``_orig_mod.`` that DataParallel and
    torch.compile put before each key.
    """
    file = plain_file(path)
    found = _read_safetensors(file) if file.suffix == ".safetensors" else _read_pickle(file)
    for key in _WRAPPERS:
        if isinstance(found, Mapping) and isinstance(found.get(key), Mapping):
            found = found[key]
    if (
        not isinstance(found, Mapping)
        or not found
        or not all(
            isinstance(key, str) and isinstance(value, Tensor) for key, value in found.items()
        )
    ):
        raise FormatError(f"'{file}' does not hold a state dict of named tensors.")
    for prefix in _PREFIXES:
        if all(key.startswith(prefix) for key in found):
            found = {key.removeprefix(prefix): value for key, value in found.items()}
    return dict(found)


def _read_safetensors(file: Path) -> Any:
    with needing(f"'{file}'", "torch"):
        from safetensors import SafetensorError
        from safetensors.torch import load_file
    try:
        return load_file(file)
    # Of a header that is well-formed and says what torch does not know, torch says so.
    except (SafetensorError, OSError, RuntimeError, LookupError, ValueError, TypeError) as error:
        raise FormatError(
            f"'{file}' is not a readable safetensors file: {_first(error)}."
        ) from None


def _read_pickle(file: Path) -> Any:
    look_through(file)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of other pickle protocols; what fails is told below
            return torch.load(file, map_location="cpu", weights_only=True)
    # A damaged file can fail anywhere in torch's reader, with whatever error that gives.
    except Exception as error:
        raise FormatError(f"'{file}' is not a PyTorch weight file: {_first(error)}.") from None


def _first(error: Exception) -> str:
    """Return the first sentence of an error of another package."""
    lines = str(error).splitlines()
    return (lines[0] if lines else type(error).__name__).rstrip(".")[:_LONGEST]


def load_state(
    module: nn.Module, state: Mapping[str, Tensor], *, origin: str = "the state dict"
) -> nn.Module:
    """Load tensors into a module after all names and shapes were compared.

    Counters of training steps, which old checkpoints lack, may be missing, and of tied tensors
    all but one. A module on the meta device takes the tensors themselves, without a copy, where
    they have its element type. Raises CheckpointError, and then nothing was loaded.
    """
    here = module.state_dict()
    wanted = {name: tuple(tensor.shape) for name, tensor in here.items()}
    given = {name: tuple(tensor.shape) for name, tensor in state.items()}
    counters = {counter for op in OPS.values() for counter in op.counters}
    tied = ties(module)
    partner = {n: other for names in tied for n in names for other in names if other in given}
    missing = [
        n
        for n in wanted
        if n not in given and n not in partner and n.rpartition(".")[2] not in counters
    ]
    unexpected = [n for n in given if n not in wanted]
    wrong = [
        f"{n} is {shape_text(given[n])} instead of {shape_text(wanted[n])}"
        for n in given
        if n in wanted and given[n] != wanted[n]
    ]
    problems = [
        f"{len(names)} {what}: {', '.join(name[:_LONGEST] for name in names[:_SHOWN])}"
        f"{', …' * (len(names) > _SHOWN)}"
        for names, what in (
            (missing, "missing"),
            (unexpected, "unexpected"),
            (wrong, "of another shape"),
        )
        if names
    ]
    if problems:
        network = getattr(module, "_title", "this network")
        raise CheckpointError(
            f"{origin} does not fit '{network}' ({len(wanted)} tensors): {'; '.join(problems)}."
        )
    meta = any(tensor.is_meta for tensor in here.values())
    # In the module's own state, which has the versions of its layers: to what has none torch adds
    # the counters that it takes for missing.
    for name, tensor in list(here.items()):
        source = name if name in state else partner.get(name)
        found = torch.zeros(()) if source is None else state[source]
        here[name] = found.to(tensor.dtype)
    module.load_state_dict(here, strict=True, assign=meta)
    if meta:  # each name was given a tensor of its own
        for names in tied:
            tie(module, names)
    return module
