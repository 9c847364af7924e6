"""Every published number has a source, and torch counts the same from the papers' layers."""

from __future__ import annotations

import pytest
import torch
from counted_networks import COUNTED, INCEPTIONS, alexnet, inception
from facts import ALEXNET_LAYERS, GOOGLENET_MODULES, SOURCES, TOTALS, TRAINING_TOTALS
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.utils.flop_counter import FlopCounterMode

ROWS = TOTALS | {f"{name} with heads": row for name, row in TRAINING_TOTALS.items()}


def counted(name: str, shape: tuple[int, ...]) -> tuple[int, int]:
    """Return parameters and multiply-adds as torch counts them, without any weights."""
    with torch.device("meta"):
        module = COUNTED[name]().eval()
        with FlopCounterMode(display=False) as counter, sdpa_kernel(SDPBackend.MATH):
            module(torch.empty(1, *shape))
    params = sum(parameter.numel() for parameter in module.parameters())
    return params, counter.get_total_flops() // 2


def test_every_row_names_its_source():
    assert {row.source for row in ROWS.values()} | {"lecture"} == set(SOURCES)
    assert all(len(source.split()) >= 2 for source in SOURCES.values())


def test_every_row_is_counted():
    assert set(COUNTED) == set(ROWS)


@pytest.mark.parametrize("name", ROWS)
def test_torch_counts_what_the_row_says(name):
    row = ROWS[name]
    assert counted(name, row.input) == (row.params, row.macs)


@pytest.mark.parametrize("name", [n for n, row in ROWS.items() if row.source == "torchvision"])
def test_the_documentation_prints_the_same_rounded(name):
    assert round(ROWS[name].macs / 1e9, 3) == ROWS[name].gmacs


@pytest.mark.parametrize("row", GOOGLENET_MODULES, ids=lambda row: row[0])
def test_torch_counts_the_modules_of_the_papers_table(row):
    name, widths, (channels, *size), params, macs = row
    before, *same = INCEPTIONS[name]
    assert tuple(same) == widths
    with torch.device("meta"), FlopCounterMode(display=False) as counter:
        module = inception(before, *widths)
        assert module(torch.empty(1, before, *size)).shape == (1, channels, *size)
    assert sum(parameter.numel() for parameter in module.parameters()) == params
    assert counter.get_total_flops() == 2 * macs


def test_torch_has_the_layers_of_the_lectures_table():
    rows = iter(ALEXNET_LAYERS)
    with torch.device("meta"):
        x = torch.empty(1, 3, 227, 227)
        *maps, (_, *dense) = alexnet()
        for layer in (*maps, *dense):
            label, shape, kib, params, count = next(rows)
            reads = x[0].numel()
            x = layer(x.flatten(1) if layer in dense else x)
            assert tuple(x.shape[1:]) == shape, label
            assert kib * 1024 == x.numel() * x.element_size(), label
            assert sum(parameter.numel() for parameter in layer.parameters()) == params, label
            if isinstance(layer, torch.nn.Linear):
                window = reads
            elif isinstance(layer, torch.nn.MaxPool2d):
                window = layer.kernel_size**2
            else:
                window = layer.weight[0].numel()
            assert count == x.numel() * window, label
    assert not list(rows)
