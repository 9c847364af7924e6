"""A graph file gives back exactly what was saved, and never anything else."""

from __future__ import annotations

import json
import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import archgraph as ag
from archgraph.errors import ArchGraphError, CycleError, FileError, FormatError, GraphError
from archgraph.formats.graph_json import dumps, loads


def same(left: ag.ArchGraph, right: ag.ArchGraph) -> bool:
    return (
        list(left.nodes(data=True)) == list(right.nodes(data=True))
        and sorted(left.edges(data=True), key=str) == sorted(right.edges(data=True), key=str)
        and left.graph == right.graph
    )


@pytest.mark.parametrize("name", sorted(ag.architectures()))
def test_every_network_round_trips_exactly(name, tmp_path):
    net = ag.load(name)
    net.save(tmp_path / "net.json")
    back = ag.load(tmp_path / "net.json")
    assert same(net, back)
    assert dumps(back) == dumps(net)


def test_attached_metrics_and_attributes_round_trip(tmp_path):
    net = ag.load("lenet5")
    net.attach("latency_ms", {"c1": 0.1}, unit="ms", reduce="max")
    net.nodes["c1"]["note"] = {"seen": [1, 2.5, None, True, "ü×한"]}
    net.edges["c1", "tanh1"]["weight"] = 3
    path = net.save(tmp_path / "net.json")
    back = ag.load(path)
    assert same(net, back)
    assert back.metric("latency_ms") == net.metric("latency_ms")


def test_infinite_and_undefined_numbers_round_trip():
    net = ag.ArchGraph(name="masked")
    net.add("x", ag.ops.Input((4, 8, 8)))
    net.add("pad", ag.ops.Pad((1, 1, 1, 1), value=-math.inf), ["x"])
    bounds = net.store("bounds", (10,), kind="constant", value=(-math.inf, *[math.inf] * 9))
    net.add("sum", ag.ops.Pointwise("maximum"), ["pad", bounds])
    text = dumps(net)
    json.loads(text, parse_constant=pytest.fail)  # what any reader of JSON takes
    back = loads(text)
    assert same(net, back)
    assert back.op("pad").value == -math.inf
    assert back.tensors["bounds"].value == (-math.inf, *[math.inf] * 9)


def test_a_file_can_name_its_nodes_in_any_order():
    net = ag.load("inception_reduced")
    whole = json.loads(dumps(net))
    whole["nodes"].reverse()
    back = loads(json.dumps(whole))
    back.check()
    assert dict(back.nodes(data=True)) == dict(net.nodes(data=True))


def test_a_module_of_a_file_can_be_loaded(tmp_path):
    path = ag.load("resnet18").save(tmp_path / "my.net.json")
    assert ag.load(f"{path}/layer1.0").total("params") == 2 * 36_864 + 2 * 128


def test_what_is_not_plain_data_is_not_saved(tmp_path):
    net = ag.load("lenet5")
    net.nodes["c1"]["thing"] = {1, 2}
    with pytest.raises(FormatError, match="holds a set"):
        net.save(tmp_path / "net.json")
    assert list(tmp_path.iterdir()) == []


def node(name: str, inputs: list[str], op: str = "ReLU", **args: object) -> dict[str, object]:
    return {"name": name, "op": op, "args": args, "inputs": inputs}


def file(*nodes: object, **more: object) -> str:
    start = node("input", [], "Input", shape=[3, 8, 8])
    whole = {"format": "archgraph", "version": 1, "graph": {"name": "x"}, "nodes": [start, *nodes]}
    return json.dumps(whole | more)


@pytest.mark.parametrize(
    ("text", "error", "words"),
    [
        ("", FormatError, "not valid JSON"),
        ("{", FormatError, "not valid JSON"),
        ("[" * 100_000, FormatError, "not valid JSON"),
        ("[]", FormatError, "not an archgraph file"),
        ('{"format": "onnx"}', FormatError, "not an archgraph file"),
        (file(version=2), FormatError, "version 2"),
        (file(nodes={}), FormatError, "'nodes' is {}, but it must be a list"),
        (file({"op": "ReLU"}), FormatError, "'nodes' at 1 is .*'op': 'ReLU'"),
        (file(node("a", ["b"]), node("b", ["a"])), CycleError, "a → b → a|b → a → b"),
        (file(node("a", ["a"])), CycleError, "a → a"),
        (file(node("a", ["nowhere"])), GraphError, "'a' reads 'nowhere', which does not exist"),
        (file(node("a", ["input"], "Relu")), FormatError, "'Relu'.*'ReLU'"),
        (file(node("a", ["input"], "os.system")), FormatError, "'os.system', which"),
        (file(node("a", ["input"], "Conv2d", in_channels=3)), FormatError, r"'a' \(Conv2d\)"),
        (
            file(node("a", ["input"], "ReLU", inplace=True)),
            FormatError,
            "does not take 'inplace'; it takes nothing",
        ),
        (file(node("a", ["input"]), node("a", ["input"])), FormatError, "two nodes are named 'a'"),
        (
            file(node("a", ["input"], "Linear", in_features="3", out_features=1)),
            ArchGraphError,
            "in_features is",
        ),
        (file(node("a", ["input"], "MaxPool2d", kernel_size="3")), ArchGraphError, "kernel_size"),
        (file(node("a", ["input"], "Dropout", p="x")), ArchGraphError, "'a'"),
        (file(node("a", ["input"], "Slice", start="x", stop=None)), ArchGraphError, "'a'"),
        (
            file(node("a", "input")),
            FormatError,
            "'a' at .'inputs'. is 'input', but it must be a list",
        ),
        (
            file({**node("a", ["input"]), "attributes": 3}),
            FormatError,
            "is 3, but it must be an object",
        ),
        (file({**node("a", ["input"]), "attributes": {"op": 3}}), FormatError, "attribute 'op'"),
        (
            file({**node("a", ["input"]), "attributes": {"macs": 3}}),
            GraphError,
            "'macs' of node 'a' is computed",
        ),
        (
            file(edges=[{"source": "input", "target": "b"}]),
            FormatError,
            "no edge from 'input' to 'b'",
        ),
        (file(graph={"outputs": ["b"]}), ArchGraphError, "no node named 'b'"),
        (
            file(graph={"groups": []}),
            FormatError,
            r"'groups' of the graph is \[\], but it must be an object",
        ),
    ],
)
def test_a_broken_file_is_refused_in_one_sentence(text, error, words, tmp_path):
    path = tmp_path / "broken.json"
    path.write_text(text)
    with pytest.raises(error, match=words) as caught:
        ag.load(path)
    assert "broken.json" in str(caught.value)
    assert "\n" not in str(caught.value)


@given(st.data())
@settings(max_examples=150, deadline=None, derandomize=True)
def test_no_damage_to_a_file_gives_anything_but_a_graph_or_a_clear_error(data):
    whole = json.loads(dumps(ag.load("inception_naive")))
    junk = (
        st.none()
        | st.booleans()
        | st.integers(-9, 9)
        | st.text(max_size=3)
        | st.just([])
        | st.just({})
    )
    target = whole
    for _ in range(data.draw(st.integers(0, 4))):
        if isinstance(target, dict) and target:
            key = data.draw(st.sampled_from(sorted(target)))
        elif isinstance(target, list) and target:
            key = data.draw(st.integers(0, len(target) - 1))
        else:
            break
        if not isinstance(target[key], (dict, list)) or data.draw(st.booleans()):
            target[key] = data.draw(junk)
            break
        target = target[key]
    try:
        loads(json.dumps(whole)).check()
    except ArchGraphError as error:
        words = str(error)
    else:
        words = "a graph"
    assert "\n" not in words


def test_files_that_cannot_be_read_or_written_say_so(tmp_path):
    with pytest.raises(FileError, match="no file"):
        ag.load(tmp_path / "absent.json")
    (tmp_path / "latin.json").write_bytes(b"\xff\xfe{}")
    with pytest.raises(FileError, match="not a UTF-8"):
        ag.load(tmp_path / "latin.json")
    net = ag.load("lenet5")
    with pytest.raises(FileError, match=r"cannot write.*No such file"):
        net.save(tmp_path / "nowhere" / "net.json")
    with pytest.raises(FileError, match="is a folder"):
        net.save(tmp_path)
