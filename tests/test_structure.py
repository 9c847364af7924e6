"""A network's structure: a tree of groups, its named cuts, and what holds for all of them."""

from __future__ import annotations

import networkx as nx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from random_graphs import graphs

import archgraph as ag
from archgraph.errors import CycleError, UnknownNameError
from archgraph.exporters.pictures.view import build_view
from archgraph.formats.graph_json import dumps, loads
from archgraph.ops import Add, Concat, Conv2d, Flatten, Input, Linear, MaxPool2d, ReLU
from archgraph.structure import cut, structure
from archgraph.tables import cost_report

LEVELS = ("stage", "block")


def plain(net: ag.ArchGraph) -> ag.ArchGraph:
    """Return a network as a file has it that says nothing of stages and blocks."""
    copy = loads(dumps(net), "copy")
    copy.graph.pop("groups", None)
    for _, data in copy.nodes(data=True):
        for level in LEVELS:
            data.pop(level, None)
    return copy


def chain(*names: str, acts: tuple[str, ...] = ()) -> ag.ArchGraph:
    """Return convolutions in a row; those whose names end with ``acts`` are activations."""
    net = ag.ArchGraph(name="chain")
    x = net.add("input", Input((4, 8, 8)))
    for name in names:
        x = net.add(name, ReLU() if acts and name.endswith(acts) else Conv2d(4, 4, 1), [x])
    return net


def contracted(net: ag.ArchGraph, level: str) -> nx.DiGraph:
    owner = {name: key for key, names in cut(net, level).items() for name in names}
    assert sorted(owner) == sorted(net)
    found = nx.DiGraph()
    found.add_nodes_from(owner.values())
    found.add_edges_from((owner[a], owner[b]) for a, b in net.edges if owner[a] != owner[b])
    return found


def several(net: ag.ArchGraph, level: str) -> list[str]:
    return [key for key in cut(net, level) if key not in net]


# ---- the tree ----------------------------------------------------------------------------


def test_declared_groups_come_with_what_lies_around_them():
    groups = structure(ag.load("googlenet")).groups
    module = groups["inception3a"]
    assert (module.kind, module.label, module.parent) == ("block", "Inception 3a", "inception3")
    assert groups["inception3"].kind == "stage"
    assert groups["inception3a.branch2"].parent == "inception3a"
    assert len(module.members) == 14


def test_a_block_in_two_stages_lies_in_neither():
    net = chain("a", "b", "c")
    for name, stage in (("a", "one"), ("b", "one"), ("c", "two")):
        net.nodes[name]["stage"] = net.define_group(stage, "stage", stage)
    for name in ("b", "c"):
        net.nodes[name]["block"] = net.define_group("both", "block", "both")
    groups = structure(net).groups
    assert groups["both"].parent is None
    assert groups["both"].members == ("b", "c")


@settings(max_examples=60, deadline=None)
@given(net=graphs())
def test_every_group_lies_whole_in_the_one_around_it(net):
    seen = set()
    for key, group in structure(net).groups.items():
        assert len(group.members) > 1 or group.kind != "module"
        if group.parent is not None:
            assert group.parent in seen
            assert set(group.members) <= set(structure(net).groups[group.parent].members)
        seen.add(key)


def test_equal_groups_share_a_motif_and_follow_one_another():
    found = structure(ag.load("resnet50"))
    motif = {key: group.motif for key, group in found.groups.items()}
    assert motif["layer1.1"] == motif["layer1.2"] != motif["layer1.0"]
    assert motif["layer2.1"] != motif["layer1.1"]
    # He et al., table 1: 3, 4, 6 and 3 blocks, of which the first changes the shape.
    assert [len(run) for run in found.cuts["block"].runs] == [2, 3, 5, 2]


# ---- where a network declares nothing ----------------------------------------------------


@pytest.mark.parametrize("name", ["resnet18", "resnet152", "resnet20_cifar"])
def test_the_blocks_and_stages_of_a_resnet_are_found_by_its_modules(name):
    net = ag.load(name)
    for level, dots in (("stage", 0), ("block", 1)):
        wanted = {
            k: v for k, v in cut(net, level).items() if k[:5] == "layer" and k.count(".") == dots
        }
        assert len(wanted) > 2
        found = cut(plain(net), level)
        assert {key: found[key] for key in wanted} == wanted


def test_the_modules_of_googlenet_are_its_blocks_and_not_their_branches():
    found = several(plain(ag.load("googlenet")), "block")
    assert [key for key in found if "inception" in key] == [
        f"inception{name}" for name in ("3a", "3b", "4a", "4b", "4c", "4d", "4e", "5a", "5b")
    ]


def test_the_layers_of_a_long_sequence_stand_alone():
    net = plain(ag.load("vgg16"))
    assert several(net, "stage") == ["features", "classifier"]
    assert cut(net, "block")["features.0"] == ("features.0", "features.1")  # with its activation
    assert "features.4" in cut(net, "block")
    assert "classifier" in cut(net, "block")


BLOCK = ("norm1", "attn.qkv", "attn.proj", "norm2", "mlp.0", "mlp.3")


@pytest.mark.parametrize(
    ("path", "block"),
    [
        ("encoder.layers.encoder_layer_{}", "encoder.layers.encoder_layer_1"),  # ViT, torchvision
        ("bert.encoder.layer.{}", "bert.encoder.layer.1"),
        ("model.model.encoder.layers.{}", "model.model.encoder.layers.1"),
        ("features.{}", "features.1"),
        ("blocks.{}", "blocks.1"),
    ],
)
def test_the_blocks_of_a_transformer_are_found_below_what_wraps_them(path, block):
    net = chain("patch", *(f"{path.format(i)}.{name}" for i in range(4) for name in BLOCK), "head")
    assert several(net, "block") == [block.replace("1", str(i)) for i in range(4)]
    assert len(several(net, "stage")) == 1


def test_stages_that_hold_lists_of_blocks_are_found_inside_a_wrapper():
    names = [f"features.{s}.{b}.{name}" for s in (1, 3) for b in (0, 1) for name in BLOCK]
    net = chain("features.0.0", "features.0.2", *names[:12], "features.2", *names[12:], "head")
    assert several(net, "stage") == ["features.0", "features.1", "features.3"]
    assert several(net, "block") == [
        "features.0", "features.1.0", "features.1.1", "features.3.0", "features.3.1"
    ]  # fmt: skip


def test_a_convolution_with_its_activation_deep_inside_a_block_is_no_block():
    parts = ("conv.0.0", "conv.0.1", "conv.1.0", "conv.1.1", "conv.2", "conv.3")
    names = [f"features.{i}.{part}" for i in range(6) for part in parts]
    net = chain(*names, acts=("conv.0.1", "conv.1.1", "conv.3"))
    assert several(net, "block") == [f"features.{i}" for i in range(6)]


def test_a_module_that_runs_again_is_a_group_of_its_own():
    net = chain("a.conv1", "a.conv2", "between", "a@2.conv1", "a@2.conv2", "end1", "end2")
    found = structure(net).groups
    assert found["a"].members == ("a.conv1", "a.conv2")
    assert found["a@2"].motif == found["a"].motif


def test_tables_and_pictures_name_the_same_groups_of_a_file_from_torch(tmp_path):
    torch = pytest.importorskip("torch")
    pytest.importorskip("onnxscript")
    nn = torch.nn

    class Block(nn.Module):
        def __init__(self):
            super().__init__()
            self.conv1 = nn.Conv2d(8, 8, 3, padding=1)
            self.conv2 = nn.Conv2d(8, 8, 3, padding=1)

        def forward(self, x):
            return torch.relu(x + self.conv2(torch.relu(self.conv1(x))))

    stages = [nn.Sequential(Block(), Block(), Block()), nn.Sequential(Block(), Block())]
    module = nn.Sequential(nn.Conv2d(3, 8, 3), nn.ReLU(), *stages, nn.AdaptiveAvgPool2d(1))
    file = tmp_path / "net.onnx"
    torch.onnx.export(module, (torch.zeros(1, 3, 16, 16),), file, dynamo=True)
    net = ag.load(file)
    for level in LEVELS:
        listed = [group.name for group in cost_report(net, by=level).groups]
        boxes = {k: n for k, n in build_view(net, level, fold=False).nodes.items() if n.members}
        assert listed == list(boxes)
        rows = cost_report(net, by=level).groups
        assert {row.name: row.nodes for row in rows} == {k: b.members for k, b in boxes.items()}
    assert several(net, "stage") == ["2", "3"]
    assert several(net, "block") == ["2.0", "2.1", "2.2", "3.0", "3.1"]


# ---- no cut closes a cycle ---------------------------------------------------------------


@settings(max_examples=150, deadline=None)
@given(net=graphs(), data=st.data())
def test_contracting_any_cut_leaves_a_dag_whatever_names_and_groups_say(net, data):
    groups = st.sampled_from([None, "a", "b", "c"])
    declared = data.draw(st.sampled_from([(), ("stage",), ("block",), LEVELS]))
    for name in net:
        for level in declared:
            net.nodes[name][level] = data.draw(groups)
    if data.draw(st.booleans()):
        modules = st.sampled_from(["", "x.", "y.", "x.z.", "0.0.", "0.1.", "1.0."])
        names = {name: f"{data.draw(modules)}{name.replace('.', '_')}" for name in net}
        net = nx.relabel_nodes(net, names)
    for level in (*LEVELS, "layer"):
        assert nx.is_directed_acyclic_graph(contracted(net, level))
        if level in declared:
            whole = {}
            for name, other in net.nodes(data=True):
                whole.setdefault(other[level] or name, []).append(name)
            owner = {name: key for key, names in whole.items() for name in names}
            flow = nx.DiGraph((owner[a], owner[b]) for a, b in net.edges if owner[a] != owner[b])
            bent = {
                k for part in nx.strongly_connected_components(flow) if len(part) > 1 for k in part
            }
            for key in whole.keys() - bent - set(net):  # what closes no cycle stays whole
                assert set(whole[key]) <= set(cut(net, level)[key])


def around() -> ag.ArchGraph:
    """Return a block that data leaves and comes back to through a layer of no block."""
    net = chain("a", "b", "between", "c", "d", "e.conv1", "e.conv2", "e.conv3")
    for name in ("a", "b", "c", "d"):
        net.nodes[name]["block"] = net.define_group("loop", "block", "Loop")
    for name in ("e.conv1", "e.conv2", "e.conv3"):
        net.nodes[name]["block"] = net.define_group("e", "block", "E")
    return net


def test_a_block_that_closes_a_cycle_is_split_and_the_others_stay():
    net = around()
    assert dict(cut(net, "block")) == {
        "input": ("input",),
        "loop~1": ("a", "b"),
        "between": ("between",),
        "loop~2": ("c", "d"),
        "e": ("e.conv1", "e.conv2", "e.conv3"),
    }
    groups = structure(net).groups
    assert groups["loop"].members == ("a", "b", "c", "d")
    assert (groups["loop~2"].parent, groups["loop~2"].label) == ("loop", "Loop (2)")


def test_the_parts_of_a_split_block_are_shown_opened_and_taken_alone():
    net = around()
    labels = [node.label.head for node in build_view(net, "block").nodes.values()]
    assert [label for label in labels if "Loop" in label] == ["Loop (1)", "Loop (2)"]
    assert {"a", "b", "c", "d"} <= set(build_view(net, "block", opened=("loop",)).nodes)
    assert {"loop~1", "c", "d"} <= set(build_view(net, "block", opened=("loop~2",)).nodes)
    assert list(net.module("loop~2")) == ["input", "c", "d"]
    assert [group.label for group in cost_report(net, by="block").groups][1] == "Loop (1)"
    with pytest.raises(UnknownNameError, match="'chain' has no module 'loop~3'"):
        net.module("loop~3")


def test_of_two_groups_that_wait_for_each_other_one_is_split():
    net = ag.ArchGraph(name="crossed")
    net.add("input", Input((4, 8, 8)))
    for name, source in (("a1", "input"), ("b2", "input"), ("b1", "a1"), ("a2", "b2")):
        net.add(name, ReLU(), [source])
        net.nodes[name]["block"] = name[0]
    net.add("end", Add(), ["b1", "a2"])
    sizes = sorted(len(names) for names in cut(net, "block").values())
    assert sizes == [1, 1, 1, 1, 2]


# ---- kept until the graph changes --------------------------------------------------------


def test_the_structure_is_kept_until_the_graph_changes():
    net = ag.load("lenet5")
    first = structure(net)
    assert structure(net) is first
    net.nodes[next(iter(net))]["note"] = "says nothing of groups"
    assert structure(net) is first
    net.add("more", Flatten(), [net.outputs[0]])
    assert "more" in cut(net, "layer")
    net.remove_node("more")
    assert "more" not in cut(net, "layer")


def test_a_changed_attribute_changes_the_structure():
    net = chain("a.conv1", "a.conv2", "b.conv1", "b.conv2", "c")
    assert several(net, "block") == ["a", "b"]
    assert structure(net).groups["a"].motif == structure(net).groups["b"].motif
    net.nodes["a.conv2"]["op"] = ReLU()
    assert structure(net).groups["a"].motif != structure(net).groups["b"].motif
    for name in ("a.conv1", "a.conv2", "b.conv1"):
        net.nodes[name]["block"] = net.define_group("own", "block", "Own")
    assert several(net, "block") == ["own"]
    net.graph["groups"]["own"]["label"] = "Other"
    assert structure(net).groups["own"].label == "Other"


def test_a_cycle_is_named():
    net = chain("a", "b")
    net.add_edge("b", "a", positions=(1,))
    with pytest.raises(CycleError, match="a → b → a|b → a → b"):
        structure(net)


def test_what_passes_data_on_joins_what_it_reads_where_nothing_is_declared():
    net = ag.ArchGraph(name="small")
    x = net.add("input", Input((4, 8, 8)))
    x = net.add(
        "pool", MaxPool2d(2), [net.add("act", ReLU(), [net.add("conv", Conv2d(4, 4, 3), [x])])]
    )
    x = net.add("fc", Linear(36, 10), [net.add("flat", Flatten(), [x])])
    net.add("join", Concat(), [x, x])
    wanted = [("input",), ("conv", "act"), ("pool", "flat"), ("fc",), ("join",)]
    assert list(cut(net, "block").values()) == wanted
    assert [group.nodes for group in cost_report(net, by="block").groups] == wanted
