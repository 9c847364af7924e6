"""PyTorch source of the gallery: it computes the same, and reads as written by hand."""

from __future__ import annotations

import ast
from types import ModuleType

import pytest
import torch
from written_source import assert_source_computes_the_same, formatted, made_from, shapes

import archgraph as ag
from archgraph.exporters.source import source

RUN = [
    *("lenet5", "resnet20_cifar", "resnet20_cifar_b", "plain20_cifar", "resnet18", "resnet50_v1"),
    *("inception_naive", "inception_reduced", "googlenet", "googlenet_bn"),
]
"""Networks small enough to run here; every other one has the structure of one of these."""


pytestmark = pytest.mark.usefixtures("one_thread")


@pytest.fixture(params=ag.architectures(), scope="module")
def net(request) -> ag.ArchGraph:
    return ag.load(request.param)


def test_keys_and_shapes_are_those_of_the_module_in_its_order(net):
    with torch.device("meta"):
        written = made_from(source(net))
    assert list(shapes(written).items()) == list(shapes(ag.to_torch(net, seed=None)).items())


def test_shapes_flow_through_every_network(net):
    with torch.device("meta"):
        written = made_from(source(net)).eval()
        result = written(torch.empty(2, *net.input_shape))
    assert result.shape == (2, *net.nodes[net.outputs[0]]["shape"])


@pytest.mark.parametrize("name", RUN)
def test_outputs_are_those_of_the_module(name):
    smaller = {"input": (3, 64, 64)} if name.startswith(("resnet18", "resnet50")) else {}
    assert_source_computes_the_same(ag.load(name, **smaller))


def test_the_two_gpu_network_computes_what_its_graph_says():
    assert_source_computes_the_same(ag.load("alexnet_two_gpu"), False)


@pytest.mark.parametrize(
    "path",
    [
        "resnet50/layer1.0",
        "resnet18/layer2",
        "resnet20_cifar/layer3.0",
        "googlenet/inception3a",
        "googlenet/inception5",
        "googlenet_bn/inception4e.branch2",
        "alexnet_two_gpu/conv3.lane0",
        "alexnet_grouped/norm1",
    ],
)
def test_modules_are_written_alone(path):
    assert_source_computes_the_same(ag.load(path), False)


def test_a_head_alone_is_a_network_of_its_own():
    text = assert_source_computes_the_same(ag.load("googlenet/aux2"), True)
    assert "self.training" not in text


def test_training_returns_the_heads_under_their_names():
    written = made_from(source(ag.load("googlenet")))
    x = torch.zeros(2, 3, 64, 64)
    assert written.eval()(x).shape == (2, 1000)
    with torch.device("meta"):
        trained = made_from(source(ag.load("googlenet"))).train()
        result = trained(torch.empty(2, 3, 224, 224))
    assert result._fields == ("logits", "aux_logits1", "aux_logits2")


def test_every_file_is_formatted_lint_free_and_narrow(tmp_path):
    for name in ag.architectures():
        text = source(ag.load(name))
        (tmp_path / f"{name}.py").write_text(text, encoding="utf-8")
        assert max(map(len, text.splitlines())) <= 100
    formatted(tmp_path)


@pytest.mark.parametrize(
    ("name", "most"),
    [("resnet152", 100), ("alexnet", 60), ("googlenet_bn", 150), ("alexnet_two_gpu", 110)],
)
def test_files_are_as_long_as_those_that_people_write(name, most):
    assert len(source(ag.load(name)).splitlines()) <= most


def test_the_docstring_cites_the_paper_and_the_totals():
    text = " ".join((ast.get_docstring(ast.parse(source(ag.load("resnet50")))) or "").split())
    assert "Deep residual learning for image recognition" in text
    assert "arXiv:1512.03385" in text
    assert "25,557,032 parameters" in text
    assert "4,089,184,256 multiply-adds" in text


def test_files_import_nothing_but_torch(net):
    for node in ast.walk(ast.parse(source(net))):
        if isinstance(node, ast.Import):
            assert all(alias.name.startswith("torch") for alias in node.names)
        if isinstance(node, ast.ImportFrom):
            assert node.module in ("torch", "typing")


def test_blocks_share_a_class_with_the_parameters_of_the_literature():
    tree = ast.parse(source(ag.load("resnet50")))
    classes = {node.name: node for node in tree.body if isinstance(node, ast.ClassDef)}
    assert list(classes) == ["Bottleneck", "ResNet50"]
    begin = classes["Bottleneck"].body[0]
    assert isinstance(begin, ast.FunctionDef)
    assert [arg.arg for arg in begin.args.args] == ["self", "in_channels", "width", "stride"]
    assert "if stride != 1 or in_channels != 4 * width:" in source(ag.load("resnet50"))


def test_another_number_of_classes_changes_the_last_layers_alone():
    module = ModuleType("written")
    exec(source(ag.load("googlenet")), module.__dict__)
    with torch.device("meta"):
        found = shapes(module.GoogLeNet(num_classes=7))
        whole = shapes(module.GoogLeNet())
    changed = {key for key in whole if found[key] != whole[key]}
    heads = ("fc", "aux1.fc2", "aux2.fc2")
    assert changed == {f"{head}.{part}" for head in heads for part in ("weight", "bias")}
