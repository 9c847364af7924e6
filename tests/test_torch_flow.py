"""Modules of PyTorch as graphs: what is written, viewed, stored and steered."""

from dataclasses import dataclass

import networkx as nx
import torch
from torch import nn

import archgraph as ag


def load(forward, *example, **parts):
    """Return the graph of a function of tensors; ``parts`` become attributes of its module."""

    class Module(nn.Module):
        def __init__(self):
            super().__init__()
            for name, part in parts.items():
                setattr(self, name, part)

    Module.forward = forward
    return ag.load(Module(), example=example)


def ways(net):
    """Return the operators of each node with what it reads, without the shapes."""
    return {name: (net.op(name).kind, *net.reads(name)) for name in net}


def test_writing_in_place_makes_a_new_value():
    def forward(_, x, y):
        z = x * 2
        z += y
        return z.relu_() + x

    assert ways(load(forward, torch.ones(1, 4), torch.ones(1, 4))) == {
        "x": ("Input",),
        "y": ("Input",),
        "mul": ("Mul", "x", "mul.other"),
        "add": ("Add", "mul", "y"),
        "relu": ("ReLU", "add"),
        "add_1": ("Add", "relu", "x"),
    }


def test_what_is_written_into_a_view_is_seen_in_its_base_and_in_other_views():
    def forward(_, x, y):
        z = x * 2
        rows = z.view(-1, 20)
        z[:, 0] = y
        z[:, 1:3].mul_(3)
        return rows

    net = load(forward, torch.ones(1, 4, 5), torch.ones(1, 5))
    flow = ways(net)
    assert net.results == ["view"]
    assert flow["view"] == ("Reshape", "cat_1")
    assert flow["cat_1"][0] == "Concat"
    assert flow["mul_1"][:2] == ("Mul", "slice_1")
    assert flow["slice_1"] == ("Slice", "cat")
    assert flow["cat"] == ("Concat", "unsqueeze", "slice")
    assert flow["unsqueeze"] == ("Reshape", "y")
    assert flow["slice"] == ("Slice", "mul")


def test_a_transposed_view_written_to_is_turned_back():
    def forward(_, x):
        z = x * 2
        z.permute(0, 2, 3, 1).add_(1)
        return z

    net = load(forward, torch.ones(1, 2, 3, 4))
    (result,) = net.results
    assert net.op(result).dims == (0, 3, 1, 2)
    assert net.nodes[result]["shape"] == (2, 3, 4)


def test_a_constant_that_is_written_to_follows_what_is_written():
    def forward(_, x):
        out = torch.zeros(x.shape[0], 6)
        out[:, 2:4] = x
        return out

    net = load(forward, torch.ones(1, 2))
    assert nx.has_path(net, "x", net.results[0])
    assert net.nodes[net.results[0]]["shape"] == (6,)


def test_what_follows_from_constants_alone_is_one_stored_constant():
    def forward(self, x):
        positions = torch.arange(4, device=x.device).float().view(1, 4) / 4
        return x + positions * self.scale

    net = load(forward, torch.ones(1, 4), scale=torch.tensor(2.0))
    assert ways(net) == {"x": ("Input",), "add": ("Add", "x", "add.other")}
    assert net.tensors["add.other"].value == (0.0, 0.5, 1.0, 1.5)
    assert net.tensors["add.other"].kind == "constant"


def test_constants_that_follow_the_batch_are_nodes():
    def forward(_, x):
        return torch.cat([x, x.new_zeros(x.shape[0], 3)], 1), torch.arange(len(x)) + 1

    net = load(forward, torch.ones(1, 4))
    assert net.op("new_zeros").kind == "Full"
    assert net.nodes["add"]["shape"] == ()
    assert net.value("add", net.metric("activation_bytes"), 5) == 40


def test_parameters_are_read_where_they_are_added():
    scale, table = nn.Parameter(torch.ones(3)), nn.Parameter(torch.ones(1, 7, 3))

    def forward(self, x):
        return x * self.scale + self.table[:, :5]

    net = load(forward, torch.ones(1, 5, 3), scale=scale, table=table)
    assert net.reads("mul") == ("x", "scale")
    assert net.reads("slice") == ("table",)
    assert net.nodes["slice"]["params"] == 21
    assert net.total("macs", batch=3) == 0


def test_outputs_may_be_data_classes_dictionaries_and_tuples():
    @dataclass
    class Result:
        main: torch.Tensor
        rest: dict[str, torch.Tensor]
        size: int = 3

    def forward(_, x):
        one, two = x.chunk(2, dim=1)
        return Result(one + 1, {"two": two, "again": (two, x)})

    net = load(forward, torch.ones(1, 4))
    assert net.results == ["add", "chunk:1", "x"]


def test_numbers_of_a_constant_may_steer_a_module():
    def forward(self, x):
        for rate in torch.linspace(0, 1, 3).tolist():
            x = x * rate if rate else x
        return x * 2 if self.flag.any().item() else x

    net = load(forward, torch.ones(1, 4), flag=torch.tensor([False, True]))
    assert [net.op(name).kind for name in net] == ["Input", "Mul", "Mul", "Mul"]


def test_numbers_of_the_example_may_steer_a_module():
    def forward(_, x):
        return x * 2 if x.sum().item() > 0 else x + 1

    assert load(forward, torch.ones(1, 4)).results == ["mul"]
    assert load(forward, -torch.ones(1, 4)).results == ["add"]


def test_an_unknown_function_is_opaque_with_its_shape():
    def forward(_, x, grid):
        return nn.functional.grid_sample(x, grid, align_corners=False)

    net = load(forward, torch.ones(1, 3, 8, 8), torch.zeros(1, 4, 4, 2))
    (name,) = net.results
    assert net.op(name).type_name == "grid_sampler"
    assert net.nodes[name]["shape"] == (3, 4, 4)
    assert net.total("macs") == 0
    assert net.value(name, net.metric("activation_bytes"), 3) == 3 * 3 * 4 * 4 * 4


def test_a_step_of_a_recurrent_layer_has_its_multiply_adds():
    net = ag.load(nn.LSTMCell(3, 4), input=(3,))
    assert net.total("macs", batch=2) == 2 * 4 * 4 * (3 + 4)
    assert net.total("params") == 4 * 4 * (3 + 4) + 2 * 4 * 4


def test_modules_that_wrap_another_are_read_as_that():
    inner = nn.Sequential(nn.Linear(4, 3), nn.ReLU())
    for module in (torch.compile(inner), nn.DataParallel(inner), torch.fx.symbolic_trace(inner)):
        net = ag.load(module, input=(4,))
        assert list(net) == ["input", "0", "1"]
        assert net.total("macs") == 12


def test_attention_over_packed_weights_stays_whole():
    layer = nn.TransformerEncoderLayer(32, 4, 64, batch_first=True)
    layer.requires_grad_(False)
    net = ag.load(layer, input=(10, 32))
    assert net.op("self_attn.in_proj").out_features == 96
    assert net.op("self_attn.out_proj").kind == "Linear"
    assert net.nodes["self_attn.in_proj"]["tensors"]["weight"] == "self_attn.in_proj_weight"
    kinds = [net.op(name).kind for name in net]
    assert kinds.count("ScaledDotProductAttention") == 1


def test_infinite_numbers_of_a_mask_are_kept_in_files(tmp_path):
    net = load(lambda _, x: x.masked_fill(x < 0, float("-inf")), torch.ones(1, 4))
    assert net.tensors["masked_fill.value"].value == (float("-inf"),)
    assert ag.load(net.save(tmp_path / "net.json")).tensors == net.tensors
