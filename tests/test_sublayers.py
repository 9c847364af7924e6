"""What people see as one layer is told from the wiring: modules of others say what is right."""

from __future__ import annotations

import re

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from random_graphs import graphs
from torch import nn
from torch_networks import torchvision

import archgraph as ag
from archgraph.exporters.pictures.layout.box_text import label_lines
from archgraph.exporters.pictures.view import build_view
from archgraph.exporters.pictures.view.repeated_words import repeated
from archgraph.exporters.pictures.view.sublayers import sublayers


def said(net: ag.ArchGraph) -> dict[str, str]:
    """Return what each sublayer of a network says where it is alone, by its family."""
    return {part.full: part.family for part in sublayers(net).of.values()}


class Gated(nn.Module):
    """The MLP of Llama (Touvron et al., 2023)."""

    def __init__(self) -> None:
        super().__init__()
        self.gate, self.up = (nn.Linear(32, 96, bias=False) for _ in range(2))
        self.down = nn.Linear(96, 32, bias=False)

    def forward(self, x):
        return x + self.down(nn.functional.silu(self.gate(x)) * self.up(x))


class Grouped(nn.Module):
    """Eight heads of queries that share two of keys and values (Ainslie et al., 2023)."""

    def __init__(self) -> None:
        super().__init__()
        self.q, self.out = nn.Linear(64, 64), nn.Linear(64, 64)
        self.k, self.v = nn.Linear(64, 16), nn.Linear(64, 16)

    def forward(self, x):
        q, k, v = (f(x).unflatten(-1, (-1, 8)).transpose(1, 2) for f in (self.q, self.k, self.v))
        k, v = (each.repeat_interleave(4, 1) for each in (k, v))
        y = nn.functional.scaled_dot_product_attention(q, k, v)
        return x + self.out(y.transpose(1, 2).flatten(2))


def read(module: nn.Module, *shapes: tuple[int, ...]) -> ag.ArchGraph:
    return ag.load(module, example=tuple(torch.zeros(2, *shape) for shape in shapes))


@pytest.mark.parametrize(
    ("module", "shapes", "wanted"),
    [
        (
            nn.TransformerDecoderLayer(64, 4, 128, batch_first=True),
            [(5, 64), (7, 64)],
            {
                "attention, 4 heads, 64": "attention",
                "cross-attention, 4 heads, 64": "attention",
                "64 → 128 → 64, ReLU": "linear",
            },
        ),
        (Gated(), [(5, 32)], {"32 → 96 → 32, SwiGLU": "linear"}),
        (Grouped(), [(5, 64)], {"attention, 8 heads, 2 KV heads, 64": "attention"}),
    ],
)
def test_attention_and_mlps_say_what_their_modules_were_made_with(module, shapes, wanted):
    assert said(read(module, *shapes)) == wanted


def test_attention_written_out_is_attention():
    class Written(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.qkv, self.out = nn.Linear(48, 144), nn.Linear(48, 48)

        def forward(self, x):
            q, k, v = self.qkv(x).unflatten(-1, (3, 4, 12)).permute(2, 0, 3, 1, 4)
            weights = (q @ k.transpose(-1, -2)).add(1.0).mul(0.25).softmax(-1)
            return self.out((weights @ v).transpose(1, 2).flatten(2)), weights

    assert said(read(Written(), (6, 48))) == {"attention, 4 heads, 48": "attention"}


def test_squeeze_and_excite_is_told_by_its_own_class():
    part = torchvision().efficientnet.SqueezeExcitation(64, 16).eval()
    net = ag.load(nn.Sequential(nn.Conv2d(3, 64, 3), part, nn.Conv2d(64, 8, 1)), input=(3, 16, 16))
    assert said(net) == {"squeeze-and-excite, 64 → 16 → 64": "merge"}
    whole = {name.partition(".")[0] for name in sublayers(net).of}
    assert whole == {"1"}


class OneLayerGate(nn.Module):
    """Effective squeeze-and-excite (Lee and Park, CenterMask, 2020)."""

    def __init__(self) -> None:
        super().__init__()
        self.fc = nn.Conv2d(64, 64, 1)

    def forward(self, x):
        return x * nn.functional.hardsigmoid(self.fc(x.mean((2, 3), keepdim=True)))


@pytest.mark.parametrize(
    ("part", "says"),
    [
        (OneLayerGate(), "channel gate"),
        (torchvision().efficientnet.SqueezeExcitation(64, 16), "squeeze-and-excite, 64 → 16 → 64"),
    ],
)
def test_the_box_of_a_gate_of_channels_says_that_it_is_more_than_a_product(part, says):
    net = ag.load(nn.Sequential(nn.Conv2d(3, 64, 3), part, nn.Conv2d(64, 8, 1)), input=(3, 16, 16))
    box = build_view(net, "block").nodes["1"]
    assert says in " ".join(label_lines(box))
    weights = sum(each.numel() for each in part.parameters() if each.dim() > 1)
    assert f"{weights / 1000:.2f} k MACs" in " ".join(label_lines(box))  # on 1 × 1 maps


@pytest.mark.parametrize("name", ["resnet18", "resnet50", "resnet20_cifar", "resnet20_cifar_b"])
def test_projections_are_found_without_being_told(name):
    net = ag.load(name)
    told = {n for n, data in net.nodes(data=True) if data.get("role") == "projection"}
    for data in net.nodes.values():
        data.pop("role", None)
    found = sublayers(net).projections
    layers = {n for n in told if net.op(n).layer}  # option A has none
    assert found >= layers
    assert found <= told


@pytest.mark.parametrize("name", ["unet", "vit_b_16", "googlenet", "alexnet_two_gpu"])
def test_other_shortcuts_and_sums_have_no_projection(name):
    assert not sublayers(ag.load(name)).projections


def test_a_box_is_of_the_family_of_the_one_thing_in_it():
    module = nn.TransformerEncoderLayer(64, 4, 128, batch_first=True).eval()
    net = ag.load(nn.ModuleDict({"a": module})["a"], input=(5, 64))
    shown = build_view(net, "block").nodes
    assert shown["self_attn"].kind == "attention"
    assert "attention, 4 heads, 64" in label_lines(shown["self_attn"])


@given(st.lists(st.sampled_from("abc"), max_size=30))
def test_what_repeats_is_written_once_and_nothing_is_lost(words):
    text = " ".join(repeated(words))
    text = re.sub(r"(\d+) × \[([^]]*)\]", lambda m: " ".join([m[2]] * int(m[1])), text)
    text = re.sub(r"(\d+) × (\w)", lambda m: " ".join([m[2]] * int(m[1])), text)
    assert text.split() == words


def test_a_recurrence_that_is_written_out_is_a_scan():
    class Scan(nn.Module):
        """h ← a · h + x, read out by a product, as state space models do it."""

        def __init__(self, steps: int) -> None:
            super().__init__()
            self.steps, self.decay = steps, nn.Linear(8, 8)
            self.out = nn.Linear(8, 4)

        def forward(self, x):
            decay, state, found = self.decay(x).sigmoid(), x[:, 0], []
            for step in range(self.steps):
                state = decay[:, step] * state + x[:, step]
                found.append(state)
            return self.out(torch.stack(found, 1))

    assert said(read(Scan(12), (12, 8))) == {"scan, 12 steps": "recurrent"}
    assert said(read(Scan(4), (4, 8))) == {}


def test_scaled_shortcuts_are_no_scan():
    class Scaled(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.layers = nn.ModuleList(nn.Linear(8, 8) for _ in range(12))

        def forward(self, x):
            for layer in self.layers:
                x = x * 0.7 + layer(x)
            return x

    assert said(read(Scaled(), (5, 8))) == {}


@settings(max_examples=150, deadline=None, derandomize=True)
@given(net=graphs())
def test_any_network_has_sublayers_that_are_apart(net):
    found = sublayers(net)
    assert set(found.of) <= set(net)
    assert set(found.projections) <= set(net)
    for name, part in found.of.items():
        assert part.last in part.members
        assert found.of[part.last] is part, name


def test_a_line_to_a_block_is_that_of_its_path_and_not_of_the_pooled_projection_beside_it():
    b = ag.Builder("pooled", input=(8, 8, 8))
    x = b.conv("stem.conv", b.input, 8, 3, padding=1)
    x = b.relu("stem.relu", b.conv("stem.more", x, 8, 3, padding=1))
    with b.scope("block"):
        side = b.conv("side", b.add("pool", ag.ops.AvgPool2d(2, 2), x), 16, 1)
        y = b.conv("conv2", b.relu("relu", b.conv("conv1", x, 16, 3, 2, 1)), 16, 3, padding=1)
        y = b.sum("add", y, side)
    net = b.build(y)
    assert sublayers(net).projections == {"block.side", "block.pool"}
    kinds = {(e.source, e.target): e.kind for e in build_view(net, "stage").edges}
    assert kinds["stem", "block"] == "data"
    inner = {(e.source, e.target): e.kind for e in build_view(net, "layer").edges}
    assert inner["stem.relu", "block.pool"] == "projection"


def test_what_reads_step_by_step_shows_a_loop_and_one_step_alone_none(tmp_path):
    def shortcuts(steps):
        b = ag.Builder("reader", input=(steps, 6))
        net = b.build(b.add("lstm", ag.ops.LSTM(6, 3, batch_first=True), b.input))
        text = ag.draw(net, tmp_path / "x.svg").read_text(encoding="utf-8")
        return build_view(net, "layer").nodes["lstm"].shortcut, "step by step" in text

    assert shortcuts(5) == ("loop", True)
    assert shortcuts(1) == (None, False)
