"""Loads the files that both of torch's exporters write of one module, and compares their costs.

``python -m bench.both_exporters`` writes the table of docs/onnx-files.md; with words it prints the
lines of modules whose names or sources hold one.
"""

from __future__ import annotations

import logging
import re
import sys
import tempfile
import warnings
from collections.abc import Sequence
from contextlib import redirect_stdout
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

import archgraph as ag
from archgraph.answers.peers.apart import apart
from bench.modules.entry import Entry
from bench.modules.listed import every
from bench.modules.vision import torchvision_models
from bench.page import put

__all__ = ["MODULES", "Costs", "Read", "compared", "costs", "exported", "main", "prepared"]

PAGE = Path("docs/onnx-files.md")
LONGEST = 480.0
"""Seconds that one module may take with one exporter."""

BATCH = 2
EXPORTERS = {"older": False, "newer": True}
"""What ``dynamo`` is for each of torch's exporters."""

MODULES = (
    *("LSTM", "GRU", "RNN", "nn.Transformer", "nn.TransformerEncoder", "nn.TransformerDecoder"),
    *("nn.MultiheadAttention, masked", "autoencoder", "siamese", "tied weights"),
    *("gated Conv1d, weight_norm", "Conv3d", "pixel shuffle", "einsum", "graph convolution"),
    *("alexnet", "resnet18", "mobilenet_v2", "squeezenet1_1", "shufflenet_v2_x1_0"),
    *("convnext_tiny", "swin_t"),
    *("Llama, grouped-query", "Phi3", "GPT-2", "BERT", "DistilBERT", "T5", "BART"),
    *("ViT", "Segformer"),
)
"""Names of the list of modules that are tried."""


@dataclass(frozen=True)
class Costs:
    """Parameters and multiply-adds of a batch of 2.

    ``folded`` is what folding batch norms into the convolutions before them makes of the
    parameters: one bias per channel instead of a scale and a shift.
    """

    params: int | None
    macs: int | None
    folded: int = 0


@dataclass(frozen=True)
class Read:
    """One module: its own costs, and those of each file, or why there is none."""

    name: str
    source: str
    own: Costs
    files: dict[str, Costs | str]


class _ByPosition(nn.Module):
    """A module that is called by position and returns its tensors: what both exporters take."""

    def __init__(self, module: nn.Module, names: Sequence[str]) -> None:
        super().__init__()
        self.module, self.names = module, tuple(names)

    def forward(self, *given: Tensor) -> tuple[Tensor, ...]:
        found = self.module(**dict(zip(self.names, given, strict=True)), return_dict=False)
        return tuple(each for each in found if isinstance(each, Tensor))


def prepared(entry: Entry) -> tuple[nn.Module, tuple[Any, ...]]:
    """Return a module and what it is called with, by position; its parameters all differ."""
    torch.manual_seed(0)
    module, example = entry.make().eval(), entry.example(BATCH)
    with torch.no_grad():  # the exporters write once what begins equal, as copies of a layer do
        for parameter in module.parameters():
            parameter.add_(torch.rand_like(parameter) / 10)
    if not isinstance(example, dict):
        return module, example if isinstance(example, tuple) else (example,)
    config = getattr(module, "config", None)
    if config is not None and hasattr(config, "use_cache"):
        config.use_cache = False
    return _ByPosition(module, tuple(example)).eval(), tuple(example.values())


def costs(net: ag.ArchGraph) -> Costs:
    """Return a network's costs at the batch that the files are written at."""
    macs = net.total("macs", batch=BATCH) if net.batched else net.total("macs")
    return Costs(net.total("params"), macs, _folded(net))  # type: ignore[arg-type]


def _folded(net: ag.ArchGraph) -> int:
    found = 0
    for name in net:
        before = [net.op(each) for each in net.inputs_of(name)]
        if net.op(name).kind.startswith("BatchNorm") and before[0].family == "conv":
            learned = net.op(name).parameter_count() or 0
            found += (0 if getattr(before[0], "bias", False) else learned // 2) - learned
    return found


def exported(module: nn.Module, example: tuple[Any, ...], path: Path, *, dynamo: bool) -> None:
    """Write a module's file, weights included, with one of torch's exporters."""
    whole = {"external_data": False} if dynamo else {}
    with redirect_stdout(StringIO()):
        torch.onnx.export(module, example, path, dynamo=dynamo, verbose=False, **whole)


def compared(entry: Entry) -> Read:
    """Return what archgraph counts in a module and in both files of it."""
    own = apart(lambda: vars(_own(entry)), LONGEST)
    files: dict[str, Costs | str] = {}
    for exporter, dynamo in EXPORTERS.items():
        found = apart(lambda dynamo=dynamo: vars(_file(entry, dynamo=dynamo)), LONGEST)
        files[exporter] = _reason(found["error"]) if "error" in found else Costs(**found)
    return Read(entry.name, entry.source, Costs(**own), files)


def _reason(error: str) -> str:
    """Return why there is no file, without the colours of terminals."""
    return re.sub(r"\x1b\[\d+m", "", error).removeprefix("RuntimeError: ")


def _own(entry: Entry) -> Costs:
    module, example = prepared(entry)
    return costs(ag.load(module, example=example))


def _file(entry: Entry, *, dynamo: bool) -> Costs:
    module, example = prepared(entry)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "net.onnx")
        try:
            exported(module, example, path, dynamo=dynamo)
        except Exception as error:
            first = (str(error).strip().splitlines() or [""])[0]
            raise RuntimeError(f"not written: {type(error).__name__}: {first[:90]}") from error
        return costs(ag.load(path))


def warmed() -> None:
    """Load what exporting and reading load, before processes part."""
    torchvision_models()
    module = nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.ReLU(), nn.Flatten()).eval()
    with tempfile.TemporaryDirectory() as folder:
        for dynamo in EXPORTERS.values():
            path = Path(folder, "net.onnx")
            exported(module, (torch.ones(2, 3, 8, 8),), path, dynamo=dynamo)
            ag.load(path)


def _line(read: Read, notes: list[str]) -> str:
    own = read.own
    cells = [read.name, read.source, f"{own.params:,}", f"{own.macs:,}"]
    for exporter in EXPORTERS:
        found = read.files[exporter]
        if isinstance(found, str):
            cells += [f"no file {_noted(found, notes)}", "–"]
            continue
        folded = own.folded and found.params == (own.params or 0) + own.folded
        why = FOLDED if folded else WHY.get(read.name, "why is not known")
        for mine, theirs in ((own.params, found.params), (own.macs, found.macs)):
            cells.append("=" if mine == theirs else _changed(mine, theirs, _noted(why, notes)))
    return f"| {' | '.join(cells)} |"


FOLDED = "batch norms folded into the convolutions before them: a bias instead of scale and shift"

ROTARY = (
    "rotary positions are computed before, as 256 angles (older) or their cosines and sines "
    "(newer), which nothing tells from learned numbers; archgraph marks them as doubtful"
)

WHY = {
    "RNN": "an RNN is written step by step, and each first step, on a state of zeros, is computed "
    "before: its product is gone, and its result is stored as 32 numbers that may be learned",
    "gated Conv1d, weight_norm": "a kernel of weight norm, g · v / |v|, is computed before: the "
    "lengths g are gone",
    "einsum": "of three operands: torch multiplies two at a time, a file has one node, which is "
    "counted as one product of all letters",
    "swin_t": "the bias of positions is gathered from its table before: 49 · 49 numbers for each "
    "head instead of 169",
    "Llama, grouped-query": ROTARY,
    "Phi3": ROTARY,
    "ViT": "the class token is repeated for the batch of 2 before",
    "BART": "a buffer that is added behind a product, `final_logits_bias`, is taken for a learned "
    "bias: the older exporter does not say which tensors are buffers",
}
"""What the exporters did to modules of the list, by name."""


def _changed(mine: int | None, theirs: int | None, note: str) -> str:
    if mine is None or theirs is None:
        return f"unknown {note}"
    return f"{theirs - mine:+,} {note}".replace("-", "−")


def _noted(reason: str, notes: list[str]) -> str:
    if reason not in notes:
        notes.append(reason)
    return f"[{notes.index(reason) + 1}]"


def table(reads: Sequence[Read]) -> str:
    """Return a line for each module; "=" is what is equal to the module's own."""
    notes: list[str] = []
    head = ["module", "from", "parameters", f"MACs of {BATCH}"]
    head += [f"{exporter}: {what}" for exporter in EXPORTERS for what in ("parameters", "MACs")]
    found = [f"| {' | '.join(head)} |", "|---|---|" + "--:|" * (len(head) - 2)]
    found += [_line(read, notes) for read in reads]
    return "\n".join([*found, *(f"\n[{n}] {note}." for n, note in enumerate(notes, 1))])


def main(words: Sequence[str]) -> None:
    """Compare those that are asked for, by default all, and write the page for all."""
    warnings.simplefilter("ignore")
    logging.disable(logging.WARNING)
    torch.set_num_threads(1)
    entries = {entry.name: entry for entry in every()}
    chosen = [
        entries[name]
        for name in MODULES
        if not words
        or any(each.lower() in f"{entries[name].source}:{name}".lower() for each in words)
    ]
    warmed()
    reads = []
    for entry in chosen:
        reads.append(compared(entry))
        print(_line(reads[-1], []), reads[-1].files, flush=True)
    print(table(reads))
    if not words:
        put(PAGE, "exporters", table(reads))


if __name__ == "__main__":
    main(sys.argv[1:])
