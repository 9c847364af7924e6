"""Random graphs hold every operator there is, and every law is tried on each of them."""

from __future__ import annotations

import json
from functools import cache

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from one_of_each import own_operators
from random_graphs import STEPS, graphs
from test_torch_properties import inferred, outputs_of
from written_onnx import written_and_run
from written_source import assert_source_computes_the_same

import archgraph as ag
from archgraph import ops
from archgraph.formats.graph_json import dumps, loads
from archgraph.ops.registry import OPS

pytestmark = pytest.mark.usefixtures("one_thread")

NEVER = {
    "Opaque": "what a reader does not know: it has a shape, but nothing that could compute it",
}
"""Operators that no random graph holds, each with the reason."""


@cache
def grown(step: str) -> list[ag.ArchGraph]:
    """Return graphs that grow by one step alone: six drawn freely, then one for each choice."""
    offered: set[str] = set()
    found = _drawn(step, 6, "", offered)
    for choice in sorted(offered):
        found += _drawn(step, 1, choice, set())
    return found


def _drawn(step: str, count: int, prefer: str, offered: set[str]) -> list[ag.ArchGraph]:
    found: list[ag.ArchGraph] = []

    @settings(
        deadline=None,
        derandomize=True,
        database=None,
        max_examples=count,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(graphs(steps=(step,), most=2, prefer=prefer, offered=offered))
    def collect(net: ag.ArchGraph) -> None:
        found.append(net)

    collect()
    return found


def test_random_graphs_hold_every_operator_and_every_function():
    ops.load_all()
    held = [net.op(name) for step in STEPS for net in grown(step) for name in net]
    assert {kind.__name__ for kind in own_operators()} - {op.kind for op in held} == set(NEVER)
    functions = {(op.kind, op.function) for op in held if hasattr(op, "function")}
    assert functions == {
        *(("Pointwise", name) for name in ops.POINTWISE),
        *(("Reduce", name) for name in ops.REDUCTIONS),
        *(("Cumulate", name) for name in ops.CUMULATIONS),
    }


def test_every_public_operator_is_on_the_list():
    ops.load_all()
    public = {
        name
        for name, kind in vars(ops).items()
        if isinstance(kind, type) and issubclass(kind, ops.Op) and kind is not ops.Op
    }
    assert public - {kind.__name__ for kind in own_operators()} == set()
    assert {kind.__name__ for kind in own_operators()} <= set(OPS)


@pytest.mark.parametrize("step", STEPS)
def test_shapes_and_types_are_those_that_torch_computes(step):
    for net in grown(step):
        module = ag.to_torch(net)
        for batch in (2, 3):
            assert outputs_of(net, module, batch) == inferred(net, batch)


@pytest.mark.parametrize("step", STEPS)
def test_a_file_of_the_graph_holds_all_of_it(step):
    for net in grown(step):
        text = dumps(net)
        again = loads(text, "it")
        assert dumps(again) == text
        assert [again.op(name) for name in again] == [net.op(name) for name in net]
        assert [again.nodes[name]["outputs"] for name in again] == [
            net.nodes[name]["outputs"] for name in net
        ]


@pytest.mark.parametrize("step", STEPS)
def test_written_source_computes_the_same(step):
    for net in grown(step):
        assert_source_computes_the_same(net, False)


@pytest.mark.parametrize("step", STEPS)
def test_written_onnx_computes_the_same_and_is_read_as_the_graph(step, tmp_path):
    held = 0
    for number, net in enumerate(grown(step)):
        path = tmp_path / f"{number}.onnx"
        if written_and_run(net, path, ["onnxruntime"]):
            held += 1
            records = [record_of(net), record_of(ag.load(path))]
            assert records[0] == records[1]
    assert held >= len(grown(step)) / 2


def record_of(net: ag.ArchGraph) -> dict:
    """Return all that a graph says, inputs first, as files have them."""
    record = json.loads(dumps(net))
    record["nodes"].sort(key=lambda node: node["op"] != "Input")
    return record
