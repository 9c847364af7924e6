"""Every network of the gallery as a module: parameters, every node's shape, outputs."""

import pytest
import torch

import archgraph as ag

SMALL = ["lenet5", "resnet20_cifar", "resnet20_cifar_b", "plain20_cifar", "inception_reduced"]


@pytest.fixture(params=ag.architectures(), scope="module")
def net(request) -> ag.ArchGraph:
    return ag.load(request.param)


def test_parameters_are_the_graphs(net):
    module = ag.to_torch(net, seed=None)
    whole = sum(parameter.numel() for parameter in module.parameters())
    assert net.total("params", training=True) == whole
    only_training = {
        f"{name}.{key}"
        for name, data in net.nodes(data=True)
        if data.get("training_only")
        for key in data["op"].parameters()
    }
    run = sum(p.numel() for key, p in module.named_parameters() if key not in only_training)
    assert net.total("params") == run


def test_every_nodes_shape_is_torchs(net):
    module = ag.to_torch(net, seed=None).train()
    found = {name: net.nodes[name]["shape"] for name in net.sources}
    for name, part in module.named_modules():
        if name in net:
            part.register_forward_hook(
                # Of several outputs, such as those of a split, the graph shows the first.
                lambda _module, _inputs, output, name=name: found.update(
                    {name: tuple((output[0] if type(output) is tuple else output).shape[1:])}
                )
            )
    module(torch.empty(2, *net.input_shape, device="meta"))
    assert found == {name: net.nodes[name]["shape"] for name in net}


@pytest.mark.parametrize("name", SMALL)
def test_small_networks_run_on_any_batch(name):
    net = ag.load(name)
    module = ag.to_torch(net)
    for batch in (1, 3):
        y = module(torch.zeros(batch, *net.input_shape))
        assert y.shape == (batch, *net.nodes[net.outputs[0]]["shape"])
        assert torch.isfinite(y).all()
