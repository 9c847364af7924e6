"""Laws on random networks: what their costs add up to, at any batch, any size, under any name."""

from __future__ import annotations

import json
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from laws import law
from random_networks import networks, opened

import archgraph as ag
from archgraph import ops
from archgraph.errors import ArchGraphError
from archgraph.formats.graph_json import dumps, loads
from archgraph.ops import Op
from archgraph.parts import rebuilt
from archgraph.structure import structure
from archgraph.tables.cost_report import cost_report
from archgraph.tables.cost_table import cost_table
from archgraph.tables.table import AtLeast
from archgraph.tensors import Batch, Key, Open, at_batch, node_of, ref_to

COSTS = ("macs", "flops", "lecture", "activation_bytes")


def added(metric: ag.Metric, values: list[Any]) -> tuple[Any, Any, int]:
    """Return the total of some numbers, that of the known ones, and how many are unknown."""
    known = [each for each in values if each is not None]
    both = max(known, default=0) if metric.reduce == "max" else sum(map(Fraction, known))
    return (both if len(known) == len(values) else None), both, len(values) - len(known)


@law()
@given(networks(), st.sampled_from(["layer", "block", "stage", "device"]), st.sampled_from([1, 3]))
def test_rows_add_up_to_the_total_and_what_is_unknown_is_told(net, by, batch):
    assume(net.sources and (batch == 1 or net.batched))
    report = cost_report(net, by=by, batch=batch)
    shown = [name for name in net if not net.nodes[name].get("training_only")]
    assert [node.name for node in report.nodes] == shown
    for name, metric in net.metrics.items():
        values = {each: net.value(each, metric, batch) for each in shown}
        total, known, unknown = added(metric, list(values.values()))
        assert net.total(name, batch=batch) == report.totals[name] == total
        assert (report.known[name], report.unknown[name]) == (known, unknown)
        assert {node.name: node.values[name] for node in report.nodes} == values
        for group in report.groups:
            assert group.values[name] == added(metric, [values[each] for each in group.nodes])[0]
    if by != "layer":
        held = [name for group in report.groups for name in group.nodes]
        assert sorted(held) == sorted(shown)
    table = cost_table(report)
    for place, column in enumerate(table.columns):
        if column.key in net.metrics:
            cell, unknown = table.totals[place], report.unknown[column.key]
            rows = [row[place] for row in table.rows]
            assert (unknown > 0) == isinstance(cell, AtLeast) == (None in rows)
            assert (cell.value if unknown else cell) == report.known[column.key]


def fixed(net: ag.ArchGraph, batch: int) -> ag.ArchGraph:
    """Return the network built anew for one batch, which is then a number as any other."""

    def at(_: str, op: Op) -> Op:
        if isinstance(op, ops.Input) and op.shape is not None:
            return ops.Input(at_batch(op.output_shape(), batch), op.dtype, batched=False)
        return op.at(batch)

    return rebuilt(net, op=at)


@law()
@given(networks(foreign=False), st.sampled_from([2, 3, 5]))
def test_costs_are_the_polynomials_in_the_batch_that_they_say(net, batch):
    there = fixed(net, batch)
    for name in net:
        for cost in ("params", *COSTS):
            value = net.value(name, net.metric(cost), batch)
            assert value == there.nodes[name][cost], (name, cost)
        here = [at_batch(each.shape, batch) for each in net.nodes[name]["outputs"]]
        assert here == [each.shape for each in there.nodes[name]["outputs"]]


@law()
@given(networks(foreign=False), st.sampled_from([(64, 96), (96, 32), (224, 160)]))
def test_what_is_said_of_open_sizes_holds_for_each(net, sizes):
    left_open = opened(net)
    assume(left_open is not None and left_open.nodes["input"]["outputs"][0].shape[2:])
    channels = left_open.op("input").shape[0]
    try:
        there = left_open.with_input((channels, *sizes))
    except ArchGraphError:  # it takes maps of some sizes only
        assume(False)
    point = dict(zip("HW", sizes, strict=True))
    for name in left_open:
        here, known = left_open.nodes[name], there.nodes[name]
        for one, other in zip(here["outputs"], known["outputs"], strict=True):
            assert one.dtype == other.dtype
            if one.shape is not None and other.shape is not None:
                assert len(one.shape) == len(other.shape)
                for extent, size in zip(one.shape, other.shape, strict=True):
                    said = extent.at({**point, "N": 1}) if type(extent) is Open else extent
                    assert extent is None or int(said) == int(size), (name, extent, size)
        for cost in ("params", *COSTS):
            if here[cost] is not None and known[cost] is not None:
                assert here[cost] == known[cost], (name, cost)


@law()
@given(networks(), st.sampled_from([(5, 6), (4, 4), (9, 3)]))
def test_another_input_and_back_gives_the_same_network(net, sizes):
    first = net.op("input")
    wanted = (first.shape[0], *sizes)
    try:
        there = net.with_input(wanted)
    except ArchGraphError:
        assume(False)
    record = json.loads(dumps(net))
    for node in record["nodes"]:
        if node["name"] == "input":
            node["args"]["shape"] = list(wanted)
    anew = loads(json.dumps(record))
    assert dumps(there) == dumps(anew)
    for name in net:
        assert {cost: there.nodes[name][cost] for cost in COSTS} == {
            cost: anew.nodes[name][cost] for cost in COSTS
        }
    assert dumps(there.with_input(first.shape)) == dumps(net)


@law()
@given(networks())
def test_a_file_gives_back_the_network(net):
    text = dumps(net)
    again = loads(text)
    assert dumps(again) == text
    assert list(again.nodes(data=True)) == list(net.nodes(data=True))
    assert {(a, b): data for a, b, data in again.edges(data=True)} == {
        (a, b): data for a, b, data in net.edges(data=True)
    }
    assert (again.tensors, again.results) == (net.tensors, net.results)
    again.check()


def renamed(net: ag.ArchGraph, order: list[str]) -> ag.ArchGraph:
    """Return the network under other names, its nodes added in another order."""
    record = json.loads(dumps(net))
    stored = record["graph"].get("tensors", {})

    def new(path: str) -> str:
        return ".".join(f"q{word}" for word in path.split("."))

    def new_key(key: str) -> str:
        if key in stored:
            return new(key)
        path, _, role = key.rpartition(".")
        return f"{new(path)}.{role}"

    for node in record["nodes"]:
        node["name"] = new(node["name"])
        node["inputs"] = [
            new(each) if isinstance(each, str) else {"tensor": new_key(each["tensor"])}
            for each in node["inputs"]
        ]
        if "tensors" in node:
            node["tensors"] = {role: new_key(key) for role, key in node["tensors"].items()}
    record["graph"]["outputs"] = [new(each) for each in record["graph"]["outputs"]]
    if stored:
        record["graph"]["tensors"] = {new(key): value for key, value in stored.items()}
    by_name = {node["name"]: node for node in record["nodes"]}
    record["nodes"] = [by_name[new(name)] for name in order]
    return loads(json.dumps(record))


@law()
@given(networks(), st.randoms(use_true_random=False))
def test_neither_names_nor_the_order_of_nodes_change_a_number(net, random):
    waiting = {name: set(net.pred[name]) for name in net}
    order = []
    while waiting:  # any order in which each stands after what it reads
        name = random.choice([n for n, before in waiting.items() if before.issubset(order)])
        order.append(name)
        del waiting[name]
    there = renamed(net, order)
    for metric in net.metrics:
        for batch in (1, 2):
            assert net.total(metric, batch=batch) == there.total(metric, batch=batch)
        for training in (False, True):
            assert net.total(metric, training=training) == there.total(metric, training=training)
    names = {name: ".".join(f"q{word}" for word in name.split(".")) for name in net}
    for name, other in names.items():
        for kept in (*COSTS, "outputs", "growth"):
            assert net.nodes[name].get(kept) == there.nodes[other].get(kept)


@law()
@given(networks())
def test_a_network_is_its_parts_put_together(net):
    # What runs for the second time stands where it is read, under another module's name.
    assume(not any("@" in name for name in net))
    groups = structure(net).groups
    whole: list[str] = []
    held: set[str] = set()
    for key, group in groups.items():  # a block in two stages would count twice
        if group.parent is None and held.isdisjoint(group.members):
            whole.append(key)
            held.update(group.members)
    for key in [*groups, *(name for name in net if name not in held)]:
        part = net.module(key)
        members = groups[key].members if key in groups else (key,)
        assert set(members) <= set(part)
        entries = {name for name in part if name not in members}
        assert all(isinstance(part.op(name), ops.Input) for name in entries)
        for name in members:
            for here, there in zip(part.reads(name), net.reads(name), strict=True):
                if type(there) is Key or node_of(there) in members:
                    assert here == there
                else:
                    assert here in entries
                    assert part.tensor(here) == net.tensor(there)
        for metric in (*COSTS, "outputs"):
            inside = [net.nodes[name][metric] for name in members]
            assert [part.nodes[name][metric] for name in members] == inside
        # What leaves a part is what others read of it, and what the network returns.
        leaving = {
            ref_to(name, output)
            for name in members
            for target, edge in net.succ[name].items()
            if target not in members
            for output, _ in edge["uses"]
        } | {each for each in net.results if node_of(each) in members}
        assert leaving <= set(part.results)
    parts = [net.module(key) for key in (*whole, *(name for name in net if name not in held))]
    for cost in COSTS[:3]:  # an input costs nothing
        values = [part.total(cost, training=True) for part in parts]
        total = None if None in values else sum(values)
        assert total == net.total(cost, training=True)


@pytest.mark.parametrize("extent", [Batch(2), Open.letter("H"), None, 7])
def test_each_kind_of_extent_is_among_those_of_the_laws(extent):
    seen: set[type] = set()

    @law()
    @given(networks())
    def look(net):
        for name in net:
            for tensor in net.nodes[name]["outputs"]:
                seen.update(map(type, tensor.shape or ()))

    look()
    assert type(extent) in seen
