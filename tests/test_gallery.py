"""Every network of the gallery has the size and the cost that its paper says."""

from __future__ import annotations

import pytest
from facts import ALEXNET_LAYERS, GOOGLENET_MODULES, TOTALS, TRAINING_TOTALS

import archgraph as ag
from archgraph.analysis import depth
from archgraph.errors import ArchGraphError, ShapeError, UnknownNameError


def test_the_gallery_holds_exactly_the_networks_with_known_numbers():
    ours = {n for n, a in ag.architectures().items() if a.factory.startswith("archgraph.gallery.")}
    assert ours == set(TOTALS)


@pytest.mark.parametrize("name", TOTALS)
def test_totals_are_the_published_ones(name):
    shape, params, macs = TOTALS[name][:3]
    net = ag.load(name)
    net.check()
    assert net.input_shape == shape
    assert net.total("macs") == macs
    assert net.total("params") == params
    assert net.name == name


@pytest.mark.parametrize("name", TRAINING_TOTALS)
def test_auxiliary_heads_count_in_training_only(name):
    _, params, macs = TRAINING_TOTALS[name][:3]
    net = ag.load(name)
    assert net.total("params", training=True) == params
    assert net.total("macs", training=True) == macs
    assert net.inference().total("params", training=True) == TOTALS[name].params
    assert len(net.outputs) == 3
    assert len(net.inference().outputs) == 1


def test_auxiliary_heads_can_be_left_out():
    bare = ag.load("googlenet", aux=False)
    assert bare.total("params", training=True) == 6_998_552
    assert set(bare) == set(ag.load("googlenet").inference())


def test_auxiliary_heads_have_the_published_sizes():
    net = ag.load("googlenet")
    assert net.module("aux1").total("params", training=True) == 3_188_840
    assert net.module("aux2").total("params", training=True) == 3_190_888
    assert net.nodes["aux1.avgpool"]["shape"] == (512, 4, 4)
    assert net.nodes["aux2.avgpool"]["shape"] == (528, 4, 4)


def test_alexnet_layers_are_those_of_the_lecture():
    net = ag.load("alexnet", input=(3, 227, 227))
    by_label = {data["label"]: data for _, data in net.nodes(data=True) if "label" in data}
    for label, shape, kib, params, lecture in ALEXNET_LAYERS:
        data = by_label[label]
        assert data["shape"] == shape
        assert data["activation_bytes"] == kib * 1024
        assert data["params"] == params
        assert data["lecture"] == lecture
    assert net.total("macs") == 716_767_232


@pytest.mark.parametrize("row", GOOGLENET_MODULES, ids=lambda row: row[0])
def test_inception_modules_are_those_of_the_papers_table(row):
    name, widths, shape, params, macs = row
    net = ag.load("googlenet")
    path = f"inception{name}"
    units = ("branch1", "branch2.0", "branch2.1", "branch3.0", "branch3.1", "branch4.1")
    assert tuple(net.op(f"{path}.{unit}.conv").out_channels for unit in units) == widths
    assert net.nodes[f"{path}.concat"]["shape"] == shape
    module = net.module(path)
    assert module.total("params") == params
    assert module.total("macs") == macs


@pytest.mark.parametrize(
    ("name", "layers"),
    [
        ("alexnet", 8),
        ("zfnet", 8),
        ("vgg11", 11),
        ("vgg16_c", 16),
        ("vgg19_bn", 19),
        ("googlenet", 22),
        ("resnet18", 18),
        ("resnet50_v1", 50),
        ("resnet152", 152),
        ("resnet110_cifar", 110),
        ("plain56_cifar", 56),
        ("lenet5", 5),
    ],
)
def test_depth_is_the_number_in_the_name(name, layers):
    assert depth(ag.load(name)) == layers


def test_families_take_options():
    assert ag.load("vgg16", num_classes=10).nodes["classifier.6"]["shape"] == (10,)
    assert ag.load("resnet50", stride_in="1x1").total("macs") == 3_857_973_248
    with pytest.raises(ArchGraphError, match="does not take the option 'width'"):
        ag.load("resnet50", width=2)


def test_family_options_outside_the_paper_are_refused():
    with pytest.raises(ArchGraphError, match=r"depth is 33.*18, 34, 50, 101, 152"):
        ag.load("resnet50", depth=33)
    with pytest.raises(ArchGraphError, match=r"6n \+ 2"):
        ag.load("resnet20_cifar", depth=21)
    with pytest.raises(ArchGraphError, match="no configuration 'F'"):
        ag.load("vgg16", configuration="F")


def test_a_wrong_name_gets_the_nearest_right_ones():
    with pytest.raises(UnknownNameError, match="did you mean 'resnet50'"):
        ag.load("restnet50")


def test_an_input_too_small_for_the_pools_is_refused():
    with pytest.raises(ShapeError, match="'features.30' .*does not fit into the 512×1×1 input"):
        ag.load("vgg16", input=(3, 16, 16))


@pytest.mark.parametrize("name", TOTALS)
def test_every_network_carries_its_papers_facts_as_plain_data(name):
    graph = ag.load(name).graph
    assert {"title", "authors", "year", "venue"} <= set(graph["paper"])
    assert graph["paper"]["year"] in range(1998, 2021)
    for result in graph["published"]:
        assert {"ensemble", "data", "setting"} <= set(result)
        assert 0 < result.get("top5_error", result.get("top1_error")) < 50


def test_published_single_network_errors_are_the_papers():
    found = {
        name: [
            result["top5_error"]
            for result in ag.load(name).graph["published"]
            if not result["ensemble"] and "top5_error" in result
        ]
        for name in ("alexnet", "zfnet", "vgg16", "googlenet", "resnet152")
    }
    assert found == {
        "alexnet": [18.2],
        "zfnet": [16.5],
        "vgg16": [7.2],
        "googlenet": [10.07],
        "resnet152": [4.49],
    }


def test_every_network_has_a_title_of_its_own():
    titles = [ag.load(name).graph["title"] for name in ag.architectures()]
    assert sorted(set(titles)) == sorted(titles)
