"""Files of both of torch's exporters cost what the module does; a sample of the list."""

import importlib
import warnings

import onnx
import pytest

import archgraph as ag

both = pytest.importorskip("bench.both_exporters", reason="not in a checkout")
listed = importlib.import_module("bench.modules.listed")

SAMPLE = ["LSTM", "autoencoder", "tied weights", "nn.MultiheadAttention, masked", "pixel shuffle"]


@pytest.mark.usefixtures("one_thread")
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("exporter", both.EXPORTERS)
@pytest.mark.parametrize("name", SAMPLE)
def test_a_file_costs_what_its_module_does(name, exporter, tmp_path):
    entry = next(each for each in listed.every() if each.name == name)
    module, example = both.prepared(entry)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        both.exported(module, example, tmp_path / "a.onnx", dynamo=both.EXPORTERS[exporter])
    own, found = (
        both.costs(ag.load(module, example=example)),
        both.costs(ag.load(tmp_path / "a.onnx")),
    )
    assert (found.params, found.macs) == (own.params, own.macs)


@pytest.mark.usefixtures("one_thread")
def test_folded_batch_norms_are_told_from_other_differences(tmp_path):
    net = ag.load("resnet20_cifar")
    path = ag.export_onnx(net, tmp_path / "net.onnx", fold_batch_norm=True)
    own, found = both.costs(net), both.costs(ag.load(path))
    assert own.folded < 0
    assert (found.params, found.macs) == (own.params + own.folded, own.macs)


def test_the_list_holds_modules_that_there_are():
    names = {entry.name for entry in listed.every()}
    assert len(set(both.MODULES)) == len(both.MODULES) >= 30
    assert set(both.MODULES) <= names


@pytest.mark.parametrize("name", ["lenet5", "resnet18", "unet", "inception_naive"])
def test_a_network_comes_back_equal_without_the_notes_in_its_file(name, tmp_path):
    """As from another exporter: all that multiplies, its shapes and costs, by the nodes alone."""
    net = ag.load(name)
    path = ag.export_onnx(net, tmp_path / "net.onnx", structure_only=True)
    model = onnx.load(path)
    for each in (model, model.graph, *model.graph.node, *model.graph.input, *model.graph.output):
        del each.metadata_props[:]
    onnx.save(model, path)
    read = ag.load(path)
    assert layers(read) == layers(net)
    assert [read.total(each) for each in COSTS] == [net.total(each) for each in COSTS]
    assert [read.tensor(each) for each in read.results] == [
        net.tensor(each) for each in net.results
    ]


COSTS = ("params", "macs")


def layers(net):
    """What each node that multiplies or has weights is, gives and costs, in order."""
    return [
        (repr(net.op(name)), net.nodes[name]["outputs"], [net.nodes[name][c] for c in COSTS])
        for name in net.topological()
        if net.nodes[name]["macs"] or net.nodes[name]["params"]
    ]
