"""counters: what other tools count of a network, and why that is not what archgraph counts."""

from __future__ import annotations

import logging
import tempfile
import warnings
from collections.abc import Mapping, Sequence
from contextlib import suppress
from copy import deepcopy
from dataclasses import asdict
from pathlib import Path
from typing import Any

from archgraph.answers.asked_options import CountersOptions
from archgraph.answers.peers.apart import COPIES, apart
from archgraph.answers.peers.counted_parts import Mark, Part, held_part, known_parts
from archgraph.answers.peers.counts import Count, Counters
from archgraph.answers.peers.marking import marks_of
from archgraph.answers.peers.rules import explained
from archgraph.answers.peers.tools import Call, File, Tool, tools_named
from archgraph.errors import ArchGraphError, ExportError, MissingDependencyError, ShapeError
from archgraph.exporting import export_onnx, to_torch
from archgraph.graph import ArchGraph
from archgraph.limits import ASKED
from archgraph.loading import load
from archgraph.options import written
from archgraph.tensors import at_batch, is_open

__all__ = ["counters"]

_NONE = ("which is not", "none of which is")


def counters(net: Any, *, tools: str | Sequence[str] | None = None, **reading: Any) -> Counters:
    """Ask the counting tools that are installed about a network, and explain every difference.

    ``net`` is an ArchGraph or whatever ``load`` takes, with ``input``, ``example`` and so on.
    ``tools`` are some of torch, torch-no-grad, torch-math, torch-meta, fvcore, thop, torchinfo,
    ptflops, ptflops-aten, calflops and onnx-tool; by default all but the variants torch-no-grad,
    torch-meta and ptflops-aten. Each counts one example: of the module that the network was read
    from, or the one that ``to_torch`` makes of it; onnx-tool of the ONNX file that it was read
    from, or the one that ``export_onnx`` writes. Each works in a process of its own, where the
    system can copy one, so that a tool that fails leaves the others and this process as they are.

    Raises UnknownNameError for a tool that there is not, MissingDependencyError where none of
    those asked for is installed, and what ``load`` raises.
    """
    chosen = tools_named(CountersOptions(tools=tools).tools)  # type: ignore[arg-type]
    there = [tool for tool in chosen if tool.version is not None]
    missing = tuple(dict.fromkeys(tool.package for tool in chosen if tool not in there))
    if not there:
        raise MissingDependencyError(
            f"asking counters needs {', '.join(missing)}, {_NONE[len(missing) > 1]} installed: "
            'pip install "archgraph[counters]".'
        )
    read = net if isinstance(net, ArchGraph) and not reading else load(net, **reading)
    parts, unknown = known_parts(read)
    macs = sum(part.macs for part in parts)
    of_modules = [tool for tool in there if not tool.of_file]
    counts = _of_module(read, macs, of_modules) if of_modules else []
    counts += [_of_file(read, macs, tool) for tool in there if tool.of_file]
    return Counters(
        name=read.name,
        title=str(read.graph.get("title") or read.name),
        input=read.input_shape if read.sources else (),
        macs=macs,
        counts=tuple(counts),
        missing=missing,
        unknown=tuple(unknown),
    )


# ---- of a module ------------------------------------------------------------------------------

_ZEROED = 2**20
"""Numbers of a floating tensor that are made 0; of more whatever the system gives is as good."""


def _of_module(net: ArchGraph, macs: int, tools: Sequence[Tool]) -> list[Count]:
    """Return what tools say of the module that a network is, or that is made of it."""
    try:
        read, call = _call(net)
    except MissingDependencyError:
        raise
    except ArchGraphError as error:
        return [_failed(tool, str(error)) for tool in tools]
    told = apart(lambda: _marked(read, call), ASKED)
    if "error" in told:
        return [_failed(tool, f"the module does not run: {told['error']}") for tool in tools]
    marks = {name: Mark(**mark) for name, mark in told["marks"].items()}
    parts, _ = known_parts(read, marks)
    parts += _held(read, marks, told["runs"])
    return [_by(tool, macs, parts, call) for tool in tools]


def _call(net: ArchGraph) -> tuple[ArchGraph, Call]:
    """Return a module and its graph: the one that a network was read from, or one made of it.

    One that is made has no weights that anybody learned, and is read again, so that what its
    layers call is known.
    """
    if net.provenance is not None and net.provenance.call is not None:
        module, args, kwargs = net.provenance.call(1 if net.batched else None)
        if any(each.device.type not in ("cpu", "meta") for each in module.parameters()):
            raise ExportError("tools are asked on the CPU; module.cpu() brings it there.")
        return net, Call(module, args, kwargs)
    sizes = _inputs(net)
    made = to_torch(net, seed=None)
    import torch

    made = made.to_empty(device="cpu")
    _as_torch_calls_them(made, net)
    with torch.no_grad():
        for each in made.state_dict().values():
            if each.numel() <= _ZEROED or not each.is_floating_point():
                each.zero_()
    inputs = tuple(torch.zeros(shape, dtype=getattr(torch, kind)) for shape, kind in sizes.values())
    return load(made, example=inputs, batch=None, name=net.name), Call(made, inputs, {})


def _as_torch_calls_them(made: Any, net: ArchGraph) -> None:
    """Let batch norms be of torch's own classes, which some tools go by: nn.BatchNorm1d to 3d."""
    from torch import nn

    kinds: dict[int, Any] = {
        2: nn.BatchNorm1d,
        3: nn.BatchNorm1d,
        4: nn.BatchNorm2d,
        5: nn.BatchNorm3d,
    }
    for name, part in made.named_modules():
        if isinstance(part, nn.BatchNorm2d) and name in net:
            shape = net.tensor(net.reads(name)[0], name).shape
            part.__class__ = kinds.get(len(shape or ()), type(part))


def _inputs(net: ArchGraph) -> dict[str, tuple[tuple[int, ...], str]]:
    """Return the shape of each input for one example, and its type; ShapeError for an open one."""
    found = {}
    for name in net.sources:
        tensor = net.tensor(name)
        if tensor.shape is None or is_open(tensor.shape):
            how = written("input")
            raise ShapeError(f"the size of the input '{name}' is open; say it with {how}.")
        found[name] = (tuple(at_batch(tensor.shape, 1)), tensor.dtype or "float32")
    if not found:
        raise ShapeError(f"'{net.name}' has no input, so there is nothing to run.")
    return found


def _marked(net: ArchGraph, call: Call) -> dict[str, Any]:
    _prepared(call)
    marks, runs = marks_of(net, call.module, call.args, call.kwargs)
    return {
        "marks": {name: asdict(mark) for name, mark in marks.items()},
        "runs": [asdict(run) for run in runs if run.exact or run.alike],
    }


def _held(
    net: ArchGraph, marks: Mapping[str, Mark], runs: Sequence[Mapping[str, Any]]
) -> list[Part]:
    """Return the runs of modules of which no node has the parameters, such as x · weightᵀ."""
    told = {marks[name].path for name in net if net.op(name).parameters()}
    return [
        held_part(run["module"], tuple(run["gives"]), (run["exact"], run["alike"]))
        for run in runs
        if run["path"] not in told
    ]


def _by(tool: Tool, macs: int, parts: Sequence[Part], call: Call) -> Count:
    if tool.patches and not COPIES:
        why = "it changes torch, so it is asked only where the system can copy a process"
        return _failed(tool, why)
    told = apart(lambda: _asked(tool, call), ASKED)
    if "error" in told:
        return _failed(tool, told["error"])
    return _count(tool, macs, told["number"], explained(parts, tool.rules))


def _asked(tool: Tool, call: Call) -> dict[str, Any]:
    call = _prepared(call if COPIES else deepcopy(call))
    return {"number": float(tool.ask(call))}


def _prepared(call: Call) -> Call:
    """Let nothing be written beside the answer; a copied process has no threads of its own."""
    import torch

    warnings.simplefilter("ignore")
    logging.disable(logging.WARNING)
    if COPIES:
        torch.set_num_threads(1)
    with suppress(NotImplementedError):  # an exported module has one mode
        call.module.eval()
    return call


# ---- of a file --------------------------------------------------------------------------------


def _of_file(net: ArchGraph, macs: int, tool: Tool) -> Count:
    """Return what a tool says of the ONNX file that a network is, or that is written of it."""
    with tempfile.TemporaryDirectory(prefix="archgraph-") as folder:
        try:
            inputs = _inputs(net)
            path = None if net.provenance is None else net.provenance.file
            if path is None:
                batch = {"batch": 1} if net.batched else {}
                path = export_onnx(net, Path(folder) / "net.onnx", structure_only=True, **batch)
        except MissingDependencyError:
            raise
        except ArchGraphError as error:
            return _failed(tool, str(error))
        told = apart(lambda: asdict(tool.ask(File(path, inputs))), ASKED)
    if "error" in told:
        return _failed(tool, told["error"])
    return _count(tool, macs, told["number"], told["because"])


# ---- what is found ----------------------------------------------------------------------------


def _count(tool: Tool, ours: int, number: float, because: dict[str, int]) -> Count:
    macs = number / tool.per_mac
    return Count(
        tool=tool.name,
        package=tool.package,
        version=tool.version or "",
        reports=round(number),
        unit=tool.unit,
        macs=round(macs),
        because=because,
        remainder=round(macs - ours - sum(because.values())),
    )


def _failed(tool: Tool, why: str) -> Count:
    return Count(tool.name, tool.package, tool.version or "", tool.unit, failed=why)
