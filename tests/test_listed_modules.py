"""A sample of the list that `make modules` reads: parameters and MACs are torch's, exactly."""

import math

import pytest
import torch

import archgraph as ag

listed = pytest.importorskip("bench.modules.listed", reason="not in a checkout")
oracle = pytest.importorskip("bench.modules.oracle")

SAMPLE = [
    "LSTMCell in a loop",
    "packed sequences",
    "nn.MultiheadAttention, masked",
    "attention, rotary by complex numbers",
    "variational autoencoder",
    "data-dependent if",
    ".item()",
    "complex Fourier layer",
    "in-place writes",
    "recommender, EmbeddingBag",
    "gated Conv1d, weight_norm",
    "mixture of experts, one after another",
    "spectral norm",
    "quantised dynamically",
    "DataParallel",
    "autocast",
    "Phi3",
    "Mamba",
    "T5",
    "Longformer",
    "shufflenet_v2_x1_0",
    "levit_128s",
    "FPN on efficientnet-b0",
]


@pytest.mark.usefixtures("one_thread")
@pytest.mark.parametrize("name", SAMPLE)
def test_what_others_wrote_counts_as_in_torch(name):
    entry = next(each for each in listed.every() if each.name == name)

    def made():
        torch.manual_seed(1)
        try:
            return entry.make().eval()
        except ImportError as error:
            pytest.skip(str(error))

    module, examples = made(), [entry.example(batch) for batch in (2, 3)]
    net = ag.load(module, example=examples[0])
    unused = sum(math.prod(net.tensors[key].shape) for key in net.graph.get("unused", ()))
    assert net.total("params") + unused == oracle.parameters(module)
    counted = oracle.counted(made, examples)
    for batch, example, count in zip((2, 3), examples, counted, strict=True):
        more = 0 if entry.skipped is None else entry.skipped(module, batch)
        # Where the routes of tokens are looked at, each batch is a network of its own.
        read = net if net.batched else ag.load(module, example=example)
        assert read.total("macs", batch=batch if read.batched else 1) == count + more
