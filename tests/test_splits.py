"""Networks over several devices: the best contiguous stages, AlexNet's halves, what crosses."""

from __future__ import annotations

import random
from itertools import combinations, pairwise

import networkx as nx
import pytest

import archgraph as ag
from archgraph.splitting.linear_partition import Read, best_cuts, smallest_maximum
from archgraph.splitting.pipeline_stages import stage_order


def brute(weights, reads, parts):
    """Return the smallest maximum, and the least traffic of the cuts that have it."""
    found = []
    for inner in combinations(range(1, len(weights)), parts - 1):
        bounds = list(pairwise([0, *inner, len(weights)]))
        sums = [sum(weights[a:b]) for a, b in bounds]
        if min(sums) > 0:
            crossing = {
                (read.tensor, b): read.bytes
                for a, b in bounds
                for place in range(a, b)
                for read in reads[place]
                if read.maker < a
            }
            found.append((max(sums), sum(crossing.values())))
    return min(found)


@pytest.mark.parametrize("seed", range(60))
def test_stages_are_the_best_that_trying_all_finds(seed):
    draw = random.Random(seed)
    size, parts = draw.randint(4, 11), draw.randint(2, 4)
    weights = [draw.choice((0, 0, 1, 3, 7, 20)) for _ in range(size)]
    if sum(weight > 0 for weight in weights) < parts:
        weights[:parts] = [5] * parts
    sizes = [draw.randint(1, 9) for _ in range(size)]
    reads = [
        [Read(m, m, sizes[m]) for m in sorted(draw.sample(range(place), min(place, 2)))]
        for place in range(size)
    ]
    cuts = best_cuts(weights, reads, parts)
    assert cuts.all_tried
    bounds = list(pairwise([*cuts.starts, size]))
    largest = max(sum(weights[a:b]) for a, b in bounds)
    traffic = sum(
        size
        for a, b in bounds
        for size in {
            read.tensor: read.bytes
            for place in range(a, b)
            for read in reads[place]
            if read.maker < a
        }.values()
    )
    assert (largest, traffic) == brute(weights, reads, parts)
    assert smallest_maximum(weights, parts) == cuts.least == largest


@pytest.mark.parametrize("name", ["resnet18", "googlenet", "vit_b_16", "unet"])
@pytest.mark.parametrize("by", ["macs", "params", "activation_bytes"])
def test_stages_follow_one_another_and_hold_everything_once(name, by):
    net = ag.load(name)
    cut = ag.split(net, 3, by=by)
    assert {n: net.nodes[n]["op"] for n in net} == {n: cut.nodes[n]["op"] for n in cut}
    assert all(data["device"] is None for _, data in net.nodes(data=True))
    placed = {n: d for n, d in cut.nodes(data="device") if d is not None}
    assert set(cut) - set(placed) == set(net.sources)
    assert set(placed.values()) == {0, 1, 2}
    for source, target in cut.edges:
        if source in placed:
            assert placed[source] <= placed[target]
    order = stage_order(net)
    assert sorted(placed[n] for n in order) == [placed[n] for n in order]
    said = ag.placement(cut, metrics=[by])
    trains = {n for n, only in net.nodes(data="training_only") if only}
    weights = [0 if n in trains else net.value(n, net.metric(by)) for n in order]
    most = max(each.values[by] for each in said.devices)
    assert most == smallest_maximum(weights, 3)
    assert sum(each.values[by] for each in said.devices) == sum(weights)


def signature(net):
    graph = nx.DiGraph()
    kept = ("op", "outputs", "params", "macs", "flops", "activation_bytes", "device", "part_of")
    for name, data in net.nodes(data=True):
        graph.add_node(name, facts=[data.get(key) for key in (*kept, "role")])
    for source, target, data in net.edges(data=True):
        graph.add_edge(source, target, facts=(data["uses"], data["bytes"]))
    return graph


@pytest.mark.parametrize("talk", [None, "conv3,fc6,fc7,fc8"])
def test_the_network_of_2012_split_by_channel_is_the_one_on_two_gpus(talk):
    made = ag.split("alexnet_grouped", 2, how="channels", talk=talk)
    two = ag.load("alexnet_two_gpu")

    def same(one, other):
        return one["facts"] == other["facts"]

    assert nx.is_isomorphic(signature(made), signature(two), node_match=same, edge_match=same)
    found, wanted = ag.placement(made), ag.placement(two)
    assert found.traffic_bytes == wanted.traffic_bytes == sum(e[2] for e in two.crossings())
    assert [e.values for e in found.devices] == [e.values for e in wanted.devices]
    assert found.balance("macs") == pytest.approx(364_251_408 / (724_406_816 / 2))
