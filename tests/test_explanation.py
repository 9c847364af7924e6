"""Explanations: every formula that is shown, read as a person reads it, gives its number."""

from __future__ import annotations

import json
import re
from fractions import Fraction
from math import ceil, floor

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from one_of_each import networks

import archgraph as ag
from archgraph import ops
from archgraph.answers.explanation import explain, explain_totals, formulas
from archgraph.answers.explanation.written import Written
from archgraph.cli.main import main

GALLERY = ("alexnet", "googlenet", "resnet18", "vit_b_16", "unet", "resnet20_cifar")


def value_of(text: str, macs: int | None = None) -> int | Fraction:
    """Compute a formula as it stands, by a way of its own: Python's, on fractions."""
    plain = text.replace(",", "").replace("·", "*").replace("−", "-").replace(" B", "")
    plain = plain.replace("MACs", f"({macs})")
    plain = re.sub("[⁰¹²³⁴⁵⁶⁷⁸⁹]+", lambda m: f"**{_number(m[0])}", plain)
    plain = plain.replace("⌊", "floor(").replace("⌈", "ceil(").replace("⌋", ")").replace("⌉", ")")
    plain = re.sub(r"(?<![\w*])(\d+)", r"Fraction(\1)", plain)
    assert re.fullmatch(r"[-+*/() \d]*", re.sub("Fraction|floor|ceil", "", plain)), text
    return eval(plain, {"Fraction": Fraction, "floor": floor, "ceil": ceil})


def _number(power: str) -> str:
    return "".join(str("⁰¹²³⁴⁵⁶⁷⁸⁹".index(digit)) for digit in power)


def check(net: ag.ArchGraph, name: str) -> int:
    """Check every formula of a node, and return how many there are."""
    found, data = explain(net, name), net.nodes[name]
    formulas = [each for each in (*found.extents, *found.costs) if each.text]
    formulas = [each for each in formulas if "where they" not in each.text]
    for each in formulas:
        assert value_of(each.text, data["macs"]) == each.value, (name, each)
    for each in found.costs:
        if each.name in ("params", "macs", "flops", "lecture", "activation_bytes"):
            assert each.value == data[each.name]
    return len(formulas)


@pytest.mark.parametrize("name", GALLERY)
def test_the_formulas_of_the_gallery_give_their_numbers(name):
    net = ag.load(name)
    told = {node: check(net, node) for node in net}
    weighted = [node for node in net if net.op(node).parameters() and net.nodes[node]["params"]]
    assert min(told[node] for node in weighted) >= 1


def test_the_formulas_of_every_operator_give_their_numbers():
    silent = set()
    for _, net in networks():
        for name in net:
            check(net, name)
            found = {each.name: each for each in explain(net, name).costs}
            if net.op(name).known and found["macs"].value and not found["macs"].text:
                silent.add(net.op(name).kind)
    assert silent <= {"Einsum"}


def test_a_layer_is_written_as_the_lecture_writes_it():
    net = ag.load("alexnet", input=(3, 227, 227))
    found = explain(net, "features.0")
    costs = {each.name: each for each in found.costs}
    assert costs["macs"].text == "64·56·56 · 3·11·11"
    assert costs["macs"].value == 72_855_552
    assert costs["lecture"].text == "MACs"
    assert costs["flops"].text == "2·MACs + 64·56·56"
    assert costs["params"].text == "64·3·11·11 + 64"
    assert costs["activation_bytes"].text == "64·56·56·4 B"
    (height, width) = found.extents
    assert (height.name, height.text, height.value) == ("H'", "⌊(227 − 11 + 2·2) / 4⌋ + 1", 56)
    assert width.text == height.text
    second = {each.name: each for each in explain(net, "features.3").costs}
    assert second["receptive_field"].text == "19 + (5 − 1)·8"


def test_shared_parameters_say_where_they_count():
    net = ag.ArchGraph(name="shared")
    net.add("a", ops.Input((4,)))
    net.add("b", ops.Linear(4, 4), ["a"])
    net.add("c", ops.Linear(4, 4), ["b"], tensors={"weight": "b.weight", "bias": "b.bias"})
    (params,) = (each for each in explain(net, "c").costs if each.name == "params")
    assert (params.value, params.text) == (0, "they count where they are read first")


def test_what_is_unknown_has_no_formula():
    net = ag.ArchGraph(name="open")
    net.add("x", ops.Input((3, "H", "W")))
    net.add("conv", ops.Conv2d(3, 8, 3), ["x"])
    costs = {each.name: each for each in explain(net, "conv").costs}
    assert costs["params"].value == 224
    assert (costs["macs"].value, costs["macs"].text) == (None, "")
    assert explain(net, "conv").said == ()
    assert explain_totals(net).said == ()


def test_counters_of_the_parts_add_up_to_those_of_the_whole():
    net = ag.load("vit_b_16")
    whole = {each.counter: each for each in explain_totals(net).said}
    for counter, said in whole.items():
        each = [{s.counter: s for s in explain(net, name).said}[counter] for name in net]
        assert sum(part.value for part in each) == said.value
        assert said.value == net.total("macs") + sum(made for _, made in said.because)


numbers = st.integers(0, 10**6)


@settings(max_examples=300, deadline=None, derandomize=True)
@given(st.data())
def test_any_computation_writes_itself(data):
    """Random terms of +, −, ·, ⌊/⌋, ⌈/⌉ and powers: the text gives the number."""

    def term(depth: int) -> tuple[int, Written]:
        if not depth or data.draw(st.booleans()):
            number = data.draw(numbers)
            return number, Written(number)
        one, other = term(depth - 1), term(depth - 1)
        kind = data.draw(st.sampled_from("+-*/c^"))
        plain = data.draw(st.booleans())  # a number of Python's own beside a written one
        right = other[0] if plain else other[1]
        if kind == "+":
            return one[0] + other[0], one[1] + right
        if kind == "-":
            return one[0] - other[0], one[1] - right
        if kind == "*":
            return one[0] * other[0], one[1] * right
        if kind == "^":
            return one[0] ** 2, one[1] ** 2
        if other[0] <= 0:
            return one
        if kind == "c":
            return -(-one[0] // other[0]), -(-one[1] // right)
        return one[0] // other[0], one[1] // right

    value, written = term(4)
    assert int(written) == value
    assert value_of(written.text) == value


def test_the_command_explains_a_node_and_the_totals(capsys):
    assert main(["cost", "alexnet", "--input", "3x227x227", "--explain", "features.0"]) == 0
    shown = capsys.readouterr().out
    assert "64·56·56 · 3·11·11" in shown
    assert "biases added" in shown
    assert main(["cost", "alexnet", "--explain", "--format", "json"]) == 0
    whole = json.loads(capsys.readouterr().out)
    assert whole["values"]["params"] == 61_100_840
    assert sum(kind["values"]["macs"] for kind in whole["kinds"]) == whole["values"]["macs"]
    assert main(["cost", "alexnet", "--explain", "features.x"]) == 1
    assert "features.9" in capsys.readouterr().err
    assert main(["cost", "alexnet", "--explain", "--format", "markdown"]) == 0
    assert "| Conv2d  " in capsys.readouterr().out


@pytest.mark.parametrize("name", ["alexnet_two_gpu", "resnet50", "vit_b_16", "unet"])
def test_the_formulas_of_all_operators_are_those_of_each(name):
    """They are made once for equal operators, and no operator gets another's."""
    net = ag.load(name)
    for node, found in formulas(net).items():
        whole = explain(net, node)
        assert found.extents == whole.extents, node
        told = {each.name: each for each in whole.costs if each.text}
        for key in ("params", "macs", "flops", "lecture", "activation_bytes"):
            assert found.costs.get(key) == told.get(key), (node, key)


def test_a_formula_is_of_its_own_node_where_an_equal_one_shares_weights():
    net = ag.ArchGraph(name="shared")
    x = net.add("x", ops.Input((8,)))
    first = net.add("first", ops.Linear(8, 8), [x])
    keys = {"weight": "first.weight", "bias": "first.bias"}
    net.add("again", ops.Linear(8, 8), [first], tensors=keys)
    found = formulas(net)
    assert found["first"].costs["params"].text == "8·8 + 8"
    assert "params" not in found["again"].costs
    assert found["again"].costs["macs"].text == found["first"].costs["macs"].text


def test_what_reads_nothing_and_is_not_known_has_no_formula():
    net = ag.ArchGraph(name="noise")
    net.add("noise", ops.Opaque("aten::randn", (4,)))
    net.add("relu", ops.ReLU(), ["noise"])
    assert formulas(net)["noise"].costs.get("macs") is None
    assert explain(net, "noise").extents == ()


def test_rounding_up_by_steps_of_one_is_no_rounding():
    net = ag.ArchGraph(name="pool")
    net.add("x", ag.ops.Input((2, 7, 7)))
    net.add("pool", ag.ops.MaxPool2d(3, 1, 1, ceil_mode=True), ["x"])
    height = explain(net, "pool").extents[0]
    assert (height.text, height.value) == ("7 − 3 + 2·1 + 1", 7)


def test_what_an_operator_shares_with_others_is_said_too():
    net = ag.ArchGraph(name="lstm")
    net.add("x", ag.ops.Input((5, 8)))
    net.add("lstm", ag.ops.LSTM(8, 4, batch_first=True), ["x"])
    assert any(line.startswith("MACs: N · L ·") for line in explain(net, "lstm").rules)
