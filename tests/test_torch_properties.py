"""Laws on random graphs: shapes, parameters and multiply-adds are what PyTorch has."""

import torch
from hypothesis import HealthCheck, given, settings
from random_graphs import STEPS, graphs
from torch.utils.flop_counter import FlopCounterMode

import archgraph as ag

common = settings(
    deadline=None,
    derandomize=True,
    max_examples=150,
    suppress_health_check=[HealthCheck.too_slow],
)


def inputs_of(net: ag.ArchGraph, batch: int) -> list[torch.Tensor]:
    generator = torch.Generator().manual_seed(0)
    return [
        torch.randn(batch, *net.nodes[name]["shape"], generator=generator) for name in net.sources
    ]


@common
@given(graphs())
def test_every_inferred_shape_is_what_torch_computes(net):
    module = ag.to_torch(net)
    found = {name: net.nodes[name]["shape"] for name in net.sources}
    for name in net:
        if name not in found:
            module.get_submodule(name).register_forward_hook(
                lambda _module, _inputs, output, name=name: found.update(
                    {name: tuple(output.shape[1:])}
                )
            )
    with torch.no_grad():
        module(*inputs_of(net, batch=2))
    assert found == {name: net.nodes[name]["shape"] for name in net}


@common
@given(graphs())
def test_parameters_and_buffers_are_the_modules(net):
    module = ag.to_torch(net, seed=None)
    for name in net:
        if name in net.sources:
            continue
        op, part = net.op(name), module.get_submodule(name)
        parameters = {key: tuple(value.shape) for key, value in part.named_parameters()}
        buffers = {key: tuple(value.shape) for key, value in part.named_buffers()}
        assert parameters == dict(op.parameters())
        assert buffers == dict(op.buffers())
        assert net.nodes[name]["params"] == sum(value.numel() for value in part.parameters())
    assert net.total("params") == sum(value.numel() for value in module.parameters())


@common
@given(graphs(steps=(*STEPS, "conv", "linear", "matmul", "conv")))
def test_multiply_adds_are_half_of_what_torch_counts(net):
    module = ag.to_torch(net)
    counter = FlopCounterMode(display=False)
    with counter, torch.no_grad():
        module(*inputs_of(net, batch=1))
    assert 2 * net.total("macs") == counter.get_total_flops()


@common
@given(graphs())
def test_a_graph_read_back_from_its_file_computes_the_same(net):
    from archgraph.json_format import dumps, loads

    given_inputs = inputs_of(net, batch=2)
    with torch.no_grad():
        first, second = (
            ag.to_torch(each, seed=1)(*given_inputs) for each in (net, loads(dumps(net), "it"))
        )
    for one, other in zip(
        first if isinstance(first, tuple) else (first,),
        second if isinstance(second, tuple) else (second,),
        strict=True,
    ):
        assert torch.equal(one, other)
