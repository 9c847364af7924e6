"""Writes modules of others as PyTorch source, runs it with their weights, and compares.

``python -m bench.sources`` takes every fifth module of the list, for the table in docs/modules.md;
``python -m bench.sources llama timm:`` those whose names or sources hold these words, ``:`` all,
and prints.
"""

from __future__ import annotations

import logging
import sys
import warnings
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

import torch

import archgraph as ag
from archgraph.answers.peers.apart import apart
from archgraph.errors import ExportError
from archgraph.exporters.source import source
from archgraph.exporters.source.save_weights import state_of
from bench.modules.entry import Entry
from bench.modules.listed import every
from bench.page import put
from bench.round_trip import TOLERANCE

PAGE = Path("docs/modules.md")
EVERY, SEED, LONGEST, CLOSE = 5, 7, 120.0, 1e-4


def main(words: Sequence[str]) -> None:
    """Write those that are asked for, by default every fifth of the list and its page."""
    warnings.simplefilter("ignore")
    logging.disable(logging.WARNING)
    torch.set_num_threads(1)
    wanted = [word.lower() for word in words]
    entries = every()
    chosen = [
        entry
        for entry in entries
        if any(word in f"{entry.source}:{entry.name}".lower() for word in wanted)
    ] or entries[::EVERY]
    rows = []
    for entry in chosen:
        found = apart(lambda entry=entry: tried(entry), LONGEST)
        rows.append((entry, found))
        print(f"{entry.source}: {entry.name}: {said(found)}", flush=True)
    right = sum(found.get("right", False) for _, found in rows)
    strict = sum(found.get("right", False) and found["strict"] for _, found in rows)
    total = (
        f"{right} of {len(rows)} are written and compute what the module does, {strict} of these "
        "with its state dict, taken strictly."
    )
    print(total)
    if not words:
        lines = ["| module | from | what the source gives |", "|---|---|---|"]
        lines += [f"| {entry.name} | {entry.source} | {said(found)} |" for entry, found in rows]
        put(PAGE, "sources", "\n".join(lines))
        put(PAGE, "written", total)


def tried(entry: Entry) -> dict[str, Any]:
    """Return how large a module's source is, and whether it gives what the module gives."""
    torch.manual_seed(SEED)
    module = entry.make().eval()
    net = ag.load(module, example=entry.example(2))
    found: dict[str, Any] = {"nodes": len(net)}
    try:
        text = source(net)
    except ExportError as error:
        return found | {"refused": str(error)}
    found["lines"] = text.count("\n")
    written = made_from(text).eval()
    own = module.state_dict()
    found["strict"] = set(own) == set(written.state_dict())
    written.load_state_dict(state_of(net))
    if net.provenance is None or net.provenance.answers is None or net.provenance.example is None:
        return found | {"refused": "the module has no numbers to compare"}
    inputs = net.provenance.example(2)
    torch.manual_seed(SEED)
    wanted = net.provenance.answers(inputs)
    torch.manual_seed(SEED + 1)
    if apart_by(net.provenance.answers(inputs), wanted) >= 1:
        return found | {"refused": "the module draws random numbers: no two runs agree"}
    with torch.no_grad():
        given = written(*inputs)
    found["apart"] = apart_by(given if isinstance(given, tuple) else (given,), wanted)
    return found | {"right": found["apart"] < 1}


def apart_by(given: Sequence[Any], wanted: Sequence[Any]) -> float:
    """Return how far results are apart, for each unit of what rounding in their type may do."""
    found = [
        distance(one, other) / TOLERANCE.get(torch.as_tensor(other).dtype, CLOSE)
        for one, other in zip(given, wanted, strict=True)
    ]
    return max(found, default=0.0)


def distance(one: Any, other: Any) -> float:
    """Return the largest difference of two tensors, for each unit of the second's largest."""
    other = torch.as_tensor(other)
    if one.shape != other.shape:
        return float("inf")
    kind = torch.complex128 if other.is_complex() else torch.float64
    one, other = one.to(kind), other.to(kind)
    same = (one == other) | (one.isnan() & other.isnan())
    gap = torch.where(same, torch.zeros_like(one), one - other).abs().max() if one.numel() else 0.0
    finite = other.abs()[other.abs().isfinite()]
    return float(gap) / max(1.0, float(finite.max()) if finite.numel() else 1.0)


def made_from(text: str) -> torch.nn.Module:
    """Run a file's text as a module of its own; return an instance of its last class."""
    module = ModuleType("written")
    exec(compile(text, "written.py", "exec"), module.__dict__)
    classes = [
        each
        for each in vars(module).values()
        if isinstance(each, type)
        and issubclass(each, torch.nn.Module)
        and each.__module__ == "written"
    ]
    made: torch.nn.Module = classes[-1]()
    return made


def said(found: dict[str, Any]) -> str:
    """Return in words what was found for a module."""
    if "error" in found:
        return f"fails: {found['error']}"
    if "refused" in found:
        return f"refused: {found['refused']}"
    if not found["right"]:
        return f"differs by {found['apart']:.1e} times what is allowed"
    return "the same" if found["strict"] else "the same; keys of its own"


if __name__ == "__main__":
    main(sys.argv[1:])
