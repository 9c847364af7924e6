"""Receptive fields, depths and memory agree with published values and with brute force."""

from __future__ import annotations

import pytest

import archgraph as ag
from archgraph.analysis import receptive_field
from archgraph.answers.footprint.report import peak_at_inference


@pytest.mark.parametrize(
    ("name", "node", "size"),
    [
        # Araujo, Norris and Sim, "Computing receptive fields of convolutional neural networks",
        # Distill 2019, table of known architectures.
        ("alexnet", "features.12", 195),
        ("vgg16", "features.30", 212),
        ("resnet50_v1", "layer4.2.relu3", 483),
        ("resnet101_v1", "layer4.2.relu3", 1027),
        ("resnet152_v1", "layer4.2.relu3", 1507),
    ],
)
def test_receptive_fields_are_the_published_ones(name, node, size):
    field = receptive_field(ag.load(name), node)
    assert (field.size, field.stride) == (size, 32)


def test_a_unit_behind_a_flatten_sees_everything():
    assert receptive_field(ag.load("alexnet"), "classifier.6").size is None


def test_peak_memory_of_a_chain_is_its_largest_neighbours():
    b = ag.Builder("chain", input=(1, 8, 8))
    x = b.conv("a", b.input, 4, 3, padding=1)
    net = b.build(b.relu("b", b.conv("c", x, 2, 1)))
    # a and c are alive together: (4 + 2) maps of 8×8.
    assert peak_at_inference(net) == (4 + 2) * 64 * 4


def test_peak_memory_keeps_what_a_shortcut_still_needs():
    b = ag.Builder("residual", input=(4, 8, 8))
    x = b.conv("conv1", b.input, 4, 3, padding=1)
    x = b.conv("conv2", x, 4, 3, padding=1)
    net = b.build(b.sum("add", x, b.input))
    assert peak_at_inference(net) == 3 * 4 * 64 * 4


@pytest.mark.parametrize(
    ("kernel", "stride", "dilation"), [(2, 2, 1), (3, 2, 1), (4, 2, 1), (3, 1, 2)]
)
def test_the_receptive_field_behind_a_transposed_convolution_is_what_gradients_reach(
    kernel, stride, dilation
):
    import torch

    b = ag.Builder("up", input=(1, 33, 33))
    x = b.conv("down", b.input, 1, 3, 2)
    net = b.build(b.add("up", ag.ops.ConvTranspose2d(1, 1, kernel, stride, dilation=dilation), x))
    module = ag.to_torch(net)
    for weights in module.parameters():
        torch.nn.init.ones_(weights)
    image = torch.ones(1, 1, 33, 33, requires_grad=True)
    given = module(image)
    middle = given.shape[-1] // 2
    reached = []
    for row in range(middle - 2, middle + 3):
        (gradient,) = torch.autograd.grad(given[0, 0, row, middle], image, retain_graph=True)
        rows = gradient[0, 0].sum(1).nonzero()
        reached.append(int(rows.max() - rows.min()) + 1)
    field = receptive_field(net, "up")
    assert (field.size, field.stride) == (max(reached), 2 // stride)
