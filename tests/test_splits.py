"""Networks over several devices: the best contiguous stages, AlexNet's halves, what crosses."""

from __future__ import annotations

import random
from itertools import combinations, pairwise

import networkx as nx
import pytest

import archgraph as ag
import archgraph.ops
from archgraph.answers.splitting.linear_partition import Read, best_cuts, smallest_maximum
from archgraph.answers.splitting.pipeline_stages import stage_order


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


def dense_alexnet():
    """Build the network of 2012 as one tower: every layer reads all maps."""
    from archgraph.ops import LocalResponseNorm, MaxPool2d

    b = ag.Builder("tower", input=(3, 227, 227))
    x = b.input
    for number, (filters, kernel, stride, padding, normed, pooled) in enumerate(
        (
            (96, 11, 4, 0, True, True),
            (256, 5, 1, 2, True, True),
            (384, 3, 1, 1, False, False),
            (384, 3, 1, 1, False, False),
            (256, 3, 1, 1, False, True),
        ),
        1,
    ):
        x = b.relu(f"relu{number}", b.conv(f"conv{number}", x, filters, kernel, stride, padding))
        if normed:
            x = b.add(f"norm{number}", LocalResponseNorm(5, alpha=5e-4, beta=0.75, k=2.0), x)
        if pooled:
            x = b.add(f"pool{number}", MaxPool2d(3, 2), x)
    x = b.flatten("flatten", x)
    for number in (6, 7):
        x = b.add(f"drop{number}", ag.ops.Dropout(0.5), x)
        x = b.relu(f"relu{number}", b.linear(f"fc{number}", x, 4096))
    return b.build(b.linear("fc8", x, 1000))


def test_one_tower_whose_devices_talk_at_four_layers_is_the_network_of_2012():
    tower = dense_alexnet()
    with pytest.raises(ag.ArchGraphError, match="norm1.*neighbouring channels.*talk"):
        ag.split(tower, 2, how="channels")
    made = ag.split(tower, 2, how="channels", talk=["conv3", "fc6", "fc7", "fc8"])
    assert nx.is_isomorphic(
        signature(made),
        signature(ag.load("alexnet_two_gpu")),
        node_match=lambda one, other: one["facts"] == other["facts"],
        edge_match=lambda one, other: one["facts"] == other["facts"],
    )
    assert (tower.total("params"), made.total("params")) == (62_378_344, 60_965_224)
    assert "norm1, conv2, norm2, conv4, conv5 read the channels of their own" in " ".join(
        made.graph["notes"]
    )


def test_what_crosses_is_told_by_a_metric_too():
    net = ag.load("alexnet_two_gpu")
    said = ag.placement(net)
    values = dict(net.values("traffic_bytes"))
    assert net.total("traffic_bytes") == said.traffic_bytes == 234_496
    assert net.total("traffic_bytes", batch=8) == 8 * 234_496
    assert values["gather3.gpu1"] == 128 * 13 * 13 * 4
    assert said.traffic_by_type == {"float32": 234_496}
    assert ag.load("resnet18").total("traffic_bytes") == 0


def test_an_output_crosses_once_whoever_reads_it_there():
    b = ag.Builder("twice", input=(4, 8, 8))
    x = b.conv("conv", b.input, 4, 3, padding=1)
    y = b.sum("sum", b.relu("relu", x), b.add("tanh", ag.ops.Tanh(), x))
    net = b.build(y)
    for name in ("conv", "relu", "tanh", "sum"):
        net.nodes[name]["device"] = int(name != "conv")
    said = ag.placement(net)
    (crossing,) = said.crossings
    assert (crossing.output, crossing.bytes) == ("conv", 4 * 8 * 8 * 4)
    assert crossing.readers == ("relu", "tanh")
    assert said.balance("macs") == 2
    assert said.share("macs", 1) == 0


def test_what_is_unknown_stays_unknown():
    b = ag.Builder("foreign", input=(4, 8, 8))
    x = b.conv("conv1", b.input, 4, 3, padding=1)
    x = b.add("mystery", ag.ops.Opaque("Mystery", None), x)
    x = b.add("other", ag.ops.Opaque("Other", None), x)
    net = b.build(x)
    net.attach("ms", {"conv1": 0.1, "mystery": 0.2, "other": 0.3})
    cut = ag.split(net, 3, by="ms")
    said = ag.placement(cut, metrics=["ms", "macs"])
    assert [each.values["ms"] for each in said.devices] == [0.1, 0.2, 0.3]
    assert said.traffic_bytes is None
    assert said.balance("macs") is None
    assert [each.values["macs"] for each in said.devices] == [9216, None, None]
    with pytest.raises(ag.ArchGraphError, match=r"one operator has some, and of 2 operators"):
        ag.split(net, 2)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"devices": 1}, "devices is 1, but it must be 2 to 1,000"),
        ({"devices": 2.0}, "devices is 2.0"),
        ({"how": "chanels"}, "did you mean 'channels'"),
        ({"by": "mac"}, "there is no metric 'mac'"),
        ({"by": "receptive_field"}, "does not add up"),
        ({"devices": 99}, "5 operators have some; use fewer devices"),
        ({"by": 3}, "by is 3, but it takes a metric"),
        ({"how": "channels", "talk": [3]}, "it takes layers"),
        ({"between": "blocks"}, "did you mean 'block'"),
        ({"slack": -1}, "slack is -1"),
        ({"talk": "c3"}, "needs how='channels'"),
        ({"how": "channels", "by": "macs"}, "needs how='pipeline'"),
        ({"how": "channels", "talk": "f7"}, "'lenet5' has no layer 'f7'.*there are c1, c3"),
        ({"how": "channels", "devices": 4}, "'c1' has 6 filters, which 4 devices cannot share"),
    ],
)
def test_what_cannot_be_split_is_said_in_one_sentence(options, said):
    with pytest.raises(ag.ArchGraphError, match=said):
        ag.split("lenet5", **{"devices": 2, **options})


def test_a_network_without_devices_has_no_placement():
    with pytest.raises(ag.ArchGraphError, match="'lenet5' names no devices; split it"):
        ag.placement(ag.load("lenet5"))


@pytest.mark.parametrize("between", ["block", "stage"])
def test_no_block_is_cut(between):
    from archgraph.structure import cut

    net = ag.load("resnet50")
    made = ag.split(net, 4, between=between)
    for names in cut(net, between).values():
        assert len({made.nodes[name]["device"] for name in names} - {None}) <= 1


def test_slack_is_spent_on_traffic_only():
    tight, loose = ag.split("resnet50", 4), ag.split("resnet50", 4, slack=20)
    one, other = ag.placement(tight), ag.placement(loose)
    assert other.traffic_bytes < one.traffic_bytes
    assert one.balance("macs") < other.balance("macs") <= 1.2 * one.balance("macs")


@pytest.mark.parametrize(("name", "seed"), [("lenet5", 0), ("random", 1), ("random", 2)])
def test_memory_is_balanced_as_trying_all_cuts_and_measuring_each_does(name, seed):
    from archgraph.answers.footprint.report import inference_memory

    if name == "random":
        draw = random.Random(seed)
        b = ag.Builder(name, input=(4, 8, 8))
        made = [b.input]
        for number in range(8):
            width = draw.choice((4, 16, 64))
            x = b.concat(f"cat{number}", *draw.sample(made, min(len(made), 2)))
            made.append(b.conv(f"conv{number}", x, width, 3, padding=1))
        net = b.build(b.concat("all", *made[1:]))
    else:
        net = ag.load(name)
    order = stage_order(net)
    best = None
    for inner in combinations(range(1, len(order)), 2):
        tried = net.copy()
        for stage, (a, b_) in enumerate(pairwise([0, *inner, len(order)])):
            for node in order[a:b_]:
                tried.nodes[node]["device"] = stage
        held = inference_memory(tried)
        most = max(held.weights[d] + line.peak for d, line in held.program.items())
        best = most if best is None else min(best, most)
    cut = ag.split(net, 3, by="memory")
    said = ag.placement(cut, metrics=["memory"])
    assert max(each.values["memory"] for each in said.devices) == best
