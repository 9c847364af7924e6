"""ONNX files of many nodes for measuring: blocks as torch's exporters write them, repeated.

A block is exported once and its nodes are copied under new names, so that a file of 100,000 nodes
takes seconds and not hours to make; what it holds is what an export of the whole would.
"""

from __future__ import annotations

import io
import math
import warnings
from collections.abc import Mapping
from functools import cache
from typing import Any

import torch
from onnx import ModelProto, helper, load_from_string, numpy_helper
from torch import Tensor, nn

__all__ = ["NETWORKS", "network", "residual"]

WIDTH, HEADS, TOKENS = 80, 4, 16
"""Small, for an export holds the numbers of its weights; nodes are as many for any width."""


class Transformer(nn.Module):
    """A layer of BERT, its attention written out in products."""

    def __init__(self) -> None:
        super().__init__()
        self.query, self.key, self.value, self.out = (nn.Linear(WIDTH, WIDTH) for _ in range(4))
        self.before, self.after = nn.LayerNorm(WIDTH), nn.LayerNorm(WIDTH)
        self.up, self.down = nn.Linear(WIDTH, 4 * WIDTH), nn.Linear(4 * WIDTH, WIDTH)
        self.gelu = nn.GELU()

    def heads(self, x: Tensor) -> Tensor:
        """Return the heads of tokens, in front of these."""
        return x.view(*x.shape[:-1], HEADS, -1).transpose(1, 2)

    def forward(self, x: Tensor) -> Tensor:
        """Return the tokens after attention and a layer of two products."""
        read = self.before(x)
        q, k, v = (self.heads(each(read)) for each in (self.query, self.key, self.value))
        scores = torch.softmax(q @ k.transpose(-1, -2) / math.sqrt(WIDTH / HEADS), -1)
        x = x + self.out((scores @ v).transpose(1, 2).reshape(*x.shape))
        return x + self.down(self.gelu(self.up(self.after(x))))


class Bottleneck(nn.Module):
    """A block of ResNet-50."""

    def __init__(self) -> None:
        super().__init__()
        widths = ((WIDTH, WIDTH // 4, 1), (WIDTH // 4, WIDTH // 4, 3), (WIDTH // 4, WIDTH, 1))
        parts: list[nn.Module] = []
        for read, made, size in widths:
            conv = nn.Conv2d(read, made, size, padding=size // 2, bias=False)
            parts += [conv, nn.BatchNorm2d(made), nn.ReLU()]
        self.body, self.relu = nn.Sequential(*parts[:-1]), nn.ReLU()

    def forward(self, x: Tensor) -> Tensor:
        """Return the maps with what the convolutions make of them."""
        return self.relu(x + self.body(x))


class Mixed(nn.Module):
    """A block that convolves, gates its channels, and then attends to places, as hybrids do."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(WIDTH, WIDTH, 3, padding=1, groups=WIDTH)
        self.norm, self.silu = nn.BatchNorm2d(WIDTH), nn.SiLU()
        self.squeeze, self.excite = nn.Conv2d(WIDTH, 8, 1), nn.Conv2d(8, WIDTH, 1)
        self.transformer = Transformer()

    def forward(self, x: Tensor) -> Tensor:
        """Return maps of the shape that was given."""
        made = self.silu(self.norm(self.conv(x)))
        gate = self.excite(torch.relu(self.squeeze(made.mean((2, 3), keepdim=True))))
        x = x + made * torch.sigmoid(gate)
        tokens = self.transformer(x.flatten(2).transpose(1, 2))
        return tokens.transpose(1, 2).reshape(x.shape)


IMAGE, ROW = (2, WIDTH, 4, 4), (2, TOKENS, WIDTH)

NETWORKS: Mapping[str, tuple[type[nn.Module], tuple[int, ...], bool]] = {
    "ResNet": (Bottleneck, IMAGE, False),
    "transformer": (Transformer, ROW, False),
    "transformer, torch's newer exporter": (Transformer, ROW, True),
    "convolutions and attention": (Mixed, IMAGE, False),
}
"""What the files hold: the block, what it reads, whether torch's newer exporter writes it."""


def network(name: str, count: int) -> ModelProto:
    """Return a network of about so many nodes: one of ``NETWORKS``."""
    block = _exported(name)
    return _repeated(block, max(1, round(count / len(block.graph.node))))


@cache
def _exported(name: str) -> ModelProto:
    kind, shape, newer = NETWORKS[name]
    file, x = io.BytesIO(), torch.zeros(shape)
    torch.manual_seed(0)
    stacked = nn.Sequential(kind().eval())
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        if newer:
            sizes = ({0: torch.export.Dim("batch")},)
            program = torch.onnx.export(
                stacked, (x,), dynamo=True, dynamic_shapes=sizes, verbose=False
            )
            assert program is not None
            program.save(file)
        else:
            axes = {"x": {0: "batch"}}
            torch.onnx.export(
                stacked,
                (x,),
                file,
                dynamo=False,
                input_names=["x"],
                dynamic_axes=axes,
                opset_version=13,
            )
    return load_from_string(file.getvalue())


def _repeated(block: ModelProto, times: int) -> ModelProto:
    """Return a network of a block again and again, each with values and weights of its own."""
    model = ModelProto()
    model.CopyFrom(block)
    graph, body = model.graph, block.graph
    del graph.node[:], graph.initializer[:], graph.value_info[:]
    first, last = body.input[0].name, body.output[0].name
    data = first
    for number in range(times):
        names = {first: data}

        def called(name: str, number: int = number, names: dict[str, str] = names) -> str:
            """Return a name of the block as that of its copy: ``0.up.weight``, ``/0/up/Add``."""
            if not name:
                return ""
            return names.get(name) or _numbered(name, number)

        for tensor in body.initializer:
            graph.initializer.add().CopyFrom(tensor)
            graph.initializer[-1].name = called(tensor.name)
        for info in body.value_info:
            graph.value_info.add().CopyFrom(info)
            graph.value_info[-1].name = called(info.name)
        for node in body.node:
            made = graph.node.add()
            made.CopyFrom(node)
            made.name = called(node.name)
            made.input[:] = map(called, node.input)
            made.output[:] = map(called, node.output)
            for entry in made.metadata_props:
                if entry.key == "pkg.torch.onnx.name_scopes":
                    entry.value = entry.value.replace("'0", f"'{number}")
        data = called(last)
    graph.output[0].name = data
    return model


def _numbered(name: str, number: int) -> str:
    if name.startswith("0."):
        return f"{number}{name[1:]}"
    if name.startswith("/0/"):
        return f"/{number}/{name[3:]}"
    return f"{name}.{number}"


def residual(count: int, width: int = 16, *, outside: str = "") -> Any:
    """Return a model of about so many nodes: y = x + relu(conv(x)), again and again.

    With ``outside`` its weights are said to lie in a file of that name.
    """
    import numpy as np
    from onnx import TensorProto

    nodes, weights, value = [], [], "x"
    numbers = np.random.default_rng(0).standard_normal((width, width, 3, 3)).astype(np.float32)
    for block in range(count // 3):
        name, path = f"blocks.{block}.conv.weight", f"/blocks.{block}"
        if outside:
            tensor = TensorProto(name=name, data_type=1, dims=numbers.shape, data_location=1)
            size = numbers.nbytes
            places = {"location": outside, "offset": str(block * size), "length": str(size)}
            for key, word in places.items():
                tensor.external_data.add(key=key, value=word)
        else:
            tensor = numpy_helper.from_array(numbers, name)
        weights.append(tensor)
        read = [value, name]
        conv, relu, value = f"c{block}", f"r{block}", f"x{block}"
        same = {"kernel_shape": [3, 3], "pads": [1] * 4, "strides": [1, 1]}
        nodes += [
            helper.make_node("Conv", read, [conv], name=f"{path}/conv/Conv", **same),
            helper.make_node("Relu", [conv], [relu], name=f"{path}/relu/Relu"),
            helper.make_node("Add", [relu, read[0]], [value], name=f"{path}/Add"),
        ]
    image = helper.make_tensor_value_info("x", 1, ["batch", width, 8, 8])
    result = helper.make_tensor_value_info(value, 1, None)
    graph = helper.make_graph(nodes, "residual", [image], [result], weights)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
