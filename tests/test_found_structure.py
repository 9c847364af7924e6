"""Blocks and stages that are found in a graph without names, beside those that papers give."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import networkx as nx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from nameless import nameless, new_names
from random_graphs import graphs

import archgraph as ag
from archgraph.ops import Add, Concat, Conv2d, Embedding, Input, LayerNorm, Linear, Pointwise, ReLU
from archgraph.structure import Motifs, cut, runs, structure
from archgraph.structure.dominators import dominators

MOST = 20


def declared(net: ag.ArchGraph, level: str, ids: list[str]) -> list[set[str]]:
    """Return the groups that a paper gives, in the words of the network without names."""
    names = new_names(net)
    return [{names[n] for n, data in net.nodes(data=True) if data.get(level) == key} for key in ids]


def found(net: ag.ArchGraph, level: str) -> list[set[str]]:
    groups = structure(net).groups
    return [set(names) for key, names in cut(net, level).items() if key in groups]


# ---- what is found is what the papers say ------------------------------------------------


@pytest.mark.parametrize(
    ("name", "counts"),
    [("resnet18", (2, 2, 2, 2)), ("resnet50", (3, 4, 6, 3)), ("resnet152", (3, 8, 36, 3))],
)
def test_the_blocks_and_stages_of_a_resnet_are_found(name, counts):
    # He et al. 2016, table 1: conv2_x to conv5_x.
    net = ag.load(name)
    flat = nameless(net)
    stages = [f"layer{n}" for n in range(1, 5)]
    blocks = [
        f"{stage}.{n}" for stage, count in zip(stages, counts, strict=True) for n in range(count)
    ]
    assert found(flat, "stage")[1:-1] == declared(net, "stage", stages)
    assert [each for each in found(flat, "block") if len(each) > 3] == declared(
        net, "block", blocks
    )
    labels = {group.label for group in structure(flat).groups.values()}
    assert {"stem", "stage 1, 56 × 56", "stage 4, 7 × 7", "residual block 2.1", "head"} <= labels


def test_the_stages_of_vgg_are_found_by_the_size_of_their_maps():
    net = ag.load("vgg16")  # Simonyan and Zisserman 2015, table 1, column D
    flat = nameless(net)
    stages = ["conv1", "conv2", "conv3", "conv4", "conv5", "classifier"]
    assert found(flat, "stage") == declared(net, "stage", stages)
    assert list(map(len, structure(flat).cuts["block"].runs)) == [2, 2, 3]


def test_the_nine_modules_of_googlenet_and_its_auxiliary_heads_are_found():
    net = ag.load("googlenet")  # Szegedy et al. 2015, table 1
    flat = nameless(net)
    modules = [f"inception{n}" for n in ("3a", "3b", "4a", "4b", "4c", "4d", "4e", "5a", "5b")]
    assert [b for b in found(flat, "block") if len(b) == 14] == declared(net, "block", modules)
    heads = declared(net, "block", ["aux1", "aux2"])
    assert [stage for stage in found(flat, "stage") if len(stage) == 8] == heads


def test_the_layers_of_a_vision_transformer_are_found_each_with_both_halves():
    net = ag.load("vit_b_16")  # Dosovitskiy et al. 2021: 12 layers of attention and MLP
    flat = nameless(net)
    layers = [f"encoder.layers.encoder_layer_{n}" for n in range(12)]
    blocks = [b for b in found(flat, "block") if len(b) > 3]
    assert blocks == declared(net, "block", layers)
    assert list(map(len, structure(flat).cuts["block"].runs)) == [12]
    inside = [g.label for g in structure(flat).groups.values() if g.parent == "stage1.block1"]
    assert inside == ["attention", "MLP"]


def test_the_way_down_and_up_of_a_unet_is_found_below_its_skips():
    net = ag.load("unet")  # Ronneberger et al. 2015, figure 1
    flat = nameless(net)
    down = declared(net, "stage", [f"level{n}.down" for n in range(5)])
    up = declared(net, "stage", [f"level{n}.up" for n in range(4)])
    layers = {n for n in flat if flat.op(n).layer}
    stages = [each & layers for each in found(flat, "stage")]
    for level in (*down, *up[1:]):
        assert level & layers in stages
    groups = structure(flat).groups
    labels = [groups[key].label for key in cut(flat, "stage") if key in groups]
    ways = [("down", size) for size in (568, 280, 136, 64, 28)]
    ways += [("up", size) for size in (52, 100, 196, 388)]
    assert sorted(labels) == sorted(f"{way}, {size} × {size}" for way, size in ways)


# ---- what comes in at the side -----------------------------------------------------------


def transformer(layers: int, *, first: bool) -> ag.ArchGraph:
    """Return layers that all read a mask of the words; norms come first in a half, or last."""
    net = ag.ArchGraph(name="transformer")
    words = net.add("words", Input((12,), dtype="int64"))
    mask = net.add("mask", Pointwise("neg"), [net.add("told", Embedding(100, 1), [words])])
    x = net.add("embed", Embedding(100, 16), [words])
    for i in range(layers):
        for half in ("a", "b"):
            name, y = f"l{i}{half}", x
            if first:
                y = net.add(f"{name}_norm", LayerNorm((16,)), [y])
            y = net.add(f"{name}_in", Linear(16, 16), [y])
            if half == "a":
                y = net.add(f"{name}_mask", Add(), [y, mask])
                y = net.add(f"{name}_relu", ReLU(), [y])
            y = net.add(f"{name}_out", Linear(16, 16), [y])
            x = net.add(f"{name}_sum", Add(), [x, y])
            if not first:
                x = net.add(f"{name}_norm", LayerNorm((16,)), [x])
    net.add("head", Linear(16, 2), [x])
    return net


@pytest.mark.parametrize("first", [True, False])
def test_two_halves_that_repeat_are_one_block_though_all_read_a_mask(first):
    net = transformer(6, first=first)
    blocks = [b for b in found(net, "block") if len(b) > 3]
    assert [sorted({n[:2] for n in block}) for block in blocks] == [[f"l{i}"] for i in range(6)]
    assert all(len(block) == 10 for block in blocks)
    assert list(map(len, structure(net).cuts["block"].runs)) == [6]


def residual(count: int, *, ends: int = 2) -> ag.ArchGraph:
    """Return residual blocks between some layers of their own."""
    b = ag.Builder("residual", (8, 16, 16))
    x = b.input
    for n in range(ends):
        x = b.relu(f"r{n}", b.conv(f"c{n}", x, 8, 3, padding=1))
    for n in range(count):
        y = b.relu(f"x{n}", b.conv(f"a{n}", x, 8, 3, padding=1))
        x = b.sum(f"s{n}", x, b.conv(f"b{n}", y, 8, 3, padding=1))
    return b.build(x)


def test_a_skip_over_all_blocks_hides_none_of_them():
    net = residual(8)
    net.add("whole", Add(), ["r1", "s7"])
    net.set_outputs("whole")
    blocks = [sorted(b) for b in found(net, "block") if len(b) == 4]
    assert blocks == [[f"a{n}", f"b{n}", f"s{n}", f"x{n}"] for n in range(8)]


def test_a_few_operators_are_left_as_they_are():
    net = residual(2)
    assert len(net) < MOST
    assert structure(net).groups == {}


# ---- inside what names give --------------------------------------------------------------


def test_what_a_module_holds_is_found_inside_it_and_its_name_stays():
    net = ag.ArchGraph(name="named")
    x = net.add("input", Input((8, 16, 16)))
    for n in range(8):
        y = net.add(f"body.a{n}", Conv2d(8, 8, 3, padding=1), [x])
        y = net.add(f"body.r{n}", ReLU(), [y])
        y = net.add(f"body.b{n}", Conv2d(8, 8, 3, padding=1), [y])
        x = net.add(f"body.s{n}", Add(), [x, y])
    net.add("last", Conv2d(8, 8, 1), [x])
    groups = structure(net).groups
    assert groups["body"].kind == "module"
    blocks = [g for g in groups.values() if g.parent == "body"]
    assert [g.kind for g in blocks] == ["found"] * 8
    assert [len(g.members) for g in blocks] == [4] * 8
    assert list(cut(net, "block")) == ["input", "body", "last"]  # the cuts are those of names
    assert list(net.module(blocks[1].id))[1:] == ["body.a1", "body.r1", "body.b1", "body.s1"]


def test_names_that_only_count_operators_are_no_modules():
    net, kinds = residual(24), {}
    for name in net:
        kinds[name] = f"p.{net.op(name).kind}.{len(kinds)}"
    net = nx.relabel_nodes(net, kinds)
    assert {group.kind for group in structure(net).groups.values()} == {"found"}
    assert len([b for b in found(net, "block") if len(b) == 4]) == 24


def test_a_list_that_is_run_a_little_at_a_time_is_no_module():
    net = ag.ArchGraph(name="list")
    x = net.add("input", Input((4, 8, 8)))
    for n in range(3):
        x = net.add(f"convs.{n}.a", Conv2d(4, 4, 1), [x])
        x = net.add(f"convs.{n}.b", Conv2d(4, 4, 1), [x])
        x = net.add(f"between{n}", ReLU(), [x])
    assert list(structure(net).groups) == ["convs.0", "convs.1", "convs.2"]


def test_a_norm_that_bears_the_name_of_another_lies_where_it_runs():
    # As files have it that store equal tensors of different norms once.
    net = ag.ArchGraph(name="norms")
    x = net.add("input", Input((6, 8)))
    x = net.add("embed.norm", LayerNorm((8,)), [net.add("embed.fc", Linear(8, 8), [x])])
    for n in range(3):
        y = net.add(
            f"layers.{n}.fc2", Linear(8, 8), [net.add(f"layers.{n}.fc1", Linear(8, 8), [x])]
        )
        y = net.add(f"layers.{n}.add", Add(), [x, y])
        x = net.add(f"embed.norm@{n + 2}", LayerNorm((8,)), [y])
    groups = structure(net).groups
    assert groups["layers.1"].members[-1] == "embed.norm@3"
    assert len({groups[f"layers.{n}"].motif for n in range(3)}) == 1
    assert list(map(len, structure(net).cuts["block"].runs)) == [3]


def test_blocks_that_alternate_stand_in_pairs():
    net = ag.ArchGraph(name="pairs")
    x = net.add("input", Input((8, 16, 16)))
    for n in range(6):
        x = net.add(f"body.{n}.a", Conv2d(8, 8, 1 + n % 2 * 2, padding=n % 2), [x])
        x = net.add(f"body.{n}.b", ReLU(), [x])
    groups = structure(net).groups
    pairs = ["body.0+1", "body.2+3", "body.4+5"]
    assert [g.id for g in groups.values() if g.parent == "body"] == pairs
    assert len({groups[key].motif for key in pairs}) == 1
    assert [groups[f"body.{n}"].parent for n in range(6)] == [p for p in pairs for _ in range(2)]


# ---- what may be folded ------------------------------------------------------------------


def row(*, tap: int | None = None, shared: bool = False, gathered: bool = False) -> ag.ArchGraph:
    """Return four equal groups in a row, with what else is read."""
    net = ag.ArchGraph(name="row")
    x = net.add("input", Input((4, 8, 8)))
    side = net.add("side", ReLU(), [x])
    x = net.add("first", Conv2d(4, 4, 1), [x])
    for n in range(4):
        y = net.add(f"g{n}.a", Conv2d(4, 4, 1), [x])
        x = net.add(f"g{n}.b", Add(), [y, side] if shared else [y, y])
    if tap is not None:
        net.add("tap", ReLU(), [f"g{tap}.b"])
    if gathered:
        net.add("all", Concat(), [f"g{n}.b" for n in range(4)])
    return net


def folded(net: ag.ArchGraph) -> list[list[str]]:
    members = {f"g{n}": [f"g{n}.a", f"g{n}.b"] for n in range(4)}
    members |= {name: [name] for name in net if "." not in name}
    return runs(net, members)


def test_equal_groups_that_read_the_same_beside_each_other_are_a_run():
    assert folded(row()) == folded(row(shared=True)) == [["g0", "g1", "g2", "g3"]]


def test_what_somebody_else_reads_is_not_hidden_in_a_run():
    assert folded(row(tap=1)) == [["g0", "g1"], ["g2", "g3"]]
    assert folded(row(tap=3)) == [["g0", "g1", "g2", "g3"]]
    assert folded(row(gathered=True)) == [["g0", "g1", "g2", "g3"]]  # all are read alike


def test_groups_that_read_different_things_beside_each_other_are_no_run():
    net = row(shared=True)
    net.add("other", ReLU(), ["input"])
    net.remove_edge("side", "g2.b")
    net.add_edge("other", "g2.b", uses=((0, 1),))
    assert folded(net) == [["g0", "g1"]]


def test_what_a_network_returns_is_not_hidden_in_a_run():
    net = row()
    net.set_outputs("g3.b", "g1.b")
    assert folded(net) == [["g0", "g1"], ["g2", "g3"]]


def test_the_steps_of_a_loop_that_take_their_own_parts_are_equal():
    net = ag.ArchGraph(name="loop")
    x = net.add("input", Input((16, 8)))
    state = net.add("state", Linear(8, 8), [net.add("s", ag.ops.Select(0, 1), [x])])
    for n in range(1, 12):
        part = net.add(f"p{n}", ag.ops.Select(n, 1), [x])
        state = net.add(f"f{n}", Linear(8, 8), [net.add(f"a{n}", Add(), [state, part])])
    motifs = Motifs(net)
    assert motifs.of(["p1", "a1", "f1"]) == motifs.of(["p2", "a2", "f2"])
    assert motifs.of(["input", "p1"]) != motifs.of(["input", "p2"])


# ---- dominators ---------------------------------------------------------------------------


@settings(max_examples=60, deadline=None)
@given(sources=st.lists(st.lists(st.integers(0, 40), min_size=1, max_size=3), max_size=40))
def test_dominators_are_those_of_networkx(sources):
    before = {"0": []} | {
        str(n): [str(source % n) for source in found] for n, found in enumerate(sources, 1)
    }
    flow = nx.DiGraph((source, name) for name, found in before.items() for source in found)
    flow.add_node("0")
    wanted = dict(nx.immediate_dominators(flow, "0")) | {"0": None}
    assert dominators(before, before).above == wanted


# ---- for all graphs ----------------------------------------------------------------------


@settings(max_examples=60, deadline=None)
@given(net=graphs(), times=st.integers(1, 4))
def test_found_groups_nest_and_hold_neither_one_operator_nor_too_many(net, times):
    net = nameless(chained(net, times))
    groups = structure(net).groups
    held: dict[str | None, set[str]] = {}
    for key, group in groups.items():
        assert group.kind == "found"
        assert len(group.members) == len(set(group.members)) > 1
        assert group.parent is None or set(group.members) < set(groups[group.parent].members)
        held.setdefault(group.parent, set()).add(key)
    for level in ("stage", "block"):
        owner = {name: key for key, names in cut(net, level).items() for name in names}
        assert owner.keys() == set(net)
        flow = nx.DiGraph((owner[a], owner[b]) for a, b in net.edges if owner[a] != owner[b])
        assert nx.is_directed_acyclic_graph(flow)


def chained(net: ag.ArchGraph, times: int) -> ag.ArchGraph:
    """Return a network several times beside each other, joined at the end where shapes allow."""
    whole = nx.union_all([net] * times, rename=[f"t{n}_" for n in range(times)])
    copy = ag.ArchGraph(name="many")
    copy.add_nodes_from(whole.nodes(data=True))
    copy.add_edges_from(whole.edges(data=True))
    return copy


def test_the_same_groups_are_found_in_every_process():
    code = (
        "import archgraph as ag, sys; sys.path.insert(0, 'tests')\n"
        "from nameless import nameless\n"
        "from archgraph.structure import structure\n"
        "for name in ('googlenet', 'unet', 'vit_b_16'):\n"
        "    groups = structure(nameless(ag.load(name))).groups.values()\n"
        "    print([(g.id, g.label, g.members) for g in groups])"
    )
    said = [
        subprocess.run(
            [sys.executable, "-c", code],
            cwd=Path(__file__).parents[1],
            env=os.environ | {"PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    ]
    assert said[0] == said[1] != ""


def test_a_part_that_is_taken_alone_has_the_groups_that_the_whole_has():
    net = nameless(ag.load("vit_b_16"))
    part = net.module("stage1")
    whole = structure(net).groups
    assert list(structure(part).groups) == [k for k in whole if k.startswith("stage1.")]
    assert found(part, "block") == [set(whole[f"stage1.block{n}"].members) for n in range(1, 13)]
    assert structure(part.module("stage1.block2")).groups.keys() == {
        "stage1.block2.part1", "stage1.block2.part2"
    }  # fmt: skip


def test_a_page_opens_what_is_found(tmp_path):
    page = ag.draw(nameless(ag.load("resnet18")), tmp_path / "net.html").read_text("utf-8")
    assert "residual block 2.1" in page
