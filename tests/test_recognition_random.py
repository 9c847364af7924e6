"""The law of recognition on random networks: formulas written out, wired at random."""

from __future__ import annotations

from math import sqrt

import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from random_graphs import graphs
from recognised import assert_law
from torch import nn
from torch.nn import functional

import archgraph as ag
from archgraph.recognition import recognise

LENGTH, WIDTH = 4, 6


def normalised(x):
    d = x - x.mean(-1, keepdim=True)
    return d / torch.sqrt((d * d).mean(-1, keepdim=True) + 1e-5)


def softmax(x):
    powers = (x - x.amax(-1, keepdim=True)).exp()
    return powers / powers.sum(-1, keepdim=True)


OF_ONE = (
    lambda x: x * torch.sigmoid(x),
    lambda x: 0.5 * x * (1 + torch.erf(x / sqrt(2))),
    lambda x: x * functional.relu6(x + 3) / 6,
    lambda x: x * torch.tanh(torch.log(1 + torch.exp(x))),
    lambda x: x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + 1e-6),
    normalised,
    softmax,
    torch.sigmoid,
    torch.tanh,
)
OF_THREE = (
    lambda q, k, v: softmax(q @ k.mT) @ v,
    lambda q, k, v: torch.softmax(q @ k.mT * 0.3 + k.mean((1, 2), keepdim=True), -1) @ v,
    lambda q, k, v: (v.mT @ torch.softmax(q @ k.mT, -1).mT).mT,
    lambda q, k, v: q * k + v,
)


class Wired(nn.Module):
    """Steps of a function and of the values that it reads; what is ``kept`` is returned too."""

    def __init__(self, steps, kept) -> None:
        super().__init__()
        self.steps, self.kept = steps, kept

    def forward(self, x):
        values = [x]
        for function, read in self.steps:
            values.append(function(*(values[place % len(values)] for place in read)))
        return values[-1], *(values[place % len(values)] * 2 for place in self.kept)


places = st.integers(0, 12)
steps = st.one_of(
    st.tuples(st.sampled_from(OF_ONE), st.tuples(places)),
    st.tuples(st.sampled_from(OF_THREE), st.tuples(places, places, places)),
)
common = settings(
    deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck)
)


@settings(common, max_examples=40)
@given(st.lists(steps, min_size=1, max_size=7), st.lists(places, max_size=2))
def test_formulas_wired_at_random_keep_the_law_and_compute_the_same(chosen, kept):
    module = Wired(chosen, kept)
    before = ag.load(module, input=(LENGTH, WIDTH), recognise=False)
    after = recognise(before)
    assert_law(before, after)
    x = torch.randn(2, LENGTH, WIDTH)
    with torch.no_grad():
        one, two = (ag.to_torch(net).eval()(x) for net in (before, after))
    one, two = ((each,) if isinstance(each, torch.Tensor) else each for each in (one, two))
    for known, found in zip(one, two, strict=True):
        assert torch.allclose(known, found, atol=1e-4, equal_nan=True)


@settings(common, max_examples=60)
@given(graphs())
def test_random_graphs_keep_the_law(net):
    assert_law(net, recognise(net))
