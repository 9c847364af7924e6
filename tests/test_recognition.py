"""Patterns of primitive operators become the operator that people mean; all else stays."""

from __future__ import annotations

import warnings
from math import pi, sqrt

import pytest
import torch
from recognised import assert_law, kinds
from torch import nn
from torch.nn import functional

import archgraph as ag
from archgraph import ops
from archgraph.recognition import recognise


class Formula(nn.Module):
    """One function of a tensor as a module."""

    def __init__(self, function) -> None:
        super().__init__()
        self.function = function

    def forward(self, x):
        return self.function(x)


def both(function, shape=(5, 8)) -> tuple[ag.ArchGraph, ag.ArchGraph]:
    """Return a function as it is written and as it is recognised, the law checked."""
    module = Formula(function)
    before = ag.load(module, input=shape, recognise=False)
    after = ag.load(module, input=shape)
    assert_law(before, after)
    return before, after


ERF = {
    "torch, older exporter": lambda x: x * (1 + torch.erf(x / 1.4142135)) * 0.5,
    "torch, newer exporter": lambda x: x * (0.5 * (torch.erf(x / 1.4142135) + 1.0)),
    "tf2onnx": lambda x: 0.5 * x * (1.0 + torch.erf(x * 0.70710677)),
    "multiplied out": lambda x: 0.5 * x + 0.5 * x * torch.erf(x * sqrt(0.5)),
    "of what is negative": lambda x: x * 0.5 * (1 + torch.erf(-x / -sqrt(2))),
}
TANH = {
    "the paper": lambda x: 0.5 * x * (1 + torch.tanh(sqrt(2 / pi) * (x + 0.044715 * x**3))),
    "torch, older exporter": lambda x: (
        0.5 * (x * (1 + torch.tanh(0.7978846 * (x + 0.044715 * (x * (x * x))))))
    ),
    "factored": lambda x: x * 0.5 * (1 + torch.tanh(x * 0.7978845608 * (1 + 0.044715 * x * x))),
}
SWISH = {
    "written out": lambda x: x * functional.relu6(x + 3) / 6,
    "by parts": lambda x: x * (functional.relu6(x + 3) * (1 / 6)),
    "by a hard sigmoid": lambda x: functional.hardsigmoid(x) * x,
}


class TestFormulas:
    @pytest.mark.parametrize("form", ERF)
    def test_gelu_by_erf_in_any_order(self, form):
        _, net = both(ERF[form])
        assert [net.op(name) for name in net][1:] == [ops.GELU()]

    @pytest.mark.parametrize("form", TANH)
    def test_gelu_by_tanh_in_any_order(self, form):
        _, net = both(TANH[form])
        assert [net.op(name) for name in net][1:] == [ops.GELU("tanh")]

    @pytest.mark.parametrize("function", [ERF["tf2onnx"], TANH["factored"]])
    def test_the_formulas_of_these_tests_are_gelu(self, function):
        x = torch.linspace(-4, 4, 101)
        assert torch.allclose(function(x), functional.gelu(x), atol=1e-3)

    def test_silu_in_either_order(self):
        for function in (lambda x: x * torch.sigmoid(x), lambda x: torch.sigmoid(x) * x):
            assert kinds(both(function)[1]) == ["SiLU"]

    @pytest.mark.parametrize("form", SWISH)
    def test_hard_swish(self, form):
        assert kinds(both(SWISH[form])[1]) == ["Hardswish"]

    def test_hard_sigmoid_written_out(self):
        assert kinds(both(lambda x: functional.relu6(x + 3) / 6)[1]) == ["Hardsigmoid"]

    def test_what_is_around_a_formula_stays(self):
        _, net = both(lambda x: torch.cos(x) * ERF["tf2onnx"](torch.sin(x + 1) + x))
        assert kinds(net) == ["Pointwise", "Add", "Pointwise", "Add", "GELU", "Mul"]

    def test_formulas_in_a_row_and_of_each_other(self):
        silu = lambda x: x * torch.sigmoid(x)  # noqa: E731
        _, net = both(lambda x: silu(ERF["tf2onnx"](silu(x))))
        assert kinds(net) == ["SiLU", "GELU", "SiLU"]

    @pytest.mark.parametrize(
        "function",
        [
            lambda x: x * 0.5 * (1 + torch.erf(x / 1.5)),
            lambda x: x * 0.4 * (1 + torch.erf(x / sqrt(2))),
            lambda x: x * (1 + torch.erf(x / sqrt(2))),
            lambda x: 0.5 * x * (1 + torch.tanh(0.7978846 * (x + 0.05 * x**3))),
            lambda x: x * torch.sigmoid(1.7 * x),
            lambda x: x * torch.sigmoid(x + 1),
            lambda x: x[:, :4] * torch.sigmoid(x[:, 4:]),
            lambda x: x * functional.relu6(x + 2) / 6,
        ],
    )
    def test_what_is_nearly_a_formula_stays_in_parts(self, function):
        before, after = both(function)
        assert kinds(after) == kinds(before)

    def test_what_is_read_outside_stays_in_parts(self):
        def function(x):
            gate = torch.sigmoid(x)
            return x * gate, gate

        before, after = both(function)
        assert kinds(after) == kinds(before) == ["Sigmoid", "Mul"]
        before, after = both(lambda x: (g := torch.sigmoid(x)) * x + g)
        assert kinds(after) == ["Sigmoid", "Mul", "Add"]


class Norm(nn.Module):
    """A norm written out, with what it has learned."""

    def __init__(self, function) -> None:
        super().__init__()
        self.function = function
        self.weight = nn.Parameter(torch.randn(8))
        self.bias = nn.Parameter(torch.randn(8))

    def forward(self, x):
        return self.function(x, self.weight, self.bias)


def centred(x):
    return x - x.mean(-1, keepdim=True)


def mean_square(x):
    return x.pow(2).mean(-1, keepdim=True)


def layer_norm_by_root(x, weight, bias):
    d = centred(x)
    return d / torch.sqrt(mean_square(d) + 1e-6) * weight + bias


def layer_norm_computed_twice(x, weight, bias):
    mean = x.mean(-1, keepdim=True)
    variance = (x - mean).pow(2).mean(-1, keepdim=True)
    return bias + weight * ((x - mean) * torch.rsqrt(1e-6 + variance))


def layer_norm_by_squares(x, weight, bias):
    d = centred(x)
    return weight * (d / (mean_square(d) + 1e-6) ** 0.5) + bias


class TestNorms:
    @pytest.mark.parametrize(
        "function", [layer_norm_by_root, layer_norm_by_squares, layer_norm_computed_twice]
    )
    def test_layer_norm_with_its_weight_and_bias(self, function):
        module = Norm(function)
        before = ag.load(module, input=(5, 8), recognise=False)
        after = ag.load(module, input=(5, 8))
        assert_law(before, after)
        assert [after.op(name) for name in after][1:] == [ops.LayerNorm((8,), 1e-6)]
        x = torch.randn(3, 5, 8)
        known = functional.layer_norm(x, (8,), module.weight, module.bias, 1e-6)
        made = ag.to_torch(after).eval()
        made.load_state_dict(module.state_dict(), strict=False)
        assert torch.allclose(made(x), known, atol=1e-5)
        assert torch.allclose(module(x), known, atol=1e-5)

    def test_rms_norm(self):
        module = Norm(lambda x, weight, _: weight * (x * torch.rsqrt(mean_square(x) + 1e-6)))
        before = ag.load(module, input=(5, 8), recognise=False)
        after = ag.load(module, input=(5, 8))
        assert_law(before, after)
        assert [after.op(name) for name in after][1:] == [ops.RMSNorm((8,), 1e-6)]

    @pytest.mark.parametrize(
        "function",
        [
            lambda x, *_: centred(x) * torch.rsqrt(x.var(-1, keepdim=True) + 1e-6),
            lambda x, *_: centred(x) / torch.sqrt(mean_square(centred(x)) + 1),
            lambda x, *_: centred(x) / torch.sqrt(mean_square(x) + 1e-6),
            lambda x, *_: x / torch.sqrt((x * x).mean(1, keepdim=True) + 1e-6),
            lambda x, *_: x.cos() / torch.sqrt(mean_square(x) + 1e-6),
        ],
    )
    def test_what_is_nearly_a_norm_stays_in_parts(self, function):
        module = Norm(function)
        before = ag.load(module, input=(5, 8), recognise=False)
        assert kinds(ag.load(module, input=(5, 8))) == kinds(before)

    def test_the_norm_of_an_exported_module_has_its_name(self, tmp_path):
        norm = nn.LayerNorm(8)
        nn.init.normal_(norm.weight)
        nn.init.normal_(norm.bias)
        module = nn.ModuleDict({"norm": norm, "fc": nn.Linear(8, 8)})
        module.forward = lambda x: module["fc"](module["norm"](x))
        path = tmp_path / "norm.onnx"
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            torch.onnx.export(
                module, (torch.zeros(2, 5, 8),), path, dynamo=False, opset_version=14,
                input_names=["x"], dynamic_axes={"x": {0: "n"}},
            )  # fmt: skip
        before, after = ag.load(path, recognise=False), ag.load(path)
        assert_law(before, after)
        assert list(after) == ["x", "norm", "fc"]
        assert after.op("norm") == ops.LayerNorm((8,))
        assert after.keys_of("norm") == {"weight": "norm.weight", "bias": "norm.bias"}


class TestGraphs:
    def silu(self, **second) -> ag.ArchGraph:
        b = ag.Builder("net", input=(8,))
        x = b.linear("fc", b.input, 8)
        gate = b.add("gate", ops.Sigmoid(), x)
        b.net.add("out", ops.Mul(), [x, gate], **second)
        return b.build("out")

    def test_the_new_node_has_the_name_of_the_last(self):
        before = self.silu()
        after = recognise(before)
        assert_law(before, after)
        assert list(after) == ["input", "fc", "out"]
        assert after.results == ["out"]
        assert kinds(before) == ["Linear", "Sigmoid", "Mul"]  # as it was

    def test_the_number_goes_where_only_numbers_tell_names_apart(self):
        b = ag.Builder("net", input=(8,))
        gate = b.add("act.silu", ops.Sigmoid(), b.input)
        x = b.add("act.silu_1", ops.Mul(), b.input, gate)
        net = recognise(b.build(b.add("act.relu", ops.ReLU(), x)))
        assert list(net) == ["input", "act.silu", "act.relu"]

    def test_nodes_of_other_devices_and_groups_are_not_joined(self):
        assert "gate" in recognise(self.silu(device=1))
        assert "gate" in recognise(self.silu(block="other"))

    def test_only_nodes_that_may_be_replaced_are(self):
        assert "gate" in recognise(self.silu(), among=["out", "fc"])

    def test_a_graph_without_patterns_is_the_same_graph(self):
        net = ag.load("resnet18")
        assert recognise(net) is net

    def test_a_learned_row_behind_a_layer_is_its_bias(self):
        b = ag.Builder("net", input=(3, 8, 8))
        x = b.net.add("conv", ops.Conv2d(3, 4, 3, bias=False), [b.input])
        row = b.parameter("shift", (4, 1, 1))
        before = b.build(b.sum("shifted", x, row))
        after = recognise(before)
        assert_law(before, after)
        assert after.op("conv") == ops.Conv2d(3, 4, 3)
        assert after.tensors[after.keys_of("conv")["bias"]].alias == "shift"
        assert after.results == ["conv"]

    @pytest.mark.parametrize("shape", [(8, 4), (8, 1), (1,)])
    def test_what_is_no_number_for_each_feature_is_no_bias(self, shape):
        b = ag.Builder("net", input=(8, 3))
        x = b.linear("fc", b.input, 4, bias=False)
        net = b.build(b.sum("placed", x, b.parameter("position", shape)))
        assert kinds(recognise(net)) == ["Linear", "Add"]

    def test_a_layer_that_others_read_too_takes_no_bias(self):
        b = ag.Builder("net", input=(8,))
        x = b.linear("fc", b.input, 4, bias=False)
        net = b.build(b.sum("both", b.sum("biased", x, b.parameter("row", (4,))), x))
        assert kinds(recognise(net)) == ["Linear", "Add", "Add"]

    def test_operators_without_inputs_are_parts_of_nothing(self):
        b = ag.Builder("net", input=(2, 3))
        counted = b.net.add("arange", ops.Arange((6,), "float32"))
        apart = b.add("apart", ops.Reshape((2, 3)), counted)
        eps = b.net.store("eps", (), "float32", "constant", value=(1e-5,))
        mean = b.add("mean", ops.Reduce("mean", (-1,), keepdim=True), b.input)
        root = b.add("root", ops.Pointwise("sqrt"), b.net.add("sum", ops.Add(), [mean, eps]))
        x = b.add("over", ops.Pointwise("div"), b.input, root)
        net = b.build(b.sum("out", x, apart))
        assert recognise(net) is net

    def test_many_in_a_row_are_found_in_one_pass(self):
        b = ag.Builder("net", input=(8,))
        x = b.input
        for number in range(300):
            x = b.add(f"{number}.mul", ops.Mul(), x, b.add(f"{number}.gate", ops.Sigmoid(), x))
        after = recognise(b.build(x))
        assert list(after) == ["input", *map(str, range(300))]
        assert kinds(after) == ["SiLU"] * 300


class MLP(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.first = nn.Linear(8, 16)
        self.gelu = nn.GELU()
        self.second = nn.Linear(16, 16)
        self.silu = nn.SiLU()
        self.last = nn.Linear(16, 4)
        self.approximate = nn.GELU("tanh")
        nn.init.zeros_(self.first.bias)
        nn.init.zeros_(self.second.bias)  # equal vectors, which the newer exporter writes once

    def forward(self, x):
        x = self.silu(self.second(self.gelu(self.first(x))))
        return self.approximate(self.last(x))


def exported(path, dynamo: bool):
    module, example = MLP().eval(), (torch.zeros(2, 5, 8),)
    axes = {"dynamic_shapes": ({0: "n"},)} if dynamo else {"dynamic_axes": {"x": {0: "n"}}}
    opset = 18 if dynamo else 17
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(
            module, example, path, dynamo=dynamo, opset_version=opset, input_names=["x"], **axes
        )
    return path


class TestFiles:
    @pytest.mark.parametrize("dynamo", [True, False])
    def test_what_torch_exports_comes_back_in_its_layers(self, dynamo, tmp_path):
        path = exported(tmp_path / "mlp.onnx", dynamo)
        before, after = ag.load(path, recognise=False), ag.load(path)
        assert_law(before, after)
        names = ["first", "gelu", "second", "silu", "last", "approximate"]
        assert [name for name in after if name != "x"] == names
        assert kinds(after) == ["Linear", "GELU", "Linear", "SiLU", "Linear", "GELU"]
        assert after.op("approximate") == ops.GELU("tanh")
        assert all(after.op(name).bias for name in ("first", "second", "last"))
        assert after.total("params") == sum(p.numel() for p in MLP().parameters())
        assert kinds(before).count("Add") > 3

    def test_a_file_of_ours_comes_back_in_the_parts_that_it_had(self, tmp_path):
        net = ag.load(Formula(ERF["tf2onnx"]), input=(5, 8), recognise=False)
        path = ag.export_onnx(net, tmp_path / "net.onnx")
        assert kinds(ag.load(path)) == kinds(net)

    def test_the_option_changes_nothing_where_nothing_is_recognised(self, tmp_path):
        net = ag.load("lenet5")
        net.save(tmp_path / "net.json")
        for source in (net, tmp_path / "net.json", "lenet5"):
            assert kinds(ag.load(source, recognise=False)) == kinds(net)


class Tokens(nn.Module):
    """Tokens through layers whose parts are written out."""

    def __init__(self) -> None:
        super().__init__()
        self.first = nn.Linear(8, 16, bias=False)
        self.row = nn.Parameter(torch.randn(16))
        self.last = nn.Linear(16, 4)

    def forward(self, x):
        x = ERF["tf2onnx"](self.first(x) + self.row)
        return TANH["the paper"](self.last(x * torch.sigmoid(x)))


def test_a_recognised_network_computes_the_same():
    torch.manual_seed(0)
    module = Tokens().eval()
    before, after = ag.load(module, input=(5, 8), recognise=False), ag.load(module, input=(5, 8))
    assert_law(before, after)
    assert kinds(after) == ["Linear", "GELU", "SiLU", "Linear", "GELU"]
    one, two = ag.to_torch(before).eval(), ag.to_torch(after).eval()
    for made in (one, two):
        made.load_state_dict(module.state_dict(), strict=False)
    x = torch.randn(3, 5, 8)
    with torch.no_grad():
        assert torch.allclose(one(x), module(x), atol=1e-6)
        assert torch.allclose(two(x), module(x), atol=1e-6)
