"""Receptive fields are what gradients reach, and what papers print."""

from __future__ import annotations

from fractions import Fraction

import pytest

import archgraph as ag
from archgraph import ops
from archgraph.analysis import receptive_field, receptive_fields


def _chain(*layers: ops.Op, input: tuple[int, ...] = (1, 64, 64)) -> ag.ArchGraph:
    b = ag.Builder("chain", input=input)
    x = b.input
    for number, op in enumerate(layers):
        x = b.add(f"layer{number}", op, x)
    return b.build(x)


def _last(net: ag.ArchGraph, axis: int = 0):
    return receptive_field(net, net.outputs[0], axis)


@pytest.mark.parametrize("seed", range(24))
def test_random_networks_see_what_gradients_reach(seed):
    comparing = pytest.importorskip("bench.receptive.comparing")
    found = comparing.random_compared(seed)
    assert (found.count, found.wrong) == (1, [])


@pytest.mark.parametrize("name", ["lenet5", "inception_reduced", "resnet20_cifar"])
def test_the_gallery_sees_what_gradients_reach(name):
    comparing = pytest.importorskip("bench.receptive.comparing")
    found = comparing.with_gradients(ag.load(name))
    assert found.count >= 3
    assert not found.wrong


def test_starts_and_centres_follow_the_formula_of_distill():
    # AlexNet without padding and with: start' = start − p · j, by hand.
    field = _last(
        _chain(ops.Conv2d(1, 1, 11, 4, 2), ops.MaxPool2d(3, 2), ops.Conv2d(1, 1, 5, 1, 2))
    )
    assert (field.size, field.stride, field.start, field.centre) == (51, 8, -18, 7)
    assert field.span(2) == (-2, 48)


def test_height_and_width_are_told_apart():
    net = _chain(ops.Conv2d(1, 1, (3, 7), (1, 2), (1, 0)))
    assert (_last(net).size, _last(net, 1).size) == (3, 7)
    assert (_last(net).start, _last(net, 1).start) == (-1, 0)
    assert dict(net.values("receptive_field_width"))["layer0"] == 7
    assert dict(net.values("receptive_field_start"))["layer0"] == -1


def test_neighbours_behind_a_resize_see_different_pixels_by_turns():
    field = _last(_chain(ops.Resize(scale=(2.0, 2.0)), ops.Conv2d(1, 1, 2)))
    assert field.spans == ((0, 0), (0, 1))
    assert (field.size, field.stride) == (2, Fraction(1, 2))
    assert field.span(5) == (2, 3)


def test_where_paths_join_off_centre_the_union_counts_and_it_is_told():
    b = ag.Builder("join", input=(2, 16, 16))
    ahead = b.add("ahead", ops.Slice(0, 12, 2), b.input)
    behind = b.add("behind", ops.Slice(4, 16, 2), b.input)
    field = _last(b.build(b.sum("add", ahead, behind)))
    assert (field.size, field.start, field.aligned) == (5, 0, False)


def test_what_is_at_another_rate_is_unknown():
    b = ag.Builder("rates", input=(2, 16, 16))
    half = b.add("half", ops.Slice(0, 16, 2, 2), b.input)
    first = b.add("first", ops.Slice(0, 8, 2), b.input)
    assert _last(b.build(b.sum("add", half, first))) is None


@pytest.mark.parametrize(
    "layers",
    [
        (ops.GlobalAvgPool2d(),),
        (ops.Flatten(), ops.Linear(64 * 64, 3)),
        (ops.Flatten(), ops.Linear(64 * 64, 3), ops.ReLU()),
        (ops.Reduce("mean", (2, 3)),),
        (ops.AdaptiveAvgPool2d(1),),
    ],
)
def test_a_unit_that_reads_whole_maps_sees_all(layers):
    field = _last(_chain(*layers))
    assert (field.size, field.start) == (None, None)


def test_axes_are_followed_wherever_they_go():
    last = (ops.Permute((0, 2, 3, 1)), ops.LayerNorm((1,)), ops.Permute((0, 3, 1, 2)))
    field = _last(_chain(ops.Conv2d(1, 1, 3), *last, ops.Conv2d(1, 1, 3)))
    assert (field.size, field.stride) == (5, 1)


def test_tokens_of_patches_see_their_patch_and_attention_sees_all():
    fields = receptive_fields(ag.load("vit_b_16"))
    assert fields["tokens"].size == 16
    assert fields["tokens"].stride is None
    assert fields["class"].size == 0
    assert fields["heads.head"].size is None


def test_adaptive_pooling_sees_what_pytorch_documents():
    # torch.nn.AdaptiveAvgPool2d: from floor(i · H / H') to ceil((i + 1) · H / H').
    field = _last(_chain(ops.AdaptiveAvgPool2d(5), input=(1, 7, 7)))
    spans = [field.span(i) for i in range(5)]
    assert spans == [(i * 7 // 5, -(-(i + 1) * 7 // 5) - 1) for i in range(5)]


def test_more_phases_than_the_limit_are_unknown():
    assert _last(_chain(ops.Resize(size=(1000, 1000)), input=(1, 7, 7))) is None


def test_an_axis_that_no_input_has_is_unknown():
    net = _chain(ops.Conv1d(1, 1, 3), input=(1, 9))
    assert _last(net).size == 3
    assert _last(net, 1) is None
