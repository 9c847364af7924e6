"""Attention that is written out becomes one operator, whatever stands between its parts."""

from __future__ import annotations

from math import sqrt

import pytest
import torch
from recognised import assert_law, kinds
from torch import nn

import archgraph as ag
from archgraph import ops

BATCH, HEADS, LENGTH, WIDTH = 2, 4, 5, 8
"""The tests' tokens: of no two axes the extents are equal, so that none is taken for another."""


def mask(*shape: int) -> torch.Tensor:
    """Return numbers to add, of which some hide a score."""
    torch.manual_seed(1)
    hidden = torch.rand(*shape) > 0.7
    hidden[..., 0] = False
    return torch.where(hidden, -torch.inf, torch.randn(*shape))


def plain(q, k, v):
    return torch.softmax(q @ k.transpose(-1, -2) / sqrt(WIDTH), -1) @ v


def scaled_before(q, k, v):
    return (q * WIDTH**-0.5 @ k.transpose(-2, -1)).softmax(-1) @ v


def both_scaled_before(q, k, v):
    root = WIDTH**-0.25
    return ((q * root) @ (k * root).mT).softmax(-1) @ v


def scaled_after_turning(q, k, v):
    return (q @ (k.mT * 0.5)).softmax(-1) @ v


def dropped_out(q, k, v):
    weights = torch.softmax(q @ k.mT, -1)
    return nn.Dropout(0.1).eval()(weights) @ v


def in_other_precision(q, k, v):
    q, k, v = q.half(), k.half(), v.half()
    scores = q @ k.mT * WIDTH**-0.5
    return (torch.softmax(scores, -1, dtype=torch.float32).to(q.dtype) @ v).float()


def masked(q, k, v):
    return torch.softmax(q @ k.mT / sqrt(WIDTH) + mask(LENGTH, LENGTH), -1) @ v


def masked_by_condition(q, k, v):
    seen = mask(LENGTH, LENGTH) > -100
    return torch.where(seen, q @ k.mT, -torch.inf).softmax(-1) @ v


def filled(q, k, v):
    hidden = torch.ones(LENGTH, LENGTH, dtype=torch.bool).triu(1)
    return (q @ k.mT / sqrt(WIDTH)).masked_fill(hidden, -1e9).softmax(-1) @ v


def two_masks(q, k, v):
    scores = q @ k.mT * 0.3 + mask(HEADS, LENGTH, LENGTH)
    return (scores + mask(1, LENGTH)).softmax(-1) @ v


def filled_and_added(q, k, v):
    scores = (q @ k.mT + mask(HEADS, 1, LENGTH)).masked_fill(mask(LENGTH, LENGTH) < -100, -1e9)
    return scores.softmax(-1) @ v


def scaled_with_its_mask(q, k, v):
    return ((q @ k.mT + mask(HEADS, 1, LENGTH)) * 0.25).softmax(-1) @ v


def written_softmax(q, k, v):
    scores = q @ k.mT
    powers = torch.exp(scores - scores.amax(-1, keepdim=True))
    return powers / powers.sum(-1, keepdim=True) @ v


def heads_in_batch(q, k, v):
    q, k, v = (each.reshape(-1, LENGTH, WIDTH) for each in (q, k, v))
    return torch.bmm(torch.bmm(q, k.transpose(1, 2)).softmax(-1), v).view(-1, HEADS, LENGTH, WIDTH)


def heads_in_batch_with_mask(q, k, v):
    shape = q.shape
    q, k, v = (each.reshape(-1, LENGTH, WIDTH) for each in (q, k, v))
    scores = torch.bmm(q, k.transpose(1, 2)).view(*shape[:2], LENGTH, LENGTH) + mask(1, LENGTH)
    weights = scores.view(-1, LENGTH, LENGTH).softmax(-1)
    return torch.bmm(weights, v).view(shape)


def of_one_tensor(q, k, v):
    shape = q.shape
    q, k, v = (each.reshape(-1, LENGTH, WIDTH) for each in (q, k, v))
    bias = mask(HEADS, 1, LENGTH).repeat(shape[0], 1, 1)
    return torch.baddbmm(bias, q, k.mT, beta=1.0, alpha=0.2).softmax(-1).bmm(v).view(shape)


def windows(q, k, v):
    """Mask each of four windows, which stand with the batch, as Swin does."""
    scores = q @ k.mT + mask(1, WIDTH, WIDTH)
    shape = scores.shape
    scores = scores.view(-1, 2, shape[1], *shape[2:]) + mask(2, 1, WIDTH, WIDTH)
    return scores.view(shape).softmax(-1) @ v


def turned_round(q, k, v):
    q, k, v = q.mT, k.mT, v.mT  # as channels, of maps
    weights = (q.transpose(-2, -1) @ k * WIDTH**-0.5).softmax(-1)
    return v @ weights.transpose(-2, -1)


def with_temperature(q, k, v):
    return (q @ k.mT * mask(HEADS, 1, 1).exp()).softmax(-1) @ v


def key_turned_at_once(q, k, v):
    q, v = q.permute(0, 2, 1, 3), v.permute(0, 2, 1, 3)
    return (q @ k.permute(0, 2, 3, 1)).softmax(-1) @ v


FORMS = (
    *(plain, scaled_before, both_scaled_before, scaled_after_turning, dropped_out),
    *(in_other_precision, masked, masked_by_condition, filled, two_masks, filled_and_added),
    *(scaled_with_its_mask, written_softmax, heads_in_batch, heads_in_batch_with_mask),
    *(of_one_tensor, turned_round, with_temperature, key_turned_at_once),
)


class Attention(nn.Module):
    """One way to write it."""

    def __init__(self, form) -> None:
        super().__init__()
        self.form = form

    def forward(self, q, k, v):
        return self.form(q, k, v)


def tokens(*heads: int) -> tuple[torch.Tensor, ...]:
    torch.manual_seed(0)
    return tuple(torch.randn(BATCH, count, LENGTH, WIDTH) for count in heads)


def recognised(form, example) -> ag.ArchGraph:
    """Return what a form is read as, the law checked."""
    module = Attention(form).eval()
    before = ag.load(module, example=example, recognise=False)
    after = ag.load(module, example=example)
    assert_law(before, after)
    return after


def attention_of(net: ag.ArchGraph) -> ops.ScaledDotProductAttention:
    (found,) = [net.op(name) for name in net if net.op(name).kind == "ScaledDotProductAttention"]
    assert not {"MatMul", "Softmax"} & set(kinds(net))
    return found


def same_numbers(net: ag.ArchGraph, module: nn.Module, example) -> None:
    """Compare what a network without weights computes with what the module does."""
    made = ag.to_torch(net).eval()
    with torch.no_grad():
        assert torch.allclose(made(*example), module(*example), atol=2e-3)


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.__name__)
def test_attention_is_found_in_every_form(form):
    attention_of(recognised(form, tokens(HEADS, HEADS, HEADS)))


@pytest.mark.parametrize(
    "form",
    [plain, scaled_before, both_scaled_before, scaled_after_turning, dropped_out,
     in_other_precision, written_softmax, heads_in_batch, turned_round, key_turned_at_once],
    ids=lambda form: form.__name__,
)  # fmt: skip
def test_it_computes_the_same(form):
    example = tokens(HEADS, HEADS, HEADS)
    same_numbers(recognised(form, example), Attention(form), example)


@pytest.mark.parametrize(
    ("form", "scale"),
    [(plain, None), (scaled_before, None), (both_scaled_before, None), (masked, None),
     (scaled_after_turning, 0.5), (dropped_out, 1.0), (two_masks, 0.3),
     (scaled_with_its_mask, 0.25)],
)  # fmt: skip
def test_its_scale(form, scale):
    assert attention_of(recognised(form, tokens(HEADS, HEADS, HEADS))).scale == scale


def test_windows_are_masked_in_the_view_in_which_their_masks_are_added():
    torch.manual_seed(0)
    example = tuple(torch.randn(BATCH * 2, HEADS, WIDTH, LENGTH) for _ in range(3))
    module = Attention(windows)
    before = ag.load(module, example=example, batch=None, recognise=False)
    after = ag.load(module, example=example, batch=None)
    assert_law(before, after)
    name = next(name for name in after if "Attention" in after.op(name).kind)
    query, *_, last = after.reads(name)
    assert after.tensor(query).shape == (BATCH, 2, HEADS, WIDTH, LENGTH)
    assert after.tensor(last).shape == (2, 1, WIDTH, WIDTH)


def repeated(each, times):
    batch, heads, length, width = each.shape
    wide = each[:, :, None].expand(batch, heads, times, length, width)
    return wide.reshape(batch, heads * times, length, width)


def joined(form):
    """Return a form with the heads joined with the batch, parted for the mask and joined again."""

    def of(q, k, v, bias):
        shape = q.shape
        q, k, v = (each.reshape(-1, LENGTH, WIDTH) for each in (q, k, v))
        scores = form(torch.bmm(q, k.transpose(1, 2)).view(*shape[:2], LENGTH, LENGTH), bias)
        return torch.bmm(scores.view(-1, LENGTH, LENGTH).softmax(-1), v).view(shape)

    return of


def seen(scores, bias):
    return torch.where(bias > 0, scores, -1e9)


MASKED = {
    "added": lambda q, k, v, b: (q @ k.mT * 0.3 + b).softmax(-1) @ v,
    "scaled with it": lambda q, k, v, b: ((b + q @ k.mT) / 3).softmax(-1) @ v,
    "seen": lambda q, k, v, b: seen(q @ k.mT, b).softmax(-1) @ v,
    "hidden": lambda q, k, v, b: (q @ k.mT).masked_fill(b > 0, -torch.inf).softmax(-1) @ v,
    "both": lambda q, k, v, b: seen(q @ k.mT + b, b).softmax(-1) @ v,
    "temperature": lambda q, k, v, b: (q @ k.mT / b[:, :, :, :1].exp()).softmax(-1) @ v,
    "joined, added": joined(lambda scores, b: scores + b),
    "joined, seen": joined(seen),
    "turned": lambda q, k, v, b: v.mT @ (q @ k.mT + b).softmax(-1).mT,
}


@pytest.mark.parametrize("form", MASKED)
def test_masks_and_temperatures_that_are_given_compute_the_same(form):
    bias = torch.randn(BATCH, HEADS, LENGTH, LENGTH)
    bias[..., 0] = -1  # hidden nowhere: no row is hidden whole
    bias[..., 1] = 1
    example = (*tokens(HEADS, HEADS, HEADS), bias)

    class Masked(Attention):
        def forward(self, q, k, v, b):
            return self.form(q, k, v, b)

    module = Masked(MASKED[form])
    before = ag.load(module, example=example, recognise=False)
    after = ag.load(module, example=example)
    assert_law(before, after)
    attention_of(after)
    same_numbers(after, module, example)


class TestSharedHeads:
    @pytest.mark.parametrize(
        "repeat",
        [repeated, lambda each, times: each.repeat_interleave(times, 1)],
        ids=["expand", "repeat_interleave"],
    )
    def test_heads_that_are_repeated_for_several_queries(self, repeat):
        form = lambda q, k, v: plain(q, repeat(k, 2), repeat(v, 2))  # noqa: E731
        example = tokens(HEADS, 2, 2)
        net = recognised(form, example)
        assert attention_of(net).enable_gqa
        assert len(net) == 4
        same_numbers(net, Attention(form), example)

    def test_one_head_for_all(self):
        example = tokens(HEADS, 1, 1)
        net = recognised(plain, example)
        assert not attention_of(net).enable_gqa
        same_numbers(net, Attention(plain), example)

    def test_heads_of_which_only_the_keys_are_repeated_stay_repeated(self):
        form = lambda q, k, v: plain(q, repeated(k, 2), v)  # noqa: E731
        net = recognised(form, tokens(HEADS, 2, HEADS))
        assert not attention_of(net).enable_gqa
        assert "Expand" in kinds(net)


class TestNearly:
    @pytest.mark.parametrize(
        "form",
        [
            lambda q, k, v: (q @ k.mT).softmax(-2) @ v,
            lambda q, k, v: (q @ k.mT).tanh().softmax(-1) @ v,
            lambda q, k, v: (q @ k.mT).sigmoid() @ v,
            lambda q, k, v: ((q @ k.mT).softmax(-1) * mask(LENGTH, LENGTH).exp()) @ v,
            lambda q, k, v: (q @ k.mT).masked_fill(mask(LENGTH, LENGTH) < 0, 0.0).softmax(-1) @ v,
            lambda q, k, v: (q @ k.mT * mask(1, LENGTH).exp()).softmax(-1) @ v,
        ],
    )
    def test_what_is_nearly_attention_stays_in_parts(self, form):
        net = recognised(form, tokens(HEADS, HEADS, HEADS))
        assert kinds(net).count("MatMul") == 2

    def test_weights_that_are_returned_stay(self):
        def form(q, k, v):
            weights = (q @ k.mT).softmax(-1)
            return weights @ v, weights

        assert kinds(recognised(form, tokens(HEADS, HEADS, HEADS))).count("MatMul") == 2


class TestNodes:
    def test_a_mask_that_is_chosen_keeps_the_node_that_chose(self):
        net = recognised(filled, tokens(HEADS, HEADS, HEADS))
        assert list(net)[3:] == ["masked_fill", "attention"]
        assert net.tensors["masked_fill.zero"].value == (0.0,)
        assert net.reads("attention")[3] == "masked_fill"

    def test_masks_are_added_where_the_second_was(self):
        net = recognised(two_masks, tokens(HEADS, HEADS, HEADS))
        assert list(net)[3:] == ["add_1", "attention"]
        assert net.tensor("add_1").shape == (HEADS, LENGTH, LENGTH)

    def test_a_written_file_gives_the_same_numbers(self, tmp_path):
        import onnxruntime

        example = tokens(HEADS, 2, 2)
        form = lambda q, k, v: plain(q, repeated(k, 2), repeated(v, 2))  # noqa: E731
        net = recognised(form, example)
        for opset in (17, 23):
            path = ag.export_onnx(net, tmp_path / f"{opset}.onnx", opset=opset)
            session = onnxruntime.InferenceSession(path)
            names = [each.name for each in session.get_inputs()]
            given = {n: e.numpy() for n, e in zip(names, example, strict=True)}
            (found,) = session.run(None, given)
            assert torch.allclose(torch.tensor(found), form(*example), atol=1e-5)
