"""ONNX files of torch's exporters cost what torch counts, for any batch that they take."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnx
import pytest
import torch
from onnx import TensorProto, helper, numpy_helper
from torch import nn
from torch_networks import macs_of, torchvision, transformers

import archgraph as ag
from archgraph.provenance import whole_origin
from archgraph.tensors import N

Arguments = tuple[torch.Tensor, ...]


class Siamese(nn.Module):
    """One branch for both of its inputs."""

    def __init__(self) -> None:
        super().__init__()
        self.branch = nn.Sequential(
            nn.Conv2d(3, 8, 3), nn.ReLU(), nn.Flatten(), nn.Linear(8 * 36, 4)
        )

    def forward(self, one, other):
        return (self.branch(one) - self.branch(other)).pow(2).sum(1).sqrt()


class SixTimes(nn.Module):
    """One layer that runs six times."""

    def __init__(self) -> None:
        super().__init__()
        self.layer = nn.Linear(8, 8)

    def forward(self, x):
        for _ in range(6):
            x = torch.relu(self.layer(x))
        return x


class Tokens(nn.Module):
    """A model of transformers with tokens in and logits out."""

    def __init__(self, model: nn.Module) -> None:
        super().__init__()
        self.model = model

    def forward(self, tokens):
        return self.model(tokens).logits


class Towers(nn.Module):
    """CLIP: images against texts, each with each."""

    def __init__(self, model: nn.Module) -> None:
        super().__init__()
        self.model = model

    def forward(self, tokens, images):
        return self.model(input_ids=tokens, pixel_values=images).logits_per_image


def images(size: int) -> Callable[[int], Arguments]:
    return lambda batch: (torch.randn(batch, 3, size, size),)


def tokens(batch: int) -> Arguments:
    return (torch.arange(3, 3 + 16 * batch).reshape(batch, 16) % 90,)


@dataclass
class Case:
    """A module, what it is called with, and which of torch's exporters writes it.

    ``optimize`` lets the newer one fold constants: weights that are computed from others.
    """

    module: nn.Module
    arguments: Callable[[int], Arguments]
    dynamo: bool
    optimize: bool = False


def vit(dynamo: bool) -> Case:
    kind = torchvision().vision_transformer.VisionTransformer
    return Case(kind(32, 8, 2, 4, 32, 64, num_classes=10), images(32), dynamo)


def swin(dynamo: bool) -> Case:
    kind = torchvision().swin_transformer.SwinTransformer
    return Case(kind([4, 4], 16, [2, 2], [2, 4], [4, 4], num_classes=10), images(32), dynamo)


def resnet() -> Case:
    return Case(torchvision().resnet50(), images(64), False)


def inception() -> Case:
    made = torchvision().inception_v3(aux_logits=False, init_weights=False)
    return Case(made, images(107), False)


def gpt2() -> Case:
    kinds = transformers()
    config = kinds.GPT2Config(
        n_layer=2, n_embd=32, n_head=4, vocab_size=100, n_positions=32, use_cache=False,
        bos_token_id=1, eos_token_id=1,
    )  # fmt: skip
    return Case(Tokens(kinds.GPT2LMHeadModel(config)), tokens, True)


def clip() -> Case:
    kinds = transformers()
    same = {"hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 1}
    text = {"num_attention_heads": 4, "vocab_size": 100, "max_position_embeddings": 16}
    vision = {"num_attention_heads": 4, "image_size": 32, "patch_size": 8}
    config = kinds.CLIPConfig(
        text_config=same | text, vision_config=same | vision, projection_dim=24
    )
    model = Towers(kinds.CLIPModel(config))
    return Case(model, lambda batch: (*tokens(batch), *images(32)(batch)), True)


def pairs(batch: int) -> Arguments:
    return (torch.randn(batch, 3, 8, 8), torch.randn(batch, 3, 8, 8))


CASES: dict[str, Callable[[], Case]] = {
    "siamese": lambda: Case(Siamese(), pairs, True),
    "siamese, older exporter": lambda: Case(Siamese(), pairs, False),
    "six times": lambda: Case(SixTimes(), lambda batch: (torch.randn(batch, 8),), True),
    "resnet50": resnet,
    "inception_v3": inception,
    "vit": lambda: vit(True),
    "vit, older exporter": lambda: vit(False),
    "swin": lambda: swin(True),
    "swin, older exporter": lambda: swin(False),
    "gpt2": gpt2,
    "clip": clip,
}


def randomised(module: nn.Module) -> nn.Module:
    """Give each parameter numbers of its own: exporters merge tensors of equal numbers."""
    torch.manual_seed(0)
    with torch.no_grad():
        for parameter in module.parameters():
            parameter.normal_(0, 0.02)
    return module


def exported(case: Case, path: Path, *, fixed: bool = False, batch: int = 2) -> Path:
    """Write a module with torch's exporter, its batch open unless it is to be fixed."""
    module, arguments = randomised(case.module).eval(), case.arguments(batch)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        if case.dynamo:
            shapes = None if fixed else tuple({0: torch.export.Dim("batch")} for _ in arguments)
            program = torch.onnx.export(
                module, arguments, dynamo=True, verbose=False, dynamic_shapes=shapes,
                optimize=case.optimize,
            )  # fmt: skip
            program.save(str(path))
        else:
            names = [f"input{number}" for number in range(len(arguments))]
            axes = None if fixed else {name: {0: "batch"} for name in names}
            norms = any(isinstance(each, nn.BatchNorm2d) for each in module.modules())
            unfused = {"training": torch.onnx.TrainingMode.TRAINING} if norms else {}
            torch.onnx.export(
                module, arguments, path, dynamo=False, input_names=names, dynamic_axes=axes,
                do_constant_folding=False, **unfused,
            )  # fmt: skip
            module.eval()
    return path


@pytest.fixture(scope="module", params=list(CASES))
def written(request, tmp_path_factory):
    """A case, the network that its file is read as, and the file."""
    case = CASES[request.param]()
    path = exported(case, tmp_path_factory.mktemp("onnx") / "net.onnx")
    return case, ag.load(path), path


class TestFilesOfTorch:
    @pytest.mark.parametrize("batch", [2, 3])
    def test_multiply_adds_are_those_that_torch_counts(self, written, batch):
        case, net, _ = written
        assert net.batched
        assert net.total("macs", batch=batch) == macs_of(case.module, *case.arguments(batch))

    def test_parameters_are_the_modules(self, written):
        case, net, _ = written
        assert net.total("params") == sum(each.numel() for each in case.module.parameters())

    def test_outputs_have_the_shapes_and_types_that_torch_gives(self, written):
        case, net, _ = written
        result = case.module(*case.arguments(3))
        found = net.tensor(net.results[0])
        assert ag.tensors.at_batch(found.shape, 3) == tuple(result.shape)
        assert f"torch.{found.dtype}" == str(result.dtype)

    def test_each_node_of_the_file_is_the_origin_of_one_node_at_most(self, written):
        _, net, path = written
        nodes = [node.name for node in onnx.load(path, load_external_data=False).graph.node]
        origins = [name for node in net for name in net.nodes[node].get("origin", ())]
        assert len(set(origins)) == len(origins)
        assert set(map(whole_origin, origins)) <= set(nodes)
        # What is not there are constants, what follows from shapes, and nothing that multiplies.
        layers = ("Conv", "Gemm", "MatMul", "LayerNormalization", "Softmax")
        graph = onnx.load(path, load_external_data=False).graph
        assert {n.name for n in graph.node if n.op_type in layers} <= set(origins)

    def test_no_cost_is_unknown(self, written):
        _, net, _ = written
        assert [name for name in net if net.nodes[name]["flops"] is None] == []


def test_a_layer_that_runs_again_is_a_run_of_its_own_of_the_same_state(tmp_path):
    case = Case(SixTimes(), lambda batch: (torch.randn(batch, 8),), True)
    net = ag.load(exported(case, tmp_path / "net.onnx"))
    layers = [name for name in net if net.op(name).kind == "Linear"]
    assert layers == ["layer", *(f"layer@{number}" for number in range(2, 7))]
    assert {tuple(net.keys_of(name).values()) for name in layers} == {
        ("layer.weight", "layer.bias")
    }
    assert [net.nodes[name]["params"] for name in layers] == [72, 0, 0, 0, 0, 0]


def test_logits_of_each_with_each_grow_with_the_square_of_the_batch(tmp_path):
    net = ag.load(exported(clip(), tmp_path / "net.onnx"))
    ones, twos, fours = (net.total("macs", batch=batch) for batch in (1, 2, 4))
    # 24 multiply-adds for each of N × N logits.
    assert fours - 2 * twos == (16 - 2 * 4) * 24
    assert twos - 2 * ones == (4 - 2) * 24


class Recurrent(nn.Module):
    """All outputs of layers that read from both ends and from one."""

    def __init__(self) -> None:
        super().__init__()
        self.lstm = nn.LSTM(8, 16, 2, bidirectional=True, batch_first=True)
        self.gru = nn.GRU(32, 12, batch_first=True)

    def forward(self, x):
        y, (h, c) = self.lstm(x)
        z, g = self.gru(y)
        return y, h, c, z, g


class TestRecurrentLayers:
    @pytest.fixture(scope="class")
    def recurrent(self, tmp_path_factory):
        case = Case(Recurrent(), lambda batch: (torch.randn(batch, 5, 8),), False)
        return case, ag.load(exported(case, tmp_path_factory.mktemp("onnx") / "net.onnx"))

    def test_multiply_adds_are_gates_times_hidden_times_what_a_step_reads(self, recurrent):
        # torch's counter skips these layers.
        _, net = recurrent
        per_step = 2 * 4 * 16 * ((8 + 16) + (32 + 16)) + 3 * 12 * (32 + 12)
        assert net.batched
        assert net.total("macs", batch=3) == 3 * 5 * per_step
        assert net.total("flops") is not None

    def test_parameters_and_all_outputs_are_torchs(self, recurrent):
        case, net = recurrent
        assert net.total("params") == sum(each.numel() for each in case.module.parameters())
        computed = [tuple(result.shape) for result in case.module(*case.arguments(3))]
        found = [ag.tensors.at_batch(net.tensor(each).shape, 3) for each in net.results]
        assert found == computed

    def test_weights_are_parts_of_the_files_tensors(self, recurrent):
        _, net = recurrent
        layer = next(name for name in net if net.op(name).kind == "GRU")
        keys = net.keys_of(layer)
        assert {net.tensors[key].shape for key in keys.values()} == {(36, 32), (36, 12), (36,)}
        assert keys["bias_ih_l0"].endswith("[0, :36]")
        assert keys["bias_hh_l0"].endswith("[0, 36:]")


def save(path: Path, inputs, nodes, tensors, outputs=("y",), opset=20) -> Path:
    """Write a file of which the inputs are given as (name, shape)."""
    graph = helper.make_graph(
        nodes,
        "main",
        [helper.make_tensor_value_info(n, TensorProto.FLOAT, shape) for n, shape in inputs],
        [helper.make_empty_tensor_value_info(name) for name in outputs],
        initializer=[numpy_helper.from_array(array, name) for name, array in tensors.items()],
    )
    imports = [helper.make_opsetid("", opset)]
    onnx.save(helper.make_model(graph, opset_imports=imports, ir_version=9), path)
    return path


node = helper.make_node
RNG = np.random.default_rng(0)


def floats(*shape: int) -> np.ndarray:
    return RNG.normal(size=shape).astype(np.float32)


class TestWhereTheBatchEnters:
    def test_a_name_of_axis_0_is_the_batch_wherever_it_stands(self, tmp_path):
        path = save(
            tmp_path / "net.onnx",
            [("x", ("n", 4)), ("state", (2, "n", 4))],
            [node("Add", ["x", "state"], ["y"])],
            {},
        )
        net = ag.load(path)
        assert net.tensor("state").shape == (2, N, 4)
        assert net.tensor(net.results[0]).shape == (2, N, 4)

    def test_a_size_that_equals_the_batch_is_not_taken_for_it(self, tmp_path):
        # The file was made for one image; the weight's 1 and the map's 1 are no batch.
        path = save(
            tmp_path / "net.onnx",
            [("x", (1, 1, 8, 1))],
            [node("Transpose", ["x"], ["t"], perm=[1, 2, 0, 3]), node("Relu", ["t"], ["y"])],
            {},
        )
        net = ag.load(path)
        assert net.tensor(net.results[0]).shape == (1, 8, N, 1)

    def test_a_fixed_batch_is_followed_where_the_network_takes_any(self, tmp_path):
        path = save(
            tmp_path / "net.onnx",
            [("x", (4, 3, 8, 8))],
            [
                node("Conv", ["x", "w"], ["c"]),
                node("Reshape", ["c", "to"], ["r"]),
                node("Gemm", ["r", "v"], ["y"]),
            ],
            {"w": floats(5, 3, 3, 3), "to": np.array([4, 180]), "v": floats(180, 7)},
        )
        net = ag.load(path)
        assert net.batched
        assert [data["shape"] for _, data in net.nodes(data=True)][1:] == [
            (5, 6, 6),
            (180,),
            (7,),
        ]
        assert net.total("macs") == 36 * 5 * 27 + 180 * 7

    def test_a_network_that_takes_no_other_batch_is_read_as_it_stands(self, tmp_path):
        path = exported(vit(True), tmp_path / "net.onnx", fixed=True, batch=1)
        case, net = vit(True), ag.load(path)
        assert not net.batched
        assert net.input_shape == (1, 3, 32, 32)
        assert net.total("macs") == macs_of(case.module.eval(), *case.arguments(1))

    def test_weights_that_only_fit_one_batch_fix_an_open_one(self, tmp_path):
        # A constant of 3 rows is joined to the batch along the features.
        path = save(
            tmp_path / "net.onnx",
            [("x", (3, 4))],
            [node("Concat", ["x", "k"], ["y"], axis=1)],
            {"k": floats(3, 2)},
        )
        net = ag.load(path)
        assert not net.batched
        assert net.tensor(net.results[0]).shape == (3, 6)

    def test_another_size_that_a_constant_shape_refuses_names_the_node(self, tmp_path):
        class Patches(nn.Module):
            def __init__(self) -> None:
                super().__init__()
                self.patch = nn.Conv2d(3, 8, 32, 32)
                self.head = nn.Linear(8, 5)

            def forward(self, x):
                y = self.patch(x).reshape(x.shape[0], 8, 49).transpose(1, 2)
                return self.head(y.mean(1))

        case = Case(Patches(), images(224), True)
        path = exported(case, tmp_path / "own_vit.onnx", fixed=True, batch=1)
        reshape = next(n for n in onnx.load(path).graph.node if n.op_type == "Reshape")
        assert ag.load(path).total("macs") == macs_of(case.module, *case.arguments(1))
        with pytest.raises(ag.ArchGraphError, match=f"node '{reshape.name}' .Reshape."):
            ag.load(path, input=(3, 128, 128))
