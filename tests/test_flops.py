"""FLOPs beside multiply-adds: counted by torch from the formulas of its documentation."""

from __future__ import annotations

import pytest
import torch
from torch.utils._python_dispatch import TorchDispatchMode

import archgraph as ag
from archgraph import ops


class Elementwise(TorchDispatchMode):
    """Counts the elements that functions of elements give, each function as one operation."""

    COUNTED = frozenset(
        f"aten.{name}"
        for name in (
            *("add.Tensor", "sub.Tensor", "rsub.Scalar", "mul.Tensor", "div.Tensor"),
            *("sigmoid.default", "tanh.default", "relu.default", "sqrt.default"),
            *("reciprocal.default", "maximum.default", "minimum.default"),
        )
    )
    PASSED = frozenset(f"aten.{name}" for name in ("mm.default", "t.default", "transpose.int"))

    def __init__(self):
        super().__init__()
        self.count = 0

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        result = func(*args, **(kwargs or {}))
        assert str(func) in self.COUNTED | self.PASSED, func
        if str(func) in self.COUNTED:
            self.count += result.numel()
        return result


def lstm(gates, cell):
    one, two, three, four = gates
    cell = torch.sigmoid(two) * cell + torch.sigmoid(one) * torch.tanh(three)
    return torch.sigmoid(four) * torch.tanh(cell)


def elman(gates, _):
    return torch.tanh(gates[0])


@pytest.mark.parametrize(("kind", "gates", "cell"), [(ops.LSTM, 4, lstm), (ops.RNN, 1, elman)])
@pytest.mark.parametrize("bias", [True, False])
def test_a_recurrent_step_is_what_the_documentations_equations_are(kind, gates, cell, bias):
    steps, reads, hidden = 7, 3, 5
    x, state, memory = torch.ones(1, reads), torch.ones(1, hidden), torch.ones(1, hidden)
    inner, outer, row = (torch.ones(n, hidden) for n in (reads, hidden, 1))
    with Elementwise() as counter:
        found = []
        for _ in range(gates):
            # W x + b + (W h + b)
            one, two = x @ inner, state @ outer
            if bias:
                one, two = one + row, two + row
            found.append(one + two)
        cell(found, memory)
    net = of_one(kind(reads, hidden, bias=bias), (steps, reads))
    assert net.total("macs") == steps * gates * hidden * (reads + hidden)
    assert net.total("flops") == 2 * net.total("macs") + steps * counter.count


@pytest.mark.parametrize("bias", [True, False])
def test_a_gated_recurrent_step_is_what_the_documentations_equations_are(bias):
    steps, reads, hidden = 7, 3, 5
    x, state = torch.ones(1, reads), torch.ones(1, hidden)
    inner, outer, row = (torch.ones(n, hidden) for n in (reads, hidden, 1))
    with Elementwise() as counter:
        pairs = [(x @ inner, state @ outer) for _ in range(3)]
        if bias:
            pairs = [(one + row, two + row) for one, two in pairs]
        reset, update = (torch.sigmoid(one + two) for one, two in pairs[:2])
        new = torch.tanh(pairs[2][0] + reset * pairs[2][1])
        new + update * (state - new)  # (1 − z) · n + z · h
    net = of_one(ops.GRU(reads, hidden, bias=bias), (steps, reads))
    assert net.total("flops") == 2 * net.total("macs") + steps * counter.count


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("rsqrt", lambda x: torch.reciprocal(torch.sqrt(x))),
        ("sub", lambda x, y: x - y),
        ("maximum", torch.maximum),
        ("clamp", lambda x, y, z: torch.minimum(torch.maximum(x, y), z)),
        ("lerp", lambda x, y, z: x + z * (y - x)),
    ],
)
def test_a_function_of_elements_costs_what_its_formula_does(name, written):
    inputs = [torch.ones(6, 4)] * ops.POINTWISE[name].arity
    with Elementwise() as counter:
        written(*inputs)
    net = of_one(ops.Pointwise(name), *[(6, 4)] * len(inputs))
    assert net.total("macs") == 0
    assert net.total("flops") == counter.count


def of_one(op, *shapes):
    """Return a network of one operator."""
    net = ag.ArchGraph(name="one")
    names = [net.add(f"x{n}", ops.Input(shape)) for n, shape in enumerate(shapes)]
    net.set_outputs(net.add("it", op, names))
    return net
