"""Formulas for shapes give what torch gives on the meta device: shapes, strides and types."""

from __future__ import annotations

import inspect

import pytest
import torch

from archgraph.importers.torch.shape_formulas import FORMULAS

aten = torch.ops.aten


def meta(*shape: int, dtype: torch.dtype = torch.float32) -> torch.Tensor:
    return torch.empty(shape, dtype=dtype, device="meta")


IMAGES = meta(2, 6, 9, 7)
TURNED = meta(2, 9, 7, 6).permute(0, 3, 1, 2)
TOKENS = meta(2, 5, 8)
HALF = meta(2, 5, 8, dtype=torch.bfloat16)
WHOLE = meta(2, 5, dtype=torch.int64)

UNARY = [
    *("relu", "relu6", "leaky_relu", "elu", "selu", "celu", "gelu", "silu", "mish", "softplus"),
    *("hardswish", "hardsigmoid", "hardtanh", "sigmoid", "tanh", "log_sigmoid", "clamp_min"),
    *("abs", "neg", "exp", "log", "sqrt", "rsqrt", "erf", "sin", "cos", "square", "reciprocal"),
]


def _recurrent(gates: int, layers: int, ways: int) -> list[torch.Tensor]:
    found = []
    for layer in range(layers):
        for _ in range(ways):
            width = 8 if layer == 0 else 4 * ways
            found += [meta(4 * gates, width), meta(4 * gates, 4), meta(4 * gates), meta(4 * gates)]
    return found


def _recurrent_cases():
    for ways, first in ((1, True), (2, False), (2, True)):
        states = meta(2 * ways, 2 if first else 5, 4)
        settings = (True, 2, 0.0, False, ways == 2, first)
        yield aten.lstm.input, TOKENS, [states, states], _recurrent(4, 2, ways), *settings
        yield aten.gru.input, TOKENS, states, _recurrent(3, 2, ways), *settings
        yield aten.rnn_tanh.input, TOKENS, states, _recurrent(1, 2, ways), *settings


def cases():
    for name in UNARY:
        bound = (0.5,) if name == "clamp_min" else ()
        for tensor in (IMAGES, TURNED, TOKENS[:, 1:], HALF):
            yield getattr(aten, name).default, tensor, *bound
    for name in ("relu_", "hardtanh_", "silu_"):
        yield getattr(aten, name).default, IMAGES
    for name in ("add", "sub", "mul", "div", "rsub"):
        for other in (IMAGES, meta(6, 1, 1), meta(1), 3, 0.5, TURNED, meta(2, 1, 9, 7)):
            overload = getattr(aten, name)
            yield (
                (overload.Tensor if isinstance(other, torch.Tensor) else overload.Scalar),
                IMAGES,
                other,
            )
        yield getattr(aten, name).Tensor, meta(5, 1), meta(1, 4)
        yield getattr(aten, name).Tensor, HALF, TOKENS
        yield getattr(aten, name).Tensor, WHOLE, TOKENS[..., 0]
    yield aten.add_.Tensor, IMAGES, meta(6, 1, 1)
    yield aten.mul_.Tensor, IMAGES, 2.0
    for tensor in (IMAGES, TURNED, HALF):
        yield aten.softmax.int, tensor, -1
        yield aten.log_softmax.int, tensor, 1
        yield aten.dropout.default, tensor, 0.5, False
        yield aten.dropout.default, tensor, 0.5, True
    norm = (meta(6), meta(6), meta(6), meta(6), False, 0.1, 1e-5, False)
    yield aten.batch_norm.default, IMAGES, *norm
    yield aten.batch_norm.default, TURNED, *norm
    yield aten.group_norm.default, IMAGES, 3, meta(6), meta(6)
    yield aten.layer_norm.default, TOKENS, [8], meta(8), meta(8)
    yield aten.linear.default, TOKENS, meta(3, 8), meta(3)
    for settings in (
        ((3, 6, 3, 3), [1, 1], [1, 1], [1, 1], 1),
        ((12, 2, 3, 2), [2, 1], [0, 1], [2, 1], 3),
        ((6, 1, 5, 5), [4], [2], [1], 6),
    ):
        yield aten.conv2d.default, IMAGES, meta(*settings[0]), None, *settings[1:]
        yield aten.conv2d.default, TURNED, meta(*settings[0]), None, *settings[1:]
    yield aten.conv1d.default, TOKENS, meta(4, 5, 3), meta(4), [2], [1]
    yield aten.conv3d.default, meta(2, 3, 4, 5, 6), meta(4, 3, 2, 3, 3), None, [1, 2, 2], [0, 1, 1]
    heads = meta(2, 3, 5, 4)
    yield aten.scaled_dot_product_attention.default, heads, heads, meta(2, 3, 5, 7)
    yield aten.scaled_dot_product_attention.default, heads, meta(2, 3, 9, 4), meta(2, 3, 9, 4)
    yield aten.scaled_dot_product_attention.default, heads, heads, heads, meta(2, 1, 5, 5)
    ends = torch.tensor([3, 7, 10], dtype=torch.int32)
    rows, experts = meta(10, 16, dtype=torch.bfloat16), meta(3, 16, 32, dtype=torch.bfloat16)
    yield aten._grouped_mm.default, rows, experts.mT.contiguous().mT, ends
    yield aten.scaled_dot_product_attention.default, TOKENS, TOKENS, TOKENS, meta(2, 5, 5)
    turned = meta(2, 5, 3, 4).transpose(1, 2)
    yield aten.scaled_dot_product_attention.default, turned, turned, turned
    yield aten.cat.default, [IMAGES, IMAGES, meta(2, 1, 9, 7)], 1
    yield aten.cat.default, [TURNED, TURNED], 1
    yield aten.cat.default, [TOKENS, meta(2, 1, 8)], -2
    yield aten.upsample_bilinear2d.vec, IMAGES, [18, 5], False, None
    yield aten.upsample_bilinear2d.vec, TURNED, None, True, [2.0, 1.5]
    yield aten.upsample_nearest2d.vec, IMAGES, None, [2.0, 1.7]
    yield aten.upsample_bicubic2d.vec, IMAGES, [4, 4], True, None
    yield aten.upsample_linear1d.vec, TOKENS, None, False, [2.5]
    yield aten.upsample_nearest3d.vec, meta(2, 3, 4, 5, 6), None, [2.0, 2.0, 1.5]
    yield from _recurrent_cases()
    packed = (
        torch.tensor([2, 2, 1]),
        meta(1, 2, 4),
        _recurrent(3, 1, 1),
        True,
        1,
        0.0,
        False,
        False,
    )
    yield aten.gru.data, meta(5, 8), *packed


CASES = list(cases())


def described(found: object) -> list[tuple[object, ...]]:
    tensors = found if isinstance(found, (list, tuple)) else [found]
    return [(each.shape, each.stride(), each.dtype) for each in tensors]


@pytest.mark.parametrize("case", CASES, ids=[f"{n}-{c[0]}" for n, c in enumerate(CASES)])
def test_a_formula_gives_what_torch_gives(case):
    func, *args = case
    found = FORMULAS[func._schema.name.partition("::")[2]](*args)
    assert found is None or described(found) == described(func(*args))


def test_the_usual_cases_have_a_formula_and_every_formula_is_tried():
    known = {}
    for func, *args in CASES:
        name = func._schema.name.partition("::")[2]
        known.setdefault(name, []).append(FORMULAS[name](*args) is not None)
    assert all(any(each) for each in known.values())
    tried = {FORMULAS[name] for name in known}
    assert {inspect.unwrap(each) for each in FORMULAS.values()} <= {
        inspect.unwrap(each) for each in tried
    }


@pytest.mark.parametrize(
    ("name", "args"),
    [
        ("conv2d", (IMAGES, meta(3, 5, 3, 3), None, [1, 1], [0, 0], [1, 1], 1)),
        ("conv2d", (IMAGES, meta(3, 6, 13, 13), None, [1, 1], [0, 0], [1, 1], 1)),
        ("linear", (TOKENS, meta(3, 7))),
        ("cat", ([IMAGES, TOKENS], 1)),
        ("add", (IMAGES, meta(5, 1, 1))),
        ("scaled_dot_product_attention", (meta(2, 3, 5, 4), meta(2, 3, 6, 4), meta(2, 3, 5, 4))),
        ("layer_norm", (TOKENS, [7])),
    ],
)
def test_sizes_that_do_not_fit_are_left_to_torch(name, args):
    assert FORMULAS[name](*args) is None


@pytest.mark.parametrize("rank", range(6))
@pytest.mark.parametrize("name", sorted(FORMULAS))
def test_tensors_of_any_rank_are_told_rightly_or_left_to_torch(name, rank):
    """No formula fails where torch, which it stands for, has an answer or words of its own."""
    other = meta(*(2, 3, 4, 3, 2)[:rank])
    for func, *args in CASES:
        if func._schema.name.partition("::")[2] != name:
            continue
        changed = [other if isinstance(each, torch.Tensor) else each for each in args]
        for place in range(len(args)):
            alone = [other if at == place else each for at, each in enumerate(args)]
            for given in (changed, alone) if isinstance(args[place], torch.Tensor) else ():
                found = FORMULAS[name](*given)
                try:
                    wanted = func(*given)
                except (RuntimeError, IndexError, ValueError):
                    continue
                assert found is None or described(found) == described(wanted)
