"""Reads every module of the list, gives it back as a module and as an ONNX file, and compares.

``python -m bench.round_trip`` takes ten minutes on two cores and writes the tables of
docs/round-trip.md; ``python -m bench.round_trip llama timm:`` tries those whose names or sources
hold these words, and only prints.
"""

from __future__ import annotations

import contextlib
import logging
import sys
import tempfile
import warnings
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

import torch
from onnx import TensorProto

import archgraph as ag
from archgraph.answers.peers.apart import apart
from archgraph.importers.torch.example_inputs import arguments_of
from bench.modules.entry import Entry
from bench.modules.listed import every
from bench.modules.vision import torchvision_models
from bench.page import put

PAGE = Path("docs/round-trip.md")
LONGEST = 300.0
"""Seconds for one module, all ways together."""

TOLERANCE = {torch.bfloat16: 2e-2, torch.float16: 2e-2}
"""Of half precision; all else is compared with ``EXACT``, absolute and relative."""
EXACT = 1e-4

EQUAL = "equal"
SPECIAL = "equal for the example's numbers"
"""Of a network that says that its module asked for numbers."""

WAYS = ("to_torch", "ONNX")

Run = Callable[[Sequence[torch.Tensor]], list[Any]]


class NotRunError(Exception):
    """A file that onnxruntime does not load."""


@dataclass(frozen=True, slots=True)
class Trip:
    """What became of one module: by each way EQUAL, else why not; ``note`` is about the reading."""

    name: str
    source: str
    found: dict[str, str]
    note: str = ""


@dataclass(frozen=True, slots=True)
class Case:
    """One call: what a network's inputs are given, and what the module itself answers."""

    title: str
    given: list[torch.Tensor]
    answers: list[torch.Tensor]


def tried(entry: Entry) -> Trip:
    """Return what becomes of a module, in a process of its own."""
    found = apart(lambda: _tried(entry), LONGEST)
    if "error" in found:
        return Trip(entry.name, entry.source, dict.fromkeys(WAYS, f"failed: {found['error']}"))
    return Trip(entry.name, entry.source, **found)


def _tried(entry: Entry) -> dict[str, Any]:
    _seed(7)
    module = entry.make().eval()
    if any(each.is_meta for each in module.parameters()):
        return {"found": dict.fromkeys(WAYS, "has no numbers to compare"), "note": ""}
    _seed(7)
    example = entry.example(2)
    try:
        net = ag.load(module, example=example)
    except ag.ArchGraphError as error:
        return {"found": dict.fromkeys(WAYS, f"not read: {error}"), "note": ""}
    cases = _cases(entry, module, net)
    if cases is None:
        return {"found": dict.fromkeys(WAYS, "draws random numbers: no two runs agree"), "note": ""}
    told = ["" if net.batched else "fixed at the example's batch"]
    told += [f"asked for {each}" for each in net.graph.get("asked", ())]
    note = "; ".join(filter(None, told))
    ways = {"to_torch": lambda: _in_torch(net), "ONNX": lambda: _in_onnxruntime(net)}
    return {"found": {way: _verdict(net, make, cases) for way, make in ways.items()}, "note": note}


def _cases(entry: Entry, module: torch.nn.Module, net: ag.ArchGraph) -> list[Case] | None:
    """Return the example, and other numbers at another batch where the network takes any.

    None where the module does not answer the same twice.
    """
    found = []
    for batch, seed in ((2, 7), (3 if net.batched else 2, 11)):
        _seed(seed)
        called = entry.example(batch)
        given = [each.tensor for each in arguments_of(module, called).entries]
        answers = [_answers(net, given, seed) for seed in (1, 2)]
        if not all(map(_close, *answers)):
            return None
        title = "other numbers" if found and batch == 2 else f"batch {batch}"
        found.append(Case(title, given, answers[0]))
    return found


def _answers(net: ag.ArchGraph, given: Sequence[torch.Tensor], seed: int) -> list[torch.Tensor]:
    """Return what the module itself gives for these, as many tensors as the network gives."""
    assert net.provenance is not None
    assert net.provenance.answers is not None
    _seed(seed)
    return [each.detach().clone() for each in net.provenance.answers(given)]


def _seed(number: int) -> None:
    torch.manual_seed(number)


def _verdict(net: ag.ArchGraph, make: Callable[[], Run], cases: Sequence[Case]) -> str:
    """Return EQUAL, else which call differs and by how much, or why there is nothing to call."""
    try:
        run = make()
    except ag.ArchGraphError as error:
        return f"refused: {error}"
    except NotRunError as error:
        return f"not run by onnxruntime: {error}"
    for case in cases:
        try:
            found = run(case.given)
        except Exception as error:
            return f"DIFFERENT, {case.title}: fails, {_line(error)}"
        for number, (ours, theirs) in enumerate(zip(found, case.answers, strict=True)):
            ours = torch.as_tensor(ours)
            if tuple(ours.shape) != tuple(theirs.shape):
                return f"DIFFERENT, {case.title}: {tuple(ours.shape)}, not {tuple(theirs.shape)}"
            if not _close(ours, theirs):
                off = (_wide(ours) - _wide(theirs)).abs().max().item()
                said = f"{case.title}, result {number}: by {off:.2g}"
                if case is not cases[0] and net.graph.get("asked"):
                    return f"{SPECIAL}, not at {said}"
                return f"DIFFERENT, {said}"
    return EQUAL


def _close(ours: torch.Tensor, theirs: torch.Tensor) -> bool:
    within = TOLERANCE.get(theirs.dtype, EXACT)
    wide, found = _wide(theirs), _wide(ours)
    finite = wide[wide.isfinite()].abs()
    # What rounding does to a small number follows from the large ones that it is the sum of.
    least = within * max(1.0, finite.max().item() if finite.numel() else 0.0)
    return torch.allclose(found, wide, within, least, equal_nan=True)


def _wide(tensor: torch.Tensor) -> torch.Tensor:
    tensor = tensor.dequantize() if tensor.is_quantized else tensor
    return tensor.to(torch.complex128 if tensor.is_complex() else torch.float64)


def _in_torch(net: ag.ArchGraph) -> Run:
    module = ag.to_torch(net)

    def run(given: Sequence[torch.Tensor]) -> list[Any]:
        with torch.no_grad():
            found = module(*given)
        return list(found) if isinstance(found, tuple) else [found]

    return run


def _in_onnxruntime(net: ag.ArchGraph) -> Run:
    import onnxruntime

    with tempfile.TemporaryDirectory() as folder:
        path = ag.export_onnx(net, Path(folder) / "net.onnx")
        settings = onnxruntime.SessionOptions()
        settings.log_severity_level = 4
        settings.intra_op_num_threads = 1
        try:
            session = onnxruntime.InferenceSession(
                path, settings, providers=["CPUExecutionProvider"]
            )
        except Exception as error:
            said = _line(error)
            raise NotRunError(said.partition("failed:")[2] or said) from None

    def run(given: Sequence[torch.Tensor]) -> list[Any]:
        feeds = {name: _fed(each) for name, each in zip(net.sources, given, strict=True)}
        return list(map(_got, session.run_with_ort_values(list(net.results), feeds)))

    return run


def _fed(tensor: torch.Tensor) -> Any:
    """Return a tensor for onnxruntime; numpy has no bfloat16."""
    from onnxruntime import OrtValue

    if tensor.dtype == torch.bfloat16:
        numbers = tensor.contiguous().view(torch.uint16).numpy()
        return OrtValue.ortvalue_from_numpy_with_onnx_type(numbers, TensorProto.BFLOAT16)
    return OrtValue.ortvalue_from_numpy(tensor.contiguous().numpy())


def _got(value: Any) -> torch.Tensor:
    if value.element_type() == TensorProto.BFLOAT16:
        return torch.from_dlpack(value)
    return torch.from_numpy(value.numpy().copy())


def _line(error: Exception) -> str:
    return f"{type(error).__name__}: {(str(error).strip().splitlines() or [''])[0][:200]}"


def table(trips: Sequence[Trip]) -> str:
    """Return a line for each module, and below it each reason once."""
    notes: dict[str, int] = {}

    def cell(said: str) -> str:
        if said == EQUAL:
            return EQUAL
        kind, colon, _ = said.partition(":")
        number = notes.setdefault(said, len(notes) + 1)
        return f"{kind if colon else 'no'} [{number}]"

    rows = [f"| module | from | {' | '.join(WAYS)} | |", "|---|---|---|---|---|"]
    for trip in trips:
        cells = [trip.name, trip.source, *(cell(trip.found[way]) for way in WAYS), trip.note]
        rows.append(f"| {' | '.join(cells)} |")
    told = [f"\n[{number}] {said.partition(': ')[2] or said}" for said, number in notes.items()]
    return "\n".join([*rows, *told])


def totals(trips: Sequence[Trip]) -> str:
    """Return how many modules come back equal, by each way."""
    rows = [f"| | {' | '.join(WAYS)} |", "|---|--:|--:|"]
    counts = {way: Counter(_kind(trip.found[way]) for trip in trips) for way in WAYS}
    kinds = dict.fromkeys(kind for way in WAYS for kind, _ in counts[way].most_common())
    for kind in kinds:
        rows += [f"| {kind} | {' | '.join(str(counts[way][kind]) for way in WAYS)} |"]
    return "\n".join(rows)


def _kind(said: str) -> str:
    return said.partition(":")[0].partition(",")[0]


def _warmed() -> None:
    """Import before the processes part what each of them needs."""
    with contextlib.suppress(ImportError):
        torchvision_models()
        for library in ("onnxruntime", "timm", "segmentation_models_pytorch", "transformers"):
            import_module(library)
    attention = torch.nn.TransformerEncoderLayer(8, 2, 16, batch_first=True).eval()
    net = ag.load(attention, example=torch.ones(2, 4, 8))
    with tempfile.TemporaryDirectory() as folder:
        ag.export_onnx(net, Path(folder) / "net.onnx")


def main(words: Sequence[str]) -> None:
    """Try those that are asked for, by default all, and write the page for all."""
    warnings.simplefilter("ignore")
    logging.disable(logging.WARNING)
    torch.set_num_threads(1)
    wanted = [word.lower() for word in words]
    _warmed()
    trips = []
    for entry in every():
        if words and not any(word in f"{entry.source}:{entry.name}".lower() for word in wanted):
            continue
        trips.append(tried(entry))
        trip = trips[-1]
        told = "; ".join(f"{way} {trip.found[way]}" for way in WAYS)
        print(f"{trip.name}: {told}{trip.note and f' ({trip.note})'}", flush=True)
    print(f"\n{totals(trips)}")
    if not words:
        put(PAGE, "modules", table(trips))
        put(PAGE, "totals", totals(trips))


if __name__ == "__main__":
    main(sys.argv[1:])
