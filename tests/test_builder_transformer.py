"""A page of Builder code is a transformer that torchvision's weights fit, drawn and exported."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch_networks import torchvision

import archgraph as ag
from archgraph.exporters.pytorch import load_state

WIDTH, HIDDEN, HEADS, LAYERS, CLASSES = 64, 128, 4, 12, 10


def encoder() -> ag.ArchGraph:
    """Return a vision transformer of 12 layers on 32 × 32 images, as a user would write it."""
    b = ag.Builder("encoder", input=(3, 32, 32))
    x = b.conv("conv_proj", b.input, WIDTH, 8, 8)
    x = b.permute("tokens", b.reshape("patches", x, (WIDTH, 16)), 0, 2, 1)
    token = b.expand("class", b.parameter("class_token", (1, 1, WIDTH)), (1, WIDTH))
    x = b.concat("with_class", token, x)
    x = b.sum("encoder.add", x, b.parameter("encoder.pos_embedding", (1, 17, WIDTH)))
    for index in range(LAYERS):
        path = f"encoder.layers.encoder_layer_{index}"
        with b.block(path, f"layer {index + 1}", path=path):
            y = b.attention("self_attention", b.layer_norm("ln_1", x, eps=1e-6), HEADS)
            x = b.sum("add_1", x, y)
            y = b.linear("mlp.0", b.layer_norm("ln_2", x, eps=1e-6), HIDDEN)
            x = b.sum("add_2", x, b.linear("mlp.3", b.gelu("mlp.1", y), WIDTH))
    x = b.select("class_output", b.layer_norm("encoder.ln", x, eps=1e-6), 0)
    return b.build(b.linear("heads.head", x, CLASSES))


@pytest.fixture(scope="module")
def theirs():
    module = torchvision().VisionTransformer(
        32, 8, LAYERS, HEADS, WIDTH, HIDDEN, num_classes=CLASSES
    )
    for tensor in module.parameters():
        torch.nn.init.normal_(tensor, std=0.1, generator=torch.Generator().manual_seed(1))
    return module.eval()


@pytest.fixture(scope="module")
def images():
    return torch.randn(3, 3, 32, 32, generator=torch.Generator().manual_seed(2))


def test_it_takes_the_state_dict_and_computes_the_same(theirs, images):
    ours = load_state(ag.to_torch(encoder(), seed=None), theirs.state_dict())
    with torch.no_grad():
        torch.testing.assert_close(ours(images), theirs(images), rtol=1e-4, atol=1e-5)


def test_its_costs_are_those_of_the_module_that_is_read(theirs):
    ours, read = encoder(), ag.load(theirs, input=(3, 32, 32))
    for metric in ("params", "macs"):
        for batch in (1, 2, 3):
            assert ours.total(metric, batch=batch) == read.total(metric, batch=batch)


@pytest.mark.parametrize("batch", [1, 3])
def test_its_onnx_file_gives_the_same(theirs, images, batch, tmp_path):
    import onnxruntime

    path = ag.export_onnx(encoder(), tmp_path / "x.onnx", weights=theirs.state_dict())
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    (given,) = session.run(None, {"input": images[:batch].numpy()})
    with torch.no_grad():
        wanted = theirs(images[:batch]).numpy()
    np.testing.assert_allclose(given, wanted, rtol=1e-3, atol=1e-5)


def test_its_source_takes_the_same_weights_and_gives_the_same(theirs, images, tmp_path):
    path = ag.export(encoder(), tmp_path / "encoder.py")
    names: dict[str, object] = {}
    exec(compile(path.read_text(encoding="utf-8"), str(path), "exec"), names)
    kinds = [
        kind
        for kind in names.values()
        if isinstance(kind, type)
        and issubclass(kind, torch.nn.Module)
        and kind.__name__.lower() == "encoder"
    ]
    module = kinds[0]().eval()
    module.load_state_dict(theirs.state_dict(), strict=True)
    with torch.no_grad():
        torch.testing.assert_close(module(images), theirs(images), rtol=1e-4, atol=1e-5)


def test_it_is_drawn_with_its_layers_as_one(tmp_path):
    path = ag.draw(encoder(), tmp_path / "encoder.svg")
    assert "layer 1–12 × 12" in path.read_text(encoding="utf-8") or (
        "layer 1 × 12" in path.read_text(encoding="utf-8")
    )


def test_todays_checkpoint_of_vit_b_16_fits_the_gallerys():
    with torch.device("meta"):
        wanted = {k: tuple(t.shape) for k, t in torchvision().vit_b_16().state_dict().items()}
    made = ag.to_torch(ag.load("vit_b_16"), seed=None).state_dict()
    assert {key: tuple(tensor.shape) for key, tensor in made.items()} == wanted
