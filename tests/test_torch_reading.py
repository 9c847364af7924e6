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
