"""export_onnx: a network and its weights as one ONNX file, written whole or not at all."""

from __future__ import annotations

import hashlib
import warnings
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import torch
from onnx import ModelProto, TensorProto
from torch import Tensor, nn

from archgraph.errors import CheckpointError, ExportError
from archgraph.files import replacing, replacing_both
from archgraph.formats.onnx_notes import describe_weights
from archgraph.graph import ArchGraph
from archgraph.options import listed, refuse_unknown, written
from archgraph.parts import with_element_type
from archgraph.units import bytes_text

from ..pytorch import Seed, filled, load_state, read_weights, without_memory
from .context import ELEMENT_TYPES
from .emit import Emitted, emit
from .options import Options
from .passes import fold_batch_norm, with_softmax
from .stream import LIMIT, data_of, external_record, size_of, write_external, write_model
from .through_torch import through_torch

if TYPE_CHECKING:
    from .check import Row

__all__ = ["NAMES", "export_onnx"]

OWN = ("module", "weights", "seed", "via", "check", "report")
NAMES = (*OWN, *Options.names())
"""The names of all options."""


def export_onnx(
    net: ArchGraph,
    path: str | Path,
    *,
    module: nn.Module | None = None,
    weights: str | Path | Mapping[str, Tensor] | None = None,
    seed: Seed = "auto",
    via: Literal["direct", "torch"] = "direct",
    check: bool | str | Sequence[str] = False,
    report: Callable[[Row], None] = lambda _: None,
    **choices: Any,
) -> Path:
    """Write an ONNX file and return its path.

    The weights are those of ``module``, or of ``weights`` (a ``.pth`` or ``.safetensors`` file or
    a state dict); else, unless a ``seed`` is given, those that the network was read with, and
    seeded ones for a network that has none. ``choices`` are the fields of ``Options``.
    ``via="torch"`` goes through torch's own exporter instead of writing the nodes directly. With
    ``check`` the file is run in every runtime that is installed, or in those named, and compared
    before it takes its place: with the module or file that the network was read from, if it has the
    weights of that, else with PyTorch; ``report`` is told each row as it comes.

    Raises ExportError, CheckpointError, FileError or, with ``check``, CheckError.
    """
    target = Path(path)
    refuse_unknown("an ONNX file", choices, NAMES)
    options = Options(**choices)
    if via not in ("direct", "torch"):
        raise ExportError(f"{written('via')} is {via!r}, but it must be 'direct' or 'torch'.")
    if options.structure_only and check:
        raise ExportError("a file without weights cannot be checked; leave one of the two out.")
    own = module is None and weights is None and seed == "auto" and net.weights is not None
    source = _origin(net, own, module is not None or weights is not None, weights, seed)
    needed = via == "torch" or not options.structure_only
    module = _module(net, module, weights, seed if needed else None)
    original = net.provenance if own else None

    def verify(written: Path) -> None:
        if check:
            from .check import check_file

            names = None if check is True else listed(check)
            check_file(written, net, module, options, names, report, original)

    if via == "torch":
        through_torch(net, module, target, options, verify)
        return target
    state: Mapping[str, Tensor] = module.state_dict()
    run = net if options.auxiliary else net.inference()
    if options.fold_batch_norm:
        run, state = fold_batch_norm(run, state)
    if options.softmax:
        run = with_softmax(run)
    if options.precision != "float32":
        run = with_element_type(run, options.precision)
    if options.structure_only:
        _write(emit(run, options), [], target, options, verify)
        return target
    # Hashing takes as long as writing, and neither needs Python: they go side by side.
    emitted = emit(run, options, source)
    tensors = _tensors(emitted, state)
    with ThreadPoolExecutor(1) as beside:
        fingerprint = beside.submit(_fingerprint, tensors)
        _write(
            emitted,
            tensors,
            target,
            options,
            verify,
            lambda: describe_weights(fingerprint.result()),
        )
    return target


def _module(
    net: ArchGraph,
    module: nn.Module | None,
    weights: str | Path | Mapping[str, Tensor] | None,
    seed: Seed,
) -> nn.Module:
    if module is not None and weights is not None:
        raise ExportError("give either a module or weights, not both.")
    if module is not None:
        return module
    if weights is None:
        return filled(net, seed)
    state = weights if isinstance(weights, Mapping) else read_weights(weights)
    origin = "the state dict" if isinstance(weights, Mapping) else f"'{weights}'"
    return load_state(without_memory(net).eval(), state, origin=origin)


def _origin(net: ArchGraph, own: bool, given: bool, weights: object, seed: Seed) -> str:
    """Say where the weights come from."""
    if isinstance(weights, (str, Path)):
        return f"file {Path(weights).name}"
    if own and net.weights is not None:
        return net.weights.origin
    return "given by the caller" if given else f"seed {0 if seed == 'auto' else seed}"


def _fingerprint(weights: Sequence[tuple[TensorProto, Tensor]]) -> str:
    """Return a SHA-256 over the names and values of the file's tensors, by name."""
    digest = hashlib.sha256()
    for record, tensor in sorted(weights, key=lambda pair: pair[0].name):
        digest.update(record.name.encode())
        digest.update(data_of(tensor))
    return digest.hexdigest()


def _tensors(emitted: Emitted, state: Mapping[str, Tensor]) -> list[tuple[TensorProto, Tensor]]:
    pairs = []
    for name, stored in emitted.weights.items():
        if name not in state:
            raise CheckpointError(f"the module has no tensor '{name}', which the network needs.")
        tensor = state[name]
        if tuple(tensor.shape) != stored.shape:
            raise CheckpointError(
                f"'{name}' is {tuple(tensor.shape)}, but the network needs {stored.shape}."
            )
        record = TensorProto(
            name=name, data_type=ELEMENT_TYPES[stored.dtype], dims=list(stored.shape)
        )
        pairs.append((record, tensor.to(getattr(torch, stored.dtype))))
    return pairs


def _write(
    emitted: Emitted,
    weights: list[tuple[TensorProto, Tensor]],
    target: Path,
    options: Options,
    verify: Callable[[Path], None],
    late: Callable[[], ModelProto] = ModelProto,
) -> None:
    """Write the file or both files; ``verify`` sees the model before it takes its place."""
    size = sum(size_of(tensor) for _, tensor in weights) + emitted.model.ByteSize()
    external = size > LIMIT if options.external is None else options.external
    if external is False and size > LIMIT:
        raise ExportError(
            f"'{target}' would hold {bytes_text(size)}, but an ONNX file ends at 2 GiB; "
            f"let the weights go into a second file ({written('external', True)})."
        )
    if external and options.external is None:
        warnings.warn(
            f"the weights take {bytes_text(size)} and an ONNX file ends at 2 GiB: they are in "
            f"{target.name}.data beside it.",
            stacklevel=3,
        )
    if not external or not weights:
        with replacing(target) as temporary:
            with temporary.open("wb") as file:
                write_model(file, emitted.model, list(weights), late)
            verify(temporary)
        return
    real = target.resolve()
    if real.parent != target.parent.resolve():
        raise ExportError(
            f"'{target}' leads to '{real}', but weights in a second file lie beside the model: "
            "write to that path."
        )
    # Both are written and checked under their own names, in a folder beside the target.
    with replacing_both(target, target.with_name(f"{target.name}.data")) as both:
        with both.second.open("wb") as file:
            offsets = write_external(file, [tensor for _, tensor in weights])

        def records(data: Path) -> list[tuple[TensorProto, Tensor | None]]:
            return [
                (external_record(record, data, offset, size_of(tensor)), None)
                for (record, tensor), offset in zip(weights, offsets, strict=True)
            ]

        with both.first.open("wb") as file:
            write_model(file, emitted.model, records(both.second), late)
        verify(both.first)
        # While the data changes places, the model holds its weights itself; one that is too large
        # for that, or has no forerunner, names a file that there is not.
        inside = target.exists() and size <= LIMIT
        unfinished = both.second.with_name(f"{both.second.name}.unfinished")
        with both.bridge.open("wb") as file:
            within = list(weights) if inside else records(unfinished)
            write_model(file, emitted.model, within, late)
