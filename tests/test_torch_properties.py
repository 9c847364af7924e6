"""Laws on random graphs: shapes, parameters and multiply-adds are what PyTorch has."""

import torch
from hypothesis import HealthCheck, given, settings
from one_of_each import networks, own_operators
from random_graphs import MAPS, STEPS, fed, graphs
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.utils.flop_counter import FlopCounterMode

import archgraph as ag
from archgraph import ops
from archgraph.exporters.pytorch.layers import LAYERS
from archgraph.tensors import at_batch

common = settings(
    deadline=None,
    derandomize=True,
    max_examples=100,
    suppress_health_check=[HealthCheck.too_slow],
)


def outputs_of(net: ag.ArchGraph, module: torch.nn.Module, batch: int) -> dict[str, list]:
    """Run a network; return the shape and element type of every output of every node."""
    inputs = fed(net, batch)
    found = dict(zip(net.sources, ([each] for each in inputs), strict=True))
    names = iter(name for name in net.topological() if name not in net.sources)

    def note(_module, _inputs, output):
        found[next(names)] = list(output) if isinstance(output, tuple) else [output]

    parts = {module.get_submodule(step.module) for step in module._inference_plan.steps}
    hooks = [part.register_forward_hook(note) for part in parts]
    with torch.no_grad():
        module(*inputs)
    for hook in hooks:
        hook.remove()
    return {
        name: [(tuple(each.shape), str(each.dtype).removeprefix("torch.")) for each in outputs]
        for name, outputs in found.items()
    }


def inferred(net: ag.ArchGraph, batch: int) -> dict[str, list]:
    """Return what the graph says of the same."""
    return {
        name: [(at_batch(each.shape, batch), each.dtype) for each in data["outputs"]]
        for name, data in net.nodes(data=True)
    }


@common
@given(graphs())
def test_every_inferred_shape_and_type_is_what_torch_computes(net):
    module = ag.to_torch(net)
    for batch in (2, 3):
        assert outputs_of(net, module, batch) == inferred(net, batch)


@common
@given(graphs(steps=tuple(MAPS)))
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
@given(graphs())
def test_the_state_is_what_the_graph_stores(net):
    module = ag.to_torch(net, seed=None)
    state = {key: (tuple(value.shape), value.dtype) for key, value in module.state_dict().items()}
    assert state == {
        key: (each.shape, getattr(torch, each.dtype))
        for key, each in net.tensors.items()
        if each.kind != "constant"
    }
    assert net.total("params") == sum(value.numel() for value in module.parameters())


UNCOUNTED = ("recurrent", "einsum")
"""Torch's counter skips recurrent layers, and writes some sums of products without them."""


@common
@given(
    graphs(steps=(*(s for s in STEPS if s not in UNCOUNTED), "conv", "linear", "matmul", "conv"))
)
def test_multiply_adds_are_half_of_what_torch_counts(net):
    module = ag.to_torch(net)
    counter = FlopCounterMode(display=False)
    with counter, sdpa_kernel(SDPBackend.MATH):
        module(*fed(net, batch=1))
    assert 2 * net.total("macs") == counter.get_total_flops()


@common
@given(graphs())
def test_a_graph_read_back_from_its_file_computes_the_same(net):
    from archgraph.formats.graph_json import dumps, loads

    given_inputs = fed(net, batch=2)
    with torch.no_grad():
        first, second = (
            ag.to_torch(each, seed=1)(*given_inputs) for each in (net, loads(dumps(net), "it"))
        )
    for one, other in zip(
        first if isinstance(first, tuple) else (first,),
        second if isinstance(second, tuple) else (second,),
        strict=True,
    ):
        torch.testing.assert_close(one, other, rtol=0, atol=0, equal_nan=True)


def test_every_operator_has_a_layer():
    # An input is given, an opaque operator unknown.
    assert set(own_operators()) - set(LAYERS) == {ops.Input, ops.Opaque}


def test_every_operator_gives_the_shapes_and_types_that_torch_gives():
    for _, net in networks():
        module = ag.to_torch(net)
        for batch in (2, 3):
            assert outputs_of(net, module, batch) == inferred(net, batch), net.op("it")
