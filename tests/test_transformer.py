"""A transformer encoder on image tokens: torch's own state, outputs, file and source agree."""

from __future__ import annotations

import numpy as np
import onnx
import pytest
import torch
from random_graphs import fed
from torch import nn
from written_source import formatted, made_from

import archgraph as ag
from archgraph.exporters.onnx.runtimes import RUNTIMES
from archgraph.exporters.source import source
from archgraph.ops import (
    GELU,
    Add,
    Concat,
    Conv2d,
    Dropout,
    Embedding,
    Expand,
    Input,
    LayerNorm,
    Linear,
    Permute,
    Reshape,
    ScaledDotProductAttention,
    Select,
    Split,
)

WIDTH, HEADS, LAYERS, SIDE, PATCH, CLASSES = 48, 4, 12, 32, 8, 10
TOKENS = (SIDE // PATCH) ** 2 + 1


class Vision(nn.Module):
    """A vision transformer (Dosovitskiy et al., 2021) of torch's own encoder layers."""

    def __init__(self) -> None:
        super().__init__()
        self.patches = nn.Conv2d(3, WIDTH, PATCH, PATCH)
        self.class_token = nn.Parameter(torch.randn(1, 1, WIDTH))
        self.encoder = nn.Module()
        self.encoder.position = nn.Parameter(torch.randn(1, TOKENS, WIDTH))
        self.encoder.layers = nn.ModuleList(
            nn.TransformerEncoderLayer(
                WIDTH, HEADS, 3 * WIDTH, 0.1, "gelu", batch_first=True, norm_first=True
            )
            for _ in range(LAYERS)
        )
        self.norm = nn.LayerNorm(WIDTH, 1e-6)
        self.head = nn.Linear(WIDTH, CLASSES)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return the scores of the classes."""
        x = self.patches(x).flatten(2).transpose(1, 2)
        x = torch.cat([self.class_token.expand(len(x), -1, -1), x], 1) + self.encoder.position
        for layer in self.encoder.layers:
            x = layer(x)
        return self.head(self.norm(x)[:, 0])


def vision() -> ag.ArchGraph:
    """Return the same network, operator by operator."""
    net = ag.ArchGraph(name="vision")
    x = net.add("input", Input((3, SIDE, SIDE)))
    x = net.add("patches", Conv2d(3, WIDTH, PATCH, PATCH), [x])
    x = net.add("row", Reshape(("N", WIDTH, -1)), [x])
    x = net.add("tokens", Permute((0, 2, 1)), [x])
    token = net.store("class_token", (1, 1, WIDTH))
    token = net.add("expanded", Expand(("N", -1, -1)), [token])
    x = net.add("joined", Concat(1), [token, x])
    x = net.add("encoder.add", Add(), [x, net.store("encoder.position", (1, TOKENS, WIDTH))])
    for number in range(LAYERS):
        path = f"encoder.layers.{number}"
        y = net.add(f"{path}.norm1", LayerNorm(WIDTH), [x])
        x = net.add(f"{path}.add1", Add(), [x, attention(net, f"{path}.self_attn", y)])
        y = net.add(f"{path}.norm2", LayerNorm(WIDTH), [x])
        y = net.add(f"{path}.linear1", Linear(WIDTH, 3 * WIDTH), [y])
        y = net.add(f"{path}.activation", GELU(), [y])
        y = net.add(f"{path}.dropout", Dropout(0.1), [y])
        y = net.add(f"{path}.linear2", Linear(3 * WIDTH, WIDTH), [y])
        x = net.add(f"{path}.add2", Add(), [x, y])
    x = net.add("norm", LayerNorm(WIDTH, 1e-6), [x])
    x = net.add("first", Select(0, 1), [x])
    net.set_outputs(net.add("head", Linear(WIDTH, CLASSES), [x]))
    return net


def attention(net: ag.ArchGraph, path: str, x: str) -> str:
    """Add multi-head attention under the keys of nn.MultiheadAttention."""
    keys = {role: f"{path}.in_proj_{role}" for role in ("weight", "bias")}
    whole = net.add(f"{path}.in_proj", Linear(WIDTH, 3 * WIDTH), [x], tensors=keys)
    split = net.add(f"{path}.split", Split((WIDTH,) * 3, -1), [whole])
    parts = []
    for word, part in zip("qkv", (split, f"{split}:1", f"{split}:2"), strict=True):
        heads = Reshape(("N", -1, HEADS, WIDTH // HEADS))
        apart = net.add(f"{path}.{word}_heads", heads, [part])
        parts.append(net.add(f"{path}.{word}", Permute((0, 2, 1, 3)), [apart]))
    y = net.add(f"{path}.attention", ScaledDotProductAttention(), parts)
    y = net.add(f"{path}.turned", Permute((0, 2, 1, 3)), [y])
    y = net.add(f"{path}.joined", Reshape(("N", -1, WIDTH)), [y])
    return net.add(f"{path}.out_proj", Linear(WIDTH, WIDTH), [y])


@pytest.fixture(scope="module")
def both():
    torch.manual_seed(0)
    net, theirs = vision(), Vision().eval()
    ours = ag.to_torch(net, seed=None)
    assert dict(ours.state_dict()).keys() == dict(theirs.state_dict()).keys()
    ours.load_state_dict(theirs.state_dict(), assign=True)
    return net, ours, theirs


def test_the_graph_counts_and_keeps_what_torchs_module_has(both):
    net, ours, theirs = both
    assert net.total("params") == sum(each.numel() for each in theirs.parameters())
    for batch in (1, 3):
        (x,) = fed(net, batch)
        with torch.no_grad():
            torch.testing.assert_close(ours(x), theirs(x), rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("opset", [13, 18, 23])
def test_the_file_takes_any_batch_and_agrees(both, opset, tmp_path):
    net, ours, theirs = both
    path = ag.export_onnx(net, tmp_path / "net.onnx", module=ours, opset=opset)
    onnx.checker.check_model(onnx.load(path), full_check=True)
    for batch in (1, 3):
        (x,) = fed(net, batch)
        run = RUNTIMES["onnxruntime"].prepare(path, {"input": x.numpy()}, net.results)
        with torch.no_grad():
            np.testing.assert_allclose(run()[0], theirs(x).numpy(), rtol=1e-4, atol=1e-5)


def test_the_source_repeats_one_class_and_takes_torchs_state(both, tmp_path):
    net, _, theirs = both
    text = source(net)
    written = made_from(text).eval()
    written.load_state_dict(theirs.state_dict())
    (x,) = fed(net, 2)
    with torch.no_grad():
        torch.testing.assert_close(written(x), theirs(x), rtol=1e-4, atol=1e-5)
    assert "for _ in range(12)" in text
    assert len(text.splitlines()) < 90
    (tmp_path / "net.py").write_text(text, encoding="utf-8")
    formatted(tmp_path)


def test_half_precision_halves_the_bytes_that_the_file_notes(both, tmp_path):
    net, ours, _ = both
    path = ag.export_onnx(net, tmp_path / "net.onnx", module=ours, precision="float16")
    notes = {entry.key: entry.value for entry in onnx.load(path).metadata_props}
    whole = net.total("activation_bytes")
    assert int(notes["archgraph.total_activation_bytes"]) * 2 == whole
    (x,) = fed(net, 2)
    run = RUNTIMES["onnxruntime"].prepare(path, {"input": x.half().numpy()}, net.results)
    with torch.no_grad():
        np.testing.assert_allclose(run()[0], ours(x).numpy(), rtol=2e-2, atol=2e-2)


def language(tied: str) -> ag.ArchGraph:
    """Return a small model of tokens whose last layer has the embedding's weights."""
    net = ag.ArchGraph(name="language")
    x = net.add("input", Input((6,), "int64"))
    x = net.add("wte", Embedding(11, 8), [x])
    x = net.add("h", LayerNorm(8), [x])
    if tied == "alias":
        net.store("wte.weight", (11, 8))
        net.store("lm_head.weight", (11, 8), alias="wte.weight")
        net.add("lm_head", Linear(8, 11, bias=False), [x])
    else:
        net.add("lm_head", Linear(8, 11, bias=False), [x], tensors={"weight": "wte.weight"})
    net.set_outputs("lm_head")
    return net


@pytest.mark.parametrize("tied", ["alias", "key"])
def test_tied_weights_are_one_tensor_everywhere(tied, tmp_path):
    net = language(tied)
    module = ag.to_torch(net, seed=2)
    keys = ["wte.weight", "h.weight", "h.bias"] + ["lm_head.weight"] * (tied == "alias")
    assert sorted(module.state_dict()) == sorted(keys)
    assert net.total("params") == sum(each.numel() for each in module.parameters()) == 11 * 8 + 16
    state = {key: value.clone() for key, value in module.state_dict().items()}
    state.pop("lm_head.weight", None)  # as files that hold a tied tensor once
    loaded = ag.export_onnx(net, tmp_path / "net.onnx", weights=state)
    stored = [tensor.name for tensor in onnx.load(loaded).graph.initializer]
    assert "wte.weight" in stored
    assert "lm_head.weight" not in stored
    written = made_from(source(net)).eval()
    written.load_state_dict(module.state_dict())
    (x,) = fed(net, 3)
    with torch.no_grad():
        wanted = module(x)
        torch.testing.assert_close(wanted, module.h(module.wte(x)) @ module.wte.weight.T)
        torch.testing.assert_close(written(x), wanted)
    run = RUNTIMES["onnxruntime"].prepare(loaded, {"input": x.numpy()}, net.results)
    np.testing.assert_allclose(run()[0], wanted.numpy(), rtol=1e-4, atol=1e-5)


def test_what_is_stored_without_numbers_needs_weights(tmp_path):
    net = ag.ArchGraph(name="masked")
    net.add("x", Input((4,)))
    net.add("y", Add(), ["x", net.store("mask", (4,), kind="buffer")])
    with pytest.raises(ag.errors.ExportError, match=r"'mask'.*'y'.*weights"):
        ag.to_torch(net)
    path = ag.export_onnx(net, tmp_path / "net.onnx", weights={"mask": torch.ones(4)})
    run = RUNTIMES["onnxruntime"].prepare(path, {"x": np.zeros((2, 4), np.float32)}, ["y"])
    assert run()[0].tolist() == [[1.0] * 4] * 2
