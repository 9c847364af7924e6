"""annotate: from an ONNX file to one that says what it holds, or to its costs as node data."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any, NamedTuple

from archgraph.annotation.copying import write_annotated
from archgraph.annotation.model_file import read_model_file
from archgraph.annotation.node_data import node_data
from archgraph.annotation.node_facts import (
    KEYS,
    MODEL_KEYS,
    costs_by_node,
    facts_of,
    model_facts,
    standing,
)
from archgraph.errors import FormatError
from archgraph.files import write_text
from archgraph.graph import ArchGraph
from archgraph.loading import load

__all__ = ["Annotated", "annotate", "annotated"]


class Annotated(NamedTuple):
    """What was written: where, of how many nodes something is told, how many there are."""

    path: Path
    told: int
    nodes: int


def annotate(
    source: str | Path, output: str | Path, *, metric: str | None = None, **options: Any
) -> Path:
    """Write an ONNX file of any origin with names and costs in it, and return its path.

    ``output`` is the same file, its weights and all that others noted included, with the name,
    the module, the operator, the output and the costs of each node in ``metadata_props``, where
    Netron and Model Explorer show them. Where several nodes were read as one operator, one has the
    costs, and the others name it. Weights are copied unread; those in a file beside stay there.

    An ``output`` that ends with ``.json`` is node data for Model Explorer instead: the numbers of
    ``metric`` by node ("macs" where none is named). Further options are those of ``load``, such as
    ``input``.

    Raises what ``load`` raises, FileError, ExportError, and UnknownNameError for a metric that
    there is not.
    """
    path, target = Path(source), Path(output)
    _check(path, target, metric)
    return annotated(path, target, load(path, **options), metric).path


def annotated(path: Path, target: Path, net: ArchGraph, metric: str | None = None) -> Annotated:
    """Do as ``annotate`` with the network that was read from the file; return what was written."""
    _check(path, target, metric)
    file = read_model_file(path)
    starts, nodes = list(file.nodes), list(file.nodes.values())
    stands = standing(net, nodes)
    if target.suffix.lower() == ".json":
        chosen = net.metric(metric or "macs")
        costs = dict(costs_by_node(net, chosen, stands))
        text = node_data(file.graph_name, chosen.title, nodes, costs)
        return Annotated(write_text(target, text), len(costs), len(nodes))
    facts = {
        starts[place]: facts_of(net, each, place, nodes[each.main])
        for place, each in stands.items()
    }
    write_annotated(file, target, facts, model_facts(net), KEYS | MODEL_KEYS)
    if file.beside and target.parent.resolve() != path.parent.resolve():
        many = len(file.beside) > 1
        warnings.warn(
            f"'{target}' reads its weights from {' and '.join(map(repr, file.beside))}, which "
            f"{'lie' if many else 'lies'} beside '{path}': copy {'them' if many else 'it'} to "
            "where the new file is.",
            stacklevel=1,
        )
    return Annotated(target, len(stands), len(nodes))


def _check(path: Path, target: Path, metric: str | None) -> None:
    for each, wanted in ((path, (".onnx",)), (target, (".onnx", ".json"))):
        if each.suffix.lower() not in wanted:
            raise FormatError(f"'{each}' must end with {' or '.join(wanted)} to be annotated.")
    if metric is not None and target.suffix.lower() == ".onnx":
        raise FormatError(
            f"'{target}' gets all costs, so there is no metric to choose; node data has one: "
            f"'{target.with_suffix('.json').name}'."
        )
