"""Two networks are matched, and the difference is what was edited: no more, no less.

Edits are made by hand here, so that what is expected does not come from the matching; whether two
networks are the same at all is asked of networkx.
"""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import replace
from time import process_time

import networkx as nx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import archgraph as ag
from archgraph import ops
from archgraph.cli import main
from archgraph.errors import FormatError, UnknownNameError
from archgraph.tensors import Key

Name = Callable[[str], str]


def edited(
    net: ag.ArchGraph,
    *,
    name: Name = lambda name: name,
    other: dict[str, ops.Op] | None = None,
    before: tuple[str, int, ops.Op] | None = None,
    reads: dict[tuple[str, int], str] | None = None,
) -> ag.ArchGraph:
    """Return a network under other names, with other operators, one more, or other edges."""
    made, called = ag.ArchGraph(name="edited"), {}
    if "tensors" in net.graph:
        made.graph["tensors"] = dict(net.graph["tensors"])

    def ref(read: str) -> str:
        node, colon, output = read.partition(":")
        return called[node] + colon + output

    for each in net.topological():
        sources = []
        for position, read in enumerate(net.reads(each)):
            source = read if type(read) is Key else ref((reads or {}).get((each, position), read))
            if before is not None and before[:2] == (each, position):
                source = made.add("inserted", before[2], [source])
            sources.append(source)
        keys = net.nodes[each].get("tensors")
        more = ({"tensors": keys} if keys else {}) | {"device": net.nodes[each]["device"]}
        called[each] = made.add(name(each), (other or {}).get(each, net.op(each)), sources, **more)
    if "outputs" in net.graph:
        made.set_outputs(*map(ref, net.results))
    return made


def shuffled(net: ag.ArchGraph, seed: int) -> Name:
    """Return new names for all nodes, which say nothing of the old ones."""
    names = list(net)
    random.Random(seed).shuffle(names)
    return {name: f"x{number}" for number, name in enumerate(names)}.__getitem__


def told(difference: ag.Difference) -> dict[str, int]:
    """Return how many differences there are of each sort, names aside."""
    sorts = ("added", "removed", "inputs", "replaced", "changed", "resized", "retyped", "shared")
    found = {sort: len(getattr(difference, sort)) for sort in (*sorts, "rewired")}
    return {sort: count for sort, count in found.items() if count}


def kinds(net: ag.ArchGraph, names: tuple[str, ...]) -> Counter[str]:
    return Counter(net.op(name).kind for name in names)


# ---- networks that people compare -------------------------------------------------------------


def test_a_deeper_vgg_has_three_more_convolutions_and_its_layers_other_numbers():
    found = ag.diff("vgg16", "vgg19")
    assert told(found) == {"added": 6}
    assert kinds(found.second, found.added) == {"Conv2d": 3, "ReLU": 3}
    # Simonyan and Zisserman (2015), table 1, D and E: one more in each of the last three stages.
    shapes = [found.second.nodes[name]["shape"] for name in found.added]
    assert Counter(shapes) == {(256, 56, 56): 2, (512, 28, 28): 2, (512, 14, 14): 2}
    assert found.pairs["classifier.6"] == "classifier.6"
    assert "a number went up by 2 in 7 names" in str(found)


def test_a_residual_network_is_the_plain_one_with_shortcuts():
    found = ag.diff("plain34", "resnet34")
    assert told(found) == {"added": 22}
    assert kinds(found.second, found.added) == {"Add": 16, "Conv2d": 3, "BatchNorm2d": 3}
    assert not found.renamed


def test_the_stride_of_a_bottleneck_moved_from_its_first_convolution_to_its_second():
    found = ag.diff("resnet50_v1", "resnet50")
    assert told(found) == {"changed": 6}
    strides = {(each.after, each.settings) for each in found.changed}
    for stage in (2, 3, 4):
        assert (f"layer{stage}.0.conv1", (("stride", (2, 2), (1, 1)),)) in strides
        assert (f"layer{stage}.0.conv2", (("stride", (1, 1), (2, 2)),)) in strides
    # What stands between the two works on maps of twice the size: norm and activation.
    assert len(found.following) == 6
    before, after = found.totals["macs"]
    assert (before, after) == (found.first.total("macs"), found.second.total("macs"))


def test_whole_blocks_that_are_new_are_told_as_such():
    found = ag.diff("resnet18", "resnet34")
    assert told(found) == {"added": 56}
    assert not found.renamed
    # He et al. (2016), table 1: 3, 4, 6 and 3 blocks instead of 2 each.
    blocks = {name.rpartition(".")[0] for name in found.added}
    assert blocks == {
        "layer1.2",
        *("layer2.2", "layer2.3"),
        *("layer3.2", "layer3.3", "layer3.4", "layer3.5"),
        "layer4.2",
    }
    assert "2 × Conv2d 3×3, 2 × BatchNorm2d, 2 × ReLU, Add each" in " ".join(str(found).split())


def test_another_head_and_another_width_are_told_by_their_numbers():
    found = ag.diff("resnet18", ag.load("resnet18", num_classes=10))
    (head,) = found.resized
    assert (head.before, head.settings) == ("fc", (("out_features", 1000, 10),))
    assert told(found) == {"resized": 1}
    found = ag.diff(ag.load("resnet18"), ag.load("resnet18", input=(3, 192, 192)))
    assert told(found) == {"inputs": 1}
    assert found.inputs[0].settings == (("shape", (3, 224, 224), (3, 192, 192)),)


def test_equal_networks_say_so_in_one_sentence():
    found = ag.diff("resnet18", ag.load("resnet18"))
    assert found.equal
    assert repr(found) == (
        "resnet18 and resnet18 are equal: the same 70 operators with the same settings, shapes "
        "and edges, under the same names."
    )


def test_names_with_a_prefix_are_told_once():
    net = ag.load("resnet18")
    found = ag.diff(net, edited(net, name=lambda name: f"backbone.{name}"))
    assert (found.isomorphic, found.equal) == (True, False)
    assert "'backbone.' was put before 70 names" in str(found)


# ---- edits whose difference is known ----------------------------------------------------------


@pytest.fixture(scope="module", params=["lenet5", "googlenet", "resnet18", "alexnet_two_gpu"])
def net(request) -> ag.ArchGraph:
    return ag.load(request.param).inference()


@pytest.mark.parametrize("renamed", [False, True])
def test_an_operator_put_in_anywhere_is_the_only_difference(net, renamed):
    name = shuffled(net, 1) if renamed else lambda name: name
    for target in list(net)[1 :: max(1, len(net) // 12)]:
        made = edited(net, name=name, before=(target, 0, ops.Tanh()))
        found = ag.diff(net, made)
        assert told(found) == {"added": 1}
        assert isinstance(made.op(found.added[0]), ops.Tanh)
        assert told(ag.diff(made, net)) == {"removed": 1}


def random_networks(test):
    from random_graphs import graphs

    given_ones = given(graphs(), st.integers(0, 1000))(test)
    slow = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]
    return settings(max_examples=15, deadline=None, derandomize=True, suppress_health_check=slow)(
        given_ones
    )


@random_networks
def test_a_copy_under_any_names_is_the_same_network(net, seed):
    assert ag.diff(net, net).equal
    assert ag.diff(net, edited(net, name=shuffled(net, seed))).isomorphic


@random_networks
def test_random_edits_of_random_networks_are_named_exactly(net, seed):
    rng = random.Random(seed)
    edges = [(n, p) for n in net for p, read in enumerate(net.reads(n)) if type(read) is not Key]
    for name in (lambda name: name, shuffled(net, seed)):
        try:
            once = edited(net, name=name, before=(*rng.choice(edges), ops.Pointwise("abs")))
        except ag.ArchGraphError:
            continue  # what reads a table's rows takes no other numbers
        assert told(ag.diff(net, once)) == {"added": 1}
        assert told(ag.diff(once, net)) == {"removed": 1}
        alike = [each for each in net if hasattr(net.op(each), "eps")]
        if alike:
            node = rng.choice(alike)
            made = edited(net, name=name, other={node: replace(net.op(node), eps=0.5)})
            found = ag.diff(net, made)
            assert told(found) == {"changed": 1}
            assert found.changed[0].before == node


@random_networks
def test_networkx_agrees_on_which_rewired_networks_are_still_the_same(net, seed):
    rng = random.Random(seed)
    order = net.topological()
    chances = [
        (node, position, source)
        for number, node in enumerate(order)
        for position, read in enumerate(net.reads(node))
        for source in order[:number]
        if type(read) is not Key
        and source != read
        and net.nodes[source]["outputs"][0] == net.tensor(read)
    ]
    if not chances or len(net.results) > 1:
        return
    node, position, source = rng.choice(chances)
    made = edited(net, name=shuffled(net, seed), reads={(node, position): source})
    same = nx.is_isomorphic(
        net,
        made,
        node_match=lambda one, two: one["op"] == two["op"],
        edge_match=lambda one, two: sorted(one["uses"]) == sorted(two["uses"]),
    )
    found = ag.diff(net, made)
    if net.op(node).kind not in ("Add", "Mul"):
        assert found.isomorphic == same
    assert set(told(found)) <= {"rewired", "shared"}


# ---- what else can differ -----------------------------------------------------------------------


def small(act: ops.Op, **settings: object) -> ag.ArchGraph:
    b = ag.Builder("small", input=(8,))
    x = b.add("act", act, b.linear("fc1", b.input, 8))
    return b.build(b.linear("fc2", b.sum("add", x, b.parameter("bias", (8,))), 4), **settings)


def test_another_operator_in_a_place_is_replaced():
    found = ag.diff(small(ops.ReLU()), small(ops.GELU()))
    assert told(found) == {"replaced": 1}
    assert "ReLU → GELU  (act)" in str(found)


def test_another_element_type_is_told_once_for_all():
    one = ag.Builder("one", input=(8,))
    two = ag.Builder("two", input=(8,), dtype="float16")
    found = ag.diff(*(b.build(b.relu("act", b.input)) for b in (one, two)))
    assert found.inputs[0].settings == (("dtype", "float32", "float16"),)
    assert found.retyped[0].settings == (("type", "float32", "float16"),)


def test_tied_weights_are_a_difference():
    def lm(tied: bool) -> ag.ArchGraph:
        b = ag.Builder("lm", input=(16,), dtype="int64")
        x = b.embedding("wte", b.input, 100, 8)
        if tied:
            b.net.store("head.weight", (100, 8), alias="wte.weight")
        return b.build(b.linear("head", x, 100, bias=False))

    found = ag.diff(lm(False), lm(True))
    assert told(found) == {"shared": 2}
    assert found.totals["params"] == (1600, 800)


def test_an_unknown_total_stays_unknown():
    def net(kind: str) -> ag.ArchGraph:
        b = ag.Builder(kind, input=(8,))
        return b.build(b.add("op", ops.Opaque(kind, (8,)), b.input))

    found = ag.diff(net("Strange"), net("Other"))
    assert found.totals["macs"] == (None, None)
    assert "unknown" in str(found)


# ---- speed --------------------------------------------------------------------------------------


def tower(layers: Iterable[int], width: int) -> ag.ArchGraph:
    b = ag.Builder("tower", input=(8,))
    x = b.linear("stem", b.input, width)
    for number in layers:
        y = b.relu(f"layers.{number}.act", b.linear(f"layers.{number}.fc", x, width))
        x = b.sum(f"layers.{number}.add", x, y)
    return b.build(b.linear("head", x, 10))


@pytest.mark.parametrize("renamed", [False, True])
def test_a_layer_out_of_hundreds_of_equal_ones_is_found_soon(renamed):
    whole = tower(range(400), 16)
    short = tower([n for n in range(400) if n != 150], 24)
    if renamed:
        short = edited(short, name=shuffled(short, 2))
    begin = process_time()
    found = ag.diff(whole, short)
    assert process_time() - begin < 10
    assert len(found.removed) == 3
    assert not found.added
    assert not found.rewired
    if not renamed:
        assert set(found.removed) == {"layers.150.act", "layers.150.add", "layers.150.fc"}


# ---- the command line and the formats -------------------------------------------------------


def test_the_command_says_it_in_words_and_by_its_exit_status(capsys):
    assert main(["diff", "vgg16", "vgg19"]) == 0
    assert "3 × Conv2d 3×3: features.16, features.25, features.34" in capsys.readouterr().out
    assert main(["diff", "vgg16", "vgg16", "--exit-code"]) == 0
    assert main(["diff", "vgg16", "vgg19", "--exit-code"]) == 3
    assert main(["diff", "vgg16", "vgg20", "--exit-code"]) == 1


def test_json_holds_all_that_the_fields_hold(tmp_path):
    file = tmp_path / "found.json"
    assert main(["diff", "plain34", "resnet34", "-o", str(file)]) == 0
    record = json.loads(file.read_text())
    found = ag.diff("plain34", "resnet34")
    assert record["pairs"] == dict(found.pairs)
    assert [each["name"] for each in record["added"]] == list(found.added)
    assert record["totals"]["params"] == {"before": 21623848, "after": 21797672}


@pytest.mark.parametrize("format", ["table", "csv", "markdown", "latex"])
def test_tables_have_a_row_for_each_difference(format):
    text = ag.diff("resnet50", "resnet50_v1").render(format)
    assert text.count("layer3.0.conv2") == 2  # before and after
    assert text.count("follows") == 6


def test_a_wrong_format_and_a_wrong_name_are_told():
    with pytest.raises(FormatError, match="there is no format 'word'.*did you mean 'words'"):
        ag.diff("lenet5", "lenet5").render("word")
    with pytest.raises(UnknownNameError, match="vgg20"):
        ag.diff("vgg19", "vgg20")
