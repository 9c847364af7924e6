"""Reading a module of PyTorch: the batch, what stays as it was, and mistakes."""

import subprocess
import sys
from pathlib import Path

import pytest
import torch
from torch import nn

import archgraph as ag


def test_the_batch_is_axis_0_unless_told_otherwise():
    sequence = nn.LSTM(8, 16)
    net = ag.load(sequence, example=torch.ones(5, 1, 8), batch=1)
    assert net.nodes["input"]["shape"] == (5, 8)
    assert net.total("macs", batch=3) == 3 * 5 * 4 * 16 * (8 + 16)

    class Masked(nn.Module):
        def forward(self, x, mask):
            return x.masked_fill(mask, 0.0)

    example = (torch.ones(1, 4, 4), torch.ones(4, 4, dtype=torch.bool))
    for batch in ({"mask": None}, (0, None)):
        net = ag.load(Masked(), example=example, batch=batch)
        assert net.batched
        assert net.nodes["mask"]["outputs"][0].shape == (4, 4)


def test_a_module_of_one_size_is_read_as_it_stands():
    class Fixed(nn.Module):
        def __init__(self):
            super().__init__()
            self.head = nn.Linear(12, 2)

        def forward(self, x):
            return self.head(x.view(1, 12))

    net = ag.load(Fixed(), input=(3, 4))
    assert not net.batched
    assert net.nodes["input"]["outputs"][0].shape == (1, 3, 4)
    assert net.total("macs") == 24


def test_modes_weights_and_the_generator_are_left_as_they_were():
    module = nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.Dropout(0.5))
    module[1].eval()
    before = {key: each.clone() for key, each in module.state_dict().items()}
    owners = dict(module.named_parameters())
    state = torch.get_rng_state()
    for training in (False, True):
        ag.load(module, input=(3, 8, 8), training=training)
        with pytest.raises(ag.ArchGraphError):
            ag.load(module, input=(2, 8, 8), training=training)
    assert [each.training for each in module.modules()] == [True, True, False, True]
    assert torch.equal(torch.get_rng_state(), state)
    assert all(torch.equal(before[key], each) for key, each in module.state_dict().items())
    assert all(owners[key] is each for key, each in module.named_parameters())
    assert not any(each._forward_hooks for each in module.modules())


def test_types_of_parameters_are_kept():
    net = ag.load(nn.Linear(4, 2).half(), input=(4,))
    assert net.tensors["weight"].dtype == "float16"
    assert net.nodes["linear"]["outputs"][0].dtype == "float16"


def test_parameters_that_nobody_reads_are_told_and_not_counted():
    module = nn.Sequential(nn.Linear(4, 3))
    module.spare = nn.Parameter(torch.ones(5))
    module.forward = lambda x: module[0](x)
    net = ag.load(module, input=(4,))
    assert net.graph["unused"] == ["spare"]
    assert net.total("params") == 15


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"input": (5,)}, r"'1' \(Linear\)"),
        ({}, "input=|example="),
        ({"input": (4,), "example": torch.ones(1, 4)}, "either"),
        ({"input": (4, 0)}, "positive"),
        ({"example": 3}, "no tensor"),
        ({"example": torch.ones(1, 4), "batch": 7}, "batch is 7"),
        ({"example": torch.ones(1, 4), "batch": {"y": 0}}, "'y'"),
        ({"input": (4,), "trainig": True}, "training"),
    ],
)
def test_mistakes_are_told_in_one_sentence(options, words):
    module = nn.Sequential(nn.Identity(), nn.Linear(4, 2))
    with pytest.raises(ag.ArchGraphError, match=words) as told:
        ag.load(module, **options)
    assert "\n" not in str(told.value)


def test_lazy_layers_must_have_run():
    with pytest.raises(ag.ArchGraphError, match="weight"):
        ag.load(nn.LazyLinear(3), input=(4,))


def test_other_sources_are_loaded_without_torch():
    code = "import sys, archgraph as ag; ag.load('alexnet'); print('torch' in sys.modules)"
    run = [sys.executable, "-c", code]
    found = subprocess.run(run, capture_output=True, text=True, check=True, cwd=Path.cwd())
    assert found.stdout.strip() == "False"


IMAGE = torch.nn.Sequential(
    torch.nn.Conv2d(3, 4, 3, padding="same"),
    torch.nn.MaxPool2d(2),
    torch.nn.AvgPool2d(2),
    torch.nn.ConvTranspose2d(4, 2, 2),
    torch.nn.AdaptiveAvgPool2d(2),
)
SOUND = torch.nn.Sequential(torch.nn.Conv1d(3, 4, 3), torch.nn.MaxPool1d(2))


@pytest.mark.parametrize(("module", "shape"), [(IMAGE, (3, 16, 16)), (SOUND, (3, 16))])
def test_one_image_without_a_batch_goes_through_the_same_layers(module, shape):
    torch.manual_seed(0)
    image = torch.randn(shape)
    net = ag.load(module, example=image, batch=None)
    kinds = [net.op(name).kind for name in net]
    assert [kind for kind in kinds if kind not in ("Input", "Reshape")] == [
        type(layer).__name__ for layer in module
    ]
    assert net.total("macs") == ag.load(module, example=image[None]).total("macs")
    assert torch.equal(ag.to_torch(net)(image), module(image))


class Attention(torch.nn.Module):
    """Attention with the heads on the axis of the batch, and a bias on its scores."""

    def __init__(self):
        super().__init__()
        self.qkv = torch.nn.Linear(16, 48)
        self.bias = torch.nn.Parameter(torch.randn(2, 5, 5))
        self.scale = torch.nn.Parameter(torch.randn(16))

    def forward(self, x):
        rows = self.qkv(x).reshape(len(x), 5, 3, 2, 8).permute(2, 0, 3, 1, 4)
        query, key, value = rows.reshape(3, 2 * len(x), 5, 8).unbind(0)
        bias = self.bias.repeat(len(x), 1, 1)
        found = torch.nn.functional.scaled_dot_product_attention(query, key, value, bias)
        found = found.view(len(x), 2, 5, 8).transpose(1, 2).reshape(len(x), 5, 16)
        return torch.nn.functional.rms_norm(found, (16,), 1 + self.scale)


def test_attention_without_an_axis_for_heads_and_a_norm_with_computed_weights():
    torch.manual_seed(0)
    module, tokens = Attention().eval(), torch.randn(3, 5, 16)
    net = ag.load(module, input=(5, 16))
    kinds = [net.op(name).kind for name in net]
    assert {"Linear", "ScaledDotProductAttention", "RMSNorm"} <= set(kinds)
    assert net.total("macs") == 5 * 16 * 48 + 2 * 2 * 5 * 5 * 8
    found = ag.to_torch(net)(tokens)
    assert torch.allclose(found, module(tokens), atol=1e-5)
