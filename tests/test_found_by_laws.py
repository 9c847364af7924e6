"""What the laws on random networks found, each shown by a network that is as small as can be."""

from __future__ import annotations

import ast
from xml.etree import ElementTree

import archgraph as ag
from archgraph import ops


def test_an_input_without_the_batch_does_not_grow_with_it():
    net = ag.ArchGraph(name="bias")
    net.add("input", ops.Input((4, 4)))
    net.add("table", ops.Input((5, 5), "bool", batched=False))
    net.add("relu", ops.ReLU(), ["input"])
    size = net.metric("activation_bytes")
    assert [net.value("table", size, batch) for batch in (1, 3)] == [25, 25]
    assert net.total("activation_bytes", batch=3) == 3 * (64 + 64) + 25


def test_what_training_reads_first_counts_where_it_always_runs():
    for first in ("head", "fc"):
        net = ag.ArchGraph(name="shared")
        net.add("input", ops.Input((4,)))
        key = net.store("weight", (3, 4))
        for name in sorted(["head", "fc"], key=lambda each: each != first):
            only = {"training_only": True} if name == "head" else {}
            linear = ops.Linear(4, 3, bias=False)
            net.add(name, linear, ["input"], tensors={"weight": str(key)}, **only)
        assert net.total("params") == net.total("params", training=True) == 12
        assert (net.nodes["fc"]["params"], net.nodes["head"]["params"]) == (12, 0)
        assert net.nodes["head"]["shared"] == {"weight": "fc"}


def test_a_group_with_the_input_that_reads_something_else_stands_alone():
    net = ag.ArchGraph(name="two")
    net.define_group("both", "block", "both")
    net.add("input", ops.Input((4,)), block="both")
    net.add("other", ops.Input((4,)))
    net.add("a.b", ops.ReLU(), ["other"])
    net.add("a_b", ops.ReLU(), ["other"])
    net.add("sum", ops.Add(), ["input", "a.b"], block="both")
    net.add("end", ops.Add(), ["sum", "a_b"], block="both")
    part = net.module("both")
    assert [name for name in part if name not in net] == ["input_a_b", "input_a_b_"]
    part.check()
    alone = net.module("sum")
    assert sorted(alone.inputs_of("sum")) == ["input_a_b", "input_input"]


def test_devices_that_lanes_cannot_show_are_drawn_as_any_network(tmp_path):
    net = ag.ArchGraph(name="placed")
    net.add("input", ops.Input((4, 8, 8)))
    for number in range(40):
        source = f"n{number - 3}" if number > 2 else "input"
        net.add(f"n{number}", ops.ReLU(), [source], device=(None, 0, 1)[number % 3])
    net.add("sum", ops.Add(), ["n37", "n38", "n39"], device=0)
    path = ag.draw(net, tmp_path / "net.svg", level="layer", fit="4:3")
    assert ElementTree.parse(path)


def test_source_of_a_cut_along_an_open_size_is_written(tmp_path):
    net = ag.ArchGraph(name="open")
    net.add("input", ops.Input((3, "H", "W")))
    net.add("top", ops.Slice(0, 4, 2), ["input"])
    net.add("low", ops.Slice(4, 8, 2), ["input"])
    net.add("sum", ops.Add(), ["top", "low"])
    path = ag.export(net, tmp_path / "net.py")
    assert ast.parse(path.read_text())
