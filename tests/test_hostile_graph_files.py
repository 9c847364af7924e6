"""Graph files that nobody should have written: one sentence each, and no more than they weigh."""

from __future__ import annotations

import copy
import json
import random
from dataclasses import fields

import pytest
from one_of_each import networks

import archgraph as ag
from archgraph import limits, ops
from archgraph.errors import (
    ArchGraphError,
    CycleError,
    FormatError,
    GraphError,
    ShapeError,
)
from archgraph.formats.graph_json import dumps, loads, operator
from archgraph.forms import shown


def deep(count: int) -> list:
    value: list = []
    for _ in range(count):
        value = [value]
    return value


JUNK = [
    *(
        None,
        True,
        False,
        0,
        -1,
        2**53 + 1,
        10**90,
        1.5,
        1e300,
        {"number": "inf"},
        {"number": "nan"},
    ),
    *(
        "",
        "x",
        "N",
        "H/0",
        "9" * 5000 + "·H",
        "\ud800",
        "\x00",
        "a\nb",
        "x" * 2000,
        "a." * 90 + "b",
    ),
    *([], [0], [-1], [1, 1], [2**53] * 3, [1] * 70, ["a"], [None], [[]], {}, {"a": 1}, deep(70)),
]


def said(error: BaseException) -> str:
    """Return an error's words, which are one printable line."""
    words = str(error)
    assert "\n" not in words
    assert words.endswith(".")
    words.encode()
    return words


def node(name: str, inputs: list, op: str = "ReLU", **args: object) -> dict:
    return {"name": name, "op": op, "args": args, "inputs": inputs}


def file(*nodes: object, graph: object = None, **more: object) -> str:
    start = node("input", [], "Input", shape=[3, 8, 8])
    whole = {"format": "archgraph", "version": 1, "graph": graph or {"name": "x"}}
    return json.dumps(whole | {"nodes": [start, *nodes]} | more)


# ---- operators -----------------------------------------------------------------------------


def test_every_field_of_every_operator_takes_its_type_only():
    tried = 0
    for kind, net in networks():
        op, names = net.op("it"), net.reads("it")
        for field in fields(kind):
            for junk in JUNK:
                record = {"name": "it", "op": op.kind, "args": op.settings() | {field.name: junk}}
                tried += 1
                try:
                    net.add(f"it{tried}", operator(record), names)
                except ArchGraphError as error:
                    said(error)
    assert tried > 5000


@pytest.mark.parametrize(
    ("made", "words"),
    [
        (lambda: ops.Conv2d("x", 3, 3), "in_channels is 'x', but it must be a whole number"),
        (lambda: ops.Conv2d(True, 3, 3), "in_channels is True"),
        (lambda: ops.Conv2d(3.0, 3, 3), "in_channels is 3.0"),
        (lambda: ops.Linear(10**5000, 3), "in_features is a number of 5001 digits"),
        (lambda: ops.Conv2d(3, 3, None), "kernel_size is None"),
        (lambda: ops.BatchNorm2d(3, float("nan")), "eps is nan, but it must be a number"),
        (lambda: ops.BatchNorm2d(-3), "num_features is -3"),
        (lambda: ops.Convolution(stride=[[]]), r"stride at \[0\] is \[\], but it must be a whole"),
        (lambda: ops.Pointwise("elu", ("a",)), r"numbers at \[0\] is 'a'"),
        (lambda: ops.Resize(scale=float("inf")), r"scale is \(inf,\)"),
        (lambda: ops.LSTM(3, 3, 10**6), "num_layers is 1,000,000, but it is at most"),
        (lambda: ops.LSTM(3, 3, proj_size=-1), "proj_size is -1"),
        (lambda: ops.Input(deep(70)), "deeper than 64"),
    ],
)
def test_an_operator_made_in_python_says_what_is_wrong(made, words):
    with pytest.raises(ShapeError, match=words) as caught:
        made()
    said(caught.value)


def test_an_operator_of_real_annotations_is_checked_too():
    # A package's file need not say "from __future__ import annotations".
    from dataclasses import dataclass

    @dataclass(frozen=True)
    class Scaled(ops.Op):
        factor: int
        names: tuple[str, ...] = ()

    Scaled.__dataclass_fields__["factor"].type = int
    Scaled.__dataclass_fields__["names"].type = tuple[str, ...]
    with pytest.raises(ShapeError, match="factor is 'x'"):
        Scaled("x")
    with pytest.raises(ShapeError, match=r"names at \[0\] is 3"):
        Scaled(1, (3,))


@pytest.mark.parametrize(
    ("op", "words"),
    [
        (ops.Full([2**53, 2**53]), "more elements than any tensor can have"),
        (ops.Full([1] * 65), "has 65 axes, but no tensor has more than 64"),
        (ops.Full([-2, 3]), "no extent is below 0"),
        (ops.Expand((-5, 3, 8, 8)), "does not stretch|no extent is below 0"),
        (ops.Linear(8, 2**53), "its weight|its output"),
    ],
)
def test_no_tensor_is_larger_than_tensors_are(op, words):
    net = ag.ArchGraph(name="large")
    net.add("x", ops.Input((2**13, 8)))
    with pytest.raises(ShapeError, match=words) as caught:
        net.add("it", op, ["x"] * (op.arity or 0))
    said(caught.value)


def test_sums_over_sizes_do_not_take_time_in_proportion_to_them():
    pool = ops.AdaptiveAvgPool2d((2**30, 2**20))
    assert pool.lecture(((1, 1, 8, 8),), (1, 1, 2**30, 2**20)) == 2**30 * 2**20
    for size, out in [(7, 3), (8, 8), (2, 3), (12, 8), (1, 1), (5, 9)]:  # window by window
        wanted = sum(-(-(i + 1) * size // out) - i * size // out for i in range(out))
        assert ops.AdaptiveAvgPool2d((out, 1)).lecture(((1, 1, size, 1),), ()) == wanted


def test_many_letters_do_not_take_long():
    net = ag.ArchGraph(name="letters")
    for number in range(80):
        net.add(f"x{number}", ops.Input((f"A{number}", f"B{number}")))
    net.add("cat", ops.Concat(1), [f"x{number}" for number in range(80)])
    assert net.nodes["cat"]["shape"] is None


# ---- attributes ----------------------------------------------------------------------------


def attributed(**attributes: object) -> str:
    return file({**node("a", ["input"]), "attributes": attributes})


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (attributed(device="gpu"), "'device' of node 'a' is 'gpu', but it must be a whole number"),
        (attributed(device=1000), "'device' of node 'a' is 1000"),
        (attributed(device=True), "'device' of node 'a' is True"),
        (attributed(stage=3), "'stage' of node 'a' is 3, but it must be one line of text"),
        (attributed(label="\ud800"), "'label' of node 'a' is"),
        (attributed(label="a\x07"), "control character"),
        (
            attributed(part_of={"layer": "x", "index": -1, "of": 1}),
            r"'part_of' .* at \['index'\] is -1",
        ),
        (attributed(name="x"), "cannot have an attribute 'name'"),
        (
            attributed(mine=deep(70)),
            "'mine' of node 'a' .*… holds values in values, deeper than 64",
        ),
        (attributed(mine=10**90), "'mine' of node 'a' is a number of 91 digits"),
        (file(graph={"groups": {"s": {"kind": "x", "label": ""}}}), r"at \['s'\]\['kind'\] is 'x'"),
        (file(graph={"groups": {"s": {"kind": "stage"}}}), "a kind and a label"),
        (file(graph={"paper": {"title": "x"}}), "title, authors, year and venue"),
        (
            file(graph={"published": [{"data": 3, "setting": ""}]}),
            r"'published' .* at \[0\]\['data'\] is 3",
        ),
        (file(graph={"metrics": {"ms": {"title": ""}}}), "title, unit, reduce and per_image"),
        (file(graph={"backend": "x"}), "cannot have an attribute 'backend'"),
        (file(graph={"unused": ["w"]}), "'unused' names the stored tensor 'w'"),
        (file(graph={"tensors": {"w": {"shape": [2], "alias": []}}}), "'w' is malformed"),
        (
            file(graph={"tensors": {"w": {"shape": [2], "dtype": []}}}),
            "tensor 'w': '.*' is no element",
        ),
        (
            file({**node("a", ["input"]), "attributes": {"training_only": True}}, node("b", ["a"])),
            "node 'b' runs at inference, but reads 'a', which runs in training only",
        ),
        (file(packages={"ReLU": 3}), r"'packages' at \['ReLU'\] is 3"),
        (file(node="x"), "there is no 'node' in a graph file .did you mean 'nodes'"),
        (file({**node("a", ["input"]), "input": []}), "'input', which no node has .did you mean"),
        (file({**node("a", ["input"]), "tensors": {"0": "w"}}), "keys by the operator's words"),
        (file(node("a", [["input"]])), r"node 'a' at \['inputs'\]\[0\] is \['input'\]"),
        (file(node("a", ["input"], "Conv2d", in_channels=3)), "lacks 'out_channels'"),
    ],
)
def test_an_attribute_of_another_form_is_named_with_its_value(text, words):
    with pytest.raises(FormatError, match=words) as caught:
        loads(text)
    said(caught.value)


@pytest.mark.parametrize(
    ("groups", "words"),
    [
        ({"stage": "x", "block": "x"}, "is in the block 'x', but that is no block"),
        ({"block": "s"}, "is in the block 's', but that is no block"),
        ({"block": "input"}, "'input' is an operator that is not"),
    ],
)
def test_a_group_means_one_thing(groups, words):
    graph = {"groups": {"s": {"kind": "stage", "label": "S"}}}
    with pytest.raises(FormatError, match=words):
        loads(file({**node("a", ["input"]), "attributes": groups}, graph=graph))


def test_what_python_puts_on_a_node_is_checked_when_it_is_used(tmp_path):
    net = ag.load("lenet5")
    with pytest.raises(FormatError, match="'device' of node 'x' is 'gpu'"):
        net.add("x", ops.ReLU(), ["c1"], device="gpu")
    net.nodes["c1"]["device"] = "gpu"
    for use in (net.check, lambda: ag.draw(net, tmp_path / "x.svg"), lambda: dumps(net)):
        with pytest.raises(FormatError, match="'device' of node 'c1' is 'gpu'"):
            use()


def test_a_group_that_nobody_defined_is_called_by_its_id(tmp_path):
    net = ag.load("lenet5")
    net.nodes["c1"]["block"] = "first"
    ag.draw(net, tmp_path / "x.html")
    assert "first" in (tmp_path / "x.html").read_text()


# ---- names ---------------------------------------------------------------------------------

LONGEST = "a" * limits.NAME
DEEPEST = ".".join("a" * (limits.NESTING + 1))


@pytest.mark.parametrize("name", [LONGEST, DEEPEST, "日本.語", "a@2.b"])
def test_a_name_may_be_long_and_deep(name):
    assert loads(file(node(name, ["input"]))).results == [name]


@pytest.mark.parametrize(
    "name", ["", "a b", "a\x00", "\ud800", "a..b", LONGEST + "a", DEEPEST + ".a", "." * 10**5, 3]
)
def test_what_is_no_name_is_refused(name):
    with pytest.raises(ArchGraphError) as caught:
        loads(file(node(name, ["input"])))
    assert len(said(caught.value)) < 400
    with pytest.raises(ArchGraphError):
        ag.ArchGraph().add(name, ops.Input((3,)))


# ---- the text ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('{"format": "archgraph", "format": "archgraph"}', "the key 'format' stands twice"),
        ('{"a": ' + "9" * 5000 + "}", "a number of 5,000 digits"),
        ("[" * 100_000, "deeper than 64"),
        ('{"a":' * 100_000, "deeper than 64"),
        ('{"a": 1' + "}" * 3, "not valid JSON"),
        (file(nodes=None).replace("null", "[" * 500 + "]" * 500), "'nodes' is|deeper|'nodes' at"),
        (file(version=True), "format version True"),
        (file(nodes=[{}]), "'nodes' at 0 is {}"),
        ("true", "not an archgraph file"),
    ],
)
def test_a_text_that_is_no_graph_says_why(text, words):
    with pytest.raises(FormatError, match=words) as caught:
        loads(text)
    assert len(said(caught.value)) < 400


def test_a_mark_of_byte_order_is_no_hindrance(tmp_path):
    path = tmp_path / "net.json"
    path.write_bytes(b"\xef\xbb\xbf" + file().encode())
    assert list(ag.load(path)) == ["input"]


@pytest.mark.parametrize("content", [file().encode("utf-16"), b"\xff\xfe", b"{\xe9}"])
def test_a_file_in_another_encoding_says_so(content, tmp_path):
    path = tmp_path / "net.json"
    path.write_bytes(content)
    with pytest.raises(ArchGraphError, match="UTF-8|not valid JSON"):
        ag.load(path)


# ---- size ----------------------------------------------------------------------------------


def chain(count: int) -> dict:
    whole = json.loads(file(*(node(f"r{n}", [f"r{n - 1}"]) for n in range(1, count))))
    whole["nodes"].insert(1, node("r0", ["input"]))
    return whole


@pytest.mark.parametrize("how", [list.reverse, random.Random(1).shuffle])
def test_nodes_in_any_order_take_no_longer(how):
    whole = chain(4000)  # took minutes when it took time by the square
    how(whole["nodes"])
    net = loads(json.dumps(whole))
    net.check()
    assert net.topological()[-1] == "r3999"


def test_a_long_cycle_is_told_in_short():
    whole = chain(3000)
    whole["nodes"][1]["inputs"] = ["r2999"]
    whole["nodes"].reverse()
    with pytest.raises(CycleError, match=r"\(3,000 in all\)") as caught:
        loads(json.dumps(whole))
    assert len(said(caught.value)) < 200
    net = loads(json.dumps(chain(3000)))
    net.add_edge("r2999", "r0", uses=((0, 0),))
    with pytest.raises(CycleError, match=r"\(3,000 in all\)"):
        net.topological()


def test_devices_need_not_be_dense(tmp_path):
    net = ag.ArchGraph(name="two")
    net.add("x", ops.Input((4, 8, 8)))
    net.add("a", ops.ReLU(), ["x"], device=7)
    net.add("b", ops.ReLU(), ["x"], device=limits.DEVICES - 1)
    net.add("sum", ops.Add(), ["a", "b"])
    ag.draw(net, tmp_path / "x.svg", color="device")
    text = (tmp_path / "x.svg").read_text()
    assert text.count("GPU 7") >= 1
    assert text.count("GPU 999") >= 1
    assert "GPU 8" not in text
    assert len(text) < 50_000


def test_shown_is_short_whatever_it_shows():
    for value in (*JUNK, 10**5000, -(10**5000), "\ud800\x00\n" * 99, list(range(10**6)), deep(900)):
        assert len(shown(value)) <= 80
        assert shown(value).isprintable()
        shown(value).encode()


# ---- at random -----------------------------------------------------------------------------


def rich() -> ag.ArchGraph:
    """Return a small network that carries nearly all that a graph file can hold."""
    paper = {"title": "t", "authors": "a", "year": 2000, "venue": "v"}
    result = {"data": "d", "setting": "s", "top5_error": 3.0, "ensemble": False}
    net = ag.ArchGraph(name="rich", title="Rich", paper=paper, published=[result])
    net.add("x", ops.Input((4, 8, 8)))
    scale, half = net.store("w", (4, 1, 1)), net.store("c", (), kind="constant", value=(0.5,))
    net.define_group("s1", "stage", "stage one")
    net.define_group("b1", "block", "block one")
    inside = {"stage": "s1", "block": "b1"}
    net.add("a.scale", ops.Mul(), ["x", scale], device=0, **inside)
    net.add("a.half", ops.Mul(), ["a.scale", half], device=1, label="half", role="gather", **inside)
    net.add("b.split", ops.Split((2, 2), dim=1), ["a.half"])
    net.add("b.cat", ops.Concat(1), ["b.split", "b.split:1"], origin=["n1", "n2"])
    part = {"layer": "b", "index": 0, "of": 1}
    net.add("b.pool", ops.AdaptiveAvgPool2d(4), ["b.cat"], device=0, part_of=part)
    net.add("b.op", ops.Opaque("Foo", (4, 4, 4)), ["b.pool"])
    net.add("b.add", ops.Add(), ["b.op", "b.pool"])
    net.add("b.pad", ops.Pad((1, 1), value=float("-inf")), ["b.add"])
    net.add("aux", ops.GlobalAvgPool2d(), ["b.pad"], training_only=True)
    net.set_outputs("b.pad", "aux")
    net.attach("ms", {"b.pool": 1.5, "aux": 3}, unit="ms")
    return net


def places(value: object, path: tuple = ()) -> list[tuple]:
    inside = value.items() if isinstance(value, dict) else enumerate(value)
    return [
        found
        for key, each in inside
        for found in (
            (*path, key),
            *(places(each, (*path, key)) if isinstance(each, (dict, list)) else ()),
        )
    ]


def test_no_value_anywhere_in_a_file_breaks_anything(tmp_path):
    whole = json.loads(dumps(rich()))
    read = 0
    draws = random.Random(7)
    everywhere = [(path, junk) for path in places(whole) for junk in ("gone", *JUNK)]
    for path, junk in draws.sample(everywhere, 500):
        damaged = copy.deepcopy(whole)
        home = damaged
        for key in path[:-1]:
            home = home[key]
        if junk == "gone":
            del home[path[-1]]
        else:
            home[path[-1]] = junk
        try:
            net = loads(json.dumps(damaged))
            assert dumps(loads(dumps(net))) == dumps(net)
            read += 1
            if read % 3 == 0:
                ag.draw(net, tmp_path / "x.dot", level="layer")
        except ArchGraphError as error:
            said(error)
    assert read > 20


def test_a_graph_error_is_a_graph_error():
    with pytest.raises(GraphError, match="reads 'nowhere'"):
        loads(file(node("a", ["nowhere"])))
