"""Network: one of the list, made from a module, from an exported file, or without names."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import networkx as nx
import torch

import archgraph as ag
from bench.modules.entry import Entry, call_of

__all__ = ["FOLDER", "Network", "exported", "flat", "of_module"]

FOLDER = Path("sheet")
"""Where pictures, verdicts and files lie that are made on the way."""

OF_NAMES = ("stage", "block", "label", "role")
"""Attributes of a node that only somebody who knows the network can give."""


@dataclass(frozen=True, slots=True)
class Network:
    """One network of the list: ``source`` says where it comes from, ``make`` makes its graph.

    ``entry`` is the module that it is read from, where it is one.
    """

    name: str
    source: str
    make: Callable[[], ag.ArchGraph]
    entry: Entry | None = None

    @property
    def slug(self) -> str:
        """A file's name for it."""
        kept = (c if c.isalnum() or c in "._-" else "-" for c in f"{self.source}-{self.name}")
        return "".join(kept)


def of_module(entry: Entry) -> Network:
    """Return a module of another list as one of this."""

    def made() -> ag.ArchGraph:
        net = ag.load(entry.make().eval(), example=entry.example(2))
        net.name = entry.name
        return net

    return Network(entry.name, entry.source, made, entry)


def flat(network: Network) -> Network:
    """Return the same network as a file without any names has it: n0, n1, … and no groups."""

    def made() -> ag.ArchGraph:
        net = network.make()
        names = {name: f"n{index}" for index, name in enumerate(net.topological())}
        results = [ref.partition(":") for ref in net.results]
        found = nx.relabel_nodes(net, names)
        found.graph["outputs"] = [names[name] + mark + number for name, mark, number in results]
        found.graph["groups"] = {}
        for _, data in found.nodes(data=True):
            for key in OF_NAMES:
                data.pop(key, None)
        found.check()
        found.graph["name"] = f"{network.name}, no names"
        found.graph.pop("title", None)
        return found

    return Network(network.name, "without names", made)


def exported(entry: Entry, *, dynamo: bool) -> Network:
    """Return what is read of the file that torch writes of a module, in one of its two ways."""
    source = "torch.onnx, new" if dynamo else "torch.onnx, old"

    def made() -> ag.ArchGraph:
        path = FOLDER / "onnx" / f"{Network(entry.name, source, made).slug}.onnx"
        if not path.is_file():
            path.parent.mkdir(parents=True, exist_ok=True)
            _write(entry, path, dynamo)
        return ag.load(path)

    return Network(entry.name, source, made)


def _write(entry: Entry, path: Path, dynamo: bool) -> None:
    args, kwargs = call_of(entry.example(1))
    more: dict[str, Any] = {"dynamo": dynamo, "verbose": False}
    more |= {"external_data": False} if dynamo else {"opset_version": 17}
    part = path.with_suffix(".part")
    torch.onnx.export(entry.make().eval(), args, str(part), kwargs=kwargs or None, **more)
    part.rename(path)
