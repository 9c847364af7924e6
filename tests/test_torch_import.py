"""Modules of PyTorch as graphs: what torch counts, at any batch."""

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import networkx as nx
import pytest
import torch
from torch import nn
from torch_networks import (
    Recurrent,
    Sequence,
    Siamese,
    bytes_of_leaves,
    images,
    macs_of,
    on_meta,
    tokens,
    torchvision,
    transformers,
)

import archgraph as ag
from archgraph.ops import Opaque

# ---- networks: (module, example for reading, call at a batch) ----------------------------


def resnet50():
    return on_meta(torchvision().resnet50), lambda n: ((images(n, 3, 224, 224),), {})


def inception_v3():
    module = on_meta(torchvision().inception_v3, init_weights=False)
    return module, lambda n: ((images(n, 3, 299, 299),), {})


def vit_b_16():
    return on_meta(torchvision().vit_b_16), lambda n: ((images(n, 3, 224, 224),), {})


def swin_stage():
    whole = torchvision().swin_t()
    return whole.features[0:2].eval(), lambda n: ((images(n, 3, 224, 224),), {})


def gpt2():
    kinds = transformers()
    module = on_meta(kinds.GPT2LMHeadModel, kinds.GPT2Config())
    return module, lambda n: ((), {"input_ids": tokens(n, 16)})


def clip():
    kinds = transformers()
    text = {"hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2}
    image = {"hidden_size": 96, "intermediate_size": 192, "num_hidden_layers": 2}
    config = kinds.CLIPConfig(
        text_config={**text, "num_attention_heads": 2, "vocab_size": 100, "eos_token_id": 99},
        vision_config={**image, "num_attention_heads": 3, "image_size": 64, "patch_size": 16},
        projection_dim=32,
    )
    module = on_meta(kinds.CLIPModel, config)
    return module, lambda n: (
        (),
        {"input_ids": tokens(n, 12), "pixel_values": images(n, 3, 64, 64)},
    )


def siamese():
    return Siamese(), lambda n: ((torch.ones(n, 3, 16, 16), torch.ones(n, 3, 16, 16)), {})


def recurrent():
    return Recurrent(), lambda n: ((torch.ones(n, 5, 16),), {})


def decoder():
    module = nn.TransformerDecoderLayer(32, 4, 64, batch_first=True).eval()
    return module, lambda n: ((torch.ones(n, 6, 32), torch.ones(n, 9, 32)), {})


NETWORKS = [
    resnet50,
    inception_v3,
    vit_b_16,
    swin_stage,
    gpt2,
    clip,
    siamese,
    recurrent,
    decoder,
]
_READ = {}


def read(make):
    """Return a module, its call at a batch, and its graph, made once."""
    if make not in _READ:
        module, call = make()
        _READ[make] = (module, call, ag.load(module, example=call(1)))
    return _READ[make]


def unused(net):
    return sum(net.tensors[key].bytes for key in net.graph.get("unused", []))


# ---- costs -------------------------------------------------------------------------------


@pytest.mark.parametrize("make", NETWORKS, ids=lambda make: make.__name__)
class TestNetworks:
    def test_multiply_adds_are_those_of_torchs_counter_at_any_batch(self, make):
        module, call, net = read(make)
        module = module.to("meta")
        for batch in (2, 3):
            args, kwargs = call(batch)
            args = [each.to("meta") for each in args]
            assert net.total("macs", batch=batch) == macs_of(module, *args, **kwargs)

    def test_parameters_are_the_modules_each_counted_once(self, make):
        module, _, net = read(make)
        own = list(module.parameters())
        stored = [each for each in net.tensors.values() if each.kind == "parameter"]
        assert net.total("params") + unused(net) // 4 == sum(each.numel() for each in own)
        assert sum(e.bytes for e in stored if e.alias is None) == sum(e.nbytes for e in own)

    def test_the_bytes_that_layers_give_are_those_of_their_tensors(self, make):
        module, call, net = read(make)
        module = module.to("meta")
        metric = net.metric("activation_bytes")
        for batch in (2, 3):
            args, kwargs = call(batch)
            leaves = bytes_of_leaves(module, *[each.to("meta") for each in args], **kwargs)
            found = {name: net.value(name, metric, batch) for name in leaves if name in net}
            assert len(found) > len(net) // 10
            assert found == {name: leaves[name] for name in found}

    def test_every_operator_is_known(self, make):
        *_, net = read(make)
        assert not [name for name in net if isinstance(net.op(name), Opaque)]
        assert net.batched
        net.check()

    def test_the_numbers_stay_when_it_is_saved_renamed_and_cut(self, make, tmp_path):
        *_, net = read(make)
        back = ag.load(net.save(tmp_path / "net.json"))
        renamed = nx.relabel_nodes(net, {name: f"all.{name}" for name in net})
        for other in (back, renamed):
            for batch in (1, 3):
                assert other.total("macs", batch=batch) == net.total("macs", batch=batch)
            assert other.total("params") == net.total("params")
            assert other.tensors == net.tensors
        whole = renamed.module("all")
        assert whole.total("macs", batch=3) == net.total("macs", batch=3)
        assert whole.total("params") == net.total("params")

    def test_calls_are_told_once(self, make):
        *_, net = read(make)
        calls = [call for name in net for call in net.nodes[name]["origin"]]
        assert calls
        assert len(calls) == len(set(calls))


PARTS = [
    (resnet50, "layer1"),
    (resnet50, "layer3.0"),
    (vit_b_16, "encoder.layers.encoder_layer_3.mlp"),
    (gpt2, "transformer.h.5.mlp"),
    (swin_stage, "1.0"),
]


@pytest.mark.parametrize(("make", "path"), PARTS, ids=lambda each: getattr(each, "__name__", each))
def test_a_part_has_the_parameters_of_that_submodule(make, path):
    module, _, net = read(make)
    part = net.module(path)
    inner = module.get_submodule(path)
    assert part.total("params") == sum(each.numel() for each in inner.parameters())
    assert part.batched


def test_gpt2_has_the_parameters_of_its_paper_and_a_tied_head():
    *_, net = read(gpt2)
    assert net.total("params") == 124_439_808
    assert net.nodes["lm_head"]["params"] == 0
    assert net.nodes["lm_head"]["shared"] == {"transformer.wte.weight": "transformer.wte"}
    assert net.nodes["input_ids"]["outputs"][0].dtype == "int64"
    assert net.tensors["lm_head.weight"].alias == "transformer.wte.weight"


def test_the_logits_of_two_towers_grow_with_the_square_of_the_batch():
    *_, net = read(clip)
    by_text = [n for n in net if net.nodes[n]["outputs"][0].shape == (ag_n(), ag_n())]
    assert by_text
    assert any(net.nodes[n].get("growth", {}).get("macs", (0, 0, 0))[2] == 32 for n in by_text)
    assert net.total("macs", batch=4) > 4 * net.total("macs") - 1


def ag_n():
    from archgraph.tensors import N

    return N


def test_an_lstm_with_all_its_outputs():
    module = Sequence().eval()
    net = ag.load(module, input=(5, 8))
    assert net.results == ["head", "add"]
    assert set(net.reads("select")) | set(net.reads("select_1")) == {"lstm:1", "lstm:2"}
    # torch.nn.LSTM: four gates, each reads the input and the state at every step.
    per_step = sum(p.numel() for n, p in module.lstm.named_parameters() if "weight" in n)
    assert net.nodes["lstm"]["macs"] == 5 * per_step
    assert net.total("params") == sum(each.numel() for each in module.parameters())
    every, (hidden, cell) = module.lstm(torch.ones(3, 5, 8))
    size = net.value("lstm", net.metric("activation_bytes"), 3)
    assert size == every.nbytes + hidden.nbytes + cell.nbytes


def test_a_module_that_runs_again_has_names_of_its_own():
    *_, twice = read(siamese)
    assert [name for name in twice if name.endswith(".0")] == ["backbone.0", "backbone@2.0"]
    assert twice.nodes["backbone@2.0"]["shared"] == {
        "backbone.0.weight": "backbone.0",
        "backbone.0.bias": "backbone.0",
    }
    *_, six = read(recurrent)
    assert [name for name in six if name.endswith(".0")] == [
        "block.0",
        *(f"block@{n}.0" for n in range(2, 7)),
    ]


# ---- data flow ---------------------------------------------------------------------------


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


# ---- numbers: the graph computes what the module computes ----------------------------------


def assert_computes_the_same(module, example):
    net = ag.load(module, example=example)
    made = ag.to_torch(net).eval()
    given = {**dict(module.named_parameters()), **dict(module.named_buffers())}
    with torch.no_grad():
        for key, tensor in (*made.named_parameters(), *made.named_buffers()):
            if key in given:
                tensor.copy_(given[key])
        larger = [torch.cat([each, each.flip(-1), each * 2]) for each in example]
        expected, found = module(*larger), made(*larger)
    for one, other in zip(_flat(expected), _flat(found), strict=True):
        torch.testing.assert_close(other, one)


def _flat(value):
    return (
        [value] if isinstance(value, torch.Tensor) else [t for each in value for t in _flat(each)]
    )


class InPlace(nn.Module):
    """Everything that writes into memory which others see."""

    def forward(self, x, y):
        x = x * 1
        x[:, 0] = y
        x += 1
        x[:, 1:3].mul_(2)
        rows = x.view(x.shape[0], -1)
        rows.relu_()
        turned = x.permute(0, 2, 1)
        turned += 1
        _, second, *_ = x.unbind(1)
        second *= 3
        _, half = x.chunk(2, 1)
        half.sub_(5)
        x.transpose(0, 1)[2] = y
        made = torch.zeros(x.shape[0], 6)
        made[:, 1:6] = y
        return x, turned, rows, made


class Functions(nn.Module):
    """Functions whose arguments have many forms."""

    def forward(self, x):
        best = x.argmax(-1)
        most, where = x.max(1)
        return (
            (x.masked_fill(x < 0, float("-inf")), best, most, where, 1 - x, -x, x**2),
            (x[torch.arange(x.shape[0]), best], x.split([1, 3], 1)[1], x[..., 1:-1], x[:, ::2]),
            (x.double() * 2, x.int() // 2, x.div(3, rounding_mode="floor"), x.add(x, alpha=3)),
            (x.roll(1, 1), x.flip(1), x.cumsum(1), x.clamp(min=0), x.clamp(-1, 1), x.repeat(2, 1)),
            (
                x.repeat_interleave(2, 1),
                torch.stack([x, x * 2], 1),
                x.log_softmax(-1),
                x.norm(dim=1),
            ),
            (
                nn.functional.pad(x, (1, 2)),
                x.unsqueeze(1).expand(-1, 3, -1),
                torch.lerp(x, x * 2, 0.3),
            ),
            (
                torch.addcmul(x, x, x, value=2.0),
                x.amax(1, keepdim=True),
                x.t(),
                x.gather(1, best[:, None]),
            ),
            (torch.einsum("ni,mi->nm", x, x), x.index_select(1, torch.tensor([0, 2])), x.sum()),
            (nn.functional.glu(x), x.movedim(0, 1), torch.rsub(x, 2.0, alpha=2), x.mean((0, 1))),
            (
                torch.where(x > 0, x, 0.0),
                x[:, None, :, None],
                torch.cat([x, x.new_ones(len(x), 1)], 1),
            ),
        )


CASES = [
    (InPlace(), (torch.randn(1, 4, 5), torch.randn(1, 5))),
    (Functions(), (torch.randn(1, 4),)),
    (Siamese(), (torch.randn(1, 3, 16, 16), torch.randn(1, 3, 16, 16))),
    (Recurrent(), (torch.randn(1, 5, 16),)),
    (
        nn.TransformerDecoderLayer(32, 4, 64, batch_first=True),
        (torch.randn(1, 6, 32), torch.randn(1, 9, 32)),
    ),
    (nn.MultiheadAttention(32, 4, batch_first=True), (torch.randn(1, 7, 32),) * 3),
    (nn.LSTM(8, 16, 2, bidirectional=True, batch_first=True), (torch.randn(1, 5, 8),)),
    (
        nn.Sequential(nn.utils.parametrizations.weight_norm(nn.Linear(6, 5)), nn.Hardtanh()),
        (torch.randn(1, 6),),
    ),
]


@pytest.mark.parametrize(("module", "example"), CASES, ids=lambda each: type(each).__name__)
def test_the_graph_computes_what_the_module_computes(module, example):
    for parameter in module.parameters():
        nn.init.normal_(parameter, std=0.1)
    assert_computes_the_same(module.eval(), example)


def test_infinite_numbers_of_a_mask_are_kept_in_files(tmp_path):
    net = load(lambda _, x: x.masked_fill(x < 0, float("-inf")), torch.ones(1, 4))
    assert net.tensors["masked_fill.value"].value == (float("-inf"),)
    assert ag.load(net.save(tmp_path / "net.json")).tensors == net.tensors


# ---- the batch ---------------------------------------------------------------------------


def test_the_batch_is_axis_0_unless_told_otherwise():
    sequence = nn.LSTM(8, 16)
    net = ag.load(sequence, example=torch.ones(5, 1, 8), batch=1)
    assert net.nodes["input"]["shape"] == (5, 8)
    assert net.total("macs", batch=3) == 3 * 5 * 4 * 16 * (8 + 16)

    class Masked(nn.Module):
        def forward(self, x, mask):
            return x.masked_fill(mask, 0.0)

    example = (torch.ones(1, 4, 4), torch.ones(4, 4, dtype=torch.bool))
    for batch in ({"mask": None}, (0, None)):
        net = ag.load(Masked(), example=example, batch=batch)
        assert net.batched
        assert net.nodes["mask"]["outputs"][0].shape == (4, 4)


def test_a_module_of_one_size_is_read_as_it_stands():
    class Fixed(nn.Module):
        def __init__(self):
            super().__init__()
            self.head = nn.Linear(12, 2)

        def forward(self, x):
            return self.head(x.view(1, 12))

    net = ag.load(Fixed(), input=(3, 4))
    assert not net.batched
    assert net.nodes["input"]["outputs"][0].shape == (1, 3, 4)
    assert net.total("macs") == 24


# ---- the module is left alone ------------------------------------------------------------


def test_modes_weights_and_the_generator_are_left_as_they_were():
    module = nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.Dropout(0.5))
    module[1].eval()
    before = {key: each.clone() for key, each in module.state_dict().items()}
    owners = dict(module.named_parameters())
    state = torch.get_rng_state()
    for training in (False, True):
        ag.load(module, input=(3, 8, 8), training=training)
        with pytest.raises(ag.ArchGraphError):
            ag.load(module, input=(2, 8, 8), training=training)
    assert [each.training for each in module.modules()] == [True, True, False, True]
    assert torch.equal(torch.get_rng_state(), state)
    assert all(torch.equal(before[key], each) for key, each in module.state_dict().items())
    assert all(owners[key] is each for key, each in module.named_parameters())
    assert not any(each._forward_hooks for each in module.modules())


def test_types_of_parameters_are_kept():
    net = ag.load(nn.Linear(4, 2).half(), input=(4,))
    assert net.tensors["weight"].dtype == "float16"
    assert net.nodes["linear"]["outputs"][0].dtype == "float16"


def test_parameters_that_nobody_reads_are_told_and_not_counted():
    module = nn.Sequential(nn.Linear(4, 3))
    module.spare = nn.Parameter(torch.ones(5))
    module.forward = lambda x: module[0](x)
    net = ag.load(module, input=(4,))
    assert net.graph["unused"] == ["spare"]
    assert net.total("params") == 15


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"input": (5,)}, r"'1' \(Linear\)"),
        ({}, "input=|example="),
        ({"input": (4,), "example": torch.ones(1, 4)}, "either"),
        ({"input": (4, 0)}, "positive"),
        ({"example": 3}, "no tensor"),
        ({"example": torch.ones(1, 4), "batch": 7}, "batch is 7"),
        ({"example": torch.ones(1, 4), "batch": {"y": 0}}, "'y'"),
        ({"input": (4,), "trainig": True}, "training"),
    ],
)
def test_mistakes_are_told_in_one_sentence(options, words):
    module = nn.Sequential(nn.Identity(), nn.Linear(4, 2))
    with pytest.raises(ag.ArchGraphError, match=words) as told:
        ag.load(module, **options)
    assert "\n" not in str(told.value)


def test_lazy_layers_must_have_run():
    with pytest.raises(ag.ArchGraphError, match="weight"):
        ag.load(nn.LazyLinear(3), input=(4,))


def test_other_sources_are_loaded_without_torch():
    code = "import sys, archgraph as ag; ag.load('alexnet'); print('torch' in sys.modules)"
    run = [sys.executable, "-c", code]
    found = subprocess.run(run, capture_output=True, text=True, check=True, cwd=Path.cwd())
    assert found.stdout.strip() == "False"


def test_a_bias_that_is_made_before_it_is_added_is_added_once():
    class Scaled(nn.Module):
        """A product whose bias is computed, as in Swin V2's attention."""

        def __init__(self):
            super().__init__()
            self.fc = nn.Linear(4, 6)

        def forward(self, x):
            return nn.functional.linear(x, self.fc.weight) + self.fc.bias * 2

    module = Scaled().eval()
    net = ag.load(module, input=(4,))
    made = ag.to_torch(net)
    assert set(made.state_dict()) == set(module.state_dict())
    made.load_state_dict(module.state_dict())
    x = torch.randn(3, 4)
    torch.testing.assert_close(made(x), module(x))
