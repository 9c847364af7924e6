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


def test_a_pipeline_is_written_in_the_fields_of_onnx_and_read_back(tmp_path):
    onnx = pytest.importorskip("onnx")
    cut = ag.split("resnet18", 3, between="block")
    path = ag.export_onnx(cut, tmp_path / "cut.onnx", structure_only=True)
    model = onnx.load(path)
    onnx.checker.check_model(model, full_check=True)
    assert model.ir_version == 11
    assert [each.num_devices for each in model.configuration] == [3]
    for node in model.graph.node:
        (placed,) = node.device_configurations
        assert placed.pipeline_stage == cut.nodes[node.name]["device"]
    assert dict(ag.load(path).nodes(data="device")) == dict(cut.nodes(data="device"))
    for node in model.graph.node:  # as another program may write it
        del node.metadata_props[:]
        del node.device_configurations[0].sharding_spec[:]
    del model.metadata_props[:]
    onnx.save(model, tmp_path / "foreign.onnx")
    found = ag.load(tmp_path / "foreign.onnx")
    where = {name: data["device"] for name, data in found.nodes(data=True) if name in cut}
    assert len(where) > 60
    assert where == {name: cut.nodes[name]["device"] for name in where}


def test_parts_of_layers_go_into_a_file_that_computes_the_same(tmp_path):
    torch = pytest.importorskip("torch")
    runtime = pytest.importorskip("onnxruntime")
    nn = torch.nn
    module = nn.Sequential(
        *(nn.Conv2d(3, 8, 3, padding=1), nn.BatchNorm2d(8), nn.PReLU(8), nn.MaxPool2d(2)),
        *(nn.ConvTranspose2d(8, 6, 2, 2), nn.Conv2d(6, 12, 3, groups=2), nn.GroupNorm(4, 12)),
        *(nn.AdaptiveAvgPool2d(2), nn.Flatten(), nn.Linear(48, 8), nn.ReLU(), nn.Linear(8, 5)),
    ).eval()
    torch.manual_seed(0)
    for each in module.parameters():
        nn.init.normal_(each)
    image = torch.randn(2, 3, 16, 16)
    with torch.no_grad():
        wanted = module(image)
    cut = ag.split(module, 2, how="channels", input=(3, 16, 16))
    assert cut.total("params") == sum(each.numel() for each in module.parameters())
    with torch.no_grad():
        torch.testing.assert_close(ag.to_torch(cut)(image), wanted)
    path = ag.export_onnx(cut, tmp_path / "cut.onnx")
    session = runtime.InferenceSession(path)
    (found,) = session.run(None, {session.get_inputs()[0].name: image.numpy()})
    torch.testing.assert_close(torch.from_numpy(found), wanted, rtol=1e-4, atol=1e-4)
    assert ag.placement(ag.load(path)).traffic_bytes == ag.placement(cut).traffic_bytes > 0


@pytest.mark.parametrize(("name", "devices"), [("resnet18", 4), ("googlenet_bn", 2)])
def test_devices_that_share_filters_compute_what_one_computes(name, devices):
    torch = pytest.importorskip("torch")
    from archgraph.exporters.pytorch import join_state, load_state, shard_state

    net = ag.load(name, input=(3, 64, 64))
    cut = ag.split(net, devices, how="channels")
    for metric in ("params", "macs"):
        assert cut.total(metric) == net.total(metric)
    whole = ag.to_torch(net, seed=1).eval()
    state = whole.state_dict()
    parts = shard_state(cut, state)
    shared = load_state(ag.to_torch(cut, seed=None), parts).eval()
    image = torch.randn(1, *net.input_shape, generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        torch.testing.assert_close(shared(image), whole(image), rtol=1e-4, atol=1e-5)
    joined = join_state(cut, parts)
    assert all(torch.equal(joined[key], state[key]) for key in joined)
